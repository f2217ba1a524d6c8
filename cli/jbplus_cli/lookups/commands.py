"""`jbplus register` and `jbplus lookup`: what recipients ask of the exchange."""

from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import RenderableType

from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import Party
from jbplus.protocol.purposes import MATRIX, SCOPE_REGISTRATION, Right
from jbplus.registrations.wire import RegisteredItem, RegistrationAnswer
from jbplus_cli.lookups import render
from jbplus_cli.screen.options import (
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
    given_numbers,
    read_term,
)
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_recipient.answers import Refused
from jbplus_recipient.exchange import Exchange, Question, expect_about

_PATH = "/v1/inschrijvingen"


def register(
    ctx: typer.Context,
    *,
    party: PartyOption,
    insz: Numbers = None,
    file: NumbersFile = None,
    recht: RightOption = Right.RUNNING,
    begin: Begin = None,
    einde: End = None,
    show: Annotated[bool, typer.Option("--show", help="Only show the registrations there are.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete the registrations, at once.")] = False,
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Register persons as known at a payment actor, and nothing more; an earlier one is replaced (Article 6).

    Shows or deletes the party's own registrations with --show or --delete; each of the three is logged.
    Who also wants them followed and their deductions kept uses: jbplus recipient add.
    """
    if show or delete:
        _check_alone(show=show, delete=delete, others=(begin, einde))
    world = surroundings_of(ctx)
    today = brussels_day(world.now())
    numbers = given_numbers(insz, file, today.year)
    term = read_term(begin, einde, today)
    with Screen(as_json=as_json) as screen:
        exchange = world.exchange(world.target(stack), enduser)
        if show or delete:
            each = _shown if show else _deleted
            for number in numbers:
                screen.item(*each(exchange, number, party))
            return
        shown: list[RegisteredItem | Refused] = []
        try:
            for item in exchange.register(numbers, registrar=party, term=term, right=recht):
                screen.item(item.wire(), None)
                shown.append(item)
        finally:
            if shown:
                screen.show(render.registrations(shown))
        if any(isinstance(item, Refused) for item in shown):
            screen.mark_failed()


def _check_alone(*, show: bool, delete: bool, others: tuple[str | None, ...]) -> None:
    if show and delete:
        raise typer.BadParameter("show or delete, not both", param_hint="--delete")
    if any(other is not None for other in others):
        raise typer.BadParameter("a term is for who registers", param_hint="--show" if show else "--delete")


def _shown(exchange: Exchange, number: str, party: Party) -> tuple[dict[str, JsonValue], RenderableType]:
    found = exchange.post(f"{_PATH}/get", {"insz": number}, RegistrationAnswer, party, SCOPE_REGISTRATION)
    expect_about([number], [found.insz])
    return found.wire(), render.registration(found)


def _deleted(exchange: Exchange, number: str, party: Party) -> tuple[dict[str, JsonValue], RenderableType]:
    exchange.tell(f"{_PATH}/delete", {"insz": number}, party, SCOPE_REGISTRATION)
    return {"insz": number, "deleted": True}, render.deleted(number)


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
    enduser: EndUser = None,
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
