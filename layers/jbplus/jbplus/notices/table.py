"""The table of notices: the recipients' queues and numbers, and how far each file was told."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import transact_write
from jbplus.aws.errors import translated
from jbplus.aws.keys import ENTRY_KEY, PARTY_KEY
from jbplus.errors import ConflictError
from jbplus.mutation_file.kinds import Kind
from jbplus.notices.applied import kind_of
from jbplus.notices.queue import Decision, Given, Part, Queued, Waiting

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from jbplus.aws.dynamodb import Item

# In the place of a recipient: the files, each with how far it was told.
_FILES = "files"
_STANDING = "standing"
_QUEUED = "queued"
# What was given out, of each kind: its last number and moment.
_GIVEN = {Kind.MUTATIONS: ("given", "moment"), Kind.SUCCESSIONS: ("givenSuccessions", "successionMoment")}
_QUEUE = "queue#"
_PART = "part#"


@dataclass(frozen=True, slots=True)
class DynamoQueues:
    """Keeps for each recipient a standing (what was queued and given out), its queue, and the parts it ever had."""

    client: "DynamoDBClient"
    table: str

    def next_part(self, file: str) -> int:
        """Tell which part of a file is to be told next."""
        item = self._get(_key(_FILES, file))
        return 0 if item is None else int(item["nextPart"]["N"])

    def told(self, file: str, part: int) -> None:
        """Record that a part of a file was told, and all before it; what was told further stays."""
        with suppress(ConflictError), translated("dynamodb:UpdateItem"):
            self.client.update_item(
                TableName=self.table,
                Key=_key(_FILES, file),
                UpdateExpression="SET nextPart = :next",
                ConditionExpression="attribute_not_exists(nextPart) OR nextPart < :next",
                ExpressionAttributeValues={":next": {"N": str(part + 1)}},
            )

    def is_known(self, recipient: str, part: Part) -> bool:
        """Tell whether a part ever stood in the recipient's queue."""
        return self._get(_part_key(recipient, part)) is not None

    def is_waiting(self, recipient: str, part: Part) -> bool:
        """Tell whether a part stands in the recipient's queue."""
        known = self._get(_part_key(recipient, part))
        return known is not None and self._get(_queue_key(recipient, int(known["position"]["N"]))) is not None

    def append(self, recipient: str, part: Part) -> None:
        """Put a part at the end of a recipient's queue, once for all times.

        Raises:
            ConflictError: it stands or stood there already, or a rival appended another.
        """
        standing = self._get(_key(recipient, _STANDING))
        queued = 0 if standing is None else int(standing[_QUEUED]["N"])
        place: Item = {"file": {"S": part.file}, "part": {"N": str(part.number)}}
        transact_write(
            self.client,
            [
                self._count(recipient, _QUEUED, queued + 1),
                self._put_new(_part_key(recipient, part), {"position": {"N": str(queued + 1)}}),
                self._put_new(_queue_key(recipient, queued + 1), place),
            ],
        )

    def first(self, recipient: str) -> Waiting | None:
        """Give the first in a recipient's queue."""
        with translated("dynamodb:Query"):
            items = self.client.query(
                TableName=self.table,
                KeyConditionExpression=f"{PARTY_KEY} = :party AND begins_with({ENTRY_KEY}, :queue)",
                ExpressionAttributeValues={":party": {"S": recipient}, ":queue": {"S": _QUEUE}},
                ConsistentRead=True,
                Limit=1,
            )["Items"]
        return _waiting(items[0]) if items else None

    def given(self, recipient: str, kind: Kind = Kind.MUTATIONS) -> Given:
        """Tell what was given out to a recipient of files of a kind."""
        number, moment = _GIVEN[kind]
        standing = self._get(_key(recipient, _STANDING))
        if standing is None or number not in standing:
            return Given()
        return Given(int(standing[number]["N"]), datetime.fromisoformat(standing[moment]["S"]))

    def decide(self, waiting: Waiting, decision: Decision) -> None:
        """Decide on a part. A number of its kind's series is given out with it, one above the last.

        Raises:
            ConflictError: a rival decided, or gave out that number.
        """
        changes = [self._decision(waiting, decision)]
        if decision.number is not None:
            number, moment = _GIVEN[kind_of(waiting.part.file)]
            changes += [
                self._count(waiting.recipient, number, decision.number, **{moment: decision.moment.isoformat()}),
                self._keep(waiting, decision),
            ]
        transact_write(self.client, changes)

    def remove(self, waiting: Waiting) -> None:
        """Take a part out of the queue; fine when it is gone."""
        with translated("dynamodb:DeleteItem"):
            self.client.delete_item(TableName=self.table, Key=_queue_key(waiting.recipient, waiting.position))

    def history(self, recipient: str) -> Iterator[Queued]:
        """Give all parts that ever stood in a recipient's queue."""
        return map(_queued, self._entries(recipient, _PART))

    def waiting(self, recipient: str) -> Iterator[Waiting]:
        """Give all that stands in a recipient's queue."""
        return map(_waiting, self._entries(recipient, _QUEUE))

    def _entries(self, recipient: str, beginning: str) -> "Iterator[Item]":
        with translated("dynamodb:Query"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression=f"{PARTY_KEY} = :party AND begins_with({ENTRY_KEY}, :beginning)",
                ExpressionAttributeValues={":party": {"S": recipient}, ":beginning": {"S": beginning}},
                ConsistentRead=True,
            )
            for page in pages:
                yield from page["Items"]

    def lengths(self, recipients: Sequence[str]) -> dict[str, int]:
        """Count the parts in each recipient's queue."""
        return {recipient: self._length(recipient) for recipient in recipients}

    def _length(self, recipient: str) -> int:
        with translated("dynamodb:Query"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression=f"{PARTY_KEY} = :party AND begins_with({ENTRY_KEY}, :queue)",
                ExpressionAttributeValues={":party": {"S": recipient}, ":queue": {"S": _QUEUE}},
                Select="COUNT",
            )
            return sum(page["Count"] for page in pages)

    def _get(self, key: "Item") -> "Item | None":
        with translated("dynamodb:GetItem"):
            return self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")

    def _put_new(self, key: "Item", more: "Item") -> "TransactWriteItemTypeDef":
        return {
            "Put": {
                "TableName": self.table,
                "Item": key | more,
                "ConditionExpression": f"attribute_not_exists({ENTRY_KEY})",
            }
        }

    def _count(self, recipient: str, counter: str, number: int, **more: str) -> "TransactWriteItemTypeDef":
        """Move a count of a recipient's standing on by one, and set texts beside it; on condition that no rival did."""
        values: Item = {":number": {"N": str(number)}}
        values |= {f":{name}": {"S": text} for name, text in more.items()}
        condition = f"attribute_not_exists({counter})"
        if number > 1:
            condition = f"{counter} = :before"
            values[":before"] = {"N": str(number - 1)}
        return {
            "Update": {
                "TableName": self.table,
                "Key": _key(recipient, _STANDING),
                "UpdateExpression": ", ".join([f"SET {counter} = :number", *(f"{name} = :{name}" for name in more)]),
                "ConditionExpression": condition,
                "ExpressionAttributeValues": values,
            }
        }

    def _decision(self, waiting: Waiting, decision: Decision) -> "TransactWriteItemTypeDef":
        values: Item = {
            ":moment": {"S": decision.moment.isoformat()},
            ":number": {"N": str(decision.number or 0)},
            ":leftOut": {"S": json.dumps(decision.left_out, separators=(",", ":"))},
        }
        return {
            "Update": {
                "TableName": self.table,
                "Key": _queue_key(waiting.recipient, waiting.position),
                "UpdateExpression": "SET decidedAt = :moment, #number = :number, leftOut = :leftOut",
                "ConditionExpression": f"attribute_exists({ENTRY_KEY}) AND attribute_not_exists(decidedAt)",
                "ExpressionAttributeNames": {"#number": "number"},
                "ExpressionAttributeValues": values,
            }
        }

    def _keep(self, waiting: Waiting, decision: Decision) -> "TransactWriteItemTypeDef":
        """Keep which notice told of a part, after it has left the queue."""
        return {
            "Update": {
                "TableName": self.table,
                "Key": _part_key(waiting.recipient, waiting.part),
                "UpdateExpression": "SET #number = :number, moment = :moment",
                "ExpressionAttributeNames": {"#number": "number"},
                "ExpressionAttributeValues": {
                    ":number": {"N": str(decision.number)},
                    ":moment": {"S": decision.moment.isoformat()},
                },
            }
        }


