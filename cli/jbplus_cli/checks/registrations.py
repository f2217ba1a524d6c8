"""Each registration: one of a party and person, with the end that its period gives; and the counts of new ones."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from jbplus.aws.dynamodb import READ_BATCH, batch_get
from jbplus.aws.keys import NOT_A_PERSON, PARTY_KEY, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.persons import retention
from jbplus.persons.pseudonym import KeyRing
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.parties import Party, Role
from jbplus.registrations.table import expires_at, is_count_as_made, registration, registration_key
from jbplus.retry import Sleep, chunks
from jbplus_cli.checks.findings import Difference, Findings, Follow, Kind
from jbplus_cli.checks.persons import beginning, place_of, version_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from jbplus.aws.dynamodb import Item

_ENDED_WITHIN: Final = timedelta(days=2)
"""Within a day after its end a party's registrations go; the clock's round may just not have come."""


@dataclass(frozen=True, slots=True)
class RegistrationsCheck:
    """Looks at all registrations.

    Attributes:
        client: the low-level client.
        table: the table's name.
        items: gives all items of the table, a page at a time.
        ring: the keys of the pseudonyms.
        key_version: the version of the key that is in use; None while old names are being removed.
        parties: the parties, with their ends.
        clock: gives the present moment.
        sleep: pauses for a number of seconds.
    """

    client: "DynamoDBClient"
    table: str
    items: "Callable[[], Iterator[list[Item]]]"
    ring: KeyRing
    key_version: int | None
    parties: Sequence[Party]
    clock: Clock
    sleep: Sleep

    def run(self, findings: Findings, follow: Follow) -> None:
        """Add the registrations that are not as they were made."""
        with follow.items("Reading registrations", None) as advance:
            for page in self.items():
                made = [item for item in page if not _is_count(item)]
                findings.checked["registrations"] += len(made)
                for item in made:
                    for kind in self._wrong(item):
                        findings.add(Difference(kind, place_of(item), item=beginning(item)))
                self._under_old_keys(made, findings)
                for item in filter(_is_count, page):
                    if not is_count_as_made(item):
                        name = item[PERSON_KEY]["S"]  # of a day, not of a person
                        findings.add(Difference(Kind.COUNT_WRONG, place_of(item), item=name))
                advance(len(page))

    def _wrong(self, item: "Item") -> Iterator[Kind]:
        try:
            read = registration(item)
            written = int(item[TTL_ATTRIBUTE]["N"]) if TTL_ATTRIBUTE in item else None
        except (ValueError, KeyError):
            yield Kind.REGISTRATION_UNREADABLE
            return
        expires = expires_at(read)
        if expires is None or written is None:
            is_right = expires is written
        else:
            is_right = retention.is_written(written, expires, self.clock())
        if not is_right:
            yield Kind.REGISTRATION_END_WRONG
        if not self._may_have_some(item[PARTY_KEY]["S"]):
            yield Kind.REGISTRATION_OF_ENDED_PARTY

    def _may_have_some(self, kbo: str) -> bool:
        day = brussels_day(self.clock()) - _ENDED_WITHIN
        return any(
            party.kbo == kbo and party.role is Role.PAYMENT_ACTOR and party.takes_part(day) for party in self.parties
        )

    def _under_old_keys(self, items: "Sequence[Item]", findings: Findings) -> None:
        """Tell registrations that a rotation left behind from those that stand under the new key as well."""
        if self.key_version is None:
            return
        old = [item for item in items if version_in(item) != self.key_version]
        for batch in chunks(old, READ_BATCH):
            keys = [registration_key(self._newest(item), item[PARTY_KEY]["S"]) for item in batch]
            unique = list({json.dumps(key): key for key in keys}.values())
            found = batch_get(self.client, {self.table: unique}, self.sleep)[self.table]
            there = {_identity(item) for item in found}
            for item in batch:
                is_doubled = (self._newest(item), item[PARTY_KEY]["S"]) in there - {_identity(item)}
                kind = Kind.REGISTRATION_DOUBLED if is_doubled else Kind.REGISTRATION_UNDER_OLD_KEY
                findings.add(Difference(kind, place_of(item), item=beginning(item)))

    def _newest(self, item: "Item") -> str:
        name, newest = item[PERSON_KEY]["S"], self.key_version or 1
        for version in range(version_in(item) + 1, newest + 1):
            name = self.ring.successor(name, version)
        return name


def _identity(item: "Item") -> tuple[str, str]:
    return item[PERSON_KEY]["S"], item[PARTY_KEY]["S"]


def _is_count(item: "Item") -> bool:
    return item[PERSON_KEY]["S"].startswith(NOT_A_PERSON)
