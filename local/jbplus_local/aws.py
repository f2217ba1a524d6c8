"""Clients of the emulator, as its root user."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader
from mypy_boto3_cloudformation import CloudFormationClient
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_lambda import LambdaClient
from mypy_boto3_logs import CloudWatchLogsClient
from mypy_boto3_s3 import S3Client
from mypy_boto3_secretsmanager import SecretsManagerClient
from mypy_boto3_sqs import SQSClient

REGION: Final = "eu-central-1"

# A proxy meant for the outside world cannot reach this computer. Who calls is said briefly: botocore's own account of
# that is composed anew for each request, and takes an eighth of it.
_CONFIG = Config(
    user_agent="jbplus-local", proxies={}, s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}
)


@dataclass(frozen=True, slots=True)
class Aws:
    """The emulator as seen by boto3.

    Attributes:
        url: where the emulator answers.
    """

    url: str

    @property
    def session(self) -> boto3.Session:
        """A session with the emulator's well-known root user, apart from all AWS settings of the user."""
        nowhere = (None, None, os.devnull, None)
        settings = {"profile": (None, None, None, None), "config_file": nowhere, "credentials_file": nowhere}
        core = botocore.session.Session(session_vars=settings)
        core.register_component("data_loader", services())
        return boto3.Session(
            botocore_session=core,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - opens nothing but the emulator
            region_name=REGION,
        )

    def cloudformation(self) -> CloudFormationClient:
        """Make a client of CloudFormation."""
        return self.session.client("cloudformation", endpoint_url=self.url, config=_CONFIG)

    def dynamodb(self) -> DynamoDBClient:
        """Make a client of DynamoDB."""
        return self.session.client("dynamodb", endpoint_url=self.url, config=_CONFIG)

    def functions(self) -> LambdaClient:
        """Make a client of Lambda."""
        return self.session.client("lambda", endpoint_url=self.url, config=_CONFIG)

    def iam(self) -> Any:  # noqa: ANN401 - no types of this one are installed
        """Make a client of IAM."""
        return self.session.client("iam", endpoint_url=self.url, config=_CONFIG)

    def logs(self) -> CloudWatchLogsClient:
        """Make a client of CloudWatch Logs."""
        return self.session.client("logs", endpoint_url=self.url, config=_CONFIG)

    def s3(self) -> S3Client:
        """Make a client of S3."""
        return self.session.client("s3", endpoint_url=self.url, config=_CONFIG)

    def secrets(self) -> SecretsManagerClient:
        """Make a client of Secrets Manager."""
        return self.session.client("secretsmanager", endpoint_url=self.url, config=_CONFIG)

    def sqs(self) -> SQSClient:
        """Make a client of SQS."""
        return self.session.client("sqs", endpoint_url=self.url, config=_CONFIG)


@cache
def services() -> Loader:
    """The descriptions of AWS's services, each read once: that is most of what a client takes to make."""
    return Loader()
