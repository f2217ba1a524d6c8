"""Reads all persons, for statistics."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jbplus.aws.errors import translated
from jbplus.aws.persons import stored_person
from jbplus.persons import StoredPerson
from jbplus.tables import TTL_ATTRIBUTE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoPersonScan:
    """Reads the table of persons in parallel segments."""

    client: "DynamoDBClient"
    table: str

    def segment(self, number: int, of: int) -> Iterator[StoredPerson]:
        """Read one segment, a page at a time; the pseudonyms are not read at all.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        with translated("dynamodb:Scan"):
            pages = self.client.get_paginator("scan").paginate(
                TableName=self.table,
                Segment=number,
                TotalSegments=of,
                ProjectionExpression="#state, #expires",
                ExpressionAttributeNames={"#state": "state", "#expires": TTL_ATTRIBUTE},
            )
            for page in pages:
                yield from map(stored_person, page["Items"])
