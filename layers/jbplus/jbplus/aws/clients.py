"""AWS clients as the functions want them."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient

# A call of the API lasts ten seconds at most: what is out of reach must show in time for a proper 503.
_FOR_CALLS = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
# Batches of 100 items: checking each parameter by botocore's model would double their cost. Who sends them waits and
# tries again itself, by a deadline: the second try here is for a kept connection that was lost.
_FOR_BATCHES = Config(
    connect_timeout=2,
    read_timeout=5,
    parameter_validation=False,
    max_pool_connections=16,
    retries={"mode": "standard", "total_max_attempts": 2},
)
# Whoever reads a whole table goes on from page to page, and leaves the waiting to the client.
_FOR_SCANS = Config(
    parameter_validation=False, max_pool_connections=16, retries={"mode": "standard", "total_max_attempts": 8}
)


def dynamodb_for_calls() -> "DynamoDBClient":
    """Make a client for the answering of calls."""
    return boto3.client("dynamodb", config=_FOR_CALLS)


def secrets_for_calls() -> "SecretsManagerClient":
    """Make a client for the answering of calls."""
    return boto3.client("secretsmanager", config=_FOR_CALLS)


def s3_for_calls() -> "S3Client":
    """Make a client for the answering of calls."""
    return boto3.client("s3", config=_FOR_CALLS)


def dynamodb_for_batches() -> "DynamoDBClient":
    """Make a client for the intake of files, used by several threads."""
    return boto3.client("dynamodb", config=_FOR_BATCHES)


def dynamodb_for_scans() -> "DynamoDBClient":
    """Make a client for reading whole tables, used by several threads."""
    return boto3.client("dynamodb", config=_FOR_SCANS)
