"""AWS at the edge: clients for a stack, and botocore's errors as our own, in one place."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import boto3
import botocore.session
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as AwsConnectionError,
)

from jbplus_cli.stack.target import Target, of_stack
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

# The release function, which is waited for, may run for a minute.
_READ_SECONDS: Final = 90

_REFUSALS = frozenset(
    {"AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId",
     "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
)  # fmt: skip


@contextmanager
def aws_errors(doing: str, advice: str) -> Iterator[None]:
    """Turn botocore's errors into ours.

    Args:
        doing: what was being done, as the object of "could not".
        advice: what to do when nothing answers.
    """
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise ExchangeError(
            f"Could not {doing}: no AWS credentials. Log in (for instance with: aws sso login) or set AWS_PROFILE."
        ) from error
    except NoRegionError as error:
        raise ExchangeError(
            f"Could not {doing}: no AWS region. Set AWS_DEFAULT_REGION, or one in the profile."
        ) from error
    except (AwsConnectionError, HTTPClientError) as error:
        raise ExchangeError(f"Could not {doing}: no answer. {advice}") from error
    except ClientError as error:
        code = error.response["Error"].get("Code", "unknown")
        words = "Check your AWS credentials and their rights." if code in _REFUSALS else advice
        raise ExchangeError(f"Could not {doing}: AWS says {code}. {words}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise ExchangeError(f"Could not {doing}: {type(error).__name__}. {advice}") from error


class CloudWatch(Protocol):
    """What is asked of CloudWatch."""

    def get_paginator(self, operation_name: str) -> Any:  # noqa: ANN401 - boto3's, whose types are not installed
        """Give what reads an operation's answer page by page."""


class ApiGateway(Protocol):
    """A client of API Gateway, as far as it is used."""

    def get_stages(self, **named: str) -> Mapping[str, Any]:
        """Describe the stages of an HTTP API."""


class Clients(Protocol):
    """The AWS services of one stack."""

    def s3(self) -> "S3Client":
        """Make a client of S3."""

    def sqs(self) -> "SQSClient":
        """Make a client of SQS."""

    def functions(self) -> "LambdaClient":
        """Make a client of Lambda."""

    def dynamodb(self) -> "DynamoDBClient":
        """Make a client of DynamoDB."""

    def secrets(self) -> "SecretsManagerClient":
        """Make a client of Secrets Manager."""

    def cloudformation(self) -> "CloudFormationClient":
        """Make a client of CloudFormation."""

    def logs(self) -> "CloudWatchLogsClient":
        """Make a client of CloudWatch Logs."""

    def cloudwatch(self) -> CloudWatch:
        """Make a client of CloudWatch, to read alarms."""

    def api_gateway(self) -> ApiGateway:
        """Make a client of API Gateway, of HTTP APIs."""


class StackClients:
    """The AWS services of a stack: of the emulator with its own credentials, else with the user's.

    Args:
        target: the stack.
    """

    def __init__(self, target: Target) -> None:
        if target.emulator is None:
            self._session = boto3.Session(region_name=target.region)
            self._config = Config(read_timeout=_READ_SECONDS)
        else:
            self._session = _emulator_session(target.region)
            # A proxy meant for the outside world cannot reach this computer.
            self._config = Config(read_timeout=_READ_SECONDS, s3={"addressing_style": "path"}, proxies={})
        self._url = target.emulator

    def s3(self) -> "S3Client":
        """Make a client of S3."""
        return self._session.client("s3", endpoint_url=self._url, config=self._config)

    def sqs(self) -> "SQSClient":
        """Make a client of SQS."""
        return self._session.client("sqs", endpoint_url=self._url, config=self._config)

    def functions(self) -> "LambdaClient":
        """Make a client of Lambda."""
        return self._session.client("lambda", endpoint_url=self._url, config=self._config)

    def dynamodb(self) -> "DynamoDBClient":
        """Make a client of DynamoDB."""
        return self._session.client("dynamodb", endpoint_url=self._url, config=self._config)

    def secrets(self) -> "SecretsManagerClient":
        """Make a client of Secrets Manager."""
        return self._session.client("secretsmanager", endpoint_url=self._url, config=self._config)

    def cloudformation(self) -> "CloudFormationClient":
        """Make a client of CloudFormation."""
        return self._session.client("cloudformation", endpoint_url=self._url, config=self._config)

    def logs(self) -> "CloudWatchLogsClient":
        """Make a client of CloudWatch Logs."""
        return self._session.client("logs", endpoint_url=self._url, config=self._config)

    def cloudwatch(self) -> CloudWatch:
        """Make a client of CloudWatch, to read alarms."""
        client: CloudWatch = self._session.client("cloudwatch", endpoint_url=self._url, config=self._config)
        return client

    def api_gateway(self) -> ApiGateway:
        """Make a client of API Gateway, of HTTP APIs."""
        client: ApiGateway = self._session.client("apigatewayv2", endpoint_url=self._url, config=self._config)
        return client


def _emulator_session(region: str) -> boto3.Session:
    # Nothing of the user's AWS settings may count here: a profile that is missing would stop the command,
    # and one that exists must never be used.
    nowhere = (None, None, os.devnull, None)
    settings = {"profile": (None, None, None, None), "config_file": nowhere, "credentials_file": nowhere}
    return boto3.Session(
        botocore_session=botocore.session.Session(session_vars=settings),
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator's well-known root, which opens nothing else
        region_name=region,
    )


def find_stack(name: str) -> Target:
    """Find a stack on AWS with the user's own credentials and region.

    Raises:
        ExchangeError: no credentials, no such stack, or not a stack of ours.
    """
    with aws_errors(f"find stack {name}", "Check the name of the stack, the region and the account."):
        return target_of(name, boto3.Session().client("cloudformation"))


def target_of(name: str, cloudformation: "CloudFormationClient") -> Target:
    """Find a stack by its outputs.

    Raises:
        ExchangeError: it is not a stack of ours.
        botocore.exceptions.ClientError: there is no such stack, or it may not be read.
    """
    return of_stack(name, cloudformation.meta.region_name, outputs_of(name, cloudformation))


def outputs_of(name: str, cloudformation: "CloudFormationClient") -> dict[str, str]:
    """Read a stack's outputs, by name.

    Raises:
        botocore.exceptions.ClientError: there is no such stack, or it may not be read.
    """
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
