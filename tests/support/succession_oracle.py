"""A second opinion on numbers that change: all records at hand at once, and rules written the long way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from jbplus.persons.state import Payment
from tests.support.oracles import Told, retention_end


@dataclass(frozen=True)
class Said:
    """One record of a succession file.

    Attributes:
        old: the number that is replaced.
        new: the number that replaces it.
        rank: the volgnummer of its file and its position in it.
        takes_back: whether its type is 03.
        file_day: the calendar day of its file.
    """

    old: str
    new: str
    rank: tuple[int, int]
    takes_back: bool
    file_day: date


@dataclass(frozen=True)
class Whole:
    """What must be answered under every number of a person, and when it must be gone."""

    payments: dict[str, Payment]
    volgnummer: int | None
    end: int | None


class Oracle:
    """Knows all that was ever told."""

    def __init__(self, told: Sequence[tuple[str, Told]], said: Sequence[Said], years: int) -> None:
        self.told = told
        self.years = years
        self.deciding = [
            one for one in said if not any(other.old == one.old and other.rank > one.rank for other in said)
        ]
        self.edges: list[tuple[str, str]] = []
        for one in sorted(self.deciding, key=lambda one: [-part for part in one.rank]):
            if not one.takes_back and not self._leads(one.new, one.old):
                self.edges.append((one.old, one.new))

    def _leads(self, start: str, end: str) -> bool:
        return start == end or any(self._leads(new, end) for old, new in self.edges if old == start)

    def is_replaced(self, number: str) -> bool:
        return any(old == number for old, _ in self.edges)

    def person(self, number: str) -> set[str]:
        """Give all numbers of a person."""
        return _reached(number, self.edges)

    def whole(self, number: str) -> Whole:
        """Give what is so of a person, under any of the numbers."""
        person = self.person(number)
        told = [(under, one) for under, one in self.told if under in person]
        payments: dict[str, Payment] = {}
        tombstones: list[date] = []
        for referte in {one.referte for _, one in told}:
            story = [(under, one) for under, one in told if one.referte == referte]
            alive = [
                one
                for under, one in story
                if not one.annuls
                and not any(by.annuls and by.rank > one.rank and self._leads(under, where) for where, by in story)
            ]
            if alive:
                body = max(alive, key=lambda one: one.rank).body
                assert body is not None
                payments[referte] = body
                continue
            bodies = [one for _, one in story if one.body is not None]
            latest = max(bodies or [one for _, one in story], key=lambda one: one.rank)
            tombstones.append(latest.file_day if latest.body is None else latest.body.day)
        if not told:
            return Whole({}, None, None)
        paid = [one.day for one in payments.values() if one.amount > 0]
        reclaimed = [one.day for one in payments.values() if one.amount < 0]
        anchor = max(paid or reclaimed or tombstones)
        return Whole(payments, max(one.rank[0] for _, one in told), retention_end(anchor, self.years))

    def links_end(self, number: str) -> int | None:
        """Tell until when the links of a number are kept; None of a number without."""
        pairs = [(one.old, one.old if one.takes_back else one.new) for one in self.deciding]
        cluster = _reached(number, pairs)
        days = [one.file_day for one in self.deciding if one.old in cluster]
        if not days:
            return None
        ends = [self.whole(each).end for each in cluster]
        return max([retention_end(max(days), self.years), *(end for end in ends if end is not None)])


def _reached(number: str, pairs: Collection[tuple[str, str]]) -> set[str]:
    reached = {number}
    while more := {side for old, new in pairs for side in (old, new) if (old in reached or new in reached)} - reached:
        reached |= more
    return reached
