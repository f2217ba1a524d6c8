"""Which months of a fiscal year are shown."""

from collections.abc import Sequence

from jbplus.statistics.wire import FiscalYearAnswer, MonthAnswer


def span(year: FiscalYearAnswer) -> Sequence[MonthAnswer]:
    """Give the months from the first to the last of which anything was published."""
    shown = [number for number, month in enumerate(year.maanden) if not month.is_withheld]
    return year.maanden[shown[0] : shown[-1] + 1] if shown else ()
