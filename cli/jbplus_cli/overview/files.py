"""The files of a month, from their reports: what came when, what was late, missing or refused (Articles 5 and 7)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from jbplus.mutation_file.report import Gap, Status
from jbplus.protocol.calendar import brussels_day
from jbplus_cli.files.reports import LONGEST_SILENCE, Written
from jbplus_cli.overview.figures import DayState, FileDay, FilesOfMonth, share, told
from jbplus_cli.overview.month import Month

_GOOD = frozenset({Status.PROCESSED, Status.PARTLY_PROCESSED})
_HOUR = timedelta(hours=1)


def is_good(written: Written) -> bool:
    """Tell whether a report is of a file that was taken in, wholly or in part, for the first time."""
    return written.report.status in _GOOD


@dataclass(slots=True)
class _Day:
    statuses: Counter[str] = field(default_factory=Counter)
    numbers: list[int] = field(default_factory=list)
    late: timedelta = timedelta(0)
    missing: list[Gap] = field(default_factory=list)
    records: int = 0


class FilesOfDays:
    """Adds up reports, one by one in the order in which their files came, and keeps none.

    Args:
        previous: the report of the last good file before the first of them; None when there was none.
    """

    def __init__(self, previous: Written | None) -> None:
        self._days: dict[date, _Day] = {}
        self._first = self._last = None if previous is None else previous.came
        self._highest = 0 if previous is None else previous.report.volgnummer or 0
        self._records = self._refused_records = 0

    def add(self, written: Written) -> None:
        """Add the report of the next file."""
        day = self._days.setdefault(brussels_day(written.came), _Day())
        if is_good(written):
            self._add_good(day, written)
        day.statuses[written.report.status] += 1

    def _add_good(self, day: _Day, written: Written) -> None:
        report, came = written.report, written.came
        if self._last is not None and not day.numbers:
            day.late = came - self._last - LONGEST_SILENCE
        self._first, self._last = self._first or came, came
        # Below the highest number that came before, what is missing was missing already.
        day.missing += [gap for gap in report.ontbrekende_volgnummers if self._highest and gap.van > self._highest]
        self._highest = max(self._highest, report.volgnummer or 0)
        day.numbers += [] if report.volgnummer is None else [report.volgnummer]
        day.records += report.aantallen.gelezen
        self._records += report.aantallen.gelezen
        self._refused_records += report.aantallen.geweigerd

    def of(self, month: Month, missing_now: Iterable[Gap], now: datetime) -> FilesOfMonth:
        """Tell them as the days of a month.

        Args:
            month: the month.
            missing_now: the volgnummers that are missing now.
            now: the present moment.
        """
        statuses = sum((day.statuses for day in self._days.values()), Counter[str]())
        delivered = statuses.total() - statuses[Status.ALREADY_PROCESSED]
        return FilesOfMonth(
            days=tuple(self._day(day, brussels_day(now)) for day in month.days),
            taken=statuses[Status.PROCESSED],
            partly=statuses[Status.PARTLY_PROCESSED],
            refused=statuses[Status.REFUSED],
            repeated=statuses[Status.ALREADY_PROCESSED],
            refused_share=f"{100 * statuses[Status.REFUSED] // delivered}%" if delivered else "",
            records=told(self._records),
            refused_records=told(self._refused_records),
            refused_records_share=share(self._refused_records, self._records),
            missing_now=tuple(missing_now),
            last_good=self._last,
        )

    def _day(self, day: date, today: date) -> FileDay:
        found = self._days.get(day, _Day())
        return FileDay(
            day=day,
            state=self._state(found, day, today),
            numbers=tuple(found.numbers),
            refused=found.statuses[Status.REFUSED],
            repeated=found.statuses[Status.ALREADY_PROCESSED],
            late_hours=-(-found.late // _HOUR) if found.late > timedelta(0) else None,
            missing=tuple(found.missing),
            records=told(found.records),
        )

    def _state(self, found: _Day, day: date, today: date) -> DayState:
        if found.statuses[Status.PARTLY_PROCESSED]:
            return DayState.PARTLY
        if found.statuses[Status.PROCESSED]:
            return DayState.TAKEN
        if found.statuses[Status.REFUSED]:
            return DayState.REFUSED
        if day > today:
            return DayState.AHEAD
        if self._first is None or day < brussels_day(self._first):
            return DayState.BEFORE
        return DayState.AWAITED if day == today else DayState.NONE
