"""The tables of the tests, and clients that tell what they were asked."""

import threading
import uuid
from collections.abc import Callable, Iterator
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


class _Table:
    """The name of one table, which is made when it is first asked for."""

    def __set_name__(self, _: type, name: str) -> None:
        self._kind = name

    def __get__(self, tables: "Tables", _: type) -> str:
        return tables.named(self._kind)


class Tables:
    """The names of the tables, each of which is made when it is first named.

    Args:
        make: makes a table of a kind; gives its name.
    """

    persons = _Table()
    registrations = _Table()
    privacy_log = _Table()
    ledger = _Table()
    statistics = _Table()
    suspensions = _Table()
    notices = _Table()
    quality = _Table()

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make
        self._made: dict[str, str] = {}
        self._alone = threading.Lock()

    def named(self, kind: str) -> str:
        """Give the name of a kind of table."""
        with self._alone:
            if kind not in self._made:
                self._made[kind] = self._make(kind)
            return self._made[kind]


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
    return Tables(lambda kind: _MAKERS[kind](client, f"{kind}-{run}"))


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


_MAKERS: "dict[str, Callable[[DynamoDBClient, str], str]]" = {
    "persons": lambda client, name: _table(client, name, (PERSON_KEY, "S")),
    "registrations": _registrations,
    "privacy_log": _privacy_log,
    "ledger": lambda client, name: _table(client, name, (SERIES_KEY, "S"), (NUMBER_KEY, "N")),
    "statistics": lambda client, name: _table(client, name, (FISCAL_YEAR_KEY, "N"), (MONTH_KEY, "S")),
    "suspensions": lambda client, name: _table(client, name, (PARTY_KEY, "S")),
    "notices": lambda client, name: _table(client, name, (PARTY_KEY, "S"), (ENTRY_KEY, "S")),
    "quality": _quality,
}
