"""The links between numbers, among the persons: read by whoever must know which numbers are one person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import batch_get
from jbplus.aws.keys import LINKS, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep
from jbplus.successions.rules import LinkReader, Links, NoLinks, StoredLinks, decode

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
        found = map(stored_links, batch_get(self.client, keys, self.sleep)[self.table])
        now = self.clock().timestamp()
        return {person: stored.links for person, stored in found if stored.expires_at > now}


def links_of(
    client: "DynamoDBClient", table: str, clock: Clock, sleep: Sleep, *, succession_allowed: bool
) -> LinkReader:
    """Give what reads links; where successions are not allowed there are none, and nobody is asked."""
    return DynamoLinks(client, table, clock, sleep) if succession_allowed else NoLinks()
