"""Edges that answer at once and keep nothing, so that only the product's own work and memory are measured."""

import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from tests.support.fakes import NOW

from jbplus.errors import ObjectMissingError
from jbplus.intake.incoming import IncomingFile, Published
from jbplus.intake.ledger import Claim, FileId, Unfinished
from jbplus.mutation_file.report import Status
from jbplus.notices.applied import Announcement
from jbplus.persons.merging import PersonChange, StoredPerson, Together
from jbplus.successions.rules import StoredLinks

_BLOCK = 64 * 1024
_Items = list[dict[str, Any]]


def incoming(path: Path) -> IncomingFile:
    """Take a file on the disk for one that came in."""
    return IncomingFile(path.name, f"inkomend/{path.name}", "version-1", NOW)


def blocks(path: Path) -> Iterator[bytes]:
    """Read a file as the bucket does."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


@dataclass
class StubBucket:
    """Holds one file, which stays on the disk.

    Attributes:
        path: the file.
        progress: how far an earlier invocation came, or None.
    """

    path: Path
    progress: bytes | None = None

    def blocks(self, _file: IncomingFile) -> Iterator[bytes]:
        """Read the file from the disk."""
        return blocks(self.path)

    def read_progress(self, _file: IncomingFile) -> bytes | None:
        """Give the progress that was handed in."""
        return self.progress

    def begin_progress(self, _file: IncomingFile, content: bytes) -> bytes:
        """Let it hold."""
        return content

    def write_progress(self, file: IncomingFile, content: bytes) -> None:
        """Keep nothing."""

    def quarantine_file(self, file: IncomingFile, name: str) -> None:
        """Keep nothing."""

    def quarantine_records(self, name: str, content: bytes) -> None:
        """Keep nothing."""

    def publish_report(self, name: str, content: bytes, _file: IncomingFile) -> Published:
        """Let it stand."""
        return Published(name, content)

    def publish_again(self, name: str) -> Published:
        """Find none."""
        raise ObjectMissingError(name)

    def put_away(self, file: IncomingFile, name: str) -> None:
        """Keep nothing."""

    def remove(self, file: IncomingFile) -> None:
        """Keep nothing."""


class StubApplied:
    """Lets every piece of a file be kept."""

    def keep_applied(self, _file: str, _first: int, content: bytes) -> bytes:
        """Let it hold."""
        return content

    def announce(self, file: str, announcement: Announcement) -> None:
        """Keep nothing."""


class StubLedger:
    """Lets everybody claim everything."""

    def volgnummers(self) -> list[int]:
        """List none."""
        return []

    def claim(self, _file: FileId, _at: datetime) -> Claim:
        """Let it be claimed."""
        return Claim.OURS

    def finish(self, file: FileId, status: Status, at: datetime) -> None:
        """Keep nothing."""

    def unfinished(self) -> list[Unfinished]:
        """List none."""
        return []

    def last_finished(self) -> datetime | None:
        """Know of none."""
        return None


@dataclass
class StubPersons:
    """Knows every second person, by one payment; counts what is written.

    Attributes:
        known: the item of a known person.
        written: how many items were written.
    """

    known: StoredPerson
    written: int = 0

    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        """Find every second person."""
        return {person: self.known for person in persons if person[-1] in "02468ace"}

    def write(self, changes: Sequence[PersonChange]) -> None:
        """Count them."""
        self.written += len(changes)

    def links(self, _persons: Collection[str]) -> Mapping[str, StoredLinks]:
        """Find none."""
        return {}

    def write_together(self, changes: Together) -> None:
        """Count them."""
        self.written += len(changes.persons)


@dataclass
class AwsInProcess:
    """Answers a boto3 client in AWS's place before anything goes out: what is left is what boto3 costs.

    Attributes:
        items: what `BatchGetItem` finds, by table; or what finds it among the keys that are asked for.
        secret: what `GetSecretValue` gives.
        puts: how many items were put.
        calls: how many requests were answered.
    """

    items: Mapping[str, _Items | Callable[[_Items], _Items]] = field(default_factory=dict)
    secret: str = ""
    puts: int = 0
    calls: int = 0

    def stand_in(self) -> None:
        """Answer every client that boto3 makes from now on."""
        session = boto3.Session("test", "test", region_name="eu-central-1")
        session.events.register("before-send", self._answer)  # type: ignore[arg-type]  # its stub forgets the answer
        boto3.DEFAULT_SESSION = session

    def _found(self, table: str, keys: _Items) -> _Items:
        items = self.items.get(table, [])
        return items(keys) if callable(items) else items

    def _answer(self, request: Any, **_: object) -> AWSResponse:  # noqa: ANN401 - botocore ships no type for it
        self.calls += 1
        match request.headers["X-Amz-Target"].decode().partition(".")[2]:
            case "BatchGetItem":
                tables = json.loads(request.body)["RequestItems"]
                found = {table: self._found(table, wish["Keys"]) for table, wish in tables.items()}
                answer: dict[str, Any] = {"Responses": found}
            case "TransactWriteItems":
                self.puts += request.body.count(b'"Put":')
                answer = {}
            case "GetSecretValue":
                answer = {"SecretString": self.secret}
            case operation:
                raise ValueError(operation)
        return AWSResponse(request.url, 200, HTTPHeaders(), _Raw(json.dumps(answer).encode()))


class _Raw(io.BytesIO):
    """A body as urllib3 hands it over."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()
