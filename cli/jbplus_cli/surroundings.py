"""Everything outside the command: the clock, the folder, the network and AWS. Tests hand in their own."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import urllib3

from jbplus.calendar import Clock
from jbplus_cli.aws import find_stack, s3_client
from jbplus_cli.client import Exchange
from jbplus_cli.delivery import Mailbox
from jbplus_cli.target import Target, find_local
from jbplus_cli.tokens import EnvironmentToken, LocalIssuer, TokenSource
from jbplus_cli.transport import pool_for

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


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
        s3: makes an S3 client for a stack.
        find_stack: finds a stack on AWS by its name.
    """

    folder: Path
    environment: Mapping[str, str]
    now: Clock
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    http: Callable[[str], urllib3.PoolManager]
    s3: "Callable[[Target], S3Client]"
    find_stack: Callable[[str], Target]

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
            s3=s3_client,
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
            self.s3(target),
            target.bucket,
            advice=target.advice_when_unreachable,
            sleep=self.sleep,
            clock=self.clock,
        )
