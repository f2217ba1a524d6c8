"""What must be so, said again from the contract: plain dictionaries and days, and no code of the product.

It lives along with the world: what has ended is taken away at its moment, where the product has a rule on the days of
records. Amounts are in cents, moments in epoch seconds, days in Brussels.
"""

import hashlib
import hmac
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tests.support.oracles import retention_end

YEARS = 5

Totals = Mapping[int, int]
"""What is to be deducted, in cents, by fiscal year; a year of which nothing is left is 0."""


class Body(NamedTuple):
    """A payment, or a recovery where the amount is below zero."""

    year: int
    instalment: str
    cents: int
    day: date


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a mutation file; one that is bad is refused, and nothing else is known of it."""

    insz: str
    referte: str
    type: str
    body: Body | None = None
    bad: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A mutation file as WEWIS means it."""

    volgnummer: int
    day: date
    records: tuple[Record, ...]

    @property
    def good(self) -> Iterator[tuple[int, Record]]:
        """The records that are applied, each with its place."""
        return ((place, record) for place, record in enumerate(self.records) if not record.bad)


class State(NamedTuple):
    """What was to be deducted of a person from a moment on, and the end of it then."""

    since: float
    totals: Totals
    end: float


_NOTHING = State(0, {}, math.inf)


@dataclass(slots=True)
class _Known:
    rank: tuple[int, int]
    body: Body | None
    day: date
    dated_by: tuple[int, int] | None


@dataclass(slots=True)
class Oracle:
    """Knows what each recipient must deduct, and what must be gone.

    Attributes:
        persons: what is known of each person, by referte.
        taken: the numbers of the files that were taken.
        registered: whom each party registered, and from when to when.
        states: what was so of each person, and since which moment; the last one is so now.
    """

    persons: dict[str, dict[str, _Known]] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    registered: dict[str, dict[str, tuple[date, date | None]]] = field(default_factory=dict)
    states: dict[str, list[State]] = field(default_factory=dict)
    _ends: dict[str, int | None] = field(default_factory=dict)

    def take(self, file: File, now: float) -> list[Record] | None:
        """Take a file; give the records that were applied, None when its number was taken before."""
        if file.volgnummer in self.taken:
            return None
        self.taken.add(file.volgnummer)
        applied = [
            record for place, record in file.good if self._apply(record, (file.volgnummer, place), file.day, now)
        ]
        for person in sorted({record.insz for _, record in file.good}):
            self._note(person, now)
        return applied

    def _apply(self, record: Record, rank: tuple[int, int], file_day: date, now: float) -> bool:
        self._let_go(record.insz, now)
        self._ends.pop(record.insz, None)
        known = self.persons.setdefault(record.insz, {})
        before = known.get(record.referte)
        if before is None or rank > before.rank:
            if record.body is not None:
                day, dated_by = record.body.day, rank
            elif before is not None and before.dated_by is not None:
                day, dated_by = before.day, before.dated_by
            else:
                day, dated_by = file_day, None
            known[record.referte] = _Known(rank, None if record.type == "03" else record.body, day, dated_by)
        elif record.body is not None and (before.dated_by is None or rank > before.dated_by):
            before.day, before.dated_by = record.body.day, rank
        return before is None or before.rank[0] <= rank[0]

    def _let_go(self, person: str, now: float) -> bool:
        """Take the amounts of a person away whose term is over."""
        end = self.end(person)
        if end is None or end > now:
            return False
        live = [each for each in self.persons[person].values() if each.body is not None]
        for each in live:
            each.body = None
        if live:
            self._ends[person] = end
        return bool(live)

    def end(self, person: str) -> int | None:
        """Give the end of a person's term; None when nothing was ever known."""
        if person not in self._ends:
            self._ends[person] = self._end(person)
        return self._ends[person]

    def _end(self, person: str) -> int | None:
        known = self.persons.get(person, {}).values()
        live = [each.body for each in known if each.body is not None]
        for days in (
            [body.day for body in live if body.cents > 0],
            [body.day for body in live],
            [each.day for each in known],
        ):
            if days:
                return retention_end(max(days), YEARS)
        return None

    def pass_midnight(self, persons: Iterable[str], now: float) -> list[str]:
        """Let go whose term ends now, of those who may; give them."""
        gone = [person for person in persons if self._let_go(person, now)]
        for person in gone:
            self._note(person, now)
        return gone

    def now(self, person: str) -> Totals:
        """Tell what is to be deducted of a person, since the last file or midnight."""
        return self.states[person][-1].totals if person in self.states else {}

    def _deductions(self, person: str, now: float) -> Totals:
        end = self.end(person)
        if end is None or end <= now:
            return {}
        nets: dict[int, int] = {}
        for each in self.persons[person].values():
            if each.body is not None:
                nets[each.body.year] = nets.get(each.body.year, 0) + each.body.cents
        return {year: max(net, 0) for year, net in nets.items()}

    def _note(self, person: str, now: float) -> None:
        states = self.states.setdefault(person, [_NOTHING])
        becomes = State(now, self._deductions(person, now), self.end(person) or math.inf)
        if states[-1][1:] != becomes[1:]:
            states.append(becomes)
            del states[:-20]

    def since(self, person: str, moment: float, now: float) -> list[Totals]:
        """Give all that was so of a person since a moment, as far as it may be kept."""
        states = self.states.get(person, [_NOTHING])
        first = max((place for place, state in enumerate(states) if state.since <= moment), default=0)
        return [state.totals if state.end > now else {} for state in states[first:]]

    def active(self, party: str, day: date) -> set[str]:
        """Give whom a party has registered on a day."""
        return {person for person in self.registered.get(party, {}) if self.is_active(party, person, day)}

    def is_active(self, party: str, person: str, day: date) -> bool:
        """Tell whether a party has registered a person on a day."""
        begin, end = self.registered.get(party, {}).get(person, (date.max, None))
        return begin <= day and (end is None or day <= end)


def pseudonym(keys: Sequence[bytes], number: str) -> str:
    """Make the name of a person in tables and log: a chain of HMACs, one for each key."""
    for key in keys:
        number = hmac.new(key, number.encode(), hashlib.sha256).hexdigest()
    return number


def takes_part(ends: date | None, day: date) -> bool:
    """Tell whether a party takes part on a day, by the day on which it left."""
    return ends is None or day < ends
