"""The table of quality reports, and the folder where the source is told of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import batch_get, transact_write
from jbplus.aws.errors import translated
from jbplus.aws.keys import ENTRY_KEY, KEY_VERSION, NEWEST_INDEX, PARTY_KEY, REPORT_KEY, SUBJECT_KEY, TTL_ATTRIBUTE
from jbplus.doubts.rules import ReportStatus
from jbplus.doubts.table import DynamoDoubts
from jbplus.errors import ConflictError, ThrottledError, UnavailableError
from jbplus.persons import retention
from jbplus.persons.pseudonym import Name
from jbplus.quality.rules import Answer, Flaw, Report
from jbplus.retry import Sleep, attempts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputPaginateTypeDef, TransactWriteItemTypeDef

    from jbplus.aws.dynamodb import Item

_PAGE = 51
_MOST_ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class DynamoReports:
    """Keeps reports (Article 7), by party; an index has them in the order of time, as consistent as the table."""

    client: "DynamoDBClient"
    table: str
    doubts: DynamoDoubts
    sleep: Sleep

    def add(self, report: Report, names: Sequence[Name]) -> None:
        """Add a report, and the doubt that it casts, both or neither.

        Raises:
            ConflictError: it is there already.
            UnavailableError: out of reach, or others kept writing about the same person.
        """
        put: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self.table,
                "Item": _item(report),
                "ConditionExpression": f"attribute_not_exists({REPORT_KEY})",
            }
        }
        self._write(put, report, names, report.moment, is_new=True)

    def find(self, report_id: str, parties: Sequence[str], now: datetime) -> Report | None:
        """Find a report by any of these parties; an expired one is absent."""
        keys = {self.table: [_key(party, report_id) for party in parties]}
        for item in batch_get(self.client, keys, self.sleep)[self.table]:
            if not retention.is_expired(int(item[TTL_ATTRIBUTE]["N"]), now):
                return _report(item)
        return None

    def newest(self, party: str, *, status: ReportStatus | None, before: str | None, now: datetime) -> Iterator[Report]:
        """Read a party's reports, newest first; expired ones are absent."""
        condition, wish = f"{PARTY_KEY} = :party", f"{TTL_ATTRIBUTE} > :now"
        names: dict[str, str] = {}
        values: Item = {":party": {"S": party}, ":now": {"N": str(int(now.timestamp()))}}
        if before is not None:
            condition += f" AND {ENTRY_KEY} < :before"
            values[":before"] = {"S": before}
        if status is not None:
            wish += " AND #status = :status"
            names["#status"] = "status"
            values[":status"] = {"S": status.value}
        query: QueryInputPaginateTypeDef = {
            "TableName": self.table,
            "IndexName": NEWEST_INDEX,
            "ConsistentRead": True,
            "ScanIndexForward": False,
            "KeyConditionExpression": condition,
            "FilterExpression": wish,
            "ExpressionAttributeValues": values,
            "PaginationConfig": {"PageSize": _PAGE},
        }
        if names:
            query["ExpressionAttributeNames"] = names
        with translated("dynamodb:Query"):
            for page in self.client.get_paginator("query").paginate(**query):
                yield from map(_report, page["Items"])

    def answer(self, report: Report, answer: Answer, names: Sequence[Name]) -> None:
        """Keep the answer to a report, and what becomes of the doubt, both or neither.

        Raises:
            ConflictError: the report is not there (any more).
            UnavailableError: out of reach, or others kept writing about the same person.
        """
        update: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self.table,
                "Key": _key(report.reporter, report.id),
                "UpdateExpression": "SET #status = :status, answer = :text, answeredAt = :moment",
                "ConditionExpression": f"attribute_exists({REPORT_KEY})",
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": {
                    ":status": {"S": answer.status.value},
                    ":text": {"S": answer.text},
                    ":moment": {"S": _moment(answer.moment)},
                },
            }
        }
        self._write(update, replace(report, answer=answer), names, answer.moment, is_new=False)

    def _write(
        self,
        step: "TransactWriteItemTypeDef",
        report: Report,
        names: Sequence[Name],
        now: datetime,
        *,
        is_new: bool,
    ) -> None:
        for _ in attempts(_MOST_ATTEMPTS, self.sleep):
            doubts = self.doubts.puts(names, report.doubt, now) if names else []
            try:
                transact_write(self.client, [step, *doubts])
            except (ConflictError, ThrottledError):
                if (self.find(report.id, [report.reporter], now) is None) is not is_new:
                    raise ConflictError("reports") from None
                continue
            return
        raise UnavailableError("reports: throttled, or others kept writing about the same person")


def _key(party: str, report_id: str) -> "Item":
    return {PARTY_KEY: {"S": party}, REPORT_KEY: {"S": report_id}}


def _item(report: Report) -> "Item":
    texts = {
        ENTRY_KEY: report.entry,
        "moment": _moment(report.moment),
        "flaw": report.flaw.value,
        "referte": report.referte,
        "note": report.note,
        "status": report.status.value,
    }
    item = _key(report.reporter, report.id)
    item |= {name: {"S": text} for name, text in texts.items() if text is not None}
    item[TTL_ATTRIBUTE] = {"N": str(report.expires_at)}
    if report.subject is not None:
        item |= {SUBJECT_KEY: {"S": report.subject.person}, KEY_VERSION: {"N": str(report.subject.key_version)}}
    return item


def _report(item: "Item") -> Report:
    answer = None
    if "answer" in item:
        moment = datetime.fromisoformat(item["answeredAt"]["S"])
        answer = Answer(ReportStatus(item["status"]["S"]), item["answer"]["S"], moment)
    return Report(
        id=item[REPORT_KEY]["S"],
        reporter=item[PARTY_KEY]["S"],
        subject=Name(item[SUBJECT_KEY]["S"], int(item[KEY_VERSION]["N"])) if SUBJECT_KEY in item else None,
        moment=datetime.fromisoformat(item["moment"]["S"]),
        flaw=Flaw(item["flaw"]["S"]),
        referte=item["referte"]["S"] if "referte" in item else None,
        note=item["note"]["S"] if "note" in item else None,
        answer=answer,
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
