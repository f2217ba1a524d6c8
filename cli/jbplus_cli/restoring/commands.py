"""The command with which operators set persons and ledger back to an earlier moment, or fill a new stack."""

from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from pydantic import JsonValue
from rich.text import Text

from jbplus.errors import UnavailableError
from jbplus_cli.restoring.files_since import Since
from jbplus_cli.restoring.parts import Parts
from jbplus_cli.screen.looks import counted
from jbplus_cli.screen.options import Json, Stack, read_moment
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_recipient.errors import ExchangeError

_AGAIN: Final = "Run it again with the same moment: it goes on from here."


def restore(
    ctx: typer.Context,
    *,
    moment: Annotated[
        datetime,
        typer.Argument(
            parser=read_moment, metavar="MOMENT", help="With its offset, to the second: 2026-03-04T18:30:00+01:00."
        ),
    ],
    set_back: Annotated[
        bool, typer.Option("--set-back", help="Also when files came since: they are taken in again.")
    ] = False,
    lose: Annotated[
        bool, typer.Option("--lose", help="Also when files since then are kept nowhere: their records are lost.")
    ] = False,
    of: Annotated[
        str | None,
        typer.Option("--of", metavar="STACK", help="Fill this stack, which is new, with the data of that one."),
    ] = None,
    keep_copies: Annotated[
        bool, typer.Option("--keep-copies", help="Leave the copies: remove them yourself, data in them have no end.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Begin without asking.")] = False,
    timeout: Annotated[float, typer.Option("--timeout", min=0, help="Seconds to wait for the report of each file.")] = (
        3600
    ),
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Set persons and ledger back to a moment, and take in again all files since: no lookup is answered in between.

    AWS makes copies of both; what they hold is written into the stack's own tables, which keep their settings.
    Lookups are answered with 503 from then on, until the last file is in again. It may be interrupted anywhere: run it
    again with the same moment, and it goes on. Run jbplus fsck afterwards.

    With --of, a new stack of the same account is filled: with persons and ledger of that moment, with all else as it is
    now, and with the files. The other stack stays as it is: nobody should call it any more, nor send it files.
    """
    world = surroundings_of(ctx)
    if moment.tzinfo is None:
        raise typer.BadParameter("write it with its offset, as 2026-03-04T18:30:00+01:00", param_hint="MOMENT")
    if moment >= world.now():
        raise typer.BadParameter("it is to come", param_hint="MOMENT")
    moment = moment.astimezone(UTC).replace(microsecond=0)
    with Screen(as_json=as_json) as screen:
        try:
            target = world.target(stack)
            parts = Parts(world, target, screen.records_done, timeout)
            origin = parts if of is None else parts.of(world.target(of))
            restoration = parts.in_place() if of is None else parts.filling(origin)
            since = Since((), ())
            if restoration.under_way() is None:
                since = origin.files_since.since(moment)
                _demand(since, set_back=set_back or of is not None, lose=lose)
                if not yes and not typer.confirm(_question(moment, since, of), err=True):
                    raise ExchangeError("Nothing was done.")
            refused = restoration.run(moment, keep_copies=keep_copies)
        except UnavailableError as error:
            raise ExchangeError(f"{error}. {_AGAIN}") from error
        document: dict[str, JsonValue] = {
            "moment": moment.isoformat(),
            "since": list(since.volgnummers),
            "refused": list(refused),
        }
        words = (
            f"Persons and ledger are as of {moment.isoformat()}, and all files since that are kept are in again. "
            "Now compare: jbplus fsck. What waits in the failure queue: jbplus replay."
        )
        screen.result(document, Text(words))
        if refused:
            numbers = ", ".join(map(str, refused))
            screen.fall_short(f"Refused this time: {numbers}. They are in quarantine: jbplus quarantine list.")


def _demand(since: Since, *, set_back: bool, lose: bool) -> None:
    if since.volgnummers and not set_back:
        raise ExchangeError(
            f"The tables hold newer data: of {_files(since.volgnummers)}. To set them back, and have these "
            "taken in again, say --set-back."
        )
    if since.lost and not lose:
        raise ExchangeError(
            f"Of {_files(since.lost)}, taken in since, nothing is kept: the records would be lost. To lose them, "
            "and have WEWIS send the files again, say --lose."
        )


def _files(volgnummers: tuple[int, ...]) -> str:
    return f"{counted(len(volgnummers), 'file')} ({', '.join(map(str, volgnummers))})"


def _question(moment: datetime, since: Since, of: str | None) -> str:
    if of is not None:
        return f"Fill this stack with what {of} had at {moment.isoformat()}? Nobody may call {of} any more."
    return (
        f"Set persons and ledger back to {moment.isoformat()}, and take {counted(len(since.volgnummers), 'file')} in "
        "again? Lookups get 503 meanwhile, files wait."
    )
