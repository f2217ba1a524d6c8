"""The table of persons."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from jbplus.aws.dynamodb import batch_get, transact_write
from jbplus.aws.errors import translated
from jbplus.aws.keys import PERSON_KEY, TTL_ATTRIBUTE
from jbplus.errors import WithoutTtlError
from jbplus.persons.merging import PersonChange, StoredPerson
from jbplus.retry import Sleep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

    from jbplus.aws.dynamodb import Item

# A transaction takes 4 MB; a hundred persons with 200 long refertes each come close to it, or over.
_MOST_BYTES = 3_000_000


def person_key(person: str) -> "Item":
    """Give the key of a person's item."""
    return {PERSON_KEY: {"S": person}}


def stored_person(item: "Item") -> StoredPerson:
    """Read a person's item."""
    return StoredPerson(item["state"]["S"], int(item[TTL_ATTRIBUTE]["N"]))


@dataclass(frozen=True, slots=True)
class DynamoPersons:
    """Keeps the states of persons, each in one item that lives and dies as a whole (Article 3 b)."""

    client: "DynamoDBClient"
    table: str
    sleep: Sleep

    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        """Read the items of pseudonyms; unknown persons are absent."""
        items = batch_get(self.client, {self.table: [person_key(person) for person in persons]}, self.sleep)
        return {item[PERSON_KEY]["S"]: stored_person(item) for item in items[self.table]}

    def write(self, changes: Sequence[PersonChange]) -> None:
        """Write changes, each on condition that the item is as it was read; in as few transactions as they fit in.

        Raises:
            ConflictError: an item is no longer as it was read; nothing of its transaction was written.
            WithoutTtlError: an item had no end; nothing was written.
        """
        for batch in _batches(changes):
            puts = [self._put(change) for change in batch]
            if any(TTL_ATTRIBUTE not in put["Item"] for put in puts):
                raise WithoutTtlError
            transact_write(self.client, [{"Put": put} for put in puts])

    def _put(self, change: PersonChange) -> "PutTypeDef":
        put: PutTypeDef = {
            "TableName": self.table,
            "Item": person_key(change.person)
            | {
                "state": {"S": change.becomes.state},
                "version": {"S": change.becomes.version},
                TTL_ATTRIBUTE: {"N": str(change.becomes.expires_at)},
            },
            "ConditionExpression": f"attribute_not_exists({PERSON_KEY})",
        }
        if change.replaces is not None:
            put["ConditionExpression"] = "version = :read"
            put["ExpressionAttributeValues"] = {":read": {"S": change.replaces}}
        return put


def _batches(changes: Sequence[PersonChange]) -> Iterator[list[PersonChange]]:
    """Divide changes over transactions that stay below DynamoDB's limit of size."""
    batch: list[PersonChange] = []
    size = 0
    for change in changes:
        length = len(change.becomes.state)
        if batch and size + length > _MOST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(change)
        size += length
    yield batch


# Few enough for a page to be written anew within a minute.
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class DynamoPersonScan:
    """Reads the table of persons: in parallel segments, or page by page."""

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

    def page(self, after: str | None) -> tuple[dict[str, StoredPerson], str | None]:
        """Read the persons that come after this one, or the first; and who is the last of them, None at the end.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        start: _Start = {} if after is None else {"ExclusiveStartKey": person_key(after)}
        with translated("dynamodb:Scan"):
            answer = self.client.scan(TableName=self.table, Limit=_PAGE, **start)
        last = answer.get("LastEvaluatedKey")
        found = {item[PERSON_KEY]["S"]: stored_person(item) for item in answer["Items"]}
        return found, None if last is None else last[PERSON_KEY]["S"]


class _Start(TypedDict, total=False):
    ExclusiveStartKey: "Item"
