"""The figures as one table for spreadsheets: a row a figure."""

from collections.abc import Iterator

from jbplus_cli.overview.figures import Figures, FileDay
from jbplus_cli.screen.spreadsheet import Cell

HEADINGS = ("part", "day", "party", "about", "figure", "value")
Row = tuple[Cell, ...]


def rows(figures: Figures) -> Iterator[Row]:
    """Give a heading, and a row for each figure; a part that could not be read has a row that says so."""
    yield HEADINGS
    yield ("month", None, None, None, "month", f"{figures.month} ({figures.at:%Y-%m-%d %H:%M} UTC)")
    for each in figures.unread:
        yield (each.part, None, None, None, "unread", each.why)
    yield from _files(figures)
    for notices in figures.notices or ():
        yield ("notices", None, notices.party, None, "notices", notices.notices)
        yield ("notices", None, notices.party, None, "notifications", notices.notifications)
    for lookups in figures.lookups or ():
        yield ("lookups", None, lookups.party, lookups.purpose, "answered", lookups.answered)
        yield ("lookups", None, lookups.party, lookups.purpose, "refused", lookups.refused)
    for suspension in figures.suspensions or ():
        about = ", ".join((*suspension.streams, *suspension.purposes))
        yield ("suspensions", suspension.begin.isoformat(), suspension.party, about, "reason", suspension.reason)
        lifted = None if suspension.lifted is None else suspension.lifted.isoformat()
        yield ("suspensions", suspension.begin.isoformat(), suspension.party, about, "lifted", lifted)
    if figures.quality is not None:
        yield ("quality", None, None, None, "made", figures.quality.made)
        for report in figures.quality.open:
            about = f"{report.flaw}, {report.status}"
            yield ("quality", report.since.date().isoformat(), report.party, about, "age in days", report.age_days)
    yield from _statistics(figures)


def _files(figures: Figures) -> Iterator[Row]:
    if (files := figures.files) is None:
        return
    for name in (
        *("taken", "partly", "refused", "repeated", "refused_share"),
        *("records", "refused_records", "refused_records_share"),
    ):
        yield ("files", None, None, None, name, getattr(files, name))
    for gap in files.missing_now:
        yield ("files", None, None, None, "missing now", gap.words)
    for day in files.days:
        yield from (("files", day.day.isoformat(), None, None, *cells) for cells in _day(day))


def _day(day: FileDay) -> Iterator[Row]:
    yield ("state", day.state.value)
    yield from (("number", number) for number in day.numbers)
    yield from (("missing", gap.words) for gap in day.missing)
    counts = {"hours late": day.late_hours, "refused": day.refused, "repeated": day.repeated}
    yield from ((name, count) for name, count in counts.items() if count)
    if day.numbers:
        yield ("records", day.records)


def _statistics(figures: Figures) -> Iterator[Row]:
    for year in figures.statistics.items if figures.statistics else ():
        for month in year.maanden:
            for cell in month.bedragtypes:
                about = f"{year.fiscaal_jaar}, {cell.bedragtype}"
                if cell.cijfers is None:
                    yield ("statistics", month.maand, None, about, "withheld", None)
                    continue
                told = cell.cijfers
                yield ("statistics", month.maand, None, about, "persons", told.personen)
                yield ("statistics", month.maand, None, about, "payments", told.betalingen)
                yield ("statistics", month.maand, None, about, "paid", told.betaald)
                yield ("statistics", month.maand, None, about, "recoveries", told.terugvorderingen)
                yield ("statistics", month.maand, None, about, "net", told.netto)
