"""The tables of the tests, and clients that tell what they were asked."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.model import OperationModel

from jbplus.aws.keys import (
    BY_DAY_INDEX,
    BY_HANDLE_INDEX,
    DAY_KEY,
    ENTRY_KEY,
    FISCAL_YEAR_KEY,
    HANDLE_KEY,
    KEY_VERSION,
    MONTH_KEY,
    NEWEST_INDEX,
    NUMBER_KEY,
    PARTY_KEY,
    PERSON_KEY,
    REPORT_KEY,
    SERIES_KEY,
    SUBJECT_KEY,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.literals import ScalarAttributeTypeType
    from mypy_boto3_dynamodb.type_defs import KeySchemaElementTypeDef

    from jbplus.aws.dynamodb import Item


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the tables."""

    persons: str
    registrations: str
    privacy_log: str
    ledger: str
    statistics: str
    suspensions: str
    notices: str
    quality: str


@dataclass
class CountingClient:
    """A client and the operations that it sent, in their order."""

    client: "DynamoDBClient"
    sent: list[str] = field(default_factory=list)

    @classmethod
    def around(cls, client: "DynamoDBClient") -> "CountingClient":
        """Count the requests of a client from now on."""
        counting = cls(client)
        client.meta.events.register("before-call.dynamodb", counting._count)
        return counting

    def _count(self, model: OperationModel, **_: Any) -> None:
        self.sent.append(model.name)


@contextmanager
def asked(client: "DynamoDBClient", *operations: str) -> Iterator[list[dict[str, Any]]]:
    """Give the requests of some operations, as they are sent until the block ends."""
    requests: list[dict[str, Any]] = []

    def ask(params: dict[str, Any], **_: Any) -> None:
        requests.append(dict(params))

    events = [f"before-parameter-build.dynamodb.{operation}" for operation in operations]
    for event in events:
        client.meta.events.register(event, ask)
    yield requests
    for event in events:
        client.meta.events.unregister(event, ask)


def unconnected_client() -> "DynamoDBClient":
    """Make a client for a stubber: it has no credentials that open anything, and nowhere to go."""
    return boto3.client(
        "dynamodb",
        region_name="eu-central-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )


def all_items(client: "DynamoDBClient", table: str) -> list["Item"]:
    """Read a whole table."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def new_tables(client: "DynamoDBClient") -> Tables:
    """Make new, empty tables."""
    run = uuid.uuid4().hex
    return Tables(
        persons=_table(client, f"persons-{run}", (PERSON_KEY, "S")),
        registrations=_registrations(client, f"registrations-{run}"),
        privacy_log=_privacy_log(client, f"privacy-log-{run}"),
        ledger=_table(client, f"ledger-{run}", (SERIES_KEY, "S"), (NUMBER_KEY, "N")),
        statistics=_table(client, f"statistics-{run}", (FISCAL_YEAR_KEY, "N"), (MONTH_KEY, "S")),
        suspensions=_table(client, f"suspensions-{run}", (PARTY_KEY, "S")),
        notices=_table(client, f"notices-{run}", (PARTY_KEY, "S"), (ENTRY_KEY, "S")),
        quality=_quality(client, f"quality-{run}"),
    )


def _table(
    client: "DynamoDBClient",
    name: str,
    hash_key: "tuple[str, ScalarAttributeTypeType]",
    *range_keys: "tuple[str, ScalarAttributeTypeType]",
) -> str:
    schema: list[KeySchemaElementTypeDef] = [{"AttributeName": hash_key[0], "KeyType": "HASH"}]
    schema += [{"AttributeName": key, "KeyType": "RANGE"} for key, _ in range_keys]
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in (hash_key, *range_keys)],
        KeySchema=schema,
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def _quality(client: "DynamoDBClient", name: str) -> str:
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


def _registrations(client: "DynamoDBClient", name: str) -> str:
    _table(client, name, (PERSON_KEY, "S"), (PARTY_KEY, "S"))
    client.update_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in (PARTY_KEY, HANDLE_KEY)],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": BY_HANDLE_INDEX,
                    "KeySchema": [
                        {"AttributeName": PARTY_KEY, "KeyType": "HASH"},
                        {"AttributeName": HANDLE_KEY, "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": [KEY_VERSION]},
                }
            }
        ],
    )
    return name


def _privacy_log(client: "DynamoDBClient", name: str) -> str:
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
