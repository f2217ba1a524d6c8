"""What all tests share: hypothesis without deadlines, and DynamoDB as it is.

The embedded emulator's DynamoDB checks keys, conditions and limits as AWS does.
"""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_dynamodb.literals import ScalarAttributeTypeType
from mypy_boto3_dynamodb.type_defs import KeySchemaElementTypeDef
from mypy_boto3_s3 import S3Client

from jbplus.aws.keys import (
    BY_DAY_INDEX,
    DAY_KEY,
    ENTRY_KEY,
    FISCAL_YEAR_KEY,
    MONTH_KEY,
    NEWEST_INDEX,
    NUMBER_KEY,
    PARTY_KEY,
    PERSON_KEY,
    REPORT_KEY,
    SERIES_KEY,
    SUBJECT_KEY,
)
from jbplus_local.aws import Aws
from jbplus_local.emulator import Emulator
from tests.support.engine import CountingClient, Tables

# No deadline: a slow machine must not fail a test that found nothing wrong.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")

Key = tuple[str, ScalarAttributeTypeType]
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """A running emulator."""
    emulator = Emulator(ROOT / ".venv-emulator" / "bin" / "python", tmp_path_factory.mktemp("emulator"))
    emulator.start()
    yield emulator.aws
    emulator.stop()


@pytest.fixture(scope="session")
def dynamodb(aws: Aws) -> Iterator[DynamoDBClient]:
    """A client of the emulator's DynamoDB."""
    client = aws.dynamodb()
    yield client
    client.close()


@pytest.fixture(scope="session")
def s3(aws: Aws) -> Iterator[S3Client]:
    """A client of the emulator's S3."""
    client = aws.s3()
    yield client
    client.close()


@pytest.fixture
def counting(aws: Aws) -> Iterator[CountingClient]:
    """A client that counts its requests."""
    client = aws.dynamodb()
    yield CountingClient.around(client)
    client.close()


@pytest.fixture
def make_tables(dynamodb: DynamoDBClient) -> Callable[[], Tables]:
    """Makes new, empty tables."""

    def make() -> Tables:
        run = uuid.uuid4().hex
        return Tables(
            persons=_table(dynamodb, f"persons-{run}", (PERSON_KEY, "S")),
            registrations=_table(dynamodb, f"registrations-{run}", (PERSON_KEY, "S"), (PARTY_KEY, "S")),
            privacy_log=_privacy_log(dynamodb, f"privacy-log-{run}"),
            ledger=_table(dynamodb, f"ledger-{run}", (SERIES_KEY, "S"), (NUMBER_KEY, "N")),
            statistics=_table(dynamodb, f"statistics-{run}", (FISCAL_YEAR_KEY, "N"), (MONTH_KEY, "S")),
            suspensions=_table(dynamodb, f"suspensions-{run}", (PARTY_KEY, "S")),
            notices=_table(dynamodb, f"notices-{run}", (PARTY_KEY, "S"), (ENTRY_KEY, "S")),
            quality=_quality(dynamodb, f"quality-{run}"),
        )

    return make


@pytest.fixture
def tables(make_tables: Callable[[], Tables]) -> Tables:
    """New, empty tables."""
    return make_tables()


def _table(client: DynamoDBClient, name: str, hash_key: Key, *range_keys: Key) -> str:
    schema: list[KeySchemaElementTypeDef] = [{"AttributeName": hash_key[0], "KeyType": "HASH"}]
    schema += [{"AttributeName": key, "KeyType": "RANGE"} for key, _ in range_keys]
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in (hash_key, *range_keys)],
        KeySchema=schema,
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def _quality(client: DynamoDBClient, name: str) -> str:
    client.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in (PARTY_KEY, REPORT_KEY, ENTRY_KEY)
        ],
        KeySchema=[
            {"AttributeName": PARTY_KEY, "KeyType": "HASH"},
            {"AttributeName": REPORT_KEY, "KeyType": "RANGE"},
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": NEWEST_INDEX,
                "KeySchema": [
                    {"AttributeName": PARTY_KEY, "KeyType": "HASH"},
                    {"AttributeName": ENTRY_KEY, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def _privacy_log(client: DynamoDBClient, name: str) -> str:
    _table(client, name, (SUBJECT_KEY, "S"), (ENTRY_KEY, "S"))
    client.update_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in (DAY_KEY, ENTRY_KEY)],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": BY_DAY_INDEX,
                    "KeySchema": [
                        {"AttributeName": DAY_KEY, "KeyType": "HASH"},
                        {"AttributeName": ENTRY_KEY, "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    return name
