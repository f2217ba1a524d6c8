"""A registration: a party's word that it has a file on a person (Article 6, the reference repertory)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from jbplus.persons.pseudonym import Name
from jbplus.protocol.purposes import Right
from jbplus.successions.rules import Links, linked


@dataclass(frozen=True, slots=True)
class Registration:
    """The registration of one person by one party; there is at most one of each pair.

    Attributes:
        begin: first calendar day, in Brussels.
        end: last calendar day, inclusive, in Brussels; None while it is open.
        right: the state of the person's right at this party.
        handle: the exchange's own name of it, for the party; random, and the same as long as it stands. None of one
            that is not kept yet, or was made by a version without handles. It says nothing of what is registered: two
            that say the same are equal.
    """

    begin: date
    end: date | None
    right: Right
    handle: str | None = field(default=None, compare=False)

    def is_active(self, day: date) -> bool:
        """Tell whether the registration is active on a calendar day in Brussels (Article 6)."""
        return self.begin <= day and (self.end is None or day <= self.end)


def of_person(
    names: Sequence[Name], parties: Sequence[str], found: Mapping[tuple[str, str], Registration]
) -> dict[str, Registration]:
    """Give a person's registrations by KBO number: what stands under an earlier one of its names counts.

    Args:
        names: under which the person is read now, the one that counts first.
        parties: KBO numbers of the parties whose registrations are wanted.
        found: registrations by pseudonym and KBO number.
    """
    pairs = [(name.person, kbo) for name in reversed(names) for kbo in parties]
    return {kbo: found[person, kbo] for person, kbo in pairs if (person, kbo) in found}


def all_numbers(names: Sequence[Name], links: Mapping[str, Links]) -> list[str]:
    """List the pseudonyms under which a person may be registered: of all of its numbers, its own names first.

    Args:
        names: under which the person is read now, the one that counts first.
        links: the clusters of these names.
    """
    return list(dict.fromkeys([*(n.person for n in names), *(p for n in names for p in linked(n.person, links))]))


def active_registrars(
    names: Sequence[Name],
    links: Mapping[str, Links],
    parties: Sequence[str],
    found: Mapping[tuple[str, str], Registration],
    day: date,
) -> list[str]:
    """List the parties with an active registration of a person, under any of its numbers, by KBO number.

    Args:
        names: under which the person is read now, the one that counts first.
        links: the clusters of these names.
        parties: KBO numbers of the parties whose registrations are wanted.
        found: registrations by pseudonym and KBO number.
        day: a calendar day in Brussels.
    """
    own = of_person(names, parties, found)
    others = all_numbers(names, links)[len(names) :]
    return [
        kbo
        for kbo in parties
        if any(
            registration is not None and registration.is_active(day)
            for registration in (own.get(kbo), *(found.get((person, kbo)) for person in others))
        )
    ]


@dataclass(frozen=True, slots=True)
class Allowance:
    """An operator's word that one party may register more new persons a day, as for its first load.

    Attributes:
        per_day: how many.
        until: the last calendar day in Brussels.
        by: who gave it.
        reason: why, for people to read.
        given: when.
    """

    per_day: int
    until: date
    by: str
    reason: str
    given: datetime


def most_on(day: date, per_day: int, allowances: Iterable[Allowance]) -> int:
    """Tell how many new persons a party may register on a calendar day in Brussels.

    Args:
        day: the day.
        per_day: how many any party may.
        allowances: those of the party.
    """
    return max(per_day, *(allowance.per_day for allowance in allowances if day <= allowance.until), 0)


class RegistrationResult(StrEnum):
    """What registering did; values as on the wire (`resultaat`)."""

    REGISTERED = "geregistreerd"
    CHANGED = "gewijzigd"
    UNCHANGED = "ongewijzigd"


class Registered(NamedTuple):
    """What came of registering a person.

    Attributes:
        result: what it did.
        handle: the registration's name.
    """

    result: RegistrationResult
    handle: str
