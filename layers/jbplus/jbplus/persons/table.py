"""The table of persons."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NotRequired, Self, TypedDict

from jbplus.aws.dynamodb import WRITE_BATCH, batch_get, transact_write
from jbplus.aws.errors import translated
from jbplus.aws.keys import KEY_VERSION, LINKS, NOT_A_PERSON, PARTY_KEY, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.errors import UnavailableError, WithoutTtlError
from jbplus.persons.merging import LinksChange, PersonChange, StoredPerson, Together, WholePerson, joined_items
from jbplus.persons.rotation import Phase, Standing
from jbplus.protocol.calendar import Clock, now
from jbplus.retry import Sleep
from jbplus.successions.rules import StoredLinks
from jbplus.successions.table import is_links, links_item, links_key, live_links, stored_links

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from jbplus.aws.dynamodb import Item

# A transaction takes 4 MB; a hundred persons with 200 long refertes each come close to it, or over.
_MOST_BYTES = 3_000_000


def person_key(person: str) -> "Item":
    """Give the key of a person's item."""
    return {PERSON_KEY: {"S": person}}


# What is not asked for is not read: the rest of an item takes 3 % of a record.
_READ = (PERSON_KEY, "state", TTL_ATTRIBUTE)


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
        clock: gives the present moment.
        succession_allowed: whether numbers may be linked; where they may not, links cost nothing.
    """

    client: "DynamoDBClient"
    table: str
    sleep: Sleep
    key_version: Callable[[], int]
    clock: Clock = now
    succession_allowed: bool = False

    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        """Read the items of pseudonyms; unknown persons are absent."""
        keys = {self.table: [person_key(person) for person in persons]}
        items = batch_get(self.client, keys, self.sleep, _READ)[self.table]
        return {item[PERSON_KEY]["S"]: stored_person(item) for item in items}

    def write(self, changes: Sequence[PersonChange]) -> None:
        """Write changes, each on condition that the item is as it was read, and has no links.

        They are written in as few transactions as they fit in.

        Raises:
            ConflictError: an item is no longer as it was read; nothing of its transaction was written.
            WithoutTtlError: an item had no end; nothing was written.
        """
        key_version = self.key_version()
        for batch in _batches(changes, WRITE_BATCH // (2 if self.succession_allowed else 1)):
            puts = [self._put(change, key_version) for change in batch]
            unlinked = [self._links_are(change.person, None) for change in batch if self.succession_allowed]
            self._transact(puts + unlinked)

    def links(self, persons: Collection[str]) -> Mapping[str, StoredLinks]:
        """Read the links of pseudonyms; who has none, or ended ones, is absent."""
        if not self.succession_allowed:
            return {}
        keys = {self.table: [links_key(person) for person in persons]}
        found = map(stored_links, batch_get(self.client, keys, self.sleep)[self.table])
        at = self.clock().timestamp()
        return {person: stored for person, stored in found if stored.expires_at > at}

    def write_together(self, changes: Together) -> None:
        """Write what changes of linked numbers, in one transaction.

        Raises:
            ConflictError: something is no longer as it was read; nothing was written.
            WithoutTtlError: an item had no end; nothing was written.
        """
        key_version = self.key_version()
        written = {change.person for change in changes.persons}
        linked = {change.person for change in changes.links}
        self._transact(
            [
                *(self._put(change, key_version) for change in changes.persons),
                *(self._link(change, key_version) for change in changes.links),
                *(self._state_is(p, version) for p, version in changes.states_read.items() if p not in written),
                *(self._links_are(p, version) for p, version in changes.links_read.items() if p not in linked),
            ]
        )

    def _transact(self, items: "Sequence[TransactWriteItemTypeDef]") -> None:
        if any("Put" in item and TTL_ATTRIBUTE not in item["Put"]["Item"] for item in items):
            raise WithoutTtlError
        transact_write(self.client, items)

    def _put(self, change: PersonChange, key_version: int) -> "TransactWriteItemTypeDef":
        item: Item = {
            PERSON_KEY: {"S": change.person},
            "state": {"S": change.becomes.state},
            "version": {"S": change.becomes.version},
            KEY_VERSION: {"N": str(key_version)},
            TTL_ATTRIBUTE: {"N": str(change.becomes.expires_at)},
        }
        return {"Put": {"TableName": self.table, "Item": item, **_as_read(change.replaces)}}

    def _link(self, change: LinksChange, key_version: int) -> "TransactWriteItemTypeDef":
        key, as_read = links_key(change.person), self._links_as_read(change.replaces)
        if change.becomes is None:
            return {"Delete": {"TableName": self.table, "Key": key, **as_read}}
        item = links_item(change.person, change.becomes) | {KEY_VERSION: {"N": str(key_version)}}
        return {"Put": {"TableName": self.table, "Item": item, **as_read}}

    def _state_is(self, person: str, version: str | None) -> "TransactWriteItemTypeDef":
        return {"ConditionCheck": {"TableName": self.table, "Key": person_key(person), **_as_read(version)}}

    def _links_are(self, person: str, version: str | None) -> "TransactWriteItemTypeDef":
        as_read = self._links_as_read(version)
        return {"ConditionCheck": {"TableName": self.table, "Key": links_key(person), **as_read}}

    def _links_as_read(self, version: str | None) -> "_Condition":
        """Write the condition that links are as they were read; ended ones were read as none."""
        if version is not None:
            return _as_read(version)
        return {
            "ConditionExpression": f"attribute_not_exists({PERSON_KEY}) OR {TTL_ATTRIBUTE} <= :now",
            "ExpressionAttributeValues": {":now": {"N": str(int(self.clock().timestamp()))}},
        }


class _Condition(TypedDict):
    ConditionExpression: str
    ExpressionAttributeValues: NotRequired["Item"]
    ExpressionAttributeNames: NotRequired[Mapping[str, str]]
    ReturnValuesOnConditionCheckFailure: NotRequired[Literal["ALL_OLD", "NONE"]]


def _as_read(version: str | None) -> _Condition:
    if version is None:
        return {"ConditionExpression": f"attribute_not_exists({PERSON_KEY})"}
    return {"ConditionExpression": "version = :read", "ExpressionAttributeValues": {":read": {"S": version}}}


def _batches(changes: Sequence[PersonChange], most: int) -> Iterator[list[PersonChange]]:
    """Divide changes over transactions that stay below DynamoDB's limits of number and size."""
    batch: list[PersonChange] = []
    size = 0
    for change in changes:
        length = len(change.becomes.state)
        if batch and (len(batch) == most or size + length > _MOST_BYTES):
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
        sleep: pauses for a number of seconds.
        clock: gives the present moment.
        succession_allowed: whether numbers may be linked.
    """

    client: "DynamoDBClient"
    table: str
    standing: Callable[[], Standing]
    sleep: Sleep = time.sleep
    clock: Clock = now
    succession_allowed: bool = False

    def key_version(self) -> int:
        """Give the version of the key that the persons' names are of.

        Raises:
            UnavailableError: as of `segment`.
        """
        return self._settled().version

    def numbers_with_links(self, number: int, of: int) -> Iterator[str]:
        """Read one segment: the pseudonyms that have links.

        Args:
            number: of the segment, from 0.
            of: how many segments there are.

        Raises:
            UnavailableError: as of `segment`.
        """
        condition, values = of_version(self._settled().version)
        with translated("dynamodb:Scan"):
            pages = self.client.get_paginator("scan").paginate(
                TableName=self.table,
                Segment=number,
                TotalSegments=of,
                ProjectionExpression=PERSON_KEY,
                FilterExpression=f"begins_with({PERSON_KEY}, :links) AND ({condition})",
                ExpressionAttributeValues=values | {":links": {"S": LINKS}},
            )
            for page in pages:
                yield from (item[PERSON_KEY]["S"].removeprefix(LINKS) for item in page["Items"])

    def linked(self, numbers: Collection[str]) -> dict[frozenset[str], WholePerson]:
        """Read the persons who have several numbers, each once, by their pseudonyms.

        Args:
            numbers: the pseudonyms that have links.

        Raises:
            UnavailableError: as of `segment`.
        """
        self._settled()
        links = live_links(self._read([links_key(number) for number in numbers]), self.clock())
        persons = {cluster.linked_with(number): cluster for number, cluster in links.items()}
        keys = [person_key(number) for numbers in persons for number in sorted(numbers)]
        stored = {item[PERSON_KEY]["S"]: stored_person(item) for item in self._read(keys)}
        wholes = {
            numbers: joined_items({number: stored[number] for number in numbers if number in stored}, cluster)
            for numbers, cluster in persons.items()
        }
        return {numbers: whole for numbers, whole in wholes.items() if whole is not None}

    def _read(self, keys: "Sequence[Item]") -> "list[Item]":
        return batch_get(self.client, {self.table: keys}, self.sleep)[self.table]

    def segment(self, number: int, of: int, without: Collection[str] = ()) -> Iterator[StoredPerson]:
        """Read one segment, a page at a time; the pseudonyms are read only where some are left out.

        Args:
            number: of the segment, from 0.
            of: how many segments there are.
            without: the pseudonyms of those who are left out.

        Raises:
            UnavailableError: throttled or out of reach; or, as a rotation or a restore runs, not each is there once.
        """
        condition, values = self._once()
        names = {"#state": "state", "#expires": TTL_ATTRIBUTE} | ({"#person": PERSON_KEY} if without else {})
        with translated("dynamodb:Scan"):
            pages = self.client.get_paginator("scan").paginate(
                TableName=self.table,
                Segment=number,
                TotalSegments=of,
                ProjectionExpression=", ".join(names),
                FilterExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
            for page in pages:
                yield from (
                    stored_person(item) for item in page["Items"] if not without or item[PERSON_KEY]["S"] not in without
                )

    def page(self, after: str | None) -> tuple[dict[str, StoredPerson | None], str | None]:
        """Read the items that come after this one, or the first; and which is the last of them, None at the end.

        Returns:
            The persons by pseudonym; None for a number of which its links alone are among them.

        Raises:
            UnavailableError: as of `segment`.
        """
        condition, values = self._once(f"begins_with({PERSON_KEY}, :links)")
        start: _Start = {} if after is None else {"ExclusiveStartKey": person_key(after)}
        with translated("dynamodb:Scan"):
            answer = self.client.scan(
                TableName=self.table,
                Limit=_PAGE,
                FilterExpression=condition,
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=values | {":links": {"S": LINKS}},
                **start,
            )
        last = answer.get("LastEvaluatedKey")
        found: dict[str, StoredPerson | None] = {stored_links(i)[0]: None for i in answer["Items"] if is_links(i)}
        found |= {item[PERSON_KEY]["S"]: stored_person(item) for item in answer["Items"] if not is_links(item)}
        return found, None if last is None else last[PERSON_KEY]["S"]

    def _settled(self) -> Standing:
        standing = self.standing()
        if standing.is_rotating:
            raise UnavailableError("pseudonym keys: a rotation runs, reading all persons waits for it")
        standing.demand_all()
        return standing

    def _once(self, *others: str) -> tuple[str, "Item"]:
        """Write the condition that gives each person once, though a rotation that begins meanwhile makes copies."""
        condition, values = of_version(self._settled().version)
        wanted = " OR ".join(("attribute_exists(#state)", *others))
        return f"({wanted}) AND ({condition})", values


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
