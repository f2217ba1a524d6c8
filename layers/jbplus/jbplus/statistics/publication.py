"""A publication: the figures of one closed month of one fiscal year, told once and never changed."""

from collections.abc import Iterator, Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict

from jbplus.statistics.cells import Cell, Line, Month
from jbplus.statistics.disclosure import Figures, Total, tell

FIRST_MONTH = Month(2022, 1)
CLOSING_DAY = 10
"""The day of the next month from which a month counts as closed: its payments have come in by then."""


class Publication(BaseModel):
    """The figures of one month of one fiscal year.

    Attributes:
        fiscal_year: the income year.
        month: as yyyy-MM, of the day on which payments and recoveries took effect, in Brussels.
        published_on: the calendar day in Brussels of the publication.
        cells: the month's figures by instalment; None for what is withheld.
        cumulative: the totals by instalment, from the first month of the fiscal year to this one.
    """

    model_config = ConfigDict(frozen=True)

    fiscal_year: int
    month: str
    published_on: date
    cells: dict[str, Figures | None]
    cumulative: dict[str, Total]

    @property
    def month_total(self) -> Total:
        """The total of both instalments in this month."""
        return Total.of(self.cells.values())

    @property
    def cumulative_total(self) -> Total:
        """The total of both instalments, from the first month to this one."""
        return sum(self.cumulative.values(), Total())


def publish(line: Line, cells: Mapping[str, Cell], previous: Publication | None, today: date) -> Publication:
    """Make the publication of a line.

    Args:
        line: which month of which fiscal year.
        cells: its exact figures, by instalment.
        previous: the publication of the month before, None at the first.
        today: the calendar day in Brussels.
    """
    before = {instalment: Total() for instalment in cells} | (previous.cumulative if previous else {})
    told = {instalment: _tell_after(before[instalment].figures, cell) for instalment, cell in cells.items()}
    return Publication(
        fiscal_year=line.fiscal_year,
        month=line.month.text,
        published_on=today,
        cells=told,
        cumulative={instalment: before[instalment] + Total.of([figures]) for instalment, figures in told.items()},
    )


def _tell_after(before: Figures, cell: Cell) -> Figures | None:
    told = tell(cell)
    return None if told is None else told.after(before)


def fiscal_years(today: date) -> range:
    """List the fiscal years that can have figures: a file may speak of next year's income year."""
    return range(FIRST_MONTH.year, today.year + 2)


def closed_months(fiscal_year: int, after: Month | None, today: date) -> Iterator[Month]:
    """List the closed months of a fiscal year, in their order, whether anything was paid in them or not.

    A list of only those with payments would tell that there was one.

    Args:
        fiscal_year: the income year; nothing is paid for it before the year that precedes it.
        after: the month that was published last, or None.
        today: the calendar day in Brussels.
    """
    month = max(FIRST_MONTH, Month(fiscal_year - 1, 1)) if after is None else after.next
    while date(*month.next, CLOSING_DAY) <= today:
        yield month
        month = month.next
