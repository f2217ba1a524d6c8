"""The table of suspensions, one item for each party."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import batch_get
from jbplus.aws.errors import translated
from jbplus.aws.keys import PARTY_KEY, TTL_ATTRIBUTE
from jbplus.persons.state import version_of
from jbplus.retry import Sleep
from jbplus.suspensions.rules import Suspension, decode, encode
from jbplus.suspensions.service import StoredSuspensions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from jbplus.aws.dynamodb import Item


def suspensions_key(party: str) -> "Item":
    """Give the key of a party's item."""
    return {PARTY_KEY: {"S": party}}


def suspensions_of(item: "Item") -> tuple[Suspension, ...]:
    """Read a party's item."""
    return decode(item["suspensions"]["S"])


@dataclass(frozen=True, slots=True)
class DynamoSuspensions:
    """Keeps suspensions (Article 8), so that a lookup reads those of its party at once."""

    client: "DynamoDBClient"
    table: str
    sleep: Sleep

    def read(self, parties: Collection[str]) -> dict[str, StoredSuspensions]:
        """Read the suspensions of parties, by KBO number, consistently."""
        keys = {self.table: [suspensions_key(party) for party in parties]}
        found = {
            item[PARTY_KEY]["S"]: StoredSuspensions(suspensions_of(item), item["version"]["S"])
            for item in batch_get(self.client, keys, self.sleep)[self.table]
        }
        return {party: found.get(party, StoredSuspensions()) for party in parties}

    def write(self, party: str, suspensions: Sequence[Suspension], replaces: str | None) -> None:
        """Write a party's suspensions, on condition that they are as they were read.

        Raises:
            ConflictError: they are not; nothing was written.
        """
        with translated("dynamodb:PutItem"):
            if replaces is None:
                self.client.put_item(
                    TableName=self.table,
                    Item=_item(party, suspensions),
                    ConditionExpression=f"attribute_not_exists({PARTY_KEY})",
                )
            else:
                self.client.put_item(
                    TableName=self.table,
                    Item=_item(party, suspensions),
                    ConditionExpression="version = :read",
                    ExpressionAttributeValues={":read": {"S": replaces}},
                )


def _item(party: str, suspensions: Sequence[Suspension]) -> "Item":
    text = encode(suspensions)
    item: Item = suspensions_key(party) | {"suspensions": {"S": text}, "version": {"S": version_of(text)}}
    ends = [each.expires_at for each in suspensions]
    known = [end for end in ends if end is not None]
    # Only a party without open suspensions is forgotten.
    if known and len(known) == len(ends):
        item[TTL_ATTRIBUTE] = {"N": str(max(known))}
    return item
