"""Reads what a lookup needs: persons, registrations, doubts, links and suspensions, in one round trip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import batch_get
from jbplus.aws.keys import PARTY_KEY, PERSON_KEY
from jbplus.consultation.service import Found, Known
from jbplus.doubts.rules import Doubt
from jbplus.doubts.table import doubts_key, doubts_of, holds_doubts
from jbplus.persons.table import person_key, stored_person
from jbplus.protocol.calendar import Clock, now
from jbplus.registrations.rules import Registration
from jbplus.registrations.table import registration, registration_key
from jbplus.retry import Sleep
from jbplus.successions.table import is_links, links_key, live_links
from jbplus.suspensions.table import suspensions_key, suspensions_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoLookupStore:
    """Reads persons, registrations and suspensions together."""

    client: "DynamoDBClient"
    persons_table: str
    registrations_table: str
    suspensions_table: str
    sleep: Sleep
    clock: Clock = now
    succession_allowed: bool = False

    def read(self, persons: Sequence[str], parties: Sequence[str], asking: str) -> Found:
        """Read what is known of each pseudonym and of the party that asks, consistently: 100 keys a round trip.

        Links are read with the rest: a person whose number did not change takes no more round trips for them.
        """
        linkable = persons if self.succession_allowed else ()
        found = batch_get(
            self.client,
            {
                self.suspensions_table: [suspensions_key(asking)],
                self.persons_table: [*map(person_key, persons), *map(links_key, linkable)],
                self.registrations_table: [
                    *(doubts_key(person) for person in persons),
                    *(registration_key(person, party) for person in persons for party in parties),
                ],
            },
            self.sleep,
        )
        items = found[self.persons_table]
        states = {item[PERSON_KEY]["S"]: stored_person(item) for item in items if not is_links(item)}
        links = live_links(filter(is_links, items), self.clock())
        registrations: dict[str, dict[str, Registration]] = {person: {} for person in persons}
        doubts: dict[str, Sequence[Doubt]] = {}
        for item in found[self.registrations_table]:
            person = item[PERSON_KEY]["S"]
            if holds_doubts(item):
                doubts[person] = doubts_of(item)
            else:
                registrations[person][item[PARTY_KEY]["S"]] = registration(item)
        known = {
            person: Known(states.get(person), registrations[person], doubts.get(person, ()), links.get(person))
            for person in persons
        }
        return Found(known, [each for item in found[self.suspensions_table] for each in suspensions_of(item)])
