"""`jbplus recipient`: what a payment actor runs at its end of the exchange; the library does the work."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import JsonValue
from rich.console import Group

from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.purposes import MATRIX, Purpose, Right
from jbplus.registrations.rules import Registration
from jbplus_cli.checkpoints.commands import Keys, Others, judge, tell
from jbplus_cli.lookups.render import registrations
from jbplus_cli.recipient import render
from jbplus_cli.screen.options import (
    Begin,
    End,
    EndUser,
    Json,
    Numbers,
    NumbersFile,
    PartyOption,
    RightOption,
    Stack,
    beginning,
    given_numbers,
    read_day,
    read_term,
)
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack import dropserver as dropservers
from jbplus_cli.stack.surroundings import Surroundings, surroundings_of
from jbplus_recipient import statement as statements
from jbplus_recipient.answers import Refused
from jbplus_recipient.atomic import written_whole
from jbplus_recipient.client import Recipient
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.exchange import Question
from jbplus_recipient.mailbox import Mailbox
from jbplus_recipient.service import PartyService
from jbplus_recipient.standing import Standing
from jbplus_recipient.store import Store
from jbplus_recipient.witness import FOLDER as WITNESS
from jbplus_recipient.witness import Witness

app = typer.Typer(no_args_is_help=True, help="Be a recipient: take notices in, look persons up, tell what to deduct.")

STATEMENT: Final = "statement.html"
"""Where statements are written, in the folder of the state, when nobody says another place."""

FOLDER: Final = "."
"""Where notices lie, where nobody says another folder: an account begins in the folder that is its own."""

State = Annotated[
    Path,
    typer.Option(
        "--state",
        metavar="FOLDER",
        envvar="JBPLUS_RECIPIENT_STATE",
        file_okay=False,
        help="What the recipient remembers; made when it is not there. It names persons: keep it as you keep files.",
    ),
]


_PURPOSES: Final = [purpose for purpose, rule in MATRIX.items() if rule.in_bulk and not rule.one_file]


def _read_purpose(text: str) -> Purpose:
    if text not in _PURPOSES:
        raise typer.BadParameter(f"choose from {', '.join(_PURPOSES)}")
    return Purpose(text)


def _purposes(incomplete: str) -> Sequence[str]:
    return beginning(incomplete, _PURPOSES)


Doel = Annotated[
    Purpose,
    typer.Option(
        "--doel",
        parser=_read_purpose,
        autocompletion=_purposes,
        metavar="DOEL",
        help="What persons are looked up for.",
    ),
]


@app.command()
def add(
    ctx: typer.Context,
    *,
    party: PartyOption,
    state: State,
    insz: Numbers = None,
    file: NumbersFile = None,
    recht: RightOption = Right.RUNNING,
    begin: Begin = None,
    einde: End = None,
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Register persons, and follow them from now on: the next sync looks them up.

    An earlier registration is replaced (Article 6). Unlike jbplus register, it remembers them in the folder of the
    state.
    """
    world = surroundings_of(ctx)
    today = brussels_day(world.now())
    numbers = given_numbers(insz, file, today.year)
    term = read_term(begin, einde, today)
    with Screen(as_json=as_json) as screen, Store.opened(state, party) as store:
        social = Purpose.SOCIAL_SUPPLEMENT
        recipient = _recipient(world, screen, store, social, state=state, end_user=enduser, stack=stack)
        items = recipient.add(numbers, Registration(term.begin, term.end, recht))
        for item in items:
            screen.item(item.wire(), None)
        screen.show(registrations(items))
        if any(isinstance(item, Refused) for item in items):
            screen.mark_failed()


