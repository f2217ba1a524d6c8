"""Statistics for people: a table a fiscal year, with a bar for each month."""

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from jbplus_cli import looks
from jbplus_cli.render import INSTALMENTS
from jbplus_cli.statistics_answers import Cell, Figures, FiscalYear, Statistics, Total

STYLES = {"1": "cyan", "2": "magenta"}
_BAR = 30
_WITHHELD = "·"


def statistics(answer: Statistics) -> RenderableType:
    """Show what was published."""
    shown = [year for year in answer.items if year.span]
    if not shown:
        return Text("Nothing was published: no month has closed yet, or each has too few persons.")
    legend = Text.assemble(
        *((f"█ {INSTALMENTS.get(instalment, instalment)} instalment  ", style) for instalment, style in STYLES.items()),
        (f"{_WITHHELD} withheld: too few persons, or none. Counts are rounded to 5, amounts to EUR 3,000.", "dim"),
    )
    return Group(*(part for year in shown for part in (_year(year), Text())), legend)


def _year(year: FiscalYear) -> Table:
    table = looks.table(f"Fiscal year {year.fiscal_year}")
    for name in ("Month", "Instalment"):
        table.add_column(name, no_wrap=True)
    for name in ("Persons", "Payments", "Paid (EUR)", "Recoveries", "Net (EUR)"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", max_width=_BAR)
    most = max(_payments(cell) for month in year.span for cell in month.cells)
    for month in year.span:
        for cell in month.cells:
            table.add_row(month.month if cell is month.cells[0] else "", *_cells(cell), _bar(cell, most))
    table.add_section()
    for total in year.cumulative.instalments:
        table.add_row("All", _name(total.instalment), *_numbers(total.figures), _left_out(total), style="bold")
    both = year.cumulative.total
    table.add_row("All", "both", *_numbers(both.figures), _left_out(both), style="bold")
    return table


def _cells(cell: Cell) -> tuple[str, ...]:
    return (_name(cell.instalment), *_numbers(cell.figures))


def _numbers(figures: Figures | None) -> tuple[str, ...]:
    if figures is None:
        return (_WITHHELD,) * 5
    numbers = (figures.persons, figures.payments, figures.paid, figures.recoveries, figures.net)
    return tuple(_WITHHELD if number is None else f"{number:,.0f}" for number in numbers)


def _name(instalment: str) -> str:
    return INSTALMENTS.get(instalment, instalment)


def _left_out(total: Total) -> str:
    cells = [f"without {looks.counted(total.left_out, 'cell')}"] * bool(total.left_out)
    recoveries = [f"recoveries of {looks.counted(total.without_recoveries, 'cell')} withheld"]
    return "\n".join(cells + recoveries * bool(total.without_recoveries))


def _bar(cell: Cell, most: int) -> Bar:
    """Draw the payments of a cell, as wide as there is room for."""
    return Bar(max(most, 1), 0, _payments(cell), color=STYLES.get(cell.instalment, "white"))


def _payments(cell: Cell) -> int:
    return cell.figures.payments if cell.figures else 0
