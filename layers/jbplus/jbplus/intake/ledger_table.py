"""The table of files taken in: the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from jbplus.aws.errors import translated
from jbplus.aws.keys import NUMBER_KEY, SERIES_KEY
from jbplus.errors import UnavailableError
from jbplus.intake.ledger import Claim, Claimed, FileId, Unfinished
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.report import Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from jbplus.aws.dynamodb import Item

_REFERTES = "referte#"
SERIES = {Kind.MUTATIONS: "volgnummer", Kind.SUCCESSIONS: "opvolging"}
"""The partition of each kind's volgnummers."""
_CLAIMED = "claimedAt"
_FINISHED = "finishedAt"


def _identity(file: FileId) -> "Item":
    return {
        "referte": {"S": file.referte},
        "volgnummer": {"N": str(file.volgnummer)},
        "sha256": {"S": file.sha256},
    }


def _file(item: "Item") -> FileId:
    return FileId(item["referte"]["S"], int(item["volgnummer"]["N"]), item["sha256"]["S"])


@dataclass(frozen=True, slots=True)
class DynamoLedger:
    """Keeps two items a file, claimed in one transaction: one by its referte, one by its volgnummer.

    Attributes:
        client: the low-level client.
        table: the table's name.
        kind: of the files; each has its own series of numbers, and no two files of any kind have one referte.
    """

    client: "DynamoDBClient"
    table: str
    kind: Kind = Kind.MUTATIONS

    def volgnummers(self) -> list[int]:
        """List the volgnummers of all claimed files, ascending."""
        return [int(item[NUMBER_KEY]["N"]) for item in self._files()]

    def last_finished(self) -> datetime | None:
        """Tell when the last file was done with, or None before the first."""
        moments = [int(item[_FINISHED]["N"]) for item in self._files() if _FINISHED in item]
        return datetime.fromtimestamp(max(moments), UTC) if moments else None

    def unfinished(self) -> list[Unfinished]:
        """List the files that were claimed and are not done with, by volgnummer."""
        return [
            Unfinished(int(item[NUMBER_KEY]["N"]), datetime.fromtimestamp(int(item[_CLAIMED]["N"]), UTC))
            for item in self._files()
            if _FINISHED not in item
        ]

    def claimed(self) -> list[Claimed]:
        """List all that was claimed, by referte or by volgnummer: it reads the whole table."""
        by_referte: dict[FileId, Item] = {}
        by_volgnummer: dict[FileId, Item] = {}
        with translated("dynamodb:Scan"):
            for page in self.client.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True):
                for item in page["Items"]:
                    of = by_referte if item[SERIES_KEY]["S"].startswith(_REFERTES) else by_volgnummer
                    of[_file(item)] = item
        return [
            Claimed(
                file,
                datetime.fromtimestamp(int(item[_CLAIMED]["N"]), UTC),
                item["status"]["S"] if "status" in item else None,
                is_whole=file in by_referte and file in by_volgnummer,
            )
            for file, item in (by_referte | by_volgnummer).items()
        ]

    def _files(self) -> "Iterator[Item]":
        with translated("dynamodb:Query"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression=f"{SERIES_KEY} = :series",
                ExpressionAttributeValues={":series": {"S": SERIES[self.kind]}},
                ProjectionExpression=f"#number, {_CLAIMED}, {_FINISHED}",
                ExpressionAttributeNames={"#number": NUMBER_KEY},
                ConsistentRead=True,
            )
            for page in pages:
                yield from page["Items"]

    def claim(self, file: FileId, at: datetime) -> Claim:
        """Claim a file's referte and volgnummer together, or tell who has them.

        Raises:
            ConflictError: a rival claims at this very moment; try again.
            UnavailableError: throttled or out of reach.
        """
        with translated("dynamodb:TransactWriteItems"):
            try:
                self.client.transact_write_items(
                    TransactItems=[
                        self._claim_item(self._referte_key(file), file, at),
                        self._claim_item(self._volgnummer_key(file), file, at),
                    ]
                )
            except ClientError as error:
                reasons = error.response.get("CancellationReasons", [])
                if not reasons or {r.get("Code") for r in reasons} - {"None", "ConditionalCheckFailed"}:
                    raise
                return self._who_has_it(file, [reason.get("Item") for reason in reasons])
        return Claim.OURS

    def finish(self, file: FileId, status: Status, at: datetime) -> None:
        """Record what became of a claimed file; the first time is the one that counts."""
        with translated("dynamodb:UpdateItem"):
            self.client.update_item(
                TableName=self.table,
                Key=self._volgnummer_key(file),
                UpdateExpression=(
                    f"SET #status = if_not_exists(#status, :status), {_FINISHED} = if_not_exists({_FINISHED}, :at)"
                ),
                ConditionExpression="referte = :referte",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":status": {"S": status},
                    ":referte": {"S": file.referte},
                    ":at": {"N": str(int(at.timestamp()))},
                },
            )

    @staticmethod
    def _who_has_it(file: FileId, holders: "Sequence[Mapping[str, object] | None]") -> Claim:
        by_referte, by_volgnummer = holders
        for holder, claim in ((by_referte, Claim.REFERTE_IN_USE), (by_volgnummer, Claim.VOLGNUMMER_IN_USE)):
            if holder is not None and not _identity(file).items() <= holder.items():
                return claim
        if by_volgnummer is None:
            raise UnavailableError("ledger: a file is claimed by its referte but not by its volgnummer")
        return Claim.FINISHED if "status" in by_volgnummer else Claim.OURS

    def _claim_item(self, key: "Item", file: FileId, at: datetime) -> "TransactWriteItemTypeDef":
        return {
            "Put": {
                "TableName": self.table,
                "Item": key | _identity(file) | {_CLAIMED: {"N": str(int(at.timestamp()))}},
                "ConditionExpression": f"attribute_not_exists({SERIES_KEY})",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    @staticmethod
    def _referte_key(file: FileId) -> "Item":
        return {SERIES_KEY: {"S": f"{_REFERTES}{file.referte}"}, NUMBER_KEY: {"N": "0"}}

    def _volgnummer_key(self, file: FileId) -> "Item":
        return {SERIES_KEY: {"S": SERIES[self.kind]}, NUMBER_KEY: {"N": str(file.volgnummer)}}
