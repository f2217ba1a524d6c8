"""What a benchmark found: for people a table, for programs JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.table import Table

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Result:
    """One table.

    Attributes:
        name: the key in JSON.
        title: what the table is about.
        columns: the names of the columns, units included.
        rows: the cells; None where nothing was measured.
        remarks: what to know before comparing.
        failures: bounds that were broken; each makes the whole benchmark fail.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    remarks: Sequence[str] = ()
    failures: Sequence[str] = field(default_factory=list)

    def table(self) -> Table:
        """Draw it."""
        table = Table(title=self.title, title_justify="left", caption="\n".join(self.remarks), caption_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*(_shown(cell) for cell in row))
        return table

    def as_json(self) -> dict[str, Any]:
        """Say it to a program."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        whole = asdict(self)
        return {"title": whole["title"], "rows": rows, "remarks": whole["remarks"], "failures": whole["failures"]}


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
