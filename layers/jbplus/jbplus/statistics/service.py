"""Publishing: counts all persons once, and keeps the figures of the closed months that were not published yet.

Persons are counted part by part, and what was counted is kept: however many they are, another run goes on from there.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Protocol

from jbplus.errors import UnavailableError
from jbplus.persons.merging import WholePerson
from jbplus.persons.scanning import PersonScan
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.retry import TimeLeft, no_deadline
from jbplus.statistics.cells import Line, Month, Tally
from jbplus.statistics.counting import PARTS, Counted, CountingProgress
from jbplus.statistics.publication import Publication, closed_months, fiscal_years, publish

_AT_ONCE = 4
# What parts take when the store is slow, and to publish: so much must be left to begin them.
TIME_FOR_PARTS = 180.0


class StatisticsStore(Protocol):
    """Where publications are kept: they can be added, never changed or taken away."""

    def read(self, fiscal_year: int) -> list[Publication]:
        """Read the publications of a fiscal year, by month.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        ...

    def last(self, fiscal_year: int) -> Publication | None:
        """Read the last publication of a fiscal year, or None before the first.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        ...

    def keep(self, publication: Publication) -> Publication:
        """Keep a publication, unless its month is published; give the one that stands.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        ...


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes closed months. It may die at any moment, run again, and run twice at once."""

    scan: PersonScan
    store: StatisticsStore
    progress: CountingProgress
    clock: Clock
    parts: int = PARTS

    def publish(self, time_left: TimeLeft = no_deadline) -> int | None:
        """Publish all closed months that are not published yet.

        Args:
            time_left: gives the number of seconds that this run may still take.

        Returns:
            How many publications it made, of all fiscal years; None when the time ran out before all persons were
            counted: the next run goes on from there.

        Raises:
            UnavailableError: a store is out of reach; running again goes on where this ended.
        """
        now = self.clock()
        today = brussels_day(now)
        last = {year: self.store.last(year) for year in fiscal_years(today)}
        backlog = [line for year, publication in last.items() for line in _unpublished(year, publication, today)]
        if not backlog:
            return 0
        counted = self._count(frozenset(backlog), now, time_left)
        if counted.parts < self.parts:
            return None
        for line in backlog:
            ours = publish(line, counted.tally.lines[line], last[line.fiscal_year], today)
            # A rival's may stand instead of ours: the next month's totals go on from what stands.
            last[line.fiscal_year] = self.store.keep(ours)
        self.progress.forget()
        return len(backlog)

    def _count(self, lines: AbstractSet[Line], now: datetime, time_left: TimeLeft) -> Counted:
        """Count persons from where an earlier run ended, as far as the time goes."""
        key_version = self.scan.key_version()
        counted = self.progress.read()
        if counted is None or not counted.may_go_on(lines, key_version, now):
            counted = Counted(
                now, key_version, Tally.of(lines), looked=0 if self.scan.succession_allowed else self.parts
            )
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while counted.parts < self.parts:
                counted = self._further(counted, pool)
                if self.scan.key_version() != key_version:
                    # Who was counted has another name by now, and might be counted again.
                    raise UnavailableError("pseudonym keys: a rotation came between, counting begins anew")
                self.progress.keep(counted)
                if time_left() < TIME_FOR_PARTS:
                    break
        return counted

    def _further(self, counted: Counted, pool: Executor) -> Counted:
        """Look through the next parts for who has several numbers; once all are known, count the next parts."""
        if counted.looked == self.parts:
            return counted.after(list(pool.map(partial(self._part, counted), self._next(counted.parts))))
        found = pool.map(self._numbers, self._next(counted.looked))
        counted = counted.having_found(list(found))
        if counted.looked < self.parts:
            return counted
        # Each is one person, and each payment is counted once.
        linked = self.scan.linked(counted.numbers)
        tally = _tally(linked.values(), counted.tally.lines.keys(), counted.begun)
        return replace(counted, numbers=frozenset(number for person in linked for number in person), tally=tally)

    def _next(self, number: int) -> range:
        return range(number, min(number + _AT_ONCE, self.parts))

    def _numbers(self, number: int) -> frozenset[str]:
        return frozenset(self.scan.numbers_with_links(number, self.parts))

    def _part(self, counted: Counted, number: int) -> Tally:
        persons = self.scan.segment(number, self.parts, counted.numbers)
        return _tally(persons, counted.tally.lines.keys(), counted.begun)


def _tally(persons: Iterable[WholePerson], lines: AbstractSet[Line], now: datetime) -> Tally:
    tally = Tally.of(lines)
    for stored in persons:
        tally.add_person(payment for _, payment in stored.state_at(now).payments)
    return tally


def _unpublished(fiscal_year: int, last: Publication | None, today: date) -> Iterator[Line]:
    after = None if last is None else Month.read(last.month)
    for month in closed_months(fiscal_year, after, today):
        yield Line(fiscal_year, month)
