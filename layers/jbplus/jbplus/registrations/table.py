"""The table of registrations, one item for each party and person."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import WRITE_BATCH, batch_get, transact_write
from jbplus.aws.errors import translated
from jbplus.aws.keys import HANDLE_KEY, KEY_VERSION, NOT_A_PERSON, PARTY_KEY, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.persons import retention
from jbplus.persons.pseudonym import Name
from jbplus.protocol.calendar import Clock, anniversary, end_of_day
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Allowance, Registration
from jbplus.retry import Sleep, chunks, patiently

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from jbplus.aws.dynamodb import Item

# A registration that ended no longer gives access; a year is left to mend one that was ended by mistake.
_KEPT_YEARS_AFTER_END = 1
_MOST_ATTEMPTS = 4
_COUNTED, _ALLOWANCES = "counted", "allowances"
_NEW_ON = f"{NOT_A_PERSON}new on "


def registration_key(person: str, party: str) -> "Item":
    """Give the key of a party's registration of a person."""
    return {PERSON_KEY: {"S": person}, PARTY_KEY: {"S": party}}


def registration(item: "Item") -> Registration:
    """Read a registration's item."""
    return Registration(
        date.fromisoformat(item["begin"]["S"]),
        date.fromisoformat(item["end"]["S"]) if "end" in item else None,
        Right(item["right"]["S"]),
        item[HANDLE_KEY]["S"] if HANDLE_KEY in item else None,
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

    def of_party(self, party: str) -> Iterator[list[Name]]:
        """List whom a party has registered, at most 100 at a time: it reads the whole table.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.table,
            FilterExpression=f"{PARTY_KEY} = :party AND NOT begins_with({PERSON_KEY}, :notAPerson)",
            ExpressionAttributeValues={":party": {"S": party}, ":notAPerson": {"S": NOT_A_PERSON}},
        )
        with translated("dynamodb:Scan"):
            for page in pages:
                yield from chunks(map(_name, page["Items"]), WRITE_BATCH)

    def write(self, registrations: Mapping[tuple[Name, ...], Registration], party: str) -> None:
        """Write one party's registrations, each under all of its person's names or none.

        A registration keeps its handle as long as it stands: another one is never written over it.

        Raises:
            ConflictError: one stands with another handle, or others were writing the same ones; some may be written.
            UnavailableError: out of reach.
        """
        now = self.clock()
        for batch in chunks(
            registrations.items(), WRITE_BATCH // max((len(names) for names in registrations), default=1)
        ):
            transact_write(
                self.client, [self._put(name, party, wanted, now) for names, wanted in batch for name in names]
            )

    def delete(self, names: Sequence[Name], party: str) -> None:
        """Delete one party's registrations under these names, at most 100, all or none; fine if there are none.

        Raises:
            UnavailableError: out of reach, or others kept writing the same one.
        """
        keys = [registration_key(name.person, party) for name in names]
        deletes: list[TransactWriteItemTypeDef] = [{"Delete": {"TableName": self.table, "Key": key}} for key in keys]
        patiently(lambda: transact_write(self.client, deletes), _MOST_ATTEMPTS, self.sleep, what="registrations")

    def _put(self, name: Name, party: str, wanted: Registration, now: datetime) -> "TransactWriteItemTypeDef":
        return {
            "Put": {
                "TableName": self.table,
                "Item": _item(name, party, wanted, now),
                "ConditionExpression": "attribute_not_exists(#handle) OR #handle = :handle OR #expires <= :now",
                "ExpressionAttributeNames": {"#handle": HANDLE_KEY, "#expires": TTL_ATTRIBUTE},
                "ExpressionAttributeValues": {
                    ":handle": {"S": wanted.handle or ""},
                    ":now": {"N": str(int(now.timestamp()))},
                },
            }
        }


def _name(item: "Item") -> Name:
    return Name(item[PERSON_KEY]["S"], int(item[KEY_VERSION]["N"]) if KEY_VERSION in item else 1)


def _item(name: Name, party: str, wanted: Registration, now: datetime) -> "Item":
    item = registration_key(name.person, party)
    item["begin"] = {"S": wanted.begin.isoformat()}
    item["right"] = {"S": wanted.right.value}
    item[KEY_VERSION] = {"N": str(name.key_version)}
    if wanted.handle is not None:
        item[HANDLE_KEY] = {"S": wanted.handle}
    if wanted.end is not None:
        item["end"] = {"S": wanted.end.isoformat()}
    expires = expires_at(wanted)
    if expires is not None:
        item[TTL_ATTRIBUTE] = {"N": str(retention.ttl(expires, now))}
    return item


def expires_at(registration: Registration) -> int | None:
    """Compute when a registration must be gone, in epoch seconds; None while it is open."""
    return None if registration.end is None else end_of_day(anniversary(registration.end, _KEPT_YEARS_AFTER_END))


@dataclass(frozen=True, slots=True)
class DynamoQuota:
    """Counts new registrations by party and day, and keeps allowances, among the registrations themselves."""

    client: "DynamoDBClient"
    table: str
    sleep: Sleep

    def read_quota(self, party: str, day: date) -> tuple[int, tuple[Allowance, ...]]:
        """Read how many new persons a party registered on a day, and its allowances."""
        counted, allowances = 0, _NO_ALLOWANCES
        keys = [_count_key(party, day), _allowances_key(party)]
        for item in batch_get(self.client, {self.table: keys}, self.sleep)[self.table]:
            if _COUNTED in item:
                counted = int(item[_COUNTED]["N"])
            else:
                allowances = item[_ALLOWANCES]["S"]
        return counted, _decode(allowances)

    def count(self, party: str, day: date, more: int, *, most: int) -> None:
        """Count new persons of a party, on condition that the day's number stays within the most.

        Raises:
            ConflictError: it would not; nothing was counted.
        """
        with translated("dynamodb:UpdateItem"):
            self.client.update_item(
                TableName=self.table,
                Key=_count_key(party, day),
                UpdateExpression="ADD #counted :more SET #expires = :expires",
                ConditionExpression="attribute_not_exists(#counted) OR #counted <= :room",
                ExpressionAttributeNames={"#counted": _COUNTED, "#expires": TTL_ATTRIBUTE},
                ExpressionAttributeValues={
                    ":more": {"N": str(more)},
                    ":room": {"N": str(most - more)},
                    ":expires": {"N": str(_count_expires_at(day))},
                },
            )

    def allow(self, party: str, allowance: Allowance) -> None:
        """Add an allowance to those of a party; the earlier ones stay, as a record of who gave what.

        Raises:
            ConflictError: another was given at this moment.
        """
        key = _allowances_key(party)
        found = batch_get(self.client, {self.table: [key]}, self.sleep)[self.table]
        before = found[0][_ALLOWANCES]["S"] if found else None
        after = _encode([*_decode(before or _NO_ALLOWANCES), allowance])
        condition = f"attribute_not_exists({PARTY_KEY})" if before is None else f"{_ALLOWANCES} = :before"
        with translated("dynamodb:UpdateItem"):
            self.client.update_item(
                TableName=self.table,
                Key=key,
                UpdateExpression=f"SET {_ALLOWANCES} = :after",
                ConditionExpression=condition,
                ExpressionAttributeValues={":after": {"S": after}}
                | ({} if before is None else {":before": {"S": before}}),
            )


_NO_ALLOWANCES = "[]"


def _count_key(party: str, day: date) -> "Item":
    return registration_key(f"{_NEW_ON}{day.isoformat()}", party)


def _count_expires_at(day: date) -> int:
    return end_of_day(anniversary(day, _KEPT_YEARS_AFTER_END))


def is_count_as_made(item: "Item") -> bool:
    """Tell whether what stands beside the registrations is as it was made: a count with its end, or allowances."""
    name = item[PERSON_KEY]["S"]
    try:
        if name.startswith(_NEW_ON):
            day = date.fromisoformat(name.removeprefix(_NEW_ON))
            return int(item[_COUNTED]["N"]) > 0 and int(item[TTL_ATTRIBUTE]["N"]) == _count_expires_at(day)
        return _ALLOWANCES not in item or bool(_decode(item[_ALLOWANCES]["S"]))
    except (ValueError, KeyError, TypeError):
        return False


def _allowances_key(party: str) -> "Item":
    return registration_key(f"{NOT_A_PERSON}allowances", party)


def _encode(allowances: Sequence[Allowance]) -> str:
    return json.dumps(
        [[a.per_day, a.until.isoformat(), a.by, a.reason, a.given.isoformat()] for a in allowances],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _decode(text: str) -> tuple[Allowance, ...]:
    return tuple(
        Allowance(per_day, date.fromisoformat(until), by, reason, datetime.fromisoformat(given))
        for per_day, until, by, reason, given in json.loads(text)
    )
