"""Users of the emulator that have the rights of a policy document, and no others."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import boto3
from botocore.config import Config

from jbplus_cli.stack.target import Target
from jbplus_local.emulator import ACCOUNT
from jbplus_local.stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

ROOT = Path(__file__).parents[2]


class Keys(NamedTuple):
    """What signs a user's requests."""

    key: str
    secret: str


def policy(name: str, stack: LocalStack) -> str:
    """Fill a policy document in for a stack."""
    text = (ROOT / "deploy" / f"{name}-policy.json").read_text(encoding="utf-8")
    for placeholder, value in {
        "Stack": stack.endpoints.stack,
        "Account": ACCOUNT,
        "Region": stack.endpoints.region,
    }.items():
        text = text.replace(f"${{{placeholder}}}", value)
    # A right of its own in the emulator; on AWS the one is for both calls.
    return text.replace(
        '"sqs:ChangeMessageVisibility"', '"sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch"'
    )


def user_with(stack: LocalStack, name: str) -> Keys:
    """Make a user who has the rights of a policy document."""
    iam = stack.aws.session.client("iam", endpoint_url=stack.aws.url, config=Config(proxies={}))
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy(name, stack))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"])


class Limited:
    """The AWS services of the emulator, as a user.

    Args:
        target: the local stack.
        keys: the user's.
    """

    def __init__(self, target: Target, keys: Keys) -> None:
        self._session = boto3.Session(
            aws_access_key_id=keys.key, aws_secret_access_key=keys.secret, region_name=target.region
        )
        self._config = Config(s3={"addressing_style": "path"}, proxies={})
        self._url = target.emulator

    def s3(self) -> "S3Client":
        return self._session.client("s3", endpoint_url=self._url, config=self._config)

    def sqs(self) -> "SQSClient":
        return self._session.client("sqs", endpoint_url=self._url, config=self._config)

    def functions(self) -> "LambdaClient":
        return self._session.client("lambda", endpoint_url=self._url, config=self._config)

    def dynamodb(self) -> "DynamoDBClient":
        return self._session.client("dynamodb", endpoint_url=self._url, config=self._config)

    def logs(self) -> "CloudWatchLogsClient":
        return self._session.client("logs", endpoint_url=self._url, config=self._config)

    def secrets(self) -> "SecretsManagerClient":
        return self._session.client("secretsmanager", endpoint_url=self._url, config=self._config)

    def cloudformation(self) -> "CloudFormationClient":
        return self._session.client("cloudformation", endpoint_url=self._url, config=self._config)
