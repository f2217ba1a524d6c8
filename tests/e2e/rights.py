"""Users of the emulator that have the rights of a policy document, and no others."""

from pathlib import Path
from typing import NamedTuple

import boto3
import botocore.session

from jbplus_cli.stack.aws import StackClients
from jbplus_cli.stack.target import Target
from jbplus_local.aws import services
from jbplus_local.emulator import ACCOUNT
from jbplus_local.stack import LocalStack

ROOT = Path(__file__).parents[2]


class Keys(NamedTuple):
    """What signs a user's requests."""

    key: str
    secret: str


def policy(name: str, stack: LocalStack, **more: str) -> str:
    """Fill a policy document in for a stack; more is for placeholders of its own."""
    text = (ROOT / "deploy" / f"{name}-policy.json").read_text(encoding="utf-8")
    for placeholder, value in {
        "Stack": stack.endpoints.stack,
        **more,
        "Account": ACCOUNT,
        "Region": stack.endpoints.region,
    }.items():
        text = text.replace(f"${{{placeholder}}}", value)
    # The emulator's functions have no aliases.
    text = text.replace(':live"', '"')
    # CloudFormation on AWS names a secret after itself alone; the emulator puts the stack's name before it.
    secret = f"arn:aws:secretsmanager:{stack.endpoints.region}:{ACCOUNT}:secret:PseudonymSecret-*"
    text = text.replace(secret, stack.outputs["PseudonymSecret"])
    # A right of its own in the emulator; on AWS the one is for both calls.
    return text.replace(
        '"sqs:ChangeMessageVisibility"', '"sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch"'
    )


def user_with(stack: LocalStack, name: str) -> Keys:
    """Make a user who has the rights of a policy document."""
    keys = user_without_rights(stack, name)
    stack.aws.iam().put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy(name, stack))
    return keys


def user_without_rights(stack: LocalStack, name: str) -> Keys:
    """Make a user who may do nothing."""
    iam = stack.aws.iam()
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"])


class Limited(StackClients):
    """The AWS services of the emulator, as a user.

    Args:
        target: the local stack.
        keys: the user's.
    """

    def __init__(self, target: Target, keys: Keys) -> None:
        super().__init__(target)
        core = botocore.session.Session()
        core.register_component("data_loader", services())
        self._session = boto3.Session(
            botocore_session=core,
            aws_access_key_id=keys.key,
            aws_secret_access_key=keys.secret,
            region_name=target.region,
        )
