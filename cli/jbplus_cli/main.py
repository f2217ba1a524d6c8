"""The operator's command: thin, each command reads what was typed, calls the library and shows the answer."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.purposes import MATRIX, Right
from jbplus_cli import render
from jbplus_cli.answers import Refused, Registered
from jbplus_cli.client import END_USER, Question
from jbplus_cli.operations import replay, status
from jbplus_cli.options import (
    Begin,
    End,
    EndUser,
    Json,
    Numbers,
    NumbersFile,
    PartyOption,
    PurposeOption,
    RightOption,
    Stack,
    Timeout,
    given_numbers,
    read_moment,
    read_term,
)
from jbplus_cli.privacy_log import privacylog
from jbplus_cli.quarantine_commands import app as quarantine
from jbplus_cli.recipient import app as recipient
from jbplus_cli.sample_files import Made, Order, OrderError, moment_of, write_file
from jbplus_cli.sample_records import LARGEST_VOLGNUMMER
from jbplus_cli.screen import Screen
from jbplus_cli.source import app as source
from jbplus_cli.statistics import statistics
from jbplus_cli.surroundings import Surroundings, surroundings_of
from jbplus_cli.visit import visit

# The local variables of a crash may hold person numbers.
app = typer.Typer(no_args_is_help=True, pretty_exceptions_show_locals=False)
app.command()(status)
app.command()(replay)
app.command()(privacylog)
app.command()(statistics)
app.command()(visit)
app.add_typer(quarantine, name="quarantine")
app.add_typer(recipient, name="recipient")
app.add_typer(source, name="source")


@app.callback()
def main(ctx: typer.Context) -> None:
    """Operate jbplus, the exchange of jobbonus plus payments.

    Talks to the local stack (make run) unless a stack on AWS is named with --stack.
    Ends with 0 when all that was asked was done, 1 when it was not or only in part, 2 when it was asked wrongly.
    """
    ctx.obj = ctx.obj or Surroundings.real()


@app.command()
def send(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The mutation file, .json or .json.gz.")],
    timeout: Timeout = 900,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Deliver a mutation file, wait for its report and show it.

    Ends with 0 when the whole file is processed, now or by an earlier delivery.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        mailbox = world.mailbox(world.target(stack))
        sent = mailbox.deliver(file, screen.bytes_done)
        with screen.waiting("Waiting for the report"):
            answered = mailbox.wait(sent, timeout)
        report = answered.report.wire()
        screen.result(
            {"key": sent.key, "reportKey": sent.report_key, "earlierDelivery": answered.earlier, "report": report},
            render.report(answered.report, earlier=answered.earlier),
        )
        if not answered.report.is_processed:
            screen.mark_failed()


@app.command()
def register(
    ctx: typer.Context,
    *,
    party: PartyOption,
    insz: Numbers = None,
    file: NumbersFile = None,
    recht: RightOption = Right.RUNNING,
    begin: Begin = None,
    einde: End = None,
    enduser: EndUser = END_USER,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Register persons as known at a payment actor; an earlier registration is replaced (Article 6)."""
    world = surroundings_of(ctx)
    today = brussels_day(world.now())
    numbers = given_numbers(insz, file, today.year)
    term = read_term(begin, einde, today)
    with Screen(as_json=as_json) as screen:
        exchange = world.exchange(world.target(stack), enduser)
        shown: list[Registered | Refused] = []
        try:
            for item in exchange.register(numbers, registrar=party, term=term, right=recht):
                screen.item(item.wire(), None)
                shown.append(item)
        finally:
            if shown:
                screen.show(render.registrations(shown))
        if any(isinstance(item, Refused) for item in shown):
            screen.mark_failed()


@app.command()
def lookup(
    ctx: typer.Context,
    *,
    party: PartyOption,
    doel: PurposeOption,
    insz: Numbers = None,
    file: NumbersFile = None,
    dossier: Annotated[
        str | None, typer.Option(metavar="ID", help="Your file, for a purpose that serves only specific files.")
    ] = None,
    enduser: EndUser = END_USER,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Look up what was paid to persons and reclaimed from them; each lookup stands in the privacy log.

    Ends with 0 when every person was answered.
    """
    world = surroundings_of(ctx)
    numbers = given_numbers(insz, file, brussels_day(world.now()).year)
    if dossier is None and MATRIX[doel].one_file:
        raise typer.BadParameter(f"{doel.value} serves only specific files: name yours", param_hint="--dossier")
    with Screen(as_json=as_json) as screen:
        exchange = world.exchange(world.target(stack), enduser)
        for item in exchange.lookup(numbers, asker=party, question=Question(doel, dossier)):
            screen.item(item.wire(), render.lookup(item))
            if isinstance(item, Refused):
                screen.mark_failed()


@app.command()
def token(
    ctx: typer.Context,
    *,
    party: PartyOption,
    scope: Annotated[list[str], typer.Option(help="A scope; may be given more than once.")],
    as_json: Json = False,
) -> None:
    """Print an access token of the local issuer, for trying the API by hand. Local stack only."""
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        issued = world.tokens(world.target(None)).token(party, scope)
        screen.line({"access_token": issued}, issued)


@app.command("make-file")
def make_file(
    *,
    persons: Annotated[int, typer.Option(min=0, metavar="N", help="Number of test persons.")],
    volgnummer: Annotated[int, typer.Option(min=1, max=LARGEST_VOLGNUMMER, metavar="K", help="The file's number.")],
    seed: Annotated[int, typer.Option(metavar="S", help="Decides who the persons are, and what happens to them.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", dir_okay=False, metavar="FILE", help="Where to; .gz compresses.")
    ],
    bad: Annotated[float, typer.Option(min=0, max=1, metavar="P", help="Share of bad records, 0 to 1.")] = 0.0,
    tijdstip: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="The file's moment.", show_default="follows from the volgnummer"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a mutation file about test persons, whose numbers no citizen can have.

    The same arguments give the same bytes; the same seed, the same persons.
    """
    moment = read_moment(tijdstip) if tijdstip else moment_of(volgnummer)
    try:
        order = Order(persons, volgnummer, seed, moment, bad)
    except OrderError as error:
        raise typer.BadParameter(str(error)) from error
    with Screen(as_json=as_json) as screen:
        with screen.records_done("Writing", order.plan.count()) as advance:
            made = write_file(order, output, advance)
        screen.result(_document(made), render.made(made))


def _document(made: Made) -> dict[str, JsonValue]:
    return {
        "file": str(made.path),
        "volgnummer": made.volgnummer,
        "tijdstip": made.tijdstip.isoformat(),
        "persons": made.persons,
        "records": made.records,
        "bad": made.bad,
        "size": made.size,
    }
