"""AWS clients as the functions want them.

They are made by botocore's session: boto3's own is for its resources and transfers, which one function uses, and takes
a seventh of a cold start.
"""

from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient

# What is said of a caller is the same for every call: putting it together anew takes 3 % of one.
_CALLER = "jbplus"
# What calls send is made by our own code, and tested: checking it by botocore's model takes a tenth of a lookup of one
# person, and half of a batch.
_UNCHECKED = Config(user_agent=_CALLER, parameter_validation=False)
# A call of the API lasts ten seconds at most: what is out of reach must show in time for a proper 503.
_FOR_CALLS = _UNCHECKED.merge(
    Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
)
# Batches of 100 items. Who sends them waits and tries again itself, by a deadline: the second try here is for a kept
# connection that was lost.
_FOR_BATCHES = _UNCHECKED.merge(
    Config(
        connect_timeout=2,
        read_timeout=5,
        max_pool_connections=16,
        retries={"mode": "standard", "total_max_attempts": 2},
    )
)
# Whoever reads a whole table goes on from page to page, and leaves the waiting to the client.
_FOR_SCANS = _UNCHECKED.merge(Config(max_pool_connections=16, retries={"mode": "standard", "total_max_attempts": 8}))

_session = botocore.session.get_session()


def _client(service: str, config: Config | None = None) -> Any:  # noqa: ANN401 - a client's type is made by name
    return _session.create_client(service, config=config)


def dynamodb_for_calls() -> "DynamoDBClient":
    """Make a client for the answering of calls."""
    client: DynamoDBClient = _client("dynamodb", _FOR_CALLS)
    return client


def secrets_for_calls() -> "SecretsManagerClient":
    """Make a client for the answering of calls."""
    client: SecretsManagerClient = _client("secretsmanager", _FOR_CALLS)
    return client


def s3_for_calls() -> "S3Client":
    """Make a client for the answering of calls."""
    client: S3Client = _client("s3", _FOR_CALLS)
    return client


def dynamodb_for_batches() -> "DynamoDBClient":
    """Make a client for the intake of files, used by several threads."""
    client: DynamoDBClient = _client("dynamodb", _FOR_BATCHES)
    return client


def dynamodb_for_scans() -> "DynamoDBClient":
    """Make a client for reading whole tables, used by several threads."""
    client: DynamoDBClient = _client("dynamodb", _FOR_SCANS)
    return client


def dynamodb() -> "DynamoDBClient":
    """Make a client for what takes its time."""
    client: DynamoDBClient = _client("dynamodb")
    return client


def secrets() -> "SecretsManagerClient":
    """Make a client for what takes its time."""
    client: SecretsManagerClient = _client("secretsmanager")
    return client


def s3() -> "S3Client":
    """Make a client for what takes its time; it has no transfers of boto3."""
    client: S3Client = _client("s3")
    return client


def signing() -> "KMSClient":
    """Make a client that signs."""
    client: KMSClient = _client("kms")
    return client


def invoking() -> "LambdaClient":
    """Make a client that invokes functions."""
    client: LambdaClient = _client("lambda")
    return client
