"""`jbplus access`: what is held here on one person, for who asks to see it (GDPR, Article 15)."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.text import Text

from jbplus.privacy_log.service import LogQuestion
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import PAYMENT_ACTORS, Role
from jbplus.protocol.purposes import SCOPE_REGISTRATION
from jbplus.registrations.wire import RegistrationAnswer
from jbplus_cli.access.payments import Payments
from jbplus_cli.privacy_log.commands import read_person
from jbplus_cli.privacy_log.letter import Holdings, letter
from jbplus_cli.privacy_log.records import ask
from jbplus_cli.screen.looks import counted
from jbplus_cli.screen.options import EndUser, Json, PartyOption, Stack
from jbplus_cli.screen.output import write
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_recipient.errors import ExchangeError


def access(
    ctx: typer.Context,
    *,
    insz: Annotated[
        str,
        typer.Argument(
            metavar="INSZ", help="Who asks; - reads the number from standard input, which keeps it out of the history."
        ),
    ],
    party: PartyOption,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE.html", dir_okay=False, help="Write the answer, in Dutch and to be printed."
        ),
    ] = None,
    payments: Annotated[
        bool,
        typer.Option(
            "--payments",
            help="Add the payments that the exchange holds. For its operator, with the rights of "
            "deploy/access-policy.json; the reading stands in the party's privacy log.",
        ),
    ] = False,
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Tell what a party holds here on a person: its registration and its log (GDPR, Article 15).

    Each reading stands in the party's privacy log. On AWS the token needs both scopes (jbplus:inschrijving
    jbplus:privacylog). Nothing is shown or written unless all of it came.
    """
    if output is None and not as_json:
        raise typer.BadParameter("say where to: -o answer.html", param_hint="--output")
    world = surroundings_of(ctx)
    number = read_person(insz, brussels_day(world.now()).year) or insz
    if party.role is Role.SOURCE:
        raise typer.BadParameter("it has no records of its own to read: name a recipient", param_hint="--party")
    with Screen(as_json=as_json) as screen:
        target = world.target(stack)
        exchange = world.exchange(target, enduser)
        with screen.waiting("Reading what is held"):
            registration = None
            if party in PAYMENT_ACTORS:
                registration = exchange.post(
                    "/v1/inschrijvingen/get", {"insz": number}, RegistrationAnswer, party, SCOPE_REGISTRATION
                )
                if registration.insz != number:
                    raise ExchangeError("The exchange answered about somebody else. Report this.")
            held = Payments.of(world, target).of_person(number, party, exchange.end_user) if payments else None
            question = LogQuestion(number)
            # Read last: what was read for this answer is in it.
            items = list(ask(exchange, question, asker=party))
        if output is not None:
            write(output, letter(Holdings(party, question, items, world.now(), registration, held)), "--output")
        said: dict[str, JsonValue] = {"insz": number, "log": [item.wire() for item in items]}
        if registration is not None:
            said["registration"] = registration.wire()
        if held is not None:
            said["payments"] = held.model_dump(mode="json", by_alias=True, exclude_none=True)
        screen.result(said, Text(f"{counted(len(items), 'record')} of the log of {party.name} written to {output}."))
