"""Registrations and what a party may register, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jbplus.errors import ConflictError
from jbplus.persons.pseudonym import Name
from jbplus.registrations.quota import Quota
from jbplus.registrations.rules import Allowance, Registration
from tests.support.fakes import NOW, no_sleep


@dataclass
class FakeRegistrationStore:
    """Keeps registrations by person and party."""

    items: dict[tuple[str, str], Registration] = field(default_factory=dict)

    def read(self, persons: Sequence[str], party: str) -> dict[str, Registration]:
        return {person: self.items[person, party] for person in persons if (person, party) in self.items}

    def write(self, registrations: Mapping[tuple[Name, ...], Registration], party: str) -> None:
        new = {(n.person, party): wanted for names, wanted in registrations.items() for n in names}
        for key, wanted in new.items():
            stands = self.items.get(key)
            if stands is not None and stands.handle not in {None, wanted.handle}:
                raise ConflictError("registrations")
        self.items.update(new)

    def delete(self, names: Sequence[Name], party: str) -> None:
        for name in names:
            self.items.pop((name.person, party), None)


@dataclass
class FakeQuotaStore:
    """Counts registrations by party and day; each rival counts between a read and its write."""

    counted: dict[tuple[str, date], int] = field(default_factory=dict)
    allowances: dict[str, list[Allowance]] = field(default_factory=dict)
    rivals: list[int] = field(default_factory=list)

    def read_quota(self, party: str, day: date) -> tuple[int, Sequence[Allowance]]:
        return self.counted.get((party, day), 0), self.allowances.get(party, [])

    def count(self, party: str, day: date, more: int, *, most: int) -> None:
        before = self.counted.get((party, day), 0) + (self.rivals.pop() if self.rivals else 0)
        self.counted[party, day] = before
        if before + more > most:
            raise ConflictError("quota")
        self.counted[party, day] = before + more


def quota(per_day: int = 50_000, store: FakeQuotaStore | None = None) -> Quota:
    """Hand out so many registrations today."""
    return Quota(store or FakeQuotaStore(), per_day, lambda: NOW, no_sleep)
