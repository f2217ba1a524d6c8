"""The table of files taken in: the ledger.

Beside the claims stands one item a series, with the numbers that are claimed: it is written in the transaction of each
claim, so that nobody need read all claims to know the highest number and the missing ones. A ledger that has none yet,
or more missing numbers than an item should hold, is read whole, and so is every ledger by `mended`: what an older
version of the code claimed, or a restored backup has of one moment and not of another, is put right.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from jbplus.aws.errors import translated
from jbplus.aws.keys import NUMBER_KEY, SERIES_KEY
from jbplus.errors import ConflictError, UnavailableError
from jbplus.intake.ledger import Claim, Claimed, FileId, Run, Series, Unfinished
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.report import Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from jbplus.aws.dynamodb import Item

_REFERTES = "referte#"
SERIES = {Kind.MUTATIONS: "volgnummer", Kind.SUCCESSIONS: "opvolging"}
"""The partition of each kind's volgnummers."""
_KEPT = "reeks#"
_RUNS = "runs"
_MOST_RUNS = 1000
_CLAIMED = "claimedAt"
_FINISHED = "finishedAt"


def _identity(file: FileId) -> "Item":
    return {
        "referte": {"S": file.referte},
        "volgnummer": {"N": str(file.volgnummer)},
        "sha256": {"S": file.sha256},
    }


def _read_series(text: str | None) -> Series | None:
    """Read what is kept of a series; None where it is not, or not in full."""
    runs = None if text is None else json.loads(text)
    return Series(tuple(Run(first, last) for first, last in runs)) if isinstance(runs, list) else None


def _keepable(series: Series) -> Series | None:
    # A run takes 36 bytes at most, so that the item takes 36 write units at most, far below DynamoDB's 400 kB.
    return series if len(series.runs) <= _MOST_RUNS else None


def _write_series(series: Series, claimed: int) -> str:
    """Write a series; of too many runs only what was claimed last: a text that is another one after each claim."""
    keepable = _keepable(series)
    return json.dumps(claimed if keepable is None else keepable.runs, separators=(",", ":"))


def _file(item: "Item") -> FileId:
    return FileId(item["referte"]["S"], int(item["volgnummer"]["N"]), item["sha256"]["S"])


@dataclass(frozen=True, slots=True)
class DynamoLedger:
    """Keeps two items a file, claimed in one transaction: one by its referte, one by its volgnummer; and its series.

    Attributes:
        client: the low-level client.
        table: the table's name.
        kind: of the files; each has its own series of numbers, and no two files of any kind have one referte.
    """

    client: "DynamoDBClient"
    table: str
    kind: Kind = Kind.MUTATIONS

    def series(self) -> Series:
        """Read the volgnummers of all claimed files, as they are kept with each claim."""
        return _read_series(self._kept()) or self._gathered()

    def mended(self) -> Series:
        """Gather the volgnummers of all claimed files from the claims, and put right what is kept, should it differ."""
        # Read first: if a file is claimed meanwhile, the condition on it fails, and the next time will do.
        kept = self._kept()
        gathered = self._gathered()
        # A ledger of no file stays empty: by that a stack is known to be new.
        if gathered.runs if kept is None else _read_series(kept) != _keepable(gathered):
            with suppress(ConflictError), translated("dynamodb:PutItem"):
                self.client.put_item(**self._put_series(_write_series(gathered, claimed=0), kept))
        return gathered

    def _gathered(self) -> Series:
        return Series.of(int(item[NUMBER_KEY]["N"]) for item in self._files())

    def _kept(self) -> str | None:
        items = list(self._query(f"{_KEPT}{SERIES[self.kind]}", [_RUNS]))
        return items[0][_RUNS]["S"] if items else None

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
                    if item[SERIES_KEY]["S"].startswith(_KEPT):
                        continue
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
        return self._query(SERIES[self.kind], [_CLAIMED, _FINISHED])

    def _query(self, series: str, attributes: Sequence[str]) -> "Iterator[Item]":
        with translated("dynamodb:Query"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression=f"{SERIES_KEY} = :series",
                ExpressionAttributeValues={":series": {"S": series}},
                ProjectionExpression=", ".join(["#number", *attributes]),
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
        kept = self._kept()
        before = _read_series(kept) or self._gathered()
        becomes = _write_series(before.including(file.volgnummer), file.volgnummer)
        with translated("dynamodb:TransactWriteItems"):
            try:
                self.client.transact_write_items(
                    TransactItems=[
                        self._claim_item(self._referte_key(file), file, at),
                        self._claim_item(self._volgnummer_key(file), file, at),
                        {"Put": self._put_series(becomes, kept)},
                    ]
                )
            except ClientError as error:
                reasons = error.response.get("CancellationReasons", [])
                if not reasons or {r.get("Code") for r in reasons} - {"None", "ConditionalCheckFailed"}:
                    raise
                by_referte, by_volgnummer, _ = (reason.get("Item") for reason in reasons)
                if by_referte is None and by_volgnummer is None:
                    raise ConflictError("ledger: another file of the series is claimed at this moment") from None
                return self._who_has_it(file, by_referte, by_volgnummer)
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
    def _who_has_it(
        file: FileId, by_referte: "Mapping[str, object] | None", by_volgnummer: "Mapping[str, object] | None"
    ) -> Claim:
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

    def _put_series(self, becomes: str, replaces: str | None) -> Any:  # noqa: ANN401 - a put, alone or in a transaction
        item = {SERIES_KEY: {"S": f"{_KEPT}{SERIES[self.kind]}"}, NUMBER_KEY: {"N": "0"}}
        put = {"TableName": self.table, "Item": item | {_RUNS: {"S": becomes}}}
        if replaces is None:
            return put | {"ConditionExpression": f"attribute_not_exists({SERIES_KEY})"}
        return put | {
            "ConditionExpression": f"{_RUNS} = :read",
            "ExpressionAttributeValues": {":read": {"S": replaces}},
        }

    @staticmethod
    def _referte_key(file: FileId) -> "Item":
        return {SERIES_KEY: {"S": f"{_REFERTES}{file.referte}"}, NUMBER_KEY: {"N": "0"}}

    def _volgnummer_key(self, file: FileId) -> "Item":
        return {SERIES_KEY: {"S": SERIES[self.kind]}, NUMBER_KEY: {"N": str(file.volgnummer)}}
