"""Everything outside the command: the clock, the folder, the network and AWS. Tests hand in their own."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final, Self

import typer
import urllib3

from jbplus.ftps.access import Access
from jbplus.ftps.client import connect
from jbplus.ftps.server import Server
from jbplus.protocol.calendar import Clock
from jbplus_cli.stack.aws import Clients, StackClients, aws_errors, find_stack, outputs_of
from jbplus_cli.stack.target import Resources, Target, find_local, resources_of_stack
from jbplus_cli.stack.tokens import EnvironmentToken, LocalIssuer, TokenSource
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.exchange import Advice, Exchange
from jbplus_recipient.transport import Identity, pool_for

IDENTITY: Final = ("JBPLUS_CERTIFICATE", "JBPLUS_KEY")
"""The variables that name the files of a client certificate, for a stack whose API asks for one."""

LOCAL_END_USER: Final = "jbplus-cli"
"""Who is said to ask the local stack when nobody says it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the commands reach the world through.

    Attributes:
        folder: where the command runs; the local stack is looked for from here upwards.
        environment: the environment variables.
        now: gives the present moment.
        clock: gives seconds that only grow.
        sleep: waits a number of seconds.
        http: makes a connection pool for a URL.
        aws: gives the AWS services of a stack.
        find_stack: finds a stack on AWS by its name.
        dropserver: opens a connection to a dropserver.
        queue_patience: seconds for SQS to look for messages everywhere.
    """

    folder: Path
    environment: Mapping[str, str]
    now: Clock
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    http: Callable[[str], urllib3.PoolManager]
    aws: Callable[[Target], Clients]
    find_stack: Callable[[str], Target]
    dropserver: Callable[[Access], AbstractContextManager[Server]] = connect
    queue_patience: int = 1

    @classmethod
    def real(cls) -> Self:
        """Give the real world."""
        return cls(
            folder=Path.cwd(),
            environment=os.environ,
            now=lambda: datetime.now(UTC),
            clock=time.monotonic,
            sleep=time.sleep,
            http=lambda url: pool_for(url, identity=identity_in(os.environ)),
            aws=cache(StackClients),
            find_stack=find_stack,
        )

    def target(self, stack: str | None) -> Target:
        """Find the stack: the local one, or one on AWS by its name.

        Raises:
            ExchangeError: there is none.
        """
        return find_local(self.folder) if stack is None else self.find_stack(stack)

    def tokens(self, target: Target) -> TokenSource:
        """Give the tokens of a stack."""
        if target.is_local:
            return LocalIssuer(target, self.http(target.issuer))
        return EnvironmentToken(target, self.environment)

    def exchange(self, target: Target, end_user: str | None) -> Exchange:
        """Give the API of a stack, for an end user; who asks the local stack need not say who it is.

        Raises:
            typer.BadParameter: it is not said who asks: the privacy log would name nobody.
        """
        if end_user is None:
            if not target.is_local:
                raise typer.BadParameter(
                    "say who asks, or set JBPLUS_ENDUSER: the privacy log keeps it", param_hint="--enduser"
                )
            end_user = LOCAL_END_USER
        tokens = self.tokens(target)
        advice = Advice(target.advice_when_unreachable, tokens.advice_when_refused)
        return Exchange(target.api, token=tokens.token, http=self.http(target.api), end_user=end_user, advice=advice)

    def resources(self, target: Target) -> Resources:
        """Find what operators work with besides the bucket and the API.

        Raises:
            ExchangeError: the stack cannot be read.
        """
        with aws_errors(f"read the outputs of stack {target.name}", target.advice_when_unreachable):
            outputs = outputs_of(target.name, self.aws(target).cloudformation())
        return resources_of_stack(target.name, outputs)


def identity_in(environment: Mapping[str, str]) -> Identity | None:
    """Give the client certificate that the environment names; None when it names none.

    Raises:
        ExchangeError: it names half of one.
    """
    given = [environment.get(name, "") for name in IDENTITY]
    if not any(given):
        return None
    if not all(given):
        raise ExchangeError(f"{' and '.join(IDENTITY)} go together: a client certificate and its key.")
    return Identity(*map(Path, given))


def surroundings_of(ctx: typer.Context) -> Surroundings:
    """Give the surroundings that a command runs in."""
    world = ctx.obj
    if not isinstance(world, Surroundings):
        raise TypeError("the context's object is the command's surroundings")
    return world
