"""`jbplus source`: WEWIS's end of the exchange: from a table of payments to a mutation file, and its report."""

import hashlib
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from jbplus.ftps.server import Server, upload
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import MAX_VOLGNUMMER, Circumstances
from jbplus.mutation_file.report import Report
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import WEWIS
from jbplus_cli.screen import looks
from jbplus_cli.screen.options import Json, Stack, Timeout
from jbplus_cli.screen.screen import Screen
from jbplus_cli.source import render
from jbplus_cli.source.checking import check_file
from jbplus_cli.source.compare import compare
from jbplus_cli.source.options import FOLDER, REPORTS, DayFirst, DecimalComma, ReportsFolder, State, TestNumbers
from jbplus_cli.source.payments import Habits, read_payments
from jbplus_cli.source.reports import Reports
from jbplus_cli.source.series import Series, Waiting
from jbplus_cli.source.successions import read_successions
from jbplus_cli.stack import dropserver as dropservers
from jbplus_cli.stack.surroundings import Surroundings, surroundings_of
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.witness import FOLDER as WITNESS
from jbplus_recipient.witness import Witness

app = typer.Typer(
    no_args_is_help=True, help="Be WEWIS: make mutation files of payments, send them, and fetch their reports."
)
app.command()(compare)

_BETWEEN_LOOKS: Final = 5.0

Again = Annotated[
    bool, typer.Option("--again", help="Make the CSV that the last file was made of into a file once more.")
]
FirstVolgnummer = Annotated[
    int | None,
    typer.Option(min=1, max=MAX_VOLGNUMMER, metavar="N", help="Take over a series whose next number is N."),
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
    again: Again = False,
    first_volgnummer: FirstVolgnummer = None,
    decimal_comma: DecimalComma = False,
    day_first: DayFirst = False,
    allow_test_numbers: TestNumbers = False,
    as_json: Json = False,
) -> None:
    """Make the next mutation file of real payments and recoveries, in the outbox (make-file invents persons).

    Nothing is made unless every line is as the exchange wants it; all mistakes of all lines are told.
    """
    world = surroundings_of(ctx)
    moment = world.now()
    with Screen(as_json=as_json) as screen, Series.opened(state, world.now) as series:
        circumstances = Circumstances(brussels_day(moment), test_numbers_allowed=allow_test_numbers)
        with render.wrongs_shown(screen):
            read = read_payments(payments, circumstances, Habits(decimal_comma, day_first))
        made = series.make(read, moment=moment, first=first_volgnummer, again=again)
        screen.result(render.made_wire(made), render.made(made))


@app.command()
def succession(
    ctx: typer.Context,
    *,
    numbers: Annotated[
        Path,
        typer.Argument(
            metavar="NUMBERS.csv",
            exists=True,
            dir_okay=False,
            help="UTF-8 with a header: oud, nieuw and optionally referte and type (01 unless said; 03 takes a "
            "succession back), cut by commas or semicolons.",
        ),
    ],
    state: State,
    again: Again = False,
    first_volgnummer: FirstVolgnummer = None,
    allow_test_numbers: TestNumbers = False,
    as_json: Json = False,
) -> None:
    """Make the next succession file, in the outbox: which numbers replace which, when the register changed them.

    It has a series of numbers of its own. Nothing is made unless every line is as the exchange wants it. Not for
    mistakes: a payment under somebody else's number is annulled there, and made under the right one.
    """
    world = surroundings_of(ctx)
    moment = world.now()
    with Screen(as_json=as_json) as screen, Series.opened(state, world.now) as series:
        circumstances = Circumstances(brussels_day(moment), test_numbers_allowed=allow_test_numbers)
        with render.wrongs_shown(screen):
            read = read_successions(numbers, circumstances)
        made = series.of(Kind.SUCCESSIONS).make(read, moment=moment, first=first_volgnummer, again=again)
        screen.result(render.made_wire(made), render.made(made))


@app.command()
def check(
    ctx: typer.Context,
    *,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="A table of payments (.csv) as make takes it, or a mutation file."
        ),
    ],
    decimal_comma: DecimalComma = False,
    day_first: DayFirst = False,
    allow_test_numbers: TestNumbers = False,
    as_json: Json = False,
) -> None:
    """Judge a file by the exchange's own rules, without making or sending anything.

    What only the exchange knows is not looked at: numbers and refertes of earlier files, and how many refertes a
    person has. Ends with 0 when nothing is wrong.
    """
    world = surroundings_of(ctx)
    moment = world.now()
    with Screen(as_json=as_json) as screen:
        if file.suffix.lower() == ".csv":
            circumstances = Circumstances(brussels_day(moment), test_numbers_allowed=allow_test_numbers)
            with render.wrongs_shown(screen):
                count = len(read_payments(file, circumstances, Habits(decimal_comma, day_first)).records)
        else:
            count, wrong = check_file(file, received=moment, test_numbers_allowed=allow_test_numbers)
            if wrong:
                screen.result({"wrong": [one.wire() for one in wrong]}, render.mistakes(wrong))
                raise ExchangeError(f"{file} has mistakes. Mend them and try again.")
        screen.result({"records": count}, Text(f"Nothing is wrong: {looks.counted(count, 'record')}."))


