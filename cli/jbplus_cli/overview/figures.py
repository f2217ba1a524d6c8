"""The figures of a month (Articles 2 b, 5, 7 and 8): what an overview tells, and nothing finer.

It is passed on, to people who see no single record: a count of persons or of records is told as the statistics tell
theirs, rounded, and not at all below five.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from jbplus.mutation_file.report import Gap
from jbplus.statistics.disclosure import COUNT_STEP, FEWEST_PERSONS, nearest
from jbplus.statistics.wire import StatisticsAnswer
from jbplus.wire import Wire

FEW: Final = "<5"
Told = int | Literal["<5"]
"""A count of persons or records: a multiple of 5, or fewer than five, none included."""


def told(count: int) -> Told:
    """Tell a count of persons or records."""
    return FEW if count < FEWEST_PERSONS else nearest(count, COUNT_STEP)


def share(part: int, whole: int) -> str:
    """Tell a share of records in whole percents; empty where the whole is not told."""
    if whole < FEWEST_PERSONS:
        return ""
    percents = nearest(100 * part // whole, 1)
    return "<1%" if part and not percents else f"{percents}%"


class DayState(StrEnum):
    """What became of the files of a day."""

    TAKEN = "taken"
    PARTLY = "partly"
    REFUSED = "refused"
    NONE = "none"
    AWAITED = "awaited"
    AHEAD = "ahead"
    BEFORE = "before"


class FileDay(Wire):
    """The files that came on one day.

    Attributes:
        day: the day in Brussels.
        state: what became of them.
        numbers: the volgnummers that were taken in.
        refused: how many files were refused as a whole.
        repeated: how many had been taken in before.
        late_hours: how many whole hours after it was due the first good file came; None when it was in time.
        missing: the volgnummers that were first found missing on this day.
        records: the records that were read of what was taken in.
    """

    day: date
    state: DayState
    numbers: tuple[int, ...] = ()
    refused: int = 0
    repeated: int = 0
    late_hours: int | None = None
    missing: tuple[Gap, ...] = ()
    records: Told = FEW


class FilesOfMonth(Wire):
    """The files of the month.

    Attributes:
        days: all its days.
        taken, partly, refused, repeated: how many files were taken in wholly, in part, refused, and sent again.
        refused_share: the refused ones among all but those sent again.
        records, refused_records: what was read, and what was refused of it.
        refused_records_share: the one of the other.
        missing_now: the volgnummers that are missing when the overview is made.
        last_good: when the last good file came of all that came before the end of the month.
    """

    days: tuple[FileDay, ...]
    taken: int
    partly: int
    refused: int
    repeated: int
    refused_share: str
    records: Told
    refused_records: Told
    refused_records_share: str
    missing_now: tuple[Gap, ...]
    last_good: datetime | None


class PartyNotices(Wire):
    """The notices that a party was given: how many, and the notifications in them."""

    party: str
    notices: int
    notifications: Told


class PartyLookups(Wire):
    """The persons that a party looked up for one purpose: answered, and refused."""

    party: str
    purpose: str
    answered: Told
    refused: Told


class PartySuspension(Wire):
    """A suspension that worked in the month."""

    party: str
    streams: tuple[str, ...]
    purposes: tuple[str, ...]
    reason: str
    begin: datetime
    lifted: datetime | None


class OpenReport(Wire):
    """A quality report that is not settled: by whom, what is wrong, and its age in days when the overview is made."""

    party: str
    flaw: str
    status: str
    since: datetime
    age_days: int


class QualityReportsOfMonth(Wire):
    """Quality reports: those that are open now, the oldest first, and how many were made in the month."""

    open: tuple[OpenReport, ...]
    made: int


class Unread(Wire):
    """A part that could not be read, wholly or for some days, and why."""

    part: str
    why: str


class Figures(Wire):
    """The month in figures; a part that is absent could not be read, and stands under `unread`."""

    stack: str
    month: str
    at: datetime
    files: FilesOfMonth | None = None
    notices: tuple[PartyNotices, ...] | None = None
    lookups: tuple[PartyLookups, ...] | None = None
    suspensions: tuple[PartySuspension, ...] | None = None
    quality: QualityReportsOfMonth | None = None
    statistics: StatisticsAnswer | None = None
    unread: tuple[Unread, ...] = ()
