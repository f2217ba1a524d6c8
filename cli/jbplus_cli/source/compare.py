"""`jbplus source compare`: whether the exchange has what WEWIS's books have, and what not."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from jbplus.mutation_file.records import Circumstances
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import WEWIS
from jbplus.source_stand.document import FILE_NAME, SourceStandContext
from jbplus.source_stand.rules import mark_of_key
from jbplus_cli.screen.options import Json, Stack
from jbplus_cli.screen.screen import Screen
from jbplus_cli.source import render
from jbplus_cli.source.comparing import Books, Difference, Kind, Numbers, compare_books
from jbplus_cli.source.options import REPORTS, DayFirst, DecimalComma, ReportsFolder, State, TestNumbers
from jbplus_cli.source.payments import Habits, stream_payments
from jbplus_cli.source.series import Series
from jbplus_cli.source.stands import Stand, fetch
from jbplus_cli.source.successions import read_numbers
from jbplus_cli.stack import dropserver as dropservers
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_recipient.errors import ExchangeError

_KEY: Final = "stand.key"
_OLD_AFTER: Final = timedelta(days=2)


def compare(
    ctx: typer.Context,
    *,
    payments: Annotated[
        Path,
        typer.Argument(
            metavar="PAYMENTS.csv",
            exists=True,
            dir_okay=False,
            help="All that the books have, as make takes it: of each referte of a person the last row counts.",
        ),
    ],
    state: State,
    numbers: Annotated[
        Path | None,
        typer.Option(
            "--numbers",
            metavar="NUMBERS.csv",
            exists=True,
            dir_okay=False,
            help="All numbers that replaced others, as succession takes them.",
        ),
    ] = None,
    stand: Annotated[
        Path | None,
        typer.Option(
            "--stand",
            metavar="FILE",
            dir_okay=False,
            help="A stand that was fetched, instead of the dropserver's.",
        ),
    ] = None,
    stand_key: Annotated[
        Path | None,
        typer.Option(
            "--stand-key",
            metavar="FILE",
            envvar="JBPLUS_STAND_KEY_FILE",
            dir_okay=False,
            help="The key of the stands, which the exchange's operators gave.",
            show_default=f"{_KEY} in the folder of the state",
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stand on the dropserver.")] = False,
    decimal_comma: DecimalComma = False,
    day_first: DayFirst = False,
    allow_test_numbers: TestNumbers = False,
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
    """Compare the books with what is live at the exchange: what is missing there, superfluous or different.

    Every night the exchange puts a stand out for WEWIS; it is fetched, and kept in the folder of the state.
    Payments whose term has ended are not looked for. Ends with 0 when all is the same.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen, Series.opened(state, world.now) as series:
        today = brussels_day(world.now())
        if stand is None:
            said = dropservers.Said(dropserver, user, password_file, ca, certificate, key, None)
            access, _ = dropservers.find_dropserver(world, said, WEWIS, stack=stack, usual_folder=REPORTS)
            stand = state / FILE_NAME
            with dropservers.dropserver_errors(), world.dropserver(access) as server:
                fetch(server, reports_folder, stand, keep=keep)
            if not stand.exists():
                raise ExchangeError("There is no stand yet. The exchange puts one out every night: try again tomorrow.")
        there = Stand.opened(stand)
        books_key = _read_key(stand_key or state / _KEY, there)
        circumstances = Circumstances(today, test_numbers_allowed=allow_test_numbers)
        found: Counter[Kind | None] = Counter()
        shown: list[Difference] = []
        with render.wrongs_shown(screen):
            known = Numbers(() if numbers is None else read_numbers(numbers, circumstances), today)
            rows = stream_payments(payments, circumstances, Habits(decimal_comma, day_first))
            books = Books(known, there.context, books_key, today)
            for difference in compare_books(rows, books, there.lines(), state):
                found[None if difference is None else difference.kind] += 1
                if difference is not None:
                    screen.item(render.difference_wire(difference), None)
                    shown += [difference] if len(shown) < render.MOST_SHOWN else []
        screen.result(render.compared_wire(there.context, found), render.compared(there.context, found, shown))
        _judge(there.context, found, today, series.last_number, screen)


def _read_key(path: Path, stand: Stand) -> bytes:
    try:
        said = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise ExchangeError(
            f"There is no key of the stands in {path}. The exchange's operators make it: jbplus stand-key"
        ) from error
    if mark_of_key(said) != stand.context.sleutel:
        raise ExchangeError(
            f"The key in {path} is not the one that {stand.path.name} was made with. Ask the exchange's operators for "
            "it: jbplus stand-key"
        )
    return said


def _judge(
    context: SourceStandContext, found: Counter[Kind | None], today: date, last: int | None, screen: Screen
) -> None:
    """End with 1 unless all is the same, by a stand of late."""
    if found.keys() - {None}:
        screen.mark_failed()
        if last is not None and last > (context.volgnummer or 0):
            screen.warn(
                f"The stand has nothing of files after volgnummer {context.volgnummer or 0}, and the last one made "
                f"here is {last}: what later files say is in the next stand."
            )
    if today - context.dag > _OLD_AFTER:
        screen.fall_short(f"The newest stand is of {context.dag}. Ask the exchange's operators where later ones are.")