def _key(party: str, entry: str) -> "Item":
    return {PARTY_KEY: {"S": party}, ENTRY_KEY: {"S": entry}}


def _queue_key(recipient: str, position: int) -> "Item":
    return _key(recipient, f"{_QUEUE}{position:012d}")


def _part_key(recipient: str, part: Part) -> "Item":
    return _key(recipient, f"{_PART}{part.name}")


def _waiting(item: "Item") -> Waiting:
    decision = None
    if "decidedAt" in item:
        decision = Decision(
            int(item["number"]["N"]) or None,
            datetime.fromisoformat(item["decidedAt"]["S"]),
            tuple(json.loads(item["leftOut"]["S"])),
        )
    return Waiting(
        item[PARTY_KEY]["S"],
        int(item[ENTRY_KEY]["S"].removeprefix(_QUEUE)),
        Part(item["file"]["S"], int(item["part"]["N"])),
        decision,
    )


def _queued(item: "Item") -> Queued:
    file, _, number = item[ENTRY_KEY]["S"].removeprefix(_PART).rpartition(".")
    is_given = "number" in item
    return Queued(
        Part(file, int(number)),
        int(item["position"]["N"]),
        int(item["number"]["N"]) if is_given else None,
        datetime.fromisoformat(item["moment"]["S"]) if is_given else None,
    )
