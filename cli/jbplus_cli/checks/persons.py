"""Each person's item: its end follows from its state (Article 3 b), and it stands under the key that is in use."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jbplus.aws.dynamodb import batch_get
from jbplus.aws.errors import translated
from jbplus.aws.keys import KEY_VERSION, NOT_A_PERSON, PARTY_KEY, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.persons import retention
from jbplus.persons.retention import NothingToKeepError
from jbplus.persons.state import PersonState, decode, version_of
from jbplus.persons.table import person_key
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep
from jbplus_cli.checks.findings import Difference, Findings, Follow, Kind

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from jbplus.aws.dynamodb import Item

PERSONS: Final = "persons"
_SHOWN = 12
_UNREADABLE = (ValueError, KeyError, TypeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class PersonsCheck:
    """Derives each end anew.

    Attributes:
        items: gives all items of the table, a page at a time.
        key_version: the version of the key that is in use; None while old names are being removed.
        years: the retention term.
        clock: gives the present moment.
    """

    items: "Callable[[], Iterator[list[Item]]]"
    key_version: int | None
    years: int
    clock: Clock

    def run(self, findings: Findings, follow: Follow) -> None:
        """Add the items that are not as their state gives."""
        with follow.items("Reading persons", None) as advance:
            for page in self.items():
                for item in page:
                    if not item[PERSON_KEY]["S"].startswith(NOT_A_PERSON):
                        findings.checked[PERSONS] += 1
                        for kind in self._wrong(item):
                            findings.add(Difference(kind, PERSONS, item=beginning(item)))
                advance(len(page))

    def _wrong(self, item: "Item") -> Iterator[Kind]:
        if self.key_version is not None and version_in(item) != self.key_version:
            yield Kind.PERSON_UNDER_OLD_KEY
        try:
            text, written = item["state"]["S"], int(item[TTL_ATTRIBUTE]["N"])
            expires = retention.expires_at(decode(text), self.years)
        except (NothingToKeepError, *_UNREADABLE):
            yield Kind.STATE_UNREADABLE
            return
        if item.get("version") != {"S": version_of(text)}:
            yield Kind.STATE_ALTERED
        if not retention.is_written(written, expires, self.clock()):
            yield Kind.END_WRONG


@dataclass(frozen=True, slots=True)
class PersonStates:
    """Reads the states of persons, whatever their items look like.

    Attributes:
        client: the low-level client.
        table: the table's name.
        sleep: pauses for a number of seconds.
    """

    client: "DynamoDBClient"
    table: str
    sleep: Sleep

    def read(self, persons: Collection[str]) -> dict[str, PersonState | None]:
        """Read the states of pseudonyms, consistently; unknown ones are absent, unreadable ones None."""
        items = batch_get(self.client, {self.table: [person_key(person) for person in persons]}, self.sleep)
        return {item[PERSON_KEY]["S"]: _state(item) for item in items[self.table]}


def _state(item: "Item") -> PersonState | None:
    try:
        return decode(item["state"]["S"])
    except _UNREADABLE:
        return None


def version_in(item: "Item") -> int:
    """Give the version of the key that made an item's name."""
    return int(item[KEY_VERSION]["N"]) if KEY_VERSION in item else 1


def beginning(item: "Item") -> str:
    """Give so much of an item's pseudonym that it is found again."""
    return item[PERSON_KEY]["S"][:_SHOWN]


def all_items(client: "DynamoDBClient", table: str) -> "Iterator[list[Item]]":
    """Read a whole table, consistently, a page at a time.

    Raises:
        UnavailableError: throttled or out of reach.
    """
    with translated("dynamodb:Scan"):
        for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            yield page["Items"]


def place_of(item: "Item") -> str:
    """Name the registrations that an item is among."""
    return f"registrations of {item[PARTY_KEY]['S']}"
