"""The doubts about persons, one item a person, among its registrations: a lookup reads them together.

They move with the registrations when the key is rotated. None is ever taken away, so that no copy of an earlier state
can come back under another name; each ends with its report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import batch_get
from jbplus.aws.keys import KEY_VERSION, PARTY_KEY, PERSON_KEY, TTL_ATTRIBUTE
from jbplus.doubts.rules import Doubt, decode, encode, with_doubt
from jbplus.persons.pseudonym import Name
from jbplus.persons.state import version_of
from jbplus.retry import Sleep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from jbplus.aws.dynamodb import Item

_IN_PLACE_OF_A_PARTY = "#doubts"


def doubts_key(person: str) -> "Item":
    """Give the key of a person's item."""
    return {PERSON_KEY: {"S": person}, PARTY_KEY: {"S": _IN_PLACE_OF_A_PARTY}}


def holds_doubts(item: "Item") -> bool:
    """Tell a person's item from the registrations that it stands among."""
    return item[PARTY_KEY]["S"] == _IN_PLACE_OF_A_PARTY


def doubts_of(item: "Item") -> tuple[Doubt, ...]:
    """Read a person's item."""
    return decode(item["doubts"]["S"])


@dataclass(frozen=True, slots=True)
class DynamoDoubts:
    """Writes doubts, in the transaction that keeps what they are about.

    Attributes:
        client: the low-level client.
        table: the table of registrations.
        sleep: pauses for a number of seconds.
    """

    client: "DynamoDBClient"
    table: str
    sleep: Sleep

    def puts(self, names: Sequence[Name], doubt: Doubt, now: datetime) -> list["TransactWriteItemTypeDef"]:
        """Give the steps of a transaction that put a doubt under all of a person's names, if nobody did meanwhile.

        Args:
            names: under which the person is read and written now, the one that counts first.
            doubt: how far a report has come.
            now: the present moment.
        """
        keys = [doubts_key(name.person) for name in names]
        found = batch_get(self.client, {self.table: keys}, self.sleep)[self.table]
        present = {item[PERSON_KEY]["S"]: item for item in found}
        before = next((doubts_of(present[name.person]) for name in names if name.person in present), ())
        after = with_doubt(before, doubt, now)
        return [self._put(name, after, present.get(name.person)) for name in names]

    def _put(self, name: Name, doubts: Sequence[Doubt], replaces: "Item | None") -> "TransactWriteItemTypeDef":
        text = encode(doubts)
        item = doubts_key(name.person) | {
            "doubts": {"S": text},
            "version": {"S": version_of(text)},
            KEY_VERSION: {"N": str(name.key_version)},
            TTL_ATTRIBUTE: {"N": str(max(doubt.expires_at for doubt in doubts))},
        }
        if replaces is None:
            condition = f"attribute_not_exists({PERSON_KEY})"
            return {"Put": {"TableName": self.table, "Item": item, "ConditionExpression": condition}}
        return {
            "Put": {
                "TableName": self.table,
                "Item": item,
                "ConditionExpression": "version = :read",
                "ExpressionAttributeValues": {":read": replaces["version"]},
            }
        }