@app.command()
def sync(
    ctx: typer.Context,
    *,
    party: PartyOption,
    state: State,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", file_okay=False, help="Where to.", show_default="the folder of the state"),
    ] = None,
    doel: Doel = Purpose.SOCIAL_SUPPLEMENT,
    own: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            allow_dash=True,
            help="Your own list of persons, one a line (- for standard input): it tells who is missing here.",
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave taken notices on the dropserver.")] = False,
    moved_to: Annotated[
        str | None, typer.Option(metavar="NAME", help="Move taken notices to this folder within ours.")
    ] = None,
    first_notice: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="The first notice that is ours to have: earlier ones are not missed."),
    ] = None,
    dropserver: dropservers.Place = None,
    user: dropservers.User = None,
    password_file: dropservers.PasswordFile = None,
    ca: dropservers.Ca = None,
    certificate: dropservers.Certificate = None,
    key: dropservers.Key = None,
    folder: dropservers.Folder = None,
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Take notices in, look up who is due, compare with the stand, and write the deductions as CSV and JSON lines.

    Ends with 0 when all was done. Killed and run again, it goes on where it was.
    """
    world = surroundings_of(ctx)
    if keep and moved_to is not None:
        raise typer.BadParameter("taken notices are kept or moved: choose one", param_hint="--keep")
    numbers = None if own is None else given_numbers(None, own, brussels_day(world.now()).year)
    with Screen(as_json=as_json) as screen, Store.opened(state, party) as store:
        said = dropservers.Said(dropserver, user, password_file, ca, certificate, key, folder)
        access, place = dropservers.find_dropserver(world, said, party, stack=stack, usual_folder=FOLDER)
        recipient = _recipient(world, screen, store, doel, state=state, end_user=enduser, stack=stack)
        if first_notice is not None:
            store.begin_at(first_notice)
        mailbox = Mailbox(partial(world.dropserver, access), place, keep=keep, moved_to=moved_to)
        with dropservers.dropserver_errors():
            outcome = recipient.sync(mailbox, output=output or state, own=numbers)
        screen.result(render.outcome_wire(outcome), render.outcome(outcome, output or state))
        for notice in outcome.unread:
            screen.fall_short(f"{notice.name} could not be taken in or put away: {notice.reason}. Run sync again.")
        for file in outcome.malformed:
            screen.fall_short(f"{file.name} is no notice for {party.name}: {file.reason}. It was left where it is.")
        _judge(outcome.standing, screen)


@app.command()
def show(
    ctx: typer.Context,
    *,
    party: PartyOption,
    state: State,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Show only what changed from this day on; a year back at most.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what is to be deducted for whom, who is due or refused, and which notices are missing."""
    world = surroundings_of(ctx)
    day = None if since is None else read_day(since)
    with Screen(as_json=as_json) as screen, Store.opened(state, party) as store:
        store.expire(world.now())
        standing = store.standing(brussels_day(world.now()))
        said: dict[str, JsonValue] = {"standing": render.standing_wire(standing)}
        if day is None:
            rows = list(store.deductions())
            said["deductions"] = [row.wire() for row in rows]
            shown = render.deductions(rows, party)
        else:
            changes = store.changes_since(day)
            said["changes"] = [change.wire() for change in changes]
            shown = render.changes(changes, party, day)
        screen.result(said, Group(shown, render.standing(standing)))
        _judge(standing, screen)


@app.command()
def statement(
    ctx: typer.Context,
    *,
    party: PartyOption,
    state: State,
    insz: Numbers = None,
    file: NumbersFile = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="Where to.", show_default=STATEMENT),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a page to print for each person, in Dutch: what is deducted, why, and as of when."""
    world = surroundings_of(ctx)
    now = world.now()
    numbers = given_numbers(insz, file, now.year)
    path = output or state / STATEMENT
    with Screen(as_json=as_json) as screen, Store.opened(state, party) as store:
        store.expire(now)
        known = [person for number in numbers if (person := store.person(number)) is not None]
        if len(known) < len(numbers):
            raise ExchangeError(
                f"{len(numbers) - len(known)} of {len(numbers)} are not among {party.name}'s persons here: nothing is "
                "written. Add them, and run sync."
            )
        try:
            with written_whole(path) as page:
                page.write(statements.statement(known, party, now).encode())
        except OSError as error:
            raise ExchangeError(f"{path} cannot be written ({error.strerror}). Choose another place.") from error
        screen.line({"statement": str(path)}, str(path))


@app.command()
def witness(
    *,
    others: Others = None,
    state: State,
    key: Keys = None,
    as_json: Json = False,
) -> None:
    """Check the checkpoints of the privacy log that sync kept, and compare them with those of others."""
    with Screen(as_json=as_json) as screen:
        tell(judge([state / WITNESS, *(others or [])], key or []), screen)


def _judge(standing: Standing, screen: Screen) -> None:
    gaps = [("Notice", gap) for gap in standing.missing]
    gaps += [("Succession notice", gap) for gap in standing.missing_successions]
    for name, gap in gaps:
        which = f"{name} {gap.words} is" if gap.first == gap.last else f"{name}s {gap.words} are"
        screen.fall_short(
            f"{which} missing: ask the exchange's operators to send what is missing again. Until it comes, what it "
            "tells is not in the deductions."
        )
    if standing.due:
        screen.warn(f"Still to be looked up: {len(standing.due)}. Run sync again.")
    if standing.proof is not None and not standing.proof.is_in_step:
        left = sum(not one.is_healed for one in standing.proof.divergences)
        screen.fall_short(
            f"Not in step with the exchange: {left} of what differs could not be mended. Give your own list of persons "
            "(--own FILE): it tells who is missing here, and who is still yours."
        )
    if standing.in_doubt:
        screen.warn(
            f"WEWIS looks into a quality report on {len(standing.in_doubt)} of the persons: their amounts may change."
        )
    if standing.refused:
        screen.warn(f"Refused by the exchange, and left out of the deductions: {len(standing.refused)}; see show.")


def _recipient(
    world: Surroundings,
    screen: Screen,
    store: Store,
    purpose: Purpose,
    *,
    state: Path,
    end_user: str | None,
    stack: str | None,
) -> Recipient:
    exchange = world.exchange(world.target(stack), end_user)
    service = PartyService(exchange, store.party, Question(purpose))
    witness = Witness(state / WITNESS)
    return Recipient(store, service, now=world.now, follow=screen.records_done, witness=witness)
