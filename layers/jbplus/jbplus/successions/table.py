"""The links between numbers, among the persons: read by whoever must know which numbers are one person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import batch_get
from jbplus.aws.keys import LINKS, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep
from jbplus.successions.rules import LinkReader, Links, NoLinks, StoredLinks, decode, encode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from jbplus.aws.dynamodb import Item


def links_key(person: str) -> "Item":
    """Give the key of the links of a number."""
    return {PERSON_KEY: {"S": f"{LINKS}{person}"}}


def is_links(item: "Item") -> bool:
    """Tell whether an item holds links."""
    return item[PERSON_KEY]["S"].startswith(LINKS)


def stored_links(item: "Item") -> tuple[str, StoredLinks]:
    """Read an item of links: whose they are, and what they are."""
    links = StoredLinks(decode(item["links"]["S"]), int(item[TTL_ATTRIBUTE]["N"]))
    return item[PERSON_KEY]["S"].removeprefix(LINKS), links


def links_item(person: str, stored: StoredLinks) -> "Item":
    """Write an item of links; the version of the key comes beside it."""
    return links_key(person) | {
        "links": {"S": encode(stored.links)},
        "version": {"S": stored.version},
        TTL_ATTRIBUTE: {"N": str(stored.expires_at)},
    }


def live_links(items: "Iterable[Item]", now: datetime) -> dict[str, Links]:
    """Read items of links by pseudonym; ended ones are absent, though DynamoDB has not deleted them yet."""
    found = map(stored_links, items)
    return {person: stored.links for person, stored in found if stored.expires_at > now.timestamp()}


@dataclass(frozen=True, slots=True)
class DynamoLinks:
    """Reads the links of numbers.

    Attributes:
        client: the low-level client.
        table: the name of the table of persons.
        clock: gives the present moment.
        sleep: pauses for a number of seconds.
    """

    client: "DynamoDBClient"
    table: str
    clock: Clock
    sleep: Sleep

    def read(self, persons: Sequence[str]) -> Mapping[str, Links]:
        """Read the cluster of each pseudonym; who has none, or one that has ended, is absent."""
        keys = {self.table: [links_key(person) for person in dict.fromkeys(persons)]}
        return live_links(batch_get(self.client, keys, self.sleep)[self.table], self.clock())


def links_of(
    client: "DynamoDBClient", table: str, clock: Clock, sleep: Sleep, *, succession_allowed: bool
) -> LinkReader:
    """Give what reads links; where successions are not allowed there are none, and nobody is asked."""
    return DynamoLinks(client, table, clock, sleep) if succession_allowed else NoLinks()
