"""The command with which operators let a party register more new persons a day, as for its first load."""

import getpass
from datetime import date, datetime
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.text import Text

from jbplus.errors import ConflictError, UnavailableError
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import PAYMENT_ACTORS
from jbplus.registrations.rules import Allowance
from jbplus.registrations.table import DynamoQuota
from jbplus_cli.screen.options import Json, PartyOption, Stack
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.aws import aws_errors, outputs_of
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_recipient.errors import ExchangeError

_OUTPUT = "RegistrationsTable"


def allow(
    ctx: typer.Context,
    *,
    party: PartyOption,
    per_day: Annotated[int, typer.Option("--per-day", min=1, metavar="N", help="How many new persons a day.")],
    until: Annotated[
        datetime, typer.Option("--until", formats=["%Y-%m-%d"], metavar="DAY", help="The last day, in Brussels.")
    ],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; never a person's number.")],
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Let one party register more new persons a day, until a day. Who allowed what, when and why is kept.

    A later allowance does not end an earlier one: until its day the largest counts.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        last, moment = until.date(), world.now()
        if party not in PAYMENT_ACTORS:
            raise ExchangeError(f"{party.name} registers nobody: name a payment actor.")
        if last < brussels_day(moment):
            raise ExchangeError("--until lies in the past: name today or a later day.")
        target = world.target(stack)
        aws = world.aws(target)
        with aws_errors(f"read the outputs of stack {target.name}", target.advice_when_unreachable):
            outputs = outputs_of(target.name, aws.cloudformation())
        if _OUTPUT not in outputs:
            raise ExchangeError(f"Stack {target.name} has no output {_OUTPUT}. Is it a jbplus stack?")
        allowance = Allowance(per_day, last, getpass.getuser(), reason, moment)
        quota = DynamoQuota(aws.dynamodb(), outputs[_OUTPUT], world.sleep)
        try:
            quota.allow(party.kbo, allowance)
            counted, all_of_them = quota.read_quota(party.kbo, brussels_day(moment))
        except ConflictError:
            raise ExchangeError("Another allowance was given at this moment. Try again.") from None
        except UnavailableError as error:
            raise ExchangeError(f"{error}. Try again.") from error
        screen.result(
            {"party": party.kbo, "today": counted, "allowances": [_said(each) for each in all_of_them]},
            Text(_words(party.name, counted, allowance.until, per_day)),
        )


def _words(name: str, counted: int, until: date, per_day: int) -> str:
    return f"{name} may register {per_day} new persons a day until {until}. Today it registered {counted}."


def _said(allowance: Allowance) -> JsonValue:
    return {
        "perDay": allowance.per_day,
        "until": allowance.until.isoformat(),
        "by": allowance.by,
        "reason": allowance.reason,
        "given": allowance.given.isoformat(),
    }
