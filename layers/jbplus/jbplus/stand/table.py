"""Finds registrations by their handles, by the index of the table of registrations."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import READ_BATCH
from jbplus.aws.errors import translated
from jbplus.aws.keys import BY_HANDLE_INDEX, HANDLE_KEY, PARTY_KEY, PERSON_KEY
from jbplus.persons.table import of_version
from jbplus.retry import chunks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoHandles:
    """Reads the index: what was registered just now may not be in it yet."""

    client: "DynamoDBClient"
    table: str

    def of_party(self, party: str, version: int, ranges: Collection[str] | None) -> Iterator[list[str]]:
        """List the pseudonyms of whom a party has registered, each once, at most 100 at a time.

        Names of another version, which a rotation is about to remove, are left out.

        Args:
            party: KBO number.
            version: of the key that made the pseudonyms.
            ranges: the ranges that are wanted; None for all.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        yield from chunks(self._all(party, version, [""] if ranges is None else sorted(ranges)), READ_BATCH)

    def _all(self, party: str, version: int, ranges: Collection[str]) -> Iterator[str]:
        condition, values = of_version(version)
        for name in ranges:
            begins = f" AND begins_with({HANDLE_KEY}, :range)" if name else ""
            wanted = {":range": {"S": name}} if name else {}
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                IndexName=BY_HANDLE_INDEX,
                KeyConditionExpression=f"{PARTY_KEY} = :party{begins}",
                FilterExpression=condition,
                ExpressionAttributeValues=values | wanted | {":party": {"S": party}},
            )
            with translated("dynamodb:Query"):
                for page in pages:
                    yield from (item[PERSON_KEY]["S"] for item in page["Items"])
