"""`jbplus privacylog`: who looked up whom; the answer to a citizen's request, and to a breach (Articles 6 and 9)."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import RenderableType
from rich.text import Text

from jbplus.privacy_log.service import LogQuestion
from jbplus.privacy_log.wire import LogItem
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import Party
from jbplus_cli.checkpoints.proofs import Proofs, extract
from jbplus_cli.privacy_log.letter import Holdings, letter
from jbplus_cli.privacy_log.records import ask, registrar, rows
from jbplus_cli.screen import looks, spreadsheet
from jbplus_cli.screen.options import EndUser, Json, PartyOption, Stack, read_day, read_identifier
from jbplus_cli.screen.output import write
from jbplus_cli.screen.person_numbers import NumbersError, read_numbers
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of

_STDOUT: Final = Path("-")
_SHORT_PERSON: Final = 12


def privacylog(
    ctx: typer.Context,
    *,
    party: PartyOption,
    insz: Annotated[
        str | None,
        typer.Argument(
            metavar="INSZ",
            help="Whom it is about; - reads the number from standard input, which keeps it out of the shell's history.",
            show_default=False,
        ),
    ] = None,
    van: Annotated[str | None, typer.Option(metavar="DAY", help="First day, in Brussels.", show_default="all")] = None,
    tot: Annotated[str | None, typer.Option(metavar="DAY", help="Last day, inclusive.", show_default="all")] = None,
    gebruiker: Annotated[
        str | None,
        typer.Option(parser=read_identifier, metavar="ID", help="Only what this end user asked.", show_default="all"),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            metavar="FILE",
            dir_okay=False,
            allow_dash=True,
            help="Write a table for spreadsheets (- prints it).",
        ),
    ] = None,
    answer: Annotated[
        Path | None,
        typer.Option(
            "--answer",
            metavar="FILE.html",
            dir_okay=False,
            help="Write the answer to a citizen, in Dutch and to be printed; it names no employee and no file.",
        ),
    ] = None,
    proofs: Annotated[
        Path | None,
        typer.Option(
            "--proofs",
            metavar="FILE",
            dir_okay=False,
            help="Write an extract with proofs, which the checkpoints vouch for; needs an auditor's rights on AWS.",
        ),
    ] = None,
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Show who looked up a person at a party, or whom a party looked up in a period (Articles 6 and 9).

    Name a person, or the first and the last day, or both. Nothing is shown or written unless all of it came.
    """
    world = surroundings_of(ctx)
    if csv == _STDOUT and as_json:
        raise typer.BadParameter("prints on standard output, and so does --json: choose one", param_hint="--csv")
    question = LogQuestion(
        read_person(insz, brussels_day(world.now()).year),
        read_day(van) if van else None,
        read_day(tot) if tot else None,
        gebruiker,
    )
    _check_period(question)
    if answer is not None and question.number is None:
        raise typer.BadParameter("an answer is to one person: name that person", param_hint="--answer")
    with Screen(as_json=as_json) as screen:
        exchange = world.exchange(world.target(stack), enduser)
        with screen.waiting("Reading the privacy log"):
            items = list(ask(exchange, question, asker=party))
        if proofs is not None:
            sealed = Proofs.of_stack(world, world.target(stack), party)
            with screen.waiting("Proving the records"), extract(proofs, party, question) as add:
                for item in items:
                    add(item, sealed.of(item))
        if csv is not None and csv != _STDOUT:
            write(csv, spreadsheet.table(rows(items)), "--csv")
        if answer is not None:
            write(answer, letter(Holdings(party, question, items, world.now())), "--answer")
        if csv == _STDOUT:
            screen.line({}, spreadsheet.table(rows(items)).rstrip())
        else:
            screen.result(
                {"items": [item.wire() for item in items]},
                _shown(items, party, question, [path for path in (csv, answer) if path]),
            )


def read_person(typed: str | None, year: int) -> str | None:
    """Read the number of the one person that a question is about; `-` takes it from standard input."""
    if typed is None:
        return None
    try:
        numbers = read_numbers([typed], None, sys.stdin.buffer, year=year)
    except NumbersError as error:
        raise typer.BadParameter(str(error), param_hint="INSZ") from error
    if len(numbers) > 1:
        raise typer.BadParameter("give one person at a time", param_hint="INSZ")
    return numbers[0]


def _check_period(question: LogQuestion) -> None:
    if question.number is None and (question.first is None or question.last is None):
        raise typer.BadParameter("name a person, or a period with both --van and --tot", param_hint="INSZ")
    if question.first is not None and question.last is not None and question.last < question.first:
        raise typer.BadParameter("the last day lies before the first", param_hint="--tot")


def _shown(items: Sequence[LogItem], party: Party, question: LogQuestion, written: Sequence[Path]) -> RenderableType:
    whom = "persons" if question.number is None else f"person {question.number}"
    since = "" if question.first is None else f" from {question.first}"
    until = "" if question.last is None else f" to {question.last}"
    who = "" if question.end_user is None else f" by {question.end_user}"
    asked = f"Privacy log of {party.name}: questions about {whom}{since}{until}{who}"
    if not items and not written:
        return Text(f"{asked}: none.")
    if written:
        places = " and ".join(map(str, written))
        return Text(f"{asked}: {looks.counted(len(items), 'record')} written to {places}.")
    table = looks.table(asked)
    for heading in ("Moment", "End user", "Application", "Service", "Purpose", "File", "Registered by", "Outcome"):
        table.add_column(heading, overflow="fold")
    if question.number is None:
        table.add_column("Person", no_wrap=True)
    for item in items:
        cells = [
            looks.moment(item.moment),
            item.gebruiker,
            item.toepassing,
            item.dienst,
            item.doel or "",
            item.dossier or "",
            registrar(item),
            item.uitkomst,
        ]
        if question.number is None:
            # Enough of the pseudonym to tell persons apart; the CSV has all of it.
            cells.append((item.betrokkene or "")[:_SHORT_PERSON])
        table.add_row(*map(Text, cells))
    return table
