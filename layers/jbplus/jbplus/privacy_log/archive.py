"""Reading the table of the privacy log, by person and by day."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from jbplus.aws.errors import translated
from jbplus.aws.keys import BY_DAY_INDEX, DAY_KEY, ENTRY_KEY, KEY_VERSION, SUBJECT_KEY, TTL_ATTRIBUTE
from jbplus.privacy_log.service import PAGE, LogRecord, Window
from jbplus.privacy_log.table import SHARDS, day_partition, person_partition, place_of, sort_key
from jbplus.protocol.calendar import brussels_day, start_of_day

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

    from jbplus.aws.dynamodb import Item

# All places begin with a digit: these stand before and after each.
_BEFORE_ALL, _AFTER_ALL = "0", ":"


@dataclass(frozen=True, slots=True)
class DynamoLogArchive:
    """Reads records lazily: a partition is asked for its next ones only when those before are used up."""

    client: "DynamoDBClient"
    table: str

    def of_person(self, party: str, persons: Sequence[str], window: Window) -> Iterator[LogRecord]:
        """Read a party's records of one person, under all the person's pseudonyms.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        low, high = _bounds(window)
        return _merged(
            [
                self._read(
                    {
                        **self._between(SUBJECT_KEY, person_partition(party, person), low, high),
                        "ConsistentRead": True,
                    }
                )
                for person in persons
            ]
        )

    def of_days(self, party: str, days: Sequence[date], after: str | None) -> Iterator[LogRecord]:
        """Read a party's records of these calendar days in Brussels, which are in order.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        low = _BEFORE_ALL if after is None else _just_after(after)
        for day in days if after is None else [day for day in days if day >= _day_of(after)]:
            yield from _merged(
                [
                    self._read(
                        {
                            **self._between(DAY_KEY, day_partition(party, day, shard), low, _AFTER_ALL),
                            "IndexName": BY_DAY_INDEX,
                        }
                    )
                    for shard in range(SHARDS)
                ]
            )

    def _between(self, key: str, partition: str, low: str, high: str) -> "QueryInputTypeDef":
        return {
            "TableName": self.table,
            "KeyConditionExpression": "#partition = :partition AND #entry BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#partition": key, "#entry": ENTRY_KEY},
            "ExpressionAttributeValues": {":partition": {"S": partition}, ":low": {"S": low}, ":high": {"S": high}},
            "Limit": PAGE,
        }

    def _read(self, request: "QueryInputTypeDef") -> Iterator[LogRecord]:
        while True:
            with translated("dynamodb:Query"):
                answer = self.client.query(**request)
            yield from map(_record, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request = {**request, "ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _merged(streams: list[Iterator[LogRecord]]) -> Iterator[LogRecord]:
    return heapq.merge(*streams, key=lambda record: record.place)


def _bounds(window: Window) -> tuple[str, str]:
    low = _BEFORE_ALL if window.first is None else sort_key(start_of_day(window.first))
    # No place is this very text: after its moment each goes on with the call's trace.
    high = _AFTER_ALL if window.last is None else sort_key(start_of_day(window.last + timedelta(days=1)))
    return low if window.after is None else max(low, _just_after(window.after)), high


def _just_after(place: str) -> str:
    """Give a text that follows a place at once: no place holds a space, and every other sign of theirs is higher."""
    return f"{place} "


def _day_of(place: str) -> date:
    return brussels_day(datetime.fromisoformat(place.partition("#")[0]))


def _record(item: "Item") -> LogRecord:
    moment, reference, person = place_of(item)
    return LogRecord(
        place=item[ENTRY_KEY]["S"],
        reference=reference,
        moment=moment,
        service=item["service"]["S"],
        application=item["application"]["S"],
        end_user=item["endUser"]["S"],
        correlation=item["correlation"]["S"],
        person=person,
        key_version=int(item[KEY_VERSION]["N"]),
        outcome=item["outcome"]["S"],
        expires_at=int(item[TTL_ATTRIBUTE]["N"]),
        purpose=_text(item, "purpose"),
        file=_text(item, "file"),
        registered_by=_text(item, "registeredBy"),
        after_mutation=item["afterMutation"]["BOOL"],
    )


def _text(item: "Item", name: str) -> str | None:
    return item[name]["S"] if name in item else None
