"""Statistics for people: a table a fiscal year, with a bar for each month."""

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.text import Text

from jbplus.statistics.wire import CellAnswer, FiguresAnswer, FiscalYearAnswer, StatisticsAnswer, TotalAnswer
from jbplus_cli.screen import looks
from jbplus_cli.screen.looks import INSTALMENTS
from jbplus_cli.statistics.span import span

STYLES = {"1": "cyan", "2": "magenta"}
_BAR = 30
_WITHHELD = "·"


def statistics(answer: StatisticsAnswer) -> RenderableType:
    """Show what was published."""
    shown = [year for year in answer.items if span(year)]
    if not shown:
        return Text("Nothing was published: no month has closed yet, or each has too few persons.")
    legend = Text.assemble(
        *((f"█ {INSTALMENTS.get(instalment, instalment)} instalment  ", style) for instalment, style in STYLES.items()),
        (f"{_WITHHELD} withheld: too few persons, or none. Counts are rounded to 5, amounts to EUR 3,000.", "dim"),
    )
    return Group(*(part for year in shown for part in (_year(year), Text())), legend)


def _year(year: FiscalYearAnswer) -> RenderableType:
    table = looks.table(f"Fiscal year {year.fiscaal_jaar}; paid and net in EUR")
    for name in ("Month", "Instalment"):
        table.add_column(name, no_wrap=True)
    for name in ("Persons", "Payments", "Paid", "Recoveries", "Net"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", max_width=_BAR)
    most = max(_payments(cell) for month in span(year) for cell in month.bedragtypes)
    for month in span(year):
        for cell in month.bedragtypes:
            table.add_row(month.maand, *_cells(cell), _bar(cell, most))
    table.add_section()
    for total in year.cumulatief.bedragtypes:
        table.add_row("All", _name(total.bedragtype), *_numbers(total.cijfers), style="bold")
    both = year.cumulatief.totaal
    table.add_row("All", "both", *_numbers(both.cijfers), style="bold")
    notes = ((_name(total.bedragtype), _left_out(total)) for total in year.cumulatief.bedragtypes)
    return Group(
        table, *(Text(f"All, {name}: {words}.") for name, words in (*notes, ("both", _left_out(both))) if words)
    )


def _cells(cell: CellAnswer) -> tuple[str, ...]:
    return (_name(cell.bedragtype), *_numbers(cell.cijfers))


def _numbers(figures: FiguresAnswer | None) -> tuple[str, ...]:
    if figures is None:
        return (_WITHHELD,) * 5
    numbers = (figures.personen, figures.betalingen, figures.betaald, figures.terugvorderingen, figures.netto)
    return tuple(_WITHHELD if number is None else f"{number:,.0f}" for number in numbers)


def _name(instalment: str) -> str:
    return INSTALMENTS.get(instalment, instalment)


def _left_out(total: TotalAnswer) -> str:
    left_out, without = total.weggelaten_cellen, total.cellen_zonder_terugvorderingen
    cells = [f"without {looks.counted(left_out, 'cell')}"] if left_out else []
    recoveries = [f"recoveries of {looks.counted(without, 'cell')} withheld"] if without else []
    return ", ".join(cells + recoveries)


def _bar(cell: CellAnswer, most: int) -> Bar:
    """Draw the payments of a cell, as wide as there is room for."""
    return Bar(max(most, 1), 0, _payments(cell), color=STYLES.get(cell.bedragtype, "white"))


def _payments(cell: CellAnswer) -> int:
    return cell.cijfers.betalingen if cell.cijfers else 0