@app.command()
def send(
    ctx: typer.Context,
    *,
    state: State,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for their reports; end with 1 when anything of them was refused.")
    ] = False,
    timeout: Timeout = 900,
    dropserver: dropservers.Place = None,
    user: dropservers.User = None,
    password_file: dropservers.PasswordFile = None,
    ca: dropservers.Ca = None,
    certificate: dropservers.Certificate = None,
    key: dropservers.Key = None,
    folder: dropservers.Folder = None,
    reports_folder: ReportsFolder = REPORTS,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Send what is in the outbox to the dropserver, mutation files first, in the order of the numbers.

    Killed and run again, it goes on where it was; with --wait and nothing left to send, it waits for the reports
    on what was sent and has none. Unlike jbplus send, which is the exchange's operators' own way
    into the bucket, it goes the way that WEWIS's files go.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen, Series.opened(state, world.now) as series:
        waiting = [*series.outbox(), *series.of(Kind.SUCCESSIONS).outbox()]
        # Who was killed while waiting has nothing left to send, and waits again.
        unanswered = series.unanswered() if wait and not waiting else []
        if not waiting and not unanswered:
            screen.result({"items": []}, Text("The outbox is empty."))
            return
        said = dropservers.Said(dropserver, user, password_file, ca, certificate, key, folder)
        access, place = dropservers.find_dropserver(world, said, WEWIS, stack=stack, usual_folder=FOLDER)
        awaited = [*unanswered, *(one.path for one in waiting)] if wait else []
        hashes = {path.name: _sha256(path) for path in awaited}
        with (
            dropservers.dropserver_errors(),
            world.dropserver(access) as server,
            screen.records_done("Sending", len(waiting)) as advance,
        ):
            for one in waiting:
                _send(server, place, one)
                series.put_away(one)
                words = f"{one.path.name} is sent (volgnummer {one.last.volgnummer})."
                screen.item(render.made_wire(one), Text(words, no_wrap=True, overflow="ignore"))
                advance(1)
        if wait:
            witness = Witness(state / WITNESS)
            reports = Reports(partial(world.dropserver, access), reports_folder, series.reports, witness)
            _await(world, series, reports, hashes, screen, timeout=timeout)


@app.command("reports")
def reports_(
    ctx: typer.Context,
    *,
    state: State,
    keep: Annotated[bool, typer.Option("--keep", help="Leave fetched reports on the dropserver.")] = False,
    dropserver: dropservers.Place = None,
    user: dropservers.User = None,
    password_file: dropservers.PasswordFile = None,
    ca: dropservers.Ca = None,
    certificate: dropservers.Certificate = None,
    key: dropservers.Key = None,
    reports_folder: ReportsFolder = REPORTS,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Fetch the reports that are new, and show what was refused by line of the CSV and referte.

    The checkpoints of the privacy log are kept too: jbplus recipient witness compares them.

    They are kept in the folder of the state. Ends with 1 when a file or a record was refused.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen, Series.opened(state, world.now) as series:
        said = dropservers.Said(dropserver, user, password_file, ca, certificate, key, None)
        access, _ = dropservers.find_dropserver(world, said, WEWIS, stack=stack, usual_folder=FOLDER)
        witness = Witness(state / WITNESS)
        count = 0
        with dropservers.dropserver_errors():
            reports = Reports(partial(world.dropserver, access), reports_folder, series.reports, witness, keep)
            for report in reports.fetch():
                _show(series, report, screen)
                _judge(report, screen)
                count += 1
        screen.result({"count": count}, Text(f"{looks.counted(count, 'new report')}."))


@app.command()
def number(
    ctx: typer.Context,
    *,
    next_: Annotated[
        int | None,
        typer.Argument(
            min=1,
            max=MAX_VOLGNUMMER,
            metavar="N",
            help="Give this number to the next file: numbers before it are used elsewhere, or a refusal set it free.",
        ),
    ] = None,
    successions: Annotated[bool, typer.Option("--successions", help="Of succession files.")] = False,
    state: State,
    as_json: Json = False,
) -> None:
    """Show the series' last and next number, or correct it.

    The exchange refuses a number that an accepted file has, and shows numbers that are left out as missing.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen, Series.opened(state, world.now) as opened:
        series = opened.of(Kind.SUCCESSIONS) if successions else opened
        if next_ is not None:
            series.go_on_at(next_)
        last = series.last_number or 0
        waiting = len(series.outbox())
        shown = looks.fields()
        shown.add_row("Last volgnummer", str(last or "none"))
        shown.add_row("Next volgnummer", str(last + 1))
        shown.add_row("In the outbox", looks.counted(waiting, "file"))
        screen.result({"last": last or None, "next": last + 1, "outbox": waiting}, shown)


def _send(server: Server, folder: str, one: Waiting) -> None:
    name, size = one.path.name, one.path.stat().st_size
    # It is there when an earlier run died before it could put the file away.
    if server.size(folder, name) != size:
        with one.path.open("rb") as content:
            upload(server, folder, name, content, size)


def _await(
    world: Surroundings, series: Series, reports: Reports, hashes: dict[str, str], screen: Screen, *, timeout: float
) -> None:
    """Fetch and show reports until each file that was sent has its own.

    Reports of other files are shown as well, since they are fetched once; how these ended is not this command's end.
    """
    left = dict(hashes)
    deadline = world.clock() + timeout
    with screen.waiting("Waiting for the reports"), dropservers.dropserver_errors():
        while True:
            for report in reports.fetch():
                _show(series, report, screen)
                if left.get(report.bestand) == report.sha256:
                    del left[report.bestand]
                    _judge(report, screen)
            if not left or world.clock() >= deadline:
                break
            world.sleep(_BETWEEN_LOOKS)
    for name in left:
        screen.fall_short(f"No report on {name} after {timeout:g} seconds. Fetch it later: jbplus source reports")


def _show(series: Series, report: Report, screen: Screen) -> None:
    made_of = series.made_of(report.bestand)
    screen.item(render.report_wire(report, made_of), render.report(report, made_of), "reports")


def _judge(report: Report, screen: Screen) -> None:
    if not report.is_processed:
        screen.mark_failed()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
