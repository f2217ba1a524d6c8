"""The messages of the failure queue: what Lambda tells of an event that failed for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final
from urllib.parse import unquote_plus

from pydantic import Field, JsonValue, ValidationError

from jbplus.aws.folders import INCOMING
from jbplus.mutation_file.report import shown_name
from jbplus.protocol.identifiers import holds_number
from jbplus.wire import Wire
from jbplus_cli.stack.functions import name_of

_LONGEST_ERROR: Final = 200


class _Object(Wire):
    key: str
    version: Annotated[str | None, Field(alias="versionId")] = None


class _Bucket(Wire):
    object: _Object


class _Record(Wire):
    time: Annotated[datetime | None, Field(alias="eventTime")] = None
    s3: _Bucket


class _Event(Wire):
    """S3's event, as the intake function gets it."""

    records: Annotated[tuple[_Record, ...], Field(alias="Records", min_length=1)]


class _Circumstances(Wire):
    function: Annotated[str, Field(alias="functionArn")]
    condition: str | None = None
    count: Annotated[int | None, Field(alias="approximateInvokeCount")] = None


class _Said(Wire):
    kind: Annotated[str | None, Field(alias="errorType")] = None
    message: Annotated[str | None, Field(alias="errorMessage")] = None


class _Destination(Wire):
    """What Lambda tells of an event that failed for good."""

    circumstances: Annotated[_Circumstances, Field(alias="requestContext")]
    event: Annotated[dict[str, JsonValue], Field(alias="requestPayload")]
    said: Annotated[_Said | None, Field(alias="responsePayload")] = None


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that was not taken in.

    Attributes:
        name: as it may be shown; `bestand` when a person's number may hide in it.
        version: the version of the object.
        arrived: when it was put under `inkomend/`.
    """

    name: str
    version: str | None
    arrived: datetime | None


@dataclass(frozen=True, slots=True)
class Failure:
    """One message of the failure queue, as it may be shown, and the event to replay.

    Attributes:
        id: the message's identifier.
        failed: when it came into the queue.
        files: the files that its event tells of.
        tried: how often Lambda delivered the event.
        error: what the last attempt said; no value of a file.
        event: the event; None when it is none that the intake function can take.
    """

    id: str
    failed: datetime
    files: tuple[FailedFile, ...]
    tried: int | None
    error: str
    event: Mapping[str, JsonValue] | None

    def wire(self) -> dict[str, JsonValue]:
        """Give what may be shown, ready for JSON."""
        return {
            "id": self.id,
            "failed": self.failed.isoformat(),
            "files": [
                {
                    "name": file.name,
                    "version": file.version,
                    "arrived": None if file.arrived is None else file.arrived.isoformat(),
                }
                for file in self.files
            ],
            "tried": self.tried,
            "error": self.error,
        }


def read_failure(message: str, failed: datetime, body: str, function: str) -> Failure:
    """Read a message.

    Args:
        message: its identifier.
        failed: when it came into the queue.
        body: what Lambda wrote: a destination record.
        function: the intake function, or its alias.
    """
    try:
        told = _Destination.read(body)
    except ValidationError:
        return Failure(message, failed, (), None, "This message is none that Lambda writes: read it in SQS.", None)
    files, error = _files(told.event), _shown_error(told)
    ours = bool(files) and name_of(told.circumstances.function) == name_of(function)
    if not ours:
        error = f"This event is none of the intake function. {error}"
    return Failure(message, failed, files, told.circumstances.count, error, told.event if ours else None)


def _files(event: Mapping[str, JsonValue]) -> tuple[FailedFile, ...]:
    try:
        records = _Event.model_validate(event).records
    except ValidationError:
        return ()
    return tuple(
        FailedFile(
            shown_name(unquote_plus(record.s3.object.key).removeprefix(INCOMING), year=date.max.year),
            record.s3.object.version,
            record.time,
        )
        for record in records
    )


def _shown_error(told: _Destination) -> str:
    if told.said is None or not (told.said.kind or told.said.message):
        return told.circumstances.condition or "no reason given"
    error = ": ".join(part for part in (told.said.kind, told.said.message) if part)
    if holds_number(error, year=date.max.year):
        return "not shown, since a person's number may stand in it"
    return error if len(error) <= _LONGEST_ERROR else f"{error[:_LONGEST_ERROR]}…"
