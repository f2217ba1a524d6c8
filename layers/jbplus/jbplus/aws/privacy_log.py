"""The table of the privacy log: only ever added to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from jbplus.aws.dynamodb import transact_write
from jbplus.errors import ConflictError, UnavailableError
from jbplus.privacy_log import LogEntry
from jbplus.tables import ENTRY_KEY, SUBJECT_KEY, TTL_ATTRIBUTE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from jbplus.aws.dynamodb import Item


@dataclass(frozen=True, slots=True)
class DynamoPrivacyLog:
    """Keeps the records by party and person, in the order of time (Article 6)."""

    client: "DynamoDBClient"
    table: str

    def write(self, entries: Sequence[LogEntry]) -> None:
        """Write the records of one call in one transaction of conditional puts.

        Raises:
            UnavailableError: they could not be written; the call must not be answered.
        """
        try:
            transact_write(
                self.client,
                [
                    {
                        "Put": {
                            "TableName": self.table,
                            "Item": _item(entry),
                            "ConditionExpression": f"attribute_not_exists({SUBJECT_KEY})",
                        }
                    }
                    for entry in entries
                ],
            )
        except ConflictError:
            raise UnavailableError("privacy log: a record of this call is there already") from None


def _item(entry: LogEntry) -> "Item":
    caller, asker = entry.caller, entry.caller.asker
    moment = entry.moment.astimezone(UTC).isoformat(timespec="microseconds")
    texts = {
        SUBJECT_KEY: f"{asker.kbo}#{entry.subject}",
        ENTRY_KEY: f"{moment}#{caller.trace}#{entry.position:03d}",
        "reference": caller.trace,
        "correlation": caller.correlation,
        "service": entry.service.value,
        "party": asker.kbo,
        "application": asker.application,
        "endUser": caller.end_user,
        "moment": moment,
        "person": entry.subject,
        "outcome": entry.outcome.value,
        "purpose": entry.purpose,
        "file": entry.file,
        "registeredBy": entry.registered_by,
    }
    item: Item = {name: {"S": text} for name, text in texts.items() if text is not None}
    item["keyVersion"] = {"N": str(entry.key_version)}
    item["afterMutation"] = {"BOOL": entry.after_mutation}
    item[TTL_ATTRIBUTE] = {"N": str(entry.expires_at)}
    return item
