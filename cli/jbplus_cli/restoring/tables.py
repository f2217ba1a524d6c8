"""The tables that are set back or filled, and the copies that AWS makes of a moment (point-in-time recovery)."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from jbplus.aws.dynamodb import READ_BATCH, batch_get, transact_write
from jbplus.aws.errors import translated
from jbplus.aws.keys import KEY_VERSION, NOT_A_PERSON, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.persons import retention
from jbplus.persons.pseudonym import KeyRing
from jbplus.persons.table import DynamoStanding, StandingItem
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, chunks, patiently
from jbplus.successions.table import is_links, links_item, stored_links
from jbplus_cli.restoring.restoration import Advance
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from jbplus.aws.dynamodb import Item

EARLIER: Final = timedelta(minutes=1)
"""How much earlier the ledger is set back than the persons: what it calls done with, they have for sure."""

_MOST_BYTES: Final = 3_000_000
_MOST_TRIES: Final = 8
_REFUSALS: Final = {
    "InvalidRestoreTimeException": "AWS cannot restore that moment: it keeps 35 days, up to five minutes ago",
    "PointInTimeRecoveryUnavailableException": "the table has no point-in-time recovery",
    "LimitExceededException": "too many tables are being restored at this moment",
    "TableNotFoundException": "the table is not there",
}


@dataclass(frozen=True, slots=True)
class DynamoRestoredTable:
    """One of the tables, and the copy that it is set back to, or filled from.

    Attributes:
        client: the low-level client.
        table: the table's name.
        label: what is in it, for people to read.
        keys: the names of its key's attributes.
        clock: gives the present moment.
        sleep: pauses for a number of seconds.
        origin: the name of the table that is copied: it itself, or another stack's.
        earlier: how much before the moment it is copied.
        standing: where it tells which key it is kept under, when its keys are pseudonyms; the copy may be kept under
            an earlier one.
        is_newest: whether it is copied as it is now, and what stands in it already stays.
    """

    client: "DynamoDBClient"
    table: str
    label: str
    keys: Sequence[str]
    clock: Clock
    sleep: Sleep
    origin: str
    earlier: timedelta = timedelta(0)
    standing: Callable[[str], StandingItem] | None = None
    is_newest: bool = False

    def copy_of(self, moment: datetime) -> str:
        """Name the copy of a moment."""
        return f"{self.origin}-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"

    def is_empty(self) -> bool:
        """Tell whether nothing stands in the table itself."""
        return all(_is_ours(item) for page in self._pages(self.table) for item in page)

    def begin_copy(self, moment: datetime) -> None:
        """Have the copy made, unless it is there or being made.

        Raises:
            ExchangeError: there cannot be one of this moment.
        """
        if self._status(moment) is not None:
            return
        with translated("dynamodb:RestoreTableToPointInTime"):
            try:
                self.client.restore_table_to_point_in_time(
                    SourceTableName=self.origin,
                    TargetTableName=self.copy_of(moment),
                    **(
                        {"UseLatestRestorableTime": True}
                        if self.is_newest
                        else {"RestoreDateTime": moment - self.earlier}
                    ),
                )
            except ClientError as error:
                why = _REFUSALS.get(error.response["Error"].get("Code", ""))
                if why is None:
                    raise
                raise ExchangeError(f"No copy can be made of {self.label}: {why}.") from error

    def is_copied(self, moment: datetime) -> bool:
        """Tell whether the copy can be read."""
        return self._status(moment) == "ACTIVE"

    def set_back(self, moment: datetime, ring: KeyRing, version: int, advance: Advance) -> None:
        """Make the table what the copy is: what differs is written anew, what the copy does not have is removed.

        What has ended since is left out. Beginning again is harmless: what is as it must be is only read.
        """
        # Of a million items it takes some hundred megabytes.
        kept: set[bytes] = set()
        for items in self._copied(moment, ring, version):
            kept |= {self._identity(item) for item in items}
            found = batch_get(self.client, {self.table: [self._key(item) for item in items]}, self.sleep)[self.table]
            present = {self._identity(item): item for item in found}
            self._write(
                [
                    {"Put": {"TableName": self.table, "Item": item}}
                    for item in items
                    if present.get(self._identity(item)) != item
                ]
            )
            advance(len(items))
        if self.is_newest:
            return
        for page in self._pages(self.table):
            gone = [item for item in page if not _is_ours(item) and self._identity(item) not in kept]
            self._write([{"Delete": {"TableName": self.table, "Key": self._key(item)}} for item in gone])
            advance(len(page))

    def remove_copy(self, moment: datetime) -> None:
        """Remove the copy; fine when it is gone."""
        if self._status(moment) is not None:
            with translated("dynamodb:DeleteTable"):
                self.client.delete_table(TableName=self.copy_of(moment))

    def _copied(self, moment: datetime, ring: KeyRing, version: int) -> "Iterator[list[Item]]":
        """Give the items of the copy as they stand in the table now: under its key, and without what has ended."""
        at = self._version_of(moment, version)
        for page in self._pages(self.copy_of(moment)):
            now = self.clock()
            yield from chunks(
                (
                    _renamed(item, ring, at, version) if self.standing else item
                    for item in page
                    # While a rotation ran, each stood under two keys: the one that counted had all.
                    if not self.standing or (not _is_ours(item) and _version(item) == at)
                    if not (TTL_ATTRIBUTE in item and retention.is_expired(int(item[TTL_ATTRIBUTE]["N"]), now))
                ),
                READ_BATCH,
            )

    def _version_of(self, moment: datetime, version: int) -> int:
        """Read by which version of the key the copy was read at its moment."""
        if self.standing is None:
            return version
        item = self.standing(self.copy_of(moment))
        at = DynamoStanding(self.client, [item], self.sleep).read().version
        if at > version:
            raise ExchangeError("The copy is kept under a key that the table is not at: it is of another stack.")
        return at

    def _pages(self, table: str) -> "Iterator[list[Item]]":
        with translated("dynamodb:Scan"):
            for page in self.client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
                yield page["Items"]

    def _write(self, items: "Sequence[TransactWriteItemTypeDef]") -> None:
        for batch in _sized(items):
            patiently(partial(transact_write, self.client, batch), _MOST_TRIES, self.sleep, what=self.label)

    def _status(self, moment: datetime) -> str | None:
        with translated("dynamodb:DescribeTable"):
            try:
                return self.client.describe_table(TableName=self.copy_of(moment))["Table"]["TableStatus"]
            except self.client.exceptions.ResourceNotFoundException:
                return None

    def _key(self, item: "Item") -> "Item":
        return {name: item[name] for name in self.keys}

    def _identity(self, item: "Item") -> bytes:
        return hashlib.blake2b(str([item[name] for name in self.keys]).encode(), digest_size=16).digest()


def _version(item: "Item") -> int:
    return int(item[KEY_VERSION]["N"]) if KEY_VERSION in item else 1


def _renamed(item: "Item", ring: KeyRing, begin: int, end: int) -> "Item":
    if begin == end:
        return item

    def renamed(name: str) -> str:
        for version in range(begin + 1, end + 1):
            name = ring.successor(name, version)
        return name

    if is_links(item):
        person, stored = stored_links(item)
        becomes = links_item(renamed(person), replace(stored, links=stored.links.renamed(renamed)))
    else:
        becomes = {PERSON_KEY: {"S": renamed(item[PERSON_KEY]["S"])}}
    return item | becomes | {KEY_VERSION: {"N": str(end)}}


def _is_ours(item: "Item") -> bool:
    """Tell whether an item stands among persons and is none: which key the table is at is not set back."""
    return item.get(PERSON_KEY, {"S": ""})["S"].startswith(NOT_A_PERSON) and not is_links(item)


def _sized(items: "Sequence[TransactWriteItemTypeDef]") -> "Iterator[list[TransactWriteItemTypeDef]]":
    """Divide writes over transactions that stay below DynamoDB's limits."""
    batch: list[TransactWriteItemTypeDef] = []
    size = 0
    for item in items:
        length = len(str(item))
        if batch and (len(batch) == READ_BATCH or size + length > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield batch
