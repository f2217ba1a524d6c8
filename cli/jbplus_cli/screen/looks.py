"""How all answers for people look: tables, colours, moments, spans of time, and what went wrong."""

import re
from collections.abc import Iterator
from copy import copy
from datetime import datetime, timedelta
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text
from typing_extensions import override

from jbplus.protocol.calendar import BRUSSELS
from jbplus_recipient.answers import Problem

GOOD: Final = "bold green"
BAD: Final = "bold red"
DOUBTFUL: Final = "bold yellow"

INSTALMENTS: Final = {"1": "first", "2": "second"}
"""How people call a `bedragtype`."""

_WIDEST: Final = 10_000
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Fitting(Table):
    """A table where there is room for it; elsewhere each row as names and values: no figure is ever cut."""

    @override
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give the table, or its rows."""
        # Wherever it is shown, a table has as much room as it wants when it is measured.
        if self._fits(console, options):
            yield from super().__rich_console__(console, options)
            return
        if any(map(_is_drawn, self.columns)):
            bare = copy(self)
            bare.columns = [column for column in self.columns if not _is_drawn(column)]
            yield from bare.__rich_console__(console, options)
            return
        yield Text(str(self.title or ""), "bold")
        columns = [(str(column.header), list(column.cells)) for column in self.columns]
        for row in range(self.row_count):
            shown = fields()
            for header, cells in columns:
                if cell := cells[row]:
                    shown.add_row(header, cell)
            yield Text()
            yield shown

    def _fits(self, console: Console, options: ConsoleOptions) -> bool:
        return Measurement.get(console, options.update(max_width=_WIDEST), self).maximum <= options.max_width


def _is_drawn(column: Column) -> bool:
    """Whether a column says in another way what stands in others, and can be done without."""
    return not column.header and not any(isinstance(cell, str | Text) and cell for cell in column.cells)


def table(title: str) -> Fitting:
    """Begin a table."""
    return Fitting(title=title, title_justify="left", title_style="bold", header_style="bold")


class Fields:
    """A list of names and what goes with them; no word is ever cut or folded, so that it can be copied."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, RenderableType]] = []

    def add_row(self, name: str, value: RenderableType) -> None:
        """Add a name and what goes with it."""
        self._rows.append((name, value))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give a line for each, or more where the words do not fit on one."""
        widest = max((len(name) for name, _ in self._rows), default=0)
        for name, value in self._rows:
            label = name.ljust(widest + 2)
            room = max(1, options.max_width - len(label))
            for line in _lines(value, room):
                line.rstrip()
                yield Text.assemble((label, "bold"), line, no_wrap=True, overflow="ignore")
                label = " " * len(label)


def _lines(value: RenderableType, room: int) -> Iterator[Text]:
    """Break words into lines between them alone: the library cuts a word that is longer than a line."""
    text = value if isinstance(value, Text) else Text(str(value))
    for part in text.split("\n", allow_blank=True):
        breaks, used = [], 0
        for word in re.finditer(r"\S+\s*", part.plain):
            if used and used + cell_len(word[0].rstrip()) > room:
                breaks.append(word.start())
                used = 0
            used += cell_len(word[0])
        yield from part.divide(breaks)


def fields() -> Fields:
    """Begin a list of names and what goes with them."""
    return Fields()


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


def counted(number: int, one: str, more: str | None = None) -> str:
    """Write a number with what it counts."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def problem(answer: Problem) -> Text:
    """Show why the exchange refused a request as a whole."""
    return Text.assemble(("Refused: ", BAD), answer.words)


def warning(words: str) -> Text:
    """Show what to be careful with."""
    return Text.assemble(("Warning: ", DOUBTFUL), words)


def failure(words: str) -> Text:
    """Show why a command could not do what was asked."""
    return Text.assemble(("Error: ", BAD), words)
