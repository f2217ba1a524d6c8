"""What a benchmark found: for people tables, for programs JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.table import Table

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """What the product takes, divided by what a rival of the same run takes; or another figure that has a goal.

    Attributes:
        name: what it says.
        value: the figure.
        goal: what it should be at most; at least where `is_least`.
        is_least: whether more is better.
    """

    name: str
    value: float
    goal: float
    is_least: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether the goal is reached."""
        return self.value >= self.goal if self.is_least else self.value <= self.goal


@dataclass(frozen=True, slots=True)
class Result:
    """One table.

    Attributes:
        name: the key in JSON.
        title: what the table is about.
        columns: the names of the columns, units included.
        rows: the cells; None where nothing was measured.
        remarks: what to know before comparing.
        figures: those that have a goal.
        failures: bounds that were broken; each makes the whole benchmark fail.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    remarks: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    failures: Sequence[str] = field(default_factory=list)

    def table(self) -> Table:
        """Draw it."""
        table = Table(title=self.title, title_justify="left", caption="\n".join(self.remarks), caption_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*map(_shown, row))
        return table

    def as_json(self) -> dict[str, Any]:
        """Say it to a program."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        figures = [asdict(figure) for figure in self.figures]
        return {
            "title": self.title,
            "rows": rows,
            "remarks": list(self.remarks),
            "figures": figures,
            "failures": list(self.failures),
        }


def table_of(figures: Sequence[Figure]) -> Table:
    """Draw figures beside their goals."""
    table = Table(title="Figures and their goals", title_justify="left")
    for column in ("figure", "value", "goal", ""):
        table.add_column(column, justify="left" if column in ("figure", "") else "right")
    for figure in figures:
        goal = f"{'≥' if figure.is_least else '≤'} {_shown(figure.goal)}"
        table.add_row(figure.name, _shown(figure.value), goal, "reached" if figure.is_reached else "missed")
    return table


def _shown(cell: Cell) -> str:
    match cell:
        case None:
            return "-"
        case float():
            return f"{cell:,.2f}" if abs(cell) < 10 else f"{cell:,.1f}" if abs(cell) < 100 else f"{cell:,.0f}"  # noqa: PLR2004 - three figures
        case int():
            return f"{cell:,}"
        case _:
            return cell
