"""The bucket: incoming files, what became of them, reports, and what the source fetches."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, TypedDict

from jbplus.aws.errors import translated
from jbplus.aws.folders import INCOMING, PROCESSED, PROGRESS, QUARANTINE, REPORTS
from jbplus.aws.objects import JSON, JSON_LINES, Objects
from jbplus.aws.outgoing import Outgoing
from jbplus.errors import ObjectMissingError
from jbplus.intake.incoming import IncomingFile, Published
from jbplus.mutation_file.unpacking import BLOCK
from jbplus.protocol.parties import WEWIS

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

RECEIVED = "received"
"""Metadata of a report: when its file arrived (ISO 8601)."""

DELIVERY = "delivery"
"""Metadata of a report: which delivery it answers."""


@dataclass(frozen=True, slots=True)
class S3Bucket:
    """The exchange's bucket."""

    client: "S3Client"
    name: str

    @property
    def objects(self) -> Objects:
        """Its objects, one by one."""
        return Objects(self.client, self.name)

    def incoming(self, key: str, version: str | None) -> IncomingFile:
        """Find an incoming file.

        Raises:
            ObjectMissingError: it is not there.
        """
        with translated("s3:HeadObject"):
            head = self.client.head_object(Bucket=self.name, Key=key, **_of_version(version))
        return IncomingFile(key.removeprefix(INCOMING), key, head.get("VersionId"), head["LastModified"])

    def incoming_names(self) -> Iterator[str]:
        """List the objects under `inkomend/` by their names in it."""
        return self.objects.names(INCOMING)

    def blocks(self, file: IncomingFile) -> Iterator[bytes]:
        """Read the file's bytes from the start, a bounded piece at a time."""
        with translated("s3:GetObject"):
            answer = self.client.get_object(Bucket=self.name, Key=file.key, **_of_version(file.version))
            yield from answer["Body"].iter_chunks(BLOCK)

    def read_progress(self, file: IncomingFile) -> bytes | None:
        """Read how far this delivery has come, or None when nothing is decided."""
        return self.objects.find(progress_key(file))

    def begin_progress(self, file: IncomingFile, content: bytes) -> bytes:
        """Keep what is decided of this delivery, unless something was decided before; give what holds."""
        key = progress_key(file)
        return content if self.objects.put_new(key, content, JSON) else self.objects.read(key)

    def write_progress(self, file: IncomingFile, content: bytes) -> None:
        """Keep how far this delivery has come."""
        self.objects.put(progress_key(file), content, JSON)

    def quarantine_file(self, file: IncomingFile, name: str) -> None:
        """Copy the whole file to `quarantaine/`."""
        self._copy(file, f"{QUARANTINE}{name}{file.ending}")

    def quarantine_records(self, name: str, content: bytes) -> None:
        """Put rejected records under `quarantaine/`; the same name has the same content."""
        self.objects.put(f"{QUARANTINE}{name}.ndjson", content, JSON_LINES)

    def read_quarantined(self, name: str) -> bytes:
        """Read rejected records.

        Raises:
            ObjectMissingError: there are none of this name.
        """
        return self.objects.read(f"{QUARANTINE}{name}.ndjson")

    def remove_quarantined(self, name: str) -> None:
        """Remove rejected records: they are taken in now."""
        self.objects.remove(f"{QUARANTINE}{name}.ndjson")

    def publish_report(self, name: str, content: bytes, file: IncomingFile) -> Published:
        """Put the report of this delivery under `verslagen/`, and then its copy where the source fetches it.

        The report that this delivery has already holds; one of another delivery stays as well, and this one gets the
        next number behind its name.
        """
        metadata = {RECEIVED: file.received.isoformat(), DELIVERY: _delivery(file)}
        for number in count(1):
            own = name if number == 1 else f"{name}.{number}"
            if self.objects.put_new(f"{REPORTS}{own}.json", content, JSON, metadata):
                break
            with translated("s3:HeadObject"):
                head = self.client.head_object(Bucket=self.name, Key=f"{REPORTS}{own}.json")
            if head["Metadata"].get(DELIVERY) == metadata[DELIVERY]:
                break
        return self.publish_again(own)

    def publish_again(self, name: str) -> Published:
        """Copy a report that stands to where the source fetches it, once more.

        Raises:
            ObjectMissingError: there is no such report (any more).
        """
        content = self.objects.read(f"{REPORTS}{name}.json")
        Outgoing(self.objects).put_out(WEWIS.kbo, f"{name}.json", content)
        return Published(name, content)

    def put_away(self, file: IncomingFile, name: str) -> None:
        """Move the file to `verwerkt/`, so that `inkomend/` shows what is not done."""
        with suppress(ObjectMissingError):  # a rival was here first
            self._copy(file, f"{PROCESSED}{name}{file.ending}")
        self.remove(file)

    def remove(self, file: IncomingFile) -> None:
        """Take this version of the file out of `inkomend/`.

        The version goes, not the key: a newer file of the same name stays. It goes last: while it is there, another
        delivery of its event tidies up what a death in between left.
        """
        with translated("s3:DeleteObject"):
            self.client.delete_object(Bucket=self.name, Key=file.key, **_of_version(file.version))

    def _copy(self, file: IncomingFile, key: str) -> None:
        source: CopySourceTypeDef = {"Bucket": self.name, "Key": file.key}
        if file.version:
            source["VersionId"] = file.version
        with translated("s3:CopyObject"):
            # Whoever put the file there may have tagged it: copying tags takes rights that nobody has.
            self.client.copy(source, self.name, key, ExtraArgs={"TaggingDirective": "REPLACE"})


class _Version(TypedDict, total=False):
    VersionId: str


def _of_version(version: str | None) -> _Version:
    return {"VersionId": version} if version else {}


def _delivery(file: IncomingFile) -> str:
    """Name a delivery by the version of the object: another version is another delivery."""
    source = f"{file.key}\n{file.version or file.received.isoformat()}"
    return hashlib.sha256(source.encode()).hexdigest()[:32]


def progress_key(file: IncomingFile) -> str:
    """Give the key of how far a delivery has come."""
    return f"{PROGRESS}{_delivery(file)}.json"


@dataclass(frozen=True, slots=True)
class Invocations:
    """Invokes one function."""

    client: "LambdaClient"
    function: str

    def deliver(self, event: dict[str, Any]) -> None:
        """Have an event delivered, asynchronously: Lambda keeps it and tries again when it fails."""
        with translated("lambda:InvokeFunction"):
            self.client.invoke(FunctionName=self.function, InvocationType="Event", Payload=json.dumps(event).encode())
