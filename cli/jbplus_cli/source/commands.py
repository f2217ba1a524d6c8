"""`jbplus source`: WEWIS's end of the exchange: from a table of payments to a mutation file on the dropserver."""

from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import JsonValue
from rich.table import Table
from rich.text import Text

from jbplus.ftps.server import Server, upload
from jbplus.mutation_file.records import MAX_VOLGNUMMER, Circumstances
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import WEWIS
from jbplus_cli.screen import looks
from jbplus_cli.screen.options import Json, Stack
from jbplus_cli.screen.screen import Screen
from jbplus_cli.source.payments import PaymentsError, Wrong, read_payments
from jbplus_cli.source.series import Series, Waiting
from jbplus_cli.stack import dropserver as dropservers
from jbplus_cli.stack.surroundings import surroundings_of

app = typer.Typer(no_args_is_help=True, help="Be the source: make mutation files of payments, and send them.")

FOLDER: Final = "From_Vip"
"""Where mutation files go, where nobody says another folder."""

_MOST_SHOWN: Final = 50

State = Annotated[
    Path,
    typer.Option(
        "--state",
        metavar="FOLDER",
        envvar="JBPLUS_SOURCE_STATE",
        file_okay=False,
        help="The series: its last number, what is to be sent and what was. It holds personal data.",
    ),
]


@app.command()
def make(
    ctx: typer.Context,
    *,
    payments: Annotated[
        Path,
        typer.Argument(
            metavar="PAYMENTS.csv",
            exists=True,
            dir_okay=False,
            help="UTF-8 with a header: referte, insz, fiscaalJaar, bedragtype, bedrag, datum and optionally type "
            "(01 unless said; an 03 may leave out the last four), cut by commas or semicolons.",
        ),
    ],
    state: State,
    again: Annotated[
        bool, typer.Option("--again", help="Make the CSV that the last file was made of into a file once more.")
    ] = False,
    first_volgnummer: Annotated[
        int | None,
        typer.Option(min=1, max=MAX_VOLGNUMMER, metavar="N", help="Take over a series whose next number is N."),
    ] = None,
    allow_test_numbers: Annotated[
        bool, typer.Option("--allow-test-numbers", help="Take test persons, whose numbers no citizen can have.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the next mutation file of payments and recoveries, in the outbox.

    Nothing is made unless every line is as the exchange wants it.
    """
    world = surroundings_of(ctx)
    moment = world.now()
    with Screen(as_json=as_json) as screen, Series.opened(state, world.now) as series:
        circumstances = Circumstances(brussels_day(moment), test_numbers_allowed=allow_test_numbers)
        try:
            read = read_payments(payments, circumstances)
        except PaymentsError as error:
            screen.result({"wrong": [_wrong_wire(wrong) for wrong in error.wrongs]}, _wrongs(error.wrongs))
            raise
        made = series.make(read, moment=moment, first=first_volgnummer, again=again)
        screen.result(_wire(made), _shown(made))


@app.command()
def send(
    ctx: typer.Context,
    *,
    state: State,
    dropserver: dropservers.Place = None,
    user: dropservers.User = None,
    password_file: dropservers.PasswordFile = None,
    ca: dropservers.Ca = None,
    certificate: dropservers.Certificate = None,
    key: dropservers.Key = None,
    folder: dropservers.Folder = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Send what is in the outbox to the dropserver, in the order of the numbers.

    Killed and run again, it goes on where it was.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen, Series.opened(state, world.now) as series:
        waiting = series.outbox()
        if not waiting:
            screen.result({"items": []}, Text("The outbox is empty."))
            return
        said = dropservers.Said(dropserver, user, password_file, ca, certificate, key, folder)
        access, place = dropservers.find_dropserver(world, said, WEWIS, stack=stack, usual_folder=FOLDER)
        with (
            dropservers.dropserver_errors(),
            world.dropserver(access) as server,
            screen.records_done("Sending", len(waiting)) as advance,
        ):
            for one in waiting:
                _send(server, place, one)
                series.put_away(one)
                screen.item(_wire(one), Text(f"{one.path.name} is sent (volgnummer {one.last.volgnummer})."))
                advance(1)


def _send(server: Server, folder: str, one: Waiting) -> None:
    name, size = one.path.name, one.path.stat().st_size
    # It is there when an earlier run died before it could put the file away.
    if server.size(folder, name) != size:
        with one.path.open("rb") as content:
            upload(server, folder, name, content, size)


def _wire(one: Waiting) -> dict[str, JsonValue]:
    return {
        "file": one.path.name,
        "volgnummer": one.last.volgnummer,
        "referte": one.last.referte,
        "records": one.records,
    }


def _shown(made: Waiting) -> Table:
    table = looks.fields()
    table.add_row("File", Text(str(made.path)))
    table.add_row("Volgnummer", str(made.last.volgnummer))
    table.add_row("Records", str(made.records))
    return table


def _wrong_wire(wrong: Wrong) -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = {"line": wrong.line, "message": wrong.message}
    if wrong.column is not None:
        said["column"] = wrong.column
    return said if wrong.code is None else said | {"code": wrong.code}


def _wrongs(wrongs: tuple[Wrong, ...]) -> Table:
    table = looks.table(f"What is wrong ({len(wrongs)})")
    table.add_column("Line", justify="right", no_wrap=True)
    table.add_column("Column", no_wrap=True)
    table.add_column("Code", no_wrap=True)
    table.add_column("Message", overflow="fold")
    for wrong in wrongs[:_MOST_SHOWN]:
        table.add_row(str(wrong.line), wrong.column or "", wrong.code or "", Text(wrong.message))
    return table
