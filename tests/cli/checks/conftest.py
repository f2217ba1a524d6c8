"""An exchange to look at, on tables and a bucket in memory."""

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tests.cli.checks.world import CheckedWorld
from tests.cli.world import REGION
from tests.support.engine import Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

BUCKET = "exchange"
_KEYS = {
    "persons": ["person"],
    "registrations": ["person", "party"],
    "privacy_log": ["subject", "entry"],
    "ledger": ["series", "number"],
    "statistics": ["fiscalYear", "month"],
    "suspensions": ["party"],
    "notices": ["party", "entry"],
}
_NUMBERS = {"number", "fiscalYear"}


@pytest.fixture(scope="session")
def in_memory() -> "tuple[DynamoDBClient, S3Client]":
    """Clients that moto answers inside `mock_aws`; they take longer to make than most tests."""
    session = boto3.Session("test", "test", region_name=REGION)
    return session.client("dynamodb"), session.client("s3")


@pytest.fixture
def checked(in_memory: "tuple[DynamoDBClient, S3Client]") -> Iterator[CheckedWorld]:
    """An exchange with nothing in it."""
    dynamodb, s3 = in_memory
    with mock_aws():
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        for table, keys in _KEYS.items():
            dynamodb.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[
                    {"AttributeName": key, "AttributeType": "N" if key in _NUMBERS else "S"} for key in keys
                ],
                KeySchema=[
                    {"AttributeName": key, "KeyType": "RANGE" if place else "HASH"} for place, key in enumerate(keys)
                ],
            )
        yield CheckedWorld(dynamodb, s3, Tables(*(field.name for field in fields(Tables))), BUCKET)
