"""Publishing: counts all persons once, and keeps the figures of the closed months that were not published yet."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from jbplus.persons.merging import StoredPerson
from jbplus.persons.scanning import PersonScan
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.statistics.cells import Line, Month, Tally
from jbplus.statistics.publication import Publication, closed_months, fiscal_years, publish

SEGMENTS = 4


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
    clock: Clock
    segments: int = SEGMENTS

    def publish(self) -> int:
        """Publish all closed months that are not published yet.

        Returns:
            How many publications it made, of all fiscal years.

        Raises:
            UnavailableError: a store is out of reach; running again goes on where this ended.
        """
        now = self.clock()
        today = brussels_day(now)
        last = {year: self.store.last(year) for year in fiscal_years(today)}
        backlog = [line for year, publication in last.items() for line in _unpublished(year, publication, today)]
        if not backlog:
            return 0
        tally = self._count(frozenset(backlog), now)
        for line in backlog:
            ours = publish(line, tally.lines[line], last[line.fiscal_year], today)
            # A rival's may stand instead of ours: the next month's totals go on from what stands.
            last[line.fiscal_year] = self.store.keep(ours)
        return len(backlog)

    def _count(self, lines: AbstractSet[Line], now: datetime) -> Tally:
        # Who has several numbers is one person, and each payment is counted once.
        linked = self.scan.linked()
        numbers = frozenset(number for person in linked for number in person)
        whole = _tally(linked.values(), lines, now)

        def segment(number: int) -> Tally:
            return _tally(self.scan.segment(number, self.segments, numbers), lines, now)

        with ThreadPoolExecutor(self.segments) as pool:
            for part in pool.map(segment, range(self.segments)):
                whole.add(part)
        return whole


def _tally(persons: Iterable[StoredPerson], lines: AbstractSet[Line], now: datetime) -> Tally:
    tally = Tally.of(lines)
    for stored in persons:
        tally.add_person(payment for _, payment in stored.state_at(now).payments)
    return tally


def _unpublished(fiscal_year: int, last: Publication | None, today: date) -> Iterator[Line]:
    after = None if last is None else Month.read(last.month)
    for month in closed_months(fiscal_year, after, today):
        yield Line(fiscal_year, month)
