"""Everything outside the command: the clock, the folder, the network and AWS. Tests hand in their own."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Self

import typer
import urllib3

from jbplus.ftps.client import Access, connect
from jbplus.ftps.server import Server
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.protocol.calendar import Clock
from jbplus_cli.aws import Clients, StackClients, aws_errors, find_stack, outputs_of
from jbplus_cli.client import Exchange
from jbplus_cli.clockwork import Clockwork
from jbplus_cli.delivery import Mailbox
from jbplus_cli.failure_queue import FailureQueue
from jbplus_cli.invoking import Function
from jbplus_cli.overview import Watchtower
from jbplus_cli.quarantine import Quarantine
from jbplus_cli.release import ReleaseFunction
from jbplus_cli.target import Resources, Target, find_local, resources_of_stack
from jbplus_cli.tokens import EnvironmentToken, LocalIssuer, TokenSource
from jbplus_recipient.transport import pool_for


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
            http=pool_for,
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

    def exchange(self, target: Target, end_user: str) -> Exchange:
        """Give the API of a stack, for an end user."""
        return Exchange(target, tokens=self.tokens(target), http=self.http(target.api), end_user=end_user)

    def mailbox(self, target: Target) -> Mailbox:
        """Give the bucket of a stack."""
        return Mailbox(
            self.aws(target).s3(),
            target.bucket,
            advice=target.advice_when_unreachable,
            sleep=self.sleep,
            clock=self.clock,
        )

    def quarantine(self, target: Target) -> Quarantine:
        """Give the quarantine of a stack."""
        return Quarantine(
            self.aws(target).s3(),
            target.bucket,
            mailbox=self.mailbox(target),
            advice=target.advice_when_unreachable,
        )

    def release_function(self, target: Target) -> ReleaseFunction:
        """Give the release function of a stack.

        Raises:
            ExchangeError: the stack cannot be read.
        """
        name = self._resources(target).release_function
        advice = f"Releasing again does no harm. {target.advice_when_unreachable}"
        return ReleaseFunction(Function(self.aws(target).functions(), name, advice))

    def clockwork(self, target: Target) -> Clockwork:
        """Give the functions of a stack that the clock runs every few minutes.

        Raises:
            ExchangeError: the stack cannot be read.
        """
        resources, functions = self._resources(target), self.aws(target).functions()
        advice = f"Running it again does no harm. {target.advice_when_unreachable}"
        dropserver = resources.dropserver_function
        return Clockwork(
            notices=Function(functions, resources.notices_function, advice),
            dropserver=None if dropserver is None else Function(functions, dropserver, advice),
        )

    def failure_queue(self, target: Target) -> FailureQueue:
        """Give the failure queue of a stack.

        Raises:
            ExchangeError: the stack cannot be read.
        """
        return self._failure_queue(target, self._resources(target))

    def watchtower(self, target: Target) -> Watchtower:
        """Give the place from where a whole stack is seen.

        Raises:
            ExchangeError: the stack cannot be read.
        """
        resources = self._resources(target)
        aws = self.aws(target)
        return Watchtower(
            s3=aws.s3(),
            bucket=target.bucket,
            ledger=DynamoLedger(aws.dynamodb(), resources.ledger_table),
            failure_queue=self._failure_queue(target, resources),
            quarantine=self.quarantine(target),
            now=self.now,
            advice=target.advice_when_unreachable,
        )

    def _failure_queue(self, target: Target, resources: Resources) -> FailureQueue:
        aws = self.aws(target)
        return FailureQueue(
            aws.sqs(),
            aws.functions(),
            resources,
            advice=target.advice_when_unreachable,
            patience=self.queue_patience,
        )

    def _resources(self, target: Target) -> Resources:
        with aws_errors(f"read the outputs of stack {target.name}", target.advice_when_unreachable):
            outputs = outputs_of(target.name, self.aws(target).cloudformation())
        return resources_of_stack(target.name, outputs)


def surroundings_of(ctx: typer.Context) -> Surroundings:
    """Give the surroundings that a command runs in."""
    world = ctx.obj
    if not isinstance(world, Surroundings):
        raise TypeError("the context's object is the command's surroundings")
    return world
