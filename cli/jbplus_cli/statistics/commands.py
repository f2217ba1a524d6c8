"""`jbplus statistics`: the published figures, as a table and as a chart (Article 2 b)."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from jbplus.protocol.parties import OPGROEIEN
from jbplus.protocol.purposes import SCOPE_STATISTICS
from jbplus.statistics.wire import StatisticsAnswer
from jbplus_cli.screen.options import EndUser, Json, Stack
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_cli.statistics import chart, render
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.exchange import Exchange


def _chart_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".svg":
        raise typer.BadParameter("the chart is an SVG: give a name that ends in .svg")
    if not path.parent.is_dir():
        raise typer.BadParameter(f"the folder {path.parent} does not exist")
    return path


def statistics(
    ctx: typer.Context,
    *,
    fiscal_year: Annotated[
        int | None,
        typer.Option("--fiscaal-jaar", min=2022, max=2199, metavar="YEAR", help="One fiscal year.", show_default="all"),
    ] = None,
    chart_file: Annotated[
        Path | None,
        typer.Option("--chart", parser=_chart_path, metavar="FILE.svg", help="Draw the payments of each month too."),
    ] = None,
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Show the anonymous figures of closed months: persons, payments, what was paid, recoveries and net.

    They are published on the 10th of the next month and never change. Asks as Opgroeien regie.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        answer = published(world.exchange(world.target(stack), enduser), fiscal_year)
        screen.result(answer.wire(), render.statistics(answer))
        if chart_file is not None:
            _write(answer, chart_file)
            screen.result({"chart": str(chart_file)}, Text(f"Chart: {chart_file}"))


def published(exchange: Exchange, fiscal_year: int | None = None) -> StatisticsAnswer:
    """Read what was published, of one fiscal year or of all; asks as Opgroeien regie.

    Raises:
        ExchangeError: it is not answered.
    """
    path = "/v1/statistieken" if fiscal_year is None else f"/v1/statistieken?fiscaalJaar={fiscal_year}"
    return exchange.read(path, StatisticsAnswer, OPGROEIEN, SCOPE_STATISTICS)


def _write(answer: StatisticsAnswer, path: Path) -> None:
    try:
        path.write_text(chart.svg(chart.payments(answer)), encoding="utf-8")
    except ValueError as error:
        raise ExchangeError(f"No chart was written: {error}.") from error
    except OSError as error:
        raise ExchangeError(f"The chart could not be written to {path}: {error.strerror}.") from error
