"""The tables that are kept under pseudonyms, as a rotation reads and writes them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from jbplus.aws.dynamodb import READ_BATCH, batch_get, transact_write
from jbplus.aws.errors import translated
from jbplus.aws.keys import KEY_VERSION, LINKS, NOT_A_PERSON, PARTY_KEY, PERSON_KEY
from jbplus.errors import ConflictError, ThrottledError
from jbplus.persons.pseudonym import Name
from jbplus.persons.rotation import Standing
from jbplus.persons.table import DynamoStanding, StandingItem, of_version, standing_values
from jbplus.retry import Sleep, chunks
from jbplus.successions.table import is_links, links_item, stored_links
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from jbplus.aws.dynamodb import Item

# A transaction takes 4 MB and a hundred steps; each copy takes two.
_MOST_BYTES, _MOST_COPIES = 3_000_000, 50
_LONGEST_COMPARED = 1000


@dataclass(frozen=True, slots=True)
class DynamoKeyedTable:
    """One of the tables.

    Attributes:
        client: the low-level client.
        table: the table's name.
        label: what is in it, for people to read.
        sleep: pauses for a number of seconds.
    """

    client: "DynamoDBClient"
    table: str
    label: str
    sleep: Sleep

    def count(self, version: int) -> int:
        """Count the items under names of a version."""
        return sum(len(items) for items in self._scan(version))

    def pages(self, version: int) -> "Iterator[Sequence[Item]]":
        """Read the items under names of a version, a page at a time, as they are now."""
        for items in self._scan(version):
            yield from chunks(items, READ_BATCH)

    def copy(self, items: "Sequence[Item]", version: int, successor: Callable[[str], Name]) -> int:
        """Copy items to their next names, unless their copies stand there already.

        A copy is made on condition that the item still stands as it was read: what a party deletes meanwhile, under
        both names, does not come back.
        """
        wanted = [_renamed(item, successor) for item in items]
        found = batch_get(self.client, {self.table: [_key(item) for item in wanted]}, self.sleep)[self.table]
        present = {_identity(item): item for item in found}
        pairs = [
            (old, new, present.get(_identity(new)))
            for old, new in zip(items, wanted, strict=True)
            if present.get(_identity(new)) != new
        ]
        for batch in _batches(pairs):
            self._each_or_alone(
                [[self._stands(old, version), self._put(new, standing)] for old, new, standing in batch]
            )
        return len(pairs)

    def remove(self, items: "Sequence[Item]", version: int) -> None:
        """Remove items under names of a version."""
        condition, values = of_version(version)
        for batch in chunks(items, READ_BATCH):
            self._each_or_alone(
                [
                    [
                        {
                            "Delete": {
                                "TableName": self.table,
                                "Key": _key(item),
                                "ConditionExpression": condition,
                                "ExpressionAttributeValues": values,
                            }
                        }
                    ]
                    for item in batch
                ]
            )

    def _each_or_alone(self, groups: "Sequence[list[TransactWriteItemTypeDef]]") -> None:
        """Write groups together; when a rival came between, each alone, and leave those that it came between."""
        try:
            transact_write(self.client, [item for group in groups for item in group])
        except (ConflictError, ThrottledError):
            for group in groups:
                with suppress(ConflictError, ThrottledError):
                    transact_write(self.client, group)

    def _scan(self, version: int) -> "Iterator[list[Item]]":
        condition, values = of_version(version)
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.table,
            ConsistentRead=True,
            FilterExpression=(
                f"({condition}) AND (NOT begins_with({PERSON_KEY}, :notAPerson) OR begins_with({PERSON_KEY}, :links))"
            ),
            ExpressionAttributeValues=values | {":notAPerson": {"S": NOT_A_PERSON}, ":links": {"S": LINKS}},
        )
        with translated("dynamodb:Scan"):
            for page in pages:
                yield page["Items"]

    def _stands(self, old: "Item", version: int) -> "TransactWriteItemTypeDef":
        condition, names, values = _as_it_is(old)
        of_this, version_values = of_version(version)
        return {
            "ConditionCheck": {
                "TableName": self.table,
                "Key": _key(old),
                "ConditionExpression": f"attribute_exists({PERSON_KEY}) AND ({of_this}){condition}",
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values | version_values,
            }
        }

    def _put(self, new: "Item", standing: "Item | None") -> "TransactWriteItemTypeDef":
        if standing is None:
            return {
                "Put": {
                    "TableName": self.table,
                    "Item": new,
                    "ConditionExpression": f"attribute_not_exists({PERSON_KEY})",
                }
            }
        condition, names, values = _as_it_is(standing)
        return {
            "Put": {
                "TableName": self.table,
                "Item": new,
                "ConditionExpression": f"attribute_exists({PERSON_KEY}){condition}",
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values,
            }
        }


@dataclass(frozen=True, slots=True)
class DynamoStandings:
    """Reads and writes which version the tables are at, in all of them at once.

    Attributes:
        client: the low-level client.
        items: of each table.
        sleep: pauses for a number of seconds.
    """

    client: "DynamoDBClient"
    items: Sequence[StandingItem]
    sleep: Sleep

    @classmethod
    def of(cls, client: "DynamoDBClient", persons: str, registrations: str, sleep: Sleep) -> Self:
        """Give that of the tables whose keys are pseudonyms, by their names."""
        return cls(client, [StandingItem.of_persons(persons), StandingItem.of_registrations(registrations)], sleep)

    def read(self) -> Standing:
        """Read it, consistently."""
        return DynamoStanding(self.client, self.items, self.sleep).read()

    def write(self, becomes: Standing, replaces: Standing) -> None:
        """Write it, in all tables or none.

        Raises:
            ExchangeError: it is not what it replaces: somebody else rotates.
        """
        condition = f"{KEY_VERSION} = :version AND phase = :phase"
        if replaces == Standing():
            condition = f"attribute_not_exists({PERSON_KEY}) OR ({condition})"
        values: Item = {":version": {"N": str(replaces.version)}, ":phase": {"S": replaces.phase.value}}
        try:
            transact_write(
                self.client,
                [
                    {
                        "Put": {
                            "TableName": item.table,
                            "Item": item.key | standing_values(becomes),
                            "ConditionExpression": condition,
                            "ExpressionAttributeValues": values,
                        }
                    }
                    for item in self.items
                ],
            )
        except ConflictError:
            raise ExchangeError("Somebody else rotates the key at this moment: leave it to them.") from None


_Pair = tuple["Item", "Item", "Item | None"]


def _batches(pairs: Sequence[_Pair]) -> Iterator[list[_Pair]]:
    batch: list[_Pair] = []
    size = 0
    for pair in pairs:
        length = len(str(pair[1]))
        if batch and (len(batch) == _MOST_COPIES or size + length > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(pair)
        size += length
    if batch:
        yield batch


def _identity(item: "Item") -> tuple[str, str]:
    return item[PERSON_KEY]["S"], item[PARTY_KEY]["S"] if PARTY_KEY in item else ""


def _key(item: "Item") -> "Item":
    return {name: item[name] for name in (PERSON_KEY, PARTY_KEY) if name in item}


def _renamed(item: "Item", successor: Callable[[str], Name]) -> "Item":
    if is_links(item):
        person, stored = stored_links(item)
        name = successor(person)
        renamed = links_item(name.person, replace(stored, links=stored.links.renamed(lambda p: successor(p).person)))
    else:
        name = successor(item[PERSON_KEY]["S"])
        renamed = {PERSON_KEY: {"S": name.person}}
    return item | renamed | {KEY_VERSION: {"N": str(name.key_version)}}


def _as_it_is(item: "Item") -> "tuple[str, dict[str, str], Item]":
    """Write the condition that an item is as it was read; of a long text a version stands beside it."""
    compared = {
        name: value
        for name, value in item.items()
        if name not in (PERSON_KEY, PARTY_KEY, KEY_VERSION) and len(str(value)) <= _LONGEST_COMPARED
    }
    names = {f"#a{n}": name for n, name in enumerate(compared)}
    values: Item = {f":a{n}": value for n, value in enumerate(compared.values())}
    return "".join(f" AND #a{n} = :a{n}" for n in range(len(compared))), names, values
