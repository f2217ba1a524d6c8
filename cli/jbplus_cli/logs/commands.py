"""`jbplus logs`: what a function logged lately."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer
from botocore.exceptions import ClientError
from pydantic import JsonValue

from jbplus.logs import LogCode
from jbplus_cli.screen import looks
from jbplus_cli.screen.looks import span
from jbplus_cli.screen.options import Json, Stack, read_uuid
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.aws import aws_errors
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

_SPAN: Final = re.compile(r"([1-9][0-9]{0,3})([smhd])", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_MOST: Final = 10_000
# What each line has, and its message says or nobody needs.
_UNSHOWN: Final = frozenset({"level", "location", "message", "timestamp", "service", "xray_trace_id"})


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
    STATISTICS = "statistics"
    STATISTICS_PUBLISHING = "statistics_publishing"
    SUSPENSIONS = "suspensions"

    def group(self, stack: str) -> str:
        """Give the name of its log group, as the template has it."""
        return f"/{stack}/{''.join(part.title() for part in self.split('_'))}"


def _since(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise typer.BadParameter("write it as 30m, 1h or 2d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _code(text: str) -> str:
    if text.upper() not in {code.number for code in LogCode}:
        raise typer.BadParameter("no such code; docs/log-codes.md has them all")
    return text.upper()


def _trace(text: str) -> str:
    return str(read_uuid(text.removeprefix("urn:uuid:")))


def logs(
    ctx: typer.Context,
    *,
    function: Annotated[FunctionName, typer.Argument(metavar="FUNCTION", help=f"One of {', '.join(FunctionName)}.")],
    since: Annotated[
        timedelta, typer.Option(parser=_since, metavar="SPAN", help="How far back, as 30m, 1h or 2d.")
    ] = "1h",  # type: ignore[assignment]  # what the parser is given
    code: Annotated[
        str | None, typer.Option(parser=_code, metavar="CODE", help="Only lines with this code, like INTAKE003.")
    ] = None,
    trace: Annotated[
        str | None, typer.Option(parser=_trace, metavar="ID", help="Only the call with this BelGov-Trace-Id.")
    ] = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Show what a function logged lately, the oldest line first; no line holds a person number or an amount."""
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        target = world.target(stack)
        begin = world.now() - since
        found = _lines(world.aws(target).logs(), target, function, begin, [word for word in (code, trace) if word])
        shown = 0
        for moment, line in found:
            said = _read(line)
            if not _is_wanted(said, code, trace):
                continue
            if shown == _MOST:
                screen.fall_short(f"Only the first {_MOST} lines are shown: name a --code, or a shorter --since.")
                break
            shown += 1
            screen.entry({"moment": moment.isoformat(), **said}, _text(moment, said))
        if not shown:
            screen.show(f"Nothing of the kind was logged in {span(since)}.")


def _is_wanted(said: dict[str, JsonValue], code: str | None, trace: str | None) -> bool:
    message = said.get("message")
    has_code = code is None or (isinstance(message, str) and message.startswith(f"{code} "))
    return has_code and (trace is None or said.get("trace") == trace)


def _lines(
    client: "CloudWatchLogsClient", target: Target, function: FunctionName, begin: datetime, words: list[str]
) -> Iterator[tuple[datetime, str]]:
    group = function.group(target.name)
    with aws_errors(f"read the log {group}", target.advice_when_unreachable):
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=group,
            startTime=int(begin.timestamp() * 1000),
            filterPattern=" ".join(f'"{word}"' for word in words),
        )
        try:
            for page in pages:
                for event in page["events"]:
                    yield datetime.fromtimestamp(event["timestamp"] / 1000, UTC), event["message"].rstrip()
        except ClientError as error:
            if error.response["Error"].get("Code") == "ResourceNotFoundException":
                raise ExchangeError(f"Stack {target.name} has no log {group}: it has no such function.") from error
            raise


def _read(line: str) -> dict[str, JsonValue]:
    """Read a line of ours; what Lambda itself says stays a message."""
    try:
        said = json.loads(line)
    except ValueError:
        return {"message": line}
    return said if isinstance(said, dict) else {"message": line}


def _text(moment: datetime, said: dict[str, JsonValue]) -> str:
    fields = " ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in said.items()
        if name not in _UNSHOWN and not name.startswith(("function_", "cold_start"))
    )
    level = said.get("level", "")
    return " ".join(part for part in (looks.moment(moment), str(level), str(said.get("message", "")), fields) if part)
