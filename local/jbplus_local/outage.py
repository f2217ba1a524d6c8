"""`make outage`: the local exchange is out of reach for a while, so that a client's patience can be tried."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from jbplus_cli.stack.target import find_local
from jbplus_local.aws import Aws
from jbplus_local.signals import ending_in_order
from jbplus_recipient.errors import ExchangeError

_POLICY = "outage"
_DENIAL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}],
}


@contextmanager
def outage(aws: Aws, stack: str) -> Iterator[None]:
    """Take the stores away from the function that answers lookups, as if they were out of reach."""
    aws.iam().put_role_policy(RoleName=_role(aws, stack), PolicyName=_POLICY, PolicyDocument=json.dumps(_DENIAL))
    try:
        yield
    finally:
        end_outage(aws, stack)


def end_outage(aws: Aws, stack: str) -> None:
    """Give the stores back; fine when nothing took them. An outage that was killed leaves them taken."""
    iam = aws.iam()
    with suppress(iam.exceptions.NoSuchEntityException):
        iam.delete_role_policy(RoleName=_role(aws, stack), PolicyName=_POLICY)


def _role(aws: Aws, stack: str) -> str:
    resource = aws.cloudformation().describe_stack_resource(StackName=stack, LogicalResourceId="ConsultationRole")
    return resource["StackResourceDetail"]["PhysicalResourceId"]


def main() -> int:
    """Have an outage, and end it.

    Returns:
        The exit code: 0 when all is as before, 1 when there is no local stack.
    """
    parser = ArgumentParser(prog="make outage", description=__doc__, allow_abbrev=False)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long")
    seconds = parser.parse_args().seconds
    console = Console(highlight=False)
    try:
        target = find_local(Path.cwd())
        with ending_in_order(), suppress(KeyboardInterrupt), outage(Aws(str(target.emulator)), target.name):
            console.print(f"Lookups are answered 503 for {seconds:g} seconds, or until Ctrl-C.")
            time.sleep(seconds)
    except (ExchangeError, BotoCoreError, ClientError) as error:
        Console(stderr=True, highlight=False).print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        return 1
    console.print("Lookups are answered again.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
