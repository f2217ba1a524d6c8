"""The lines that a function logged, as CloudWatch keeps them."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import JsonValue

from jbplus_cli.stack.aws import aws_errors
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import FilteredLogEventTypeDef, FilterLogEventsRequestPaginateTypeDef


class FunctionName(StrEnum):
    """The functions, by their folders."""

    CHECKPOINTS = "checkpoints"
    CONSULTATION = "consultation"
    DOCS = "docs"
    DROPSERVER = "dropserver"
    ENDED_PARTIES = "ended_parties"
    INTAKE = "intake"
    INTAKE_RELEASE = "intake_release"
    INTAKE_WATCH = "intake_watch"
    NOTICES = "notices"
    PERSONS_RECOMPUTING = "persons_recomputing"
    PRIVACY_LOG = "privacy_log"
    QUALITY = "quality"
    REGISTRATIONS = "registrations"
    SOURCE_STAND = "source_stand"
    STAND = "stand"
    STAND_PUBLISHING = "stand_publishing"
    STATISTICS = "statistics"
    STATISTICS_PUBLISHING = "statistics_publishing"
    SUSPENSIONS = "suspensions"

    def group(self, stack: str) -> str:
        """Give the name of its log group, as the template has it."""
        return f"/{stack}/{''.join(part.title() for part in self.split('_'))}"


def pages(
    client: "CloudWatchLogsClient",
    target: Target,
    function: FunctionName,
    begin: datetime,
    words: Sequence[str],
    *,
    end: datetime | None = None,
) -> "Iterator[list[FilteredLogEventTypeDef]]":
    """Read what a function logged, page by page, the oldest first.

    Args:
        client: of CloudWatch Logs.
        target: the stack.
        function: whose log.
        begin: the first moment.
        words: each stands in a line that is wanted.
        end: the last moment; None for no end.

    Raises:
        ExchangeError: there is no such log, or it is out of reach.
    """
    group = function.group(target.name)
    request: FilterLogEventsRequestPaginateTypeDef = {
        "logGroupName": group,
        "startTime": int(begin.timestamp() * 1000),
        "filterPattern": " ".join(f'"{word}"' for word in words),
    }
    if end is not None:
        request["endTime"] = int(end.timestamp() * 1000)
    with aws_errors(f"read the log {group}", target.advice_when_unreachable):
        found = client.get_paginator("filter_log_events").paginate(**request)
        try:
            for page in found:
                yield page["events"]
        except ClientError as error:
            if error.response["Error"].get("Code") == "ResourceNotFoundException":
                raise ExchangeError(f"Stack {target.name} has no log {group}: it has no such function.") from error
            raise


def lines(
    client: "CloudWatchLogsClient", target: Target, function: FunctionName, begin: datetime, words: Sequence[str]
) -> Iterator[tuple[datetime, str]]:
    """Read what a function logged since a moment: each line with its moment, the oldest first; as `pages`."""
    for page in pages(client, target, function, begin, words):
        for event in page:
            yield datetime.fromtimestamp(event["timestamp"] / 1000, UTC), event["message"].rstrip()


def read(line: str) -> dict[str, JsonValue]:
    """Read a line of ours; what Lambda itself says stays a message."""
    try:
        said = json.loads(line)
    except ValueError:
        return {"message": line}
    return said if isinstance(said, dict) else {"message": line}
