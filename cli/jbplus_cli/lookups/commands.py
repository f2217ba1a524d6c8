"""`jbplus register` and `jbplus lookup`: what recipients ask of the exchange."""

from typing import Annotated

import typer

from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.purposes import MATRIX, Right
from jbplus.registrations.wire import RegisteredItem
from jbplus_cli.lookups import render
from jbplus_cli.screen.options import (
    END_USER,
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
from jbplus_recipient.exchange import Question


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
    """Register persons as known at a payment actor, and nothing more; an earlier registration is replaced (Article 6).

    Who also wants them followed and their deductions kept uses: jbplus recipient add.
    """
    world = surroundings_of(ctx)
    today = brussels_day(world.now())
    numbers = given_numbers(insz, file, today.year)
    term = read_term(begin, einde, today)
    with Screen(as_json=as_json) as screen:
        exchange = world.exchange(world.target(stack), enduser)
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
