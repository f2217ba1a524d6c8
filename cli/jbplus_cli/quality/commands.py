"""`jbplus quality`: what recipients report on the quality of the data, and what WEWIS answers (Article 7)."""

import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import RenderableType
from rich.text import Text

from jbplus.doubts.rules import ReportStatus
from jbplus.protocol.parties import WEWIS, Party, Role, party_of
from jbplus.protocol.purposes import SCOPE_REPORT, SCOPE_SOURCE
from jbplus.quality.calls import AnswerStatus
from jbplus.quality.wire import ReportItem, ReportsAnswer
from jbplus_cli.screen import looks
from jbplus_cli.screen.looks import DOUBTFUL, GOOD
from jbplus_cli.screen.options import EndUser, Json, Stack, read_note, read_party, read_uuid
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_recipient.exchange import Exchange

app = typer.Typer(no_args_is_help=True, pretty_exceptions_show_locals=False)

_PATH = "/v1/kwaliteitsmeldingen"


@app.callback()
def main() -> None:
    """See the reports on the quality of the data, and answer them (Article 7)."""


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    status: Annotated[ReportStatus | None, typer.Option(help="Only those that are so far.", show_default="all")] = None,
    last: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="How many, the newest first.")] = 20,
    party: Annotated[
        Party,
        typer.Option(
            "--party", parser=read_party, metavar="PARTY", help="Who asks; WEWIS and Opgroeien regie see all."
        ),
    ] = WEWIS.key,  # type: ignore[assignment]  # what the parser is given
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """List the reports: what is wrong with the data, who says so, and the answer. Persons are not named."""
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        exchange = world.exchange(world.target(stack), enduser)
        with screen.waiting("Reading the reports"):
            found = list(islice(reports(exchange, party, status), last))
        screen.result({"items": [report.wire() for report in found]}, _shown(found))


@app.command()
def answer(
    ctx: typer.Context,
    *,
    report: Annotated[
        uuid.UUID, typer.Argument(parser=read_uuid, metavar="ID", help="As jbplus quality list names it.")
    ],
    status: Annotated[AnswerStatus, typer.Option(help="What WEWIS makes of it.")],
    antwoord: Annotated[
        str, typer.Option(parser=read_note, metavar="TEXT", help="In words; the reporter sees it. No person number.")
    ],
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Answer a report; a later answer replaces an earlier one. Asks as WEWIS."""
    world = surroundings_of(ctx)
    body: dict[str, JsonValue] = {"status": status.value, "antwoord": antwoord}
    with Screen(as_json=as_json) as screen:
        exchange = world.exchange(world.target(stack), enduser)
        answered = exchange.post(f"{_PATH}/{report}/antwoord", body, ReportItem, WEWIS, SCOPE_SOURCE)
        screen.result(answered.wire(), Text(f"Answered: {answered.id} is {answered.status}.", GOOD))


def reports(exchange: Exchange, party: Party, status: ReportStatus | None = None) -> Iterator[ReportItem]:
    """Read reports page by page, the newest first: all, or those that are so far.

    Raises:
        ExchangeError: they are not answered.
    """
    scope = SCOPE_SOURCE if party.role is Role.SOURCE else SCOPE_REPORT
    body: dict[str, JsonValue] = {} if status is None else {"status": status.value}
    while True:
        page = exchange.post(f"{_PATH}/query", body, ReportsAnswer, party, scope)
        yield from page.items
        if page.volgende is None:
            return
        body["na"] = page.volgende


def _shown(found: Sequence[ReportItem]) -> RenderableType:
    if not found:
        return Text("No report is known.", GOOD)
    table = looks.table("Quality reports, the newest first")
    for heading in ("ID", "Moment", "Reported by", "What", "Referte", "Note", "Status", "Answer"):
        table.add_column(heading, overflow="fold")
    for report in found:
        by = party_of(report.melder)
        table.add_row(
            Text(report.id),
            Text(looks.moment(report.moment)),
            Text(report.melder if by is None else by.name),
            Text(report.aard),
            Text(report.referte or ""),
            Text(report.toelichting or ""),
            Text(report.status, DOUBTFUL if report.status == ReportStatus.REPORTED else ""),
            Text(report.antwoord or ""),
        )
    return table
