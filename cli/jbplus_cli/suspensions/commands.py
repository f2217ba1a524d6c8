"""`jbplus suspend`, `jbplus lift` and `jbplus suspensions` (Article 8)."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import RenderableType
from rich.text import Text

from jbplus.protocol.parties import RECIPIENTS, WEWIS, Party, party_of
from jbplus.protocol.purposes import SCOPE_SOURCE, Purpose
from jbplus.suspensions.rules import Stream
from jbplus.suspensions.wire import SuspensionAnswer, SuspensionsAnswer
from jbplus_cli.screen import looks
from jbplus_cli.screen.looks import BAD, DOUBTFUL, GOOD
from jbplus_cli.screen.options import EndUser, Json, Stack, read_moment, read_note, read_party, read_uuid
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of

_PATH = "/v1/schorsingen"


def _recipient(text: str) -> Party:
    party = read_party(text)
    if party not in RECIPIENTS:
        raise typer.BadParameter(f"{party.name} receives nothing, so it cannot be suspended")
    return party


def suspend(
    ctx: typer.Context,
    *,
    party: Annotated[Party, typer.Argument(parser=_recipient, metavar="PARTY", help="Who is suspended.")],
    stroom: Annotated[list[Stream], typer.Option(help="From what: lookups or notices; may be given more than once.")],
    reden: Annotated[
        str, typer.Option(parser=read_note, metavar="TEXT", help="Why; the party sees it. No person number.")
    ],
    doel: Annotated[
        list[Purpose] | None, typer.Option(help="Only lookups for this purpose; may be given more than once.")
    ] = None,
    vanaf: Annotated[
        datetime | None, typer.Option(parser=read_moment, metavar="MOMENT", help="From when on.", show_default="now")
    ] = None,
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Suspend a party from lookups, notices or both (Article 8). Asks as WEWIS.

    Notices wait, and are delivered when it is lifted. Suspending twice makes one suspension.
    """
    if doel and Stream.CONSULTATION not in stroom:
        raise typer.BadParameter(f"goes with --stroom {Stream.CONSULTATION} alone", param_hint="--doel")
    body: dict[str, JsonValue] = {
        "partij": party.kbo,
        "stromen": [each.value for each in dict.fromkeys(stroom)],
        "reden": reden,
    }
    if doel:
        body["doelen"] = [each.value for each in dict.fromkeys(doel)]
    if vanaf is not None:
        body["vanaf"] = vanaf.isoformat()
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        exchange = world.exchange(world.target(stack), enduser)
        made = exchange.post(_PATH, body, SuspensionAnswer, WEWIS, SCOPE_SOURCE)
        screen.result(made.wire(), Text(f"Suspended {words(made)}"))


def lift(
    ctx: typer.Context,
    *,
    suspension: Annotated[
        uuid.UUID, typer.Argument(parser=read_uuid, metavar="ID", help="As jbplus suspensions names it.")
    ],
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Lift a suspension (Article 8). Asks as WEWIS. Lifting twice does no harm."""
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        exchange = world.exchange(world.target(stack), enduser)
        lifted = exchange.post(f"{_PATH}/{suspension}/opheffing", {}, SuspensionAnswer, WEWIS, SCOPE_SOURCE)
        screen.result(lifted.wire(), Text(f"Lifted {words(lifted)}", GOOD))


def suspensions(
    ctx: typer.Context,
    *,
    party: Annotated[
        Party, typer.Option("--party", parser=read_party, metavar="PARTY", help="Who asks; WEWIS sees all.")
    ] = WEWIS.key,  # type: ignore[assignment]  # what the parser is given
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """List the suspensions, lifted ones too: WEWIS sees all, a party its own (Article 8)."""
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        exchange = world.exchange(world.target(stack), enduser)
        found = exchange.read(_PATH, SuspensionsAnswer, party, SCOPE_SOURCE)
        screen.result(found.wire(), _table(found.items, world.now()))


def words(suspension: SuspensionAnswer) -> str:
    """Say a suspension on one line, with what `lift` takes."""
    streams = ", ".join(suspension.stromen) + (f" ({', '.join(suspension.doelen)})" if suspension.doelen else "")
    return f"{_name(suspension.partij)} from {streams} since {looks.moment(suspension.vanaf)}: {suspension.id}"


def _table(items: Iterable[SuspensionAnswer], now: datetime) -> RenderableType:
    found = list(items)
    if not found:
        return Text("No suspension is known.", GOOD)
    table = looks.table("Suspensions")
    for heading in ("ID", "Party", "From what", "Since", "State", "Reason"):
        table.add_column(heading, overflow="fold")
    for each in found:
        streams = "\n".join([*each.stromen, *(each.doelen or ())])
        state = _state(each, now)
        table.add_row(
            Text(each.id),
            Text(_name(each.partij)),
            Text(streams),
            Text(looks.moment(each.vanaf)),
            state,
            Text(each.reden),
        )
    return table


def _state(each: SuspensionAnswer, now: datetime) -> Text:
    if each.opgeheven_op is not None:
        return Text(f"lifted {looks.moment(each.opgeheven_op)}", "dim")
    return Text("works", BAD) if each.vanaf <= now else Text("to come", DOUBTFUL)


def _name(kbo: str) -> str:
    party = party_of(kbo)
    return kbo if party is None else party.name
