"""The table of persons."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypedDict

from jbplus.aws.dynamodb import batch_get, transact_write
from jbplus.aws.errors import translated
from jbplus.aws.keys import KEY_VERSION, NOT_A_PERSON, PARTY_KEY, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.errors import UnavailableError, WithoutTtlError
from jbplus.persons.merging import PersonChange, StoredPerson
from jbplus.persons.rotation import Phase, Standing
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
    """Keeps the states of persons, each in one item that lives and dies as a whole (Article 3 b).

    Attributes:
        client: the low-level client.
        table: the table's name.
        sleep: pauses for a number of seconds.
        key_version: gives the version of the key that makes the pseudonyms that are written.
    """

    client: "DynamoDBClient"
    table: str
    sleep: Sleep
    key_version: Callable[[], int]

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
        key_version = self.key_version()
        for batch in _batches(changes):
            puts = [self._put(change, key_version) for change in batch]
            if any(TTL_ATTRIBUTE not in put["Item"] for put in puts):
                raise WithoutTtlError
            transact_write(self.client, [{"Put": put} for put in puts])

    def _put(self, change: PersonChange, key_version: int) -> "PutTypeDef":
        put: PutTypeDef = {
            "TableName": self.table,
            "Item": person_key(change.person)
            | {
                "state": {"S": change.becomes.state},
                "version": {"S": change.becomes.version},
                KEY_VERSION: {"N": str(key_version)},
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
    """Reads the table of persons: in parallel segments, or page by page.

    Attributes:
        client: the low-level client.
        table: the table's name.
        standing: reads which version of the key the table is at.
    """

    client: "DynamoDBClient"
    table: str
    standing: Callable[[], Standing]

    def segment(self, number: int, of: int) -> Iterator[StoredPerson]:
        """Read one segment, a page at a time; the pseudonyms are not read at all.

        Raises:
            UnavailableError: throttled or out of reach; or, as a rotation or a restore runs, not each is there once.
        """
        condition, values = self._once()
        with translated("dynamodb:Scan"):
            pages = self.client.get_paginator("scan").paginate(
                TableName=self.table,
                Segment=number,
                TotalSegments=of,
                ProjectionExpression="#state, #expires",
                FilterExpression=condition,
                ExpressionAttributeNames={"#state": "state", "#expires": TTL_ATTRIBUTE},
                ExpressionAttributeValues=values,
            )
            for page in pages:
                yield from map(stored_person, page["Items"])

    def page(self, after: str | None) -> tuple[dict[str, StoredPerson], str | None]:
        """Read the persons that come after this one, or the first; and who is the last of them, None at the end.

        Raises:
            UnavailableError: as of `segment`.
        """
        condition, values = self._once()
        start: _Start = {} if after is None else {"ExclusiveStartKey": person_key(after)}
        with translated("dynamodb:Scan"):
            answer = self.client.scan(
                TableName=self.table,
                Limit=_PAGE,
                FilterExpression=condition,
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=values,
                **start,
            )
        last = answer.get("LastEvaluatedKey")
        found = {item[PERSON_KEY]["S"]: stored_person(item) for item in answer["Items"]}
        return found, None if last is None else last[PERSON_KEY]["S"]

    def _once(self) -> tuple[str, "Item"]:
        """Write the condition that gives each person once, though a rotation that begins meanwhile makes copies."""
        standing = self.standing()
        if standing.is_rotating:
            raise UnavailableError("pseudonym keys: a rotation runs, reading all persons waits for it")
        standing.demand_all()
        condition, values = of_version(standing.version)
        return f"attribute_exists(#state) AND ({condition})", values


class _Start(TypedDict, total=False):
    ExclusiveStartKey: "Item"


def of_version(version: int) -> tuple[str, "Item"]:
    """Write the condition that an item's key is of a version, and the value in it."""
    condition = f"{KEY_VERSION} = :keyVersion"
    if version == 1:
        condition = f"attribute_not_exists({KEY_VERSION}) OR {condition}"
    return condition, {":keyVersion": {"N": str(version)}}


@dataclass(frozen=True, slots=True)
class StandingItem:
    """Where a table tells which version of the key it is at: the standing goes where the table goes, as in a backup.

    Attributes:
        table: the table's name.
        key: the item's key.
    """

    table: str
    key: "Item"

    @classmethod
    def of_persons(cls, table: str) -> Self:
        """Give that of the table of persons."""
        return cls(table, person_key(f"{NOT_A_PERSON}keys"))

    @classmethod
    def of_registrations(cls, table: str) -> Self:
        """Give that of the table of registrations, whose items are of a party too."""
        return cls(table, person_key(f"{NOT_A_PERSON}keys") | {PARTY_KEY: {"S": NOT_A_PERSON}})


@dataclass(frozen=True, slots=True)
class DynamoStanding:
    """Reads which version of the key the tables are at.

    Attributes:
        client: the low-level client.
        items: of each table that is read or written.
        sleep: pauses for a number of seconds.
    """

    client: "DynamoDBClient"
    items: Sequence[StandingItem]
    sleep: Sleep

    def read(self) -> Standing:
        """Read it, consistently; a table that never tells is at version 1.

        Raises:
            UnavailableError: throttled or out of reach, or the tables disagree: one of them was put back.
        """
        found = batch_get(self.client, {item.table: [item.key] for item in self.items}, self.sleep)
        standings = {_standing(found[item.table]) for item in self.items}
        if len(standings) > 1:
            raise UnavailableError("pseudonym keys: the tables are not at the same version")
        return standings.pop()


def standing_values(standing: Standing) -> "Item":
    """Write a standing as the attributes of its item."""
    values: Item = {KEY_VERSION: {"N": str(standing.version)}, "phase": {"S": standing.phase.value}}
    if standing.mark is not None:
        values["mark"] = {"S": standing.mark}
    if standing.moment is not None:
        values["moment"] = {"S": standing.moment}
    return values


def _standing(found: Sequence["Item"]) -> Standing:
    if not found:
        return Standing()
    (item,) = found
    mark, moment = (item[name]["S"] if name in item else None for name in ("mark", "moment"))
    return Standing(int(item[KEY_VERSION]["N"]), Phase(item["phase"]["S"]), mark, moment)
