"""How all answers for people look: tables, colours, moments and spans of time."""

from datetime import datetime, timedelta
from typing import Final

from rich.table import Table

from jbplus.mutation_file.report import Status, usual_stem
from jbplus.protocol.calendar import BRUSSELS

GOOD: Final = "bold green"
BAD: Final = "bold red"
DOUBTFUL: Final = "bold yellow"

STATUS_STYLES: Final[dict[str, str]] = {
    Status.PROCESSED: GOOD,
    Status.ALREADY_PROCESSED: GOOD,
    Status.PARTLY_PROCESSED: DOUBTFUL,
    Status.REFUSED: BAD,
}

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def table(title: str) -> Table:
    """Begin a table."""
    return Table(title=title, title_justify="left", title_style="bold", header_style="bold")


def fields() -> Table:
    """Begin a list of names and what goes with them."""
    shown = Table(show_header=False, box=None, padding=(0, 2, 0, 0), pad_edge=False)
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    return shown


def moment(at: datetime | None) -> str:
    """Write a moment as the clocks in Brussels show it; nothing when it is not known."""
    return "" if at is None else f"{at.astimezone(BRUSSELS):%Y-%m-%d %H:%M:%S}"


def span(length: timedelta | None) -> str:
    """Write a span of time in its two largest units; nothing when it is not known."""
    if length is None:
        return ""
    seconds = max(0, int(length.total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE} s"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"{seconds // _DAY} days {seconds % _DAY // _HOUR} h"


def file_name(name: str) -> str:
    """Shorten a file's usual name to what tells it apart from others."""
    stem = usual_stem(name)
    return name if stem is None else f"…{stem.rpartition('_')[2]}"


def counted(number: int, one: str, more: str | None = None) -> str:
    """Write a number with what it counts."""
    return f"{number} {one if number == 1 else more or one + 's'}"
