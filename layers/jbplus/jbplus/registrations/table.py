"""The table of registrations, one item for each party and person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import batch_get, transact_write
from jbplus.aws.errors import translated
from jbplus.aws.keys import PARTY_KEY, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.errors import ConflictError, UnavailableError
from jbplus.persons import retention
from jbplus.protocol.calendar import Clock, anniversary, end_of_day
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus.retry import Sleep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from jbplus.aws.dynamodb import Item

# A registration that ended no longer gives access; a year is left to mend one that was ended by mistake.
_KEPT_YEARS_AFTER_END = 1


def registration_key(person: str, party: str) -> "Item":
    """Give the key of a party's registration of a person."""
    return {PERSON_KEY: {"S": person}, PARTY_KEY: {"S": party}}


def registration(item: "Item") -> Registration:
    """Read a registration's item."""
    return Registration(
        date.fromisoformat(item["begin"]["S"]),
        date.fromisoformat(item["end"]["S"]) if "end" in item else None,
        Right(item["right"]["S"]),
    )


@dataclass(frozen=True, slots=True)
class DynamoRegistrations:
    """Keeps the repertory of registrations (Article 6)."""

    client: "DynamoDBClient"
    table: str
    clock: Clock
    sleep: Sleep

    def read(self, persons: Sequence[str], party: str) -> dict[str, Registration]:
        """Read one party's registrations of pseudonyms; unknown and expired ones are absent."""
        return {person: found for (person, _), found in self.read_all(persons, [party]).items()}

    def read_all(self, persons: Sequence[str], parties: Sequence[str]) -> dict[tuple[str, str], Registration]:
        """Read the registrations of pseudonyms by these parties, by both; absent and expired ones are left out."""
        now = self.clock()
        keys = [registration_key(person, party) for person in persons for party in parties]
        return {
            (item[PERSON_KEY]["S"], item[PARTY_KEY]["S"]): registration(item)
            for item in batch_get(self.client, {self.table: keys}, self.sleep)[self.table]
            if TTL_ATTRIBUTE not in item or not retention.is_expired(int(item[TTL_ATTRIBUTE]["N"]), now)
        }

    def write(self, registrations: Mapping[str, Registration], party: str) -> None:
        """Write one party's registrations by pseudonym, all or none.

        Raises:
            UnavailableError: out of reach, or the same party is writing the same ones at this moment.
        """
        try:
            transact_write(
                self.client,
                [
                    {"Put": {"TableName": self.table, "Item": _item(person, party, wanted, self.clock())}}
                    for person, wanted in registrations.items()
                ],
            )
        except ConflictError:
            raise UnavailableError("registrations: the same ones are being written at this moment") from None

    def delete(self, person: str, party: str) -> None:
        """Delete one party's registration of a pseudonym, if there is one."""
        with translated("dynamodb:DeleteItem"):
            self.client.delete_item(TableName=self.table, Key=registration_key(person, party))


def _item(person: str, party: str, wanted: Registration, now: datetime) -> "Item":
    item = registration_key(person, party)
    item["begin"] = {"S": wanted.begin.isoformat()}
    item["right"] = {"S": wanted.right.value}
    if wanted.end is not None:
        item["end"] = {"S": wanted.end.isoformat()}
        expires = end_of_day(anniversary(wanted.end, _KEPT_YEARS_AFTER_END))
        item[TTL_ATTRIBUTE] = {"N": str(retention.ttl(expires, now))}
    return item
