"""The tables of the tests, and clients that tell what they were asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.model import OperationModel

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

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
