"""`jbplus overview`: a month of the exchange on one page, for managers and case handlers."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from jbplus.protocol.calendar import brussels_day
from jbplus_cli.overview.figures import Figures
from jbplus_cli.overview.month import Month
from jbplus_cli.overview.page import page
from jbplus_cli.overview.reading import Reader
from jbplus_cli.overview.rows import rows
from jbplus_cli.overview.words import Language
from jbplus_cli.screen import spreadsheet
from jbplus_cli.screen.options import EndUser, Json, Stack
from jbplus_cli.screen.output import write
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of

_ENDINGS: Final = (".html", ".csv", ".json")


def _output(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in _ENDINGS:
        raise typer.BadParameter(f"its ending says what it is: {', '.join(_ENDINGS)}")
    if not path.parent.is_dir():
        raise typer.BadParameter(f"the folder {path.parent} does not exist")
    return path


def overview(
    ctx: typer.Context,
    *,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            "-o",
            parser=_output,
            metavar="FILE",
            help="Write the page (.html), a table for spreadsheets (.csv) or the figures for programs (.json); "
            "may be given several times.",
        ),
    ] = None,
    month: Annotated[
        Month | None,
        typer.Option("--month", parser=Month.read, metavar="MONTH", help="As 2026-03.", show_default="this month"),
    ] = None,
    language: Annotated[Language, typer.Option("--language", help="Of the page.")] = Language.DUTCH,
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Tell a month of the exchange on one page: files, notices, lookups, suspensions, quality reports, statistics.

    No person is in it, and no group of fewer than five. Asks as Opgroeien regie, who sees the statistics and all
    quality reports; on AWS its token needs both scopes (jbplus:statistiek jbplus:melding). The rest is read with the
    operator's rights.
    Ends with 0 when all of it could be read, 1 when a part could not; what is there is written, and says so.
    """
    if not output and not as_json:
        raise typer.BadParameter("say where to: -o overview.html, .csv or .json", param_hint="--output")
    world = surroundings_of(ctx)
    now = world.now()
    month = month or Month.of(brussels_day(now))
    if month.begin > now:
        raise typer.BadParameter("it has not begun", param_hint="--month")
    with Screen(as_json=as_json) as screen:
        target = world.target(stack)
        with screen.waiting("Reading the month"):
            figures = Reader(world, target, world.exchange(target, enduser), month, now).read()
        for path in output or ():
            write(path, _content(path, figures, month, language), "--output")
        said = figures.model_dump(mode="json", by_alias=True, exclude_none=True)
        screen.result(said, Text("\n".join(f"Written: {path}" for path in output or ())))
        for each in figures.unread:
            screen.fall_short(f"{each.part}: {each.why}")


def _content(path: Path, figures: Figures, month: Month, language: Language) -> str:
    match path.suffix.lower():
        case ".html":
            return page(figures, month, language)
        case ".csv":
            return spreadsheet.table(rows(figures))
    return figures.model_dump_json(by_alias=True, exclude_none=True, indent=2) + "\n"
