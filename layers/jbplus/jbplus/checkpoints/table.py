"""The table of the privacy log, as it is sealed: whole records of all parties, by day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from jbplus.aws.errors import translated
from jbplus.aws.keys import BY_DAY_INDEX, DAY_KEY, ENTRY_KEY
from jbplus.checkpoints.rules import record_of
from jbplus.checkpoints.verify import Record
from jbplus.privacy_log.table import day_partitions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BEFORE_ALL = " "


@dataclass(frozen=True, slots=True)
class DynamoLog:
    """Reads the privacy log through its index by day.

    Attributes:
        client: the low-level client.
        table: the table's name.
    """

    client: "DynamoDBClient"
    table: str

    def of_day(self, day: date, since: str | None) -> Iterator[Record]:
        """Read all parties' records of a calendar day in Brussels, from a moment on or from its beginning."""
        for partition in day_partitions(day):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                IndexName=BY_DAY_INDEX,
                KeyConditionExpression="#partition = :partition AND #entry >= :since",
                ExpressionAttributeNames={"#partition": DAY_KEY, "#entry": ENTRY_KEY},
                ExpressionAttributeValues={":partition": {"S": partition}, ":since": {"S": since or _BEFORE_ALL}},
            )
            with translated("dynamodb:Query"):
                for page in pages:
                    yield from map(record_of, page["Items"])
