"""Suspending a party, wholly or in part (Article 8): what a suspension is, and what it bars."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from jbplus.protocol.calendar import anniversary, brussels_day, end_of_day
from jbplus.protocol.parties import party_of
from jbplus.protocol.purposes import Purpose

KEPT_YEARS = 10
"""How long a suspension is kept once it is lifted: as long as the privacy log, whose refusals it explains."""
MOST_KEPT = 100
"""The suspensions kept of one party; every lookup of that party reads them."""


class Stream(StrEnum):
    """What a party can be suspended from; values as on the wire (`stromen`)."""

    MUTATIONS = "mutaties"
    CONSULTATION = "consultatie"


@dataclass(frozen=True, slots=True)
class Suspension:
    """The suspension of one party.

    Attributes:
        id: its name, a UUID.
        party: KBO number of the suspended party.
        streams: what it is suspended from, at least one, each once.
        purposes: the purposes of lookups that it covers; empty for all.
        reason: why, for people to read; never a person's number.
        begin: the moment from which it works, with its offset.
        lifted: when it was lifted; None while it was not.
    """

    id: str
    party: str
    streams: tuple[Stream, ...]
    purposes: tuple[Purpose, ...]
    reason: str
    begin: datetime
    lifted: datetime | None = None

    def works_at(self, now: datetime) -> bool:
        """Tell whether it has begun and was not lifted."""
        return self.lifted is None and self.begin <= now

    @property
    def expires_at(self) -> int | None:
        """When it must be gone, in epoch seconds; None as long as it is not lifted."""
        if self.lifted is None:
            return None
        return end_of_day(anniversary(brussels_day(self.lifted), KEPT_YEARS))

    def lift(self, now: datetime) -> "Suspension":
        """Lift it; one that was lifted stays as it is."""
        return self if self.lifted is not None else replace(self, lifted=now)

    def says_the_same(self, other: "Suspension") -> bool:
        """Tell whether two suspensions ask for the same, whatever their names and moments."""
        return (self.party, set(self.streams), set(self.purposes), self.reason) == (
            other.party,
            set(other.streams),
            set(other.purposes),
            other.reason,
        )


class TooManySuspensionsError(Exception):
    """A party has as many suspensions as are kept, and none of them is lifted."""


def bars_lookup(suspensions: Iterable[Suspension], purpose: Purpose, now: datetime) -> bool:
    """Decide whether a party's suspensions bar a lookup (Article 8).

    Args:
        suspensions: those of the party that asks.
        purpose: what the lookup is for.
        now: the present moment.
    """
    return any(
        suspension.works_at(now)
        and Stream.CONSULTATION in suspension.streams
        and (not suspension.purposes or purpose in suspension.purposes)
        for suspension in suspensions
    )


def bars_notices(suspensions: Iterable[Suspension], now: datetime) -> bool:
    """Decide whether a party's suspensions hold its notices back (Article 8); purposes are of lookups alone.

    Args:
        suspensions: those of the recipient.
        now: the present moment.
    """
    return any(suspension.works_at(now) and Stream.MUTATIONS in suspension.streams for suspension in suspensions)


def subject_of(kbo: str) -> str:
    """Give the number under which a party is suspended: it does not escape by another number of its own."""
    party = party_of(kbo)
    return kbo if party is None else party.kbo


def kept(suspensions: Sequence[Suspension], now: datetime) -> tuple[Suspension, ...]:
    """Leave out the suspensions that were lifted too long ago."""
    return tuple(each for each in suspensions if each.expires_at is None or each.expires_at > now.timestamp())


def add(suspensions: Sequence[Suspension], new: Suspension) -> tuple[Suspension, ...]:
    """Add a suspension to those of its party; when there are as many as are kept, the oldest lifted one goes.

    Raises:
        TooManySuspensionsError: none of them is lifted.
    """
    if len(suspensions) < MOST_KEPT:
        return (*suspensions, new)
    lifted = [each for each in suspensions if each.lifted is not None]
    if not lifted:
        raise TooManySuspensionsError
    oldest = min(lifted, key=lambda each: (each.lifted, each.id))
    return (*(each for each in suspensions if each is not oldest), new)


class _Stored(TypedDict):
    id: str
    party: str
    streams: list[str]
    purposes: list[str]
    reason: str
    begin: str
    lifted: str | None


def encode(suspensions: Sequence[Suspension]) -> str:
    """Write a party's suspensions as compact JSON, in their order."""
    return json.dumps([_store(each) for each in suspensions], ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> tuple[Suspension, ...]:
    """Read what `encode` wrote."""
    stored: list[_Stored] = json.loads(text)
    return tuple(_restore(each) for each in stored)


def _store(suspension: Suspension) -> _Stored:
    return {
        "id": suspension.id,
        "party": suspension.party,
        "streams": [stream.value for stream in suspension.streams],
        "purposes": [purpose.value for purpose in suspension.purposes],
        "reason": suspension.reason,
        "begin": suspension.begin.isoformat(),
        "lifted": None if suspension.lifted is None else suspension.lifted.isoformat(),
    }


def _restore(stored: _Stored) -> Suspension:
    lifted = stored["lifted"]
    return Suspension(
        id=stored["id"],
        party=stored["party"],
        streams=tuple(Stream(value) for value in stored["streams"]),
        purposes=tuple(Purpose(value) for value in stored["purposes"]),
        reason=stored["reason"],
        begin=datetime.fromisoformat(stored["begin"]),
        lifted=None if lifted is None else datetime.fromisoformat(lifted),
    )
