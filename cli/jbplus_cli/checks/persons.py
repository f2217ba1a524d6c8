"""Each person's item: its end follows from its state (Article 3 b), and it stands under the key that is in use."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jbplus.aws.dynamodb import batch_get
from jbplus.aws.errors import translated
from jbplus.aws.keys import KEY_VERSION, LINKS, NOT_A_PERSON, PARTY_KEY, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.persons import retention
from jbplus.persons.merging import BATCH, PersonStore, Read
from jbplus.persons.retention import NothingToKeepError
from jbplus.persons.state import PersonState, decode, version_of
from jbplus.persons.table import person_key
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, chunks
from jbplus.successions.rules import Links
from jbplus.successions.table import is_links, links_key, stored_links
from jbplus_cli.checks.findings import Difference, Findings, Follow, Kind

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from jbplus.aws.dynamodb import Item

PERSONS: Final = "persons"
LINKS_OF: Final = "links"
_SHOWN = 12
_UNREADABLE = (ValueError, KeyError, TypeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class PersonsCheck:
    """Derives each end anew.

    Attributes:
        items: gives all items of the table, a page at a time.
        linked: reads the links of at most `BATCH` pseudonyms; who has none, or unreadable ones, is absent.
        store: reads links, and what they join.
        key_version: the version of the key that is in use.
        is_settled: whether all stand under it; else old names are being removed.
        years: the retention term.
        clock: gives the present moment.
    """

    items: "Callable[[], Iterator[list[Item]]]"
    linked: Callable[[Collection[str]], Mapping[str, Links]]
    store: PersonStore
    key_version: int
    is_settled: bool
    years: int
    clock: Clock

    def run(self, findings: Findings, follow: Follow) -> None:
        """Add the items that are not as their state gives, or not as the states of a person's numbers give."""
        clusters: dict[str, Links] = {}
        with follow.items("Reading persons", None) as advance:
            for page in self.items():
                wrong: dict[str, list[Kind]] = {}
                for item in filter(self._counts, page):
                    if is_links(item):
                        findings.checked["links"] += 1
                        self._gather(item, clusters, findings)
                    elif not item[PERSON_KEY]["S"].startswith(NOT_A_PERSON):
                        findings.checked[PERSONS] += 1
                        wrong[item[PERSON_KEY]["S"]] = list(self._wrong(item))
                self._add(wrong, findings)
                advance(len(page))
        for cluster in clusters.values():
            # Somebody may write the same ones meanwhile: what differs still does when it is read again.
            for difference in self._differing(cluster) & self._differing(cluster):
                findings.add(difference)

    def _counts(self, item: "Item") -> bool:
        return self.is_settled or version_in(item) == self.key_version

    def _add(self, wrong: Mapping[str, Sequence[Kind]], findings: Findings) -> None:
        """Add what is wrong; the end of a number that is linked follows from more than its own state."""
        doubtful = [person for person, kinds in wrong.items() if Kind.END_WRONG in kinds]
        linked = {person for batch in chunks(doubtful, BATCH) for person in self.linked(batch)}
        for person, kinds in wrong.items():
            for kind in kinds:
                if kind is not Kind.END_WRONG or person not in linked:
                    findings.add(Difference(kind, PERSONS, item=person[:_SHOWN]))

    def _gather(self, item: "Item", clusters: dict[str, Links], findings: Findings) -> None:
        try:
            person, stored = stored_links(item)
            is_whole = person in stored.links.numbers and item["version"] == {"S": stored.version}
            ended = retention.is_expired(stored.expires_at, self.clock())
        except _UNREADABLE:
            is_whole, ended = False, False
        if not is_whole:
            findings.add(Difference(Kind.LINKS_DIFFER, LINKS_OF, item=_of_links(item)))
        elif version_in(item) != self.key_version:
            findings.add(Difference(Kind.PERSON_UNDER_OLD_KEY, LINKS_OF, item=_of_links(item)))
        elif not ended:
            clusters[stored.version] = stored.links

    def _differing(self, links: Links) -> set[Difference]:
        """Derive anew what stands under the numbers that links join."""
        try:
            read = Read.of(self.store, links.numbers, self.clock())
            changes = read.together({n: read.state(n) for n in links.numbers}, links, self.years)
        except _UNREADABLE:
            return set()  # named by itself
        return {
            *(Difference(Kind.END_WRONG, PERSONS, item=change.person[:_SHOWN]) for change in changes.persons),
            *(Difference(Kind.LINKS_DIFFER, LINKS_OF, item=change.person[:_SHOWN]) for change in changes.links),
        }

    def _wrong(self, item: "Item") -> Iterator[Kind]:
        if version_in(item) != self.key_version:
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

    def links(self, persons: Collection[str]) -> dict[str, Links]:
        """Read the links of pseudonyms, consistently; who has none, or unreadable ones, is absent."""
        items = batch_get(self.client, {self.table: [links_key(person) for person in persons]}, self.sleep)
        found = {}
        for item in items[self.table]:
            with suppress(*_UNREADABLE):
                person, stored = stored_links(item)
                found[person] = stored.links
        return found

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


def _of_links(item: "Item") -> str:
    """Give so much of the pseudonym of an item of links that it is found again."""
    return item[PERSON_KEY]["S"].removeprefix(LINKS)[:_SHOWN]


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
