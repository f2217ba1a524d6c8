"""The bucket: incoming files, what became of them, reports, and what the source fetches."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from jbplus.aws.errors import translated
from jbplus.aws.folders import INCOMING, OUTGOING, PROCESSED, PROGRESS, QUARANTINE, REPORTS
from jbplus.aws.objects import JSON, JSON_LINES, Objects
from jbplus.errors import ObjectMissingError
from jbplus.intake.incoming import IncomingFile
from jbplus.mutation_file.report import Status
from jbplus.mutation_file.unpacking import BLOCK
from jbplus.protocol.parties import WEWIS

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

RECEIVED = "received"
"""Metadata of a report: when its file arrived (ISO 8601)."""


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

    def blocks(self, file: IncomingFile) -> Iterator[bytes]:
        """Read the file's bytes from the start, a bounded piece at a time."""
        with translated("s3:GetObject"):
            answer = self.client.get_object(Bucket=self.name, Key=file.key, **_of_version(file.version))
            yield from answer["Body"].iter_chunks(BLOCK)

    def read_progress(self, file: IncomingFile) -> bytes | None:
        """Read how far an earlier invocation came with this file, or None."""
        return self.objects.find(_progress_key(file))

    def write_progress(self, file: IncomingFile, content: bytes) -> None:
        """Keep how far this invocation came."""
        self.objects.put(_progress_key(file), content, JSON)

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

    def publish_report(self, name: str, content: bytes, file: IncomingFile, *, replaces_refusal: bool) -> None:
        """Put a report under `verslagen/`, and its copy where the source fetches it.

        A report that is there already stays as it is; but one that says `geweigerd` gives way when
        `replaces_refusal`: the same file was refused first and is taken now.
        """
        key = f"{REPORTS}{name}.json"
        present = self.objects.find(key)
        gives_way = present is not None and replaces_refusal and json.loads(present)["status"] == Status.REFUSED
        if present is not None and not gives_way:
            return
        # The copy first: a report that is there proves that the source was told.
        self.objects.put(f"{OUTGOING}{WEWIS.kbo}/{name}.json", content, JSON)
        metadata = {RECEIVED: file.received.isoformat()}
        if gives_way:
            self.objects.put(key, content, JSON, metadata)
        else:
            self.objects.put_new(key, content, JSON, metadata)

    def put_away(self, file: IncomingFile, name: str) -> None:
        """Move the file to `verwerkt/`, so that `inkomend/` shows what is not done; and forget its progress."""
        with suppress(ObjectMissingError):  # a rival was here first
            self._copy(file, f"{PROCESSED}{name}{file.ending}")
        self.remove(file)

    def remove(self, file: IncomingFile) -> None:
        """Take this version of the file out of `inkomend/`, and forget its progress.

        The version goes, not the key: a newer file of the same name stays. It goes last: while it is there, another
        delivery of its event tidies up what a death in between left.
        """
        self.objects.remove(_progress_key(file))
        with translated("s3:DeleteObject"):
            self.client.delete_object(Bucket=self.name, Key=file.key, **_of_version(file.version))

    def _copy(self, file: IncomingFile, key: str) -> None:
        source: CopySourceTypeDef = {"Bucket": self.name, "Key": file.key}
        if file.version:
            source["VersionId"] = file.version
        with translated("s3:CopyObject"):
            self.client.copy(source, self.name, key)


class _Version(TypedDict, total=False):
    VersionId: str


def _of_version(version: str | None) -> _Version:
    return {"VersionId": version} if version else {}


def _progress_key(file: IncomingFile) -> str:
    """Name a file's progress by the version of the object: another version is another file."""
    source = f"{file.key}\n{file.version or file.received.isoformat()}"
    return f"{PROGRESS}{hashlib.sha256(source.encode()).hexdigest()[:32]}.json"


@dataclass(frozen=True, slots=True)
class Invocations:
    """Invokes one function."""

    client: "LambdaClient"
    function: str

    def deliver(self, event: dict[str, Any]) -> None:
        """Have an event delivered, asynchronously: Lambda keeps it and tries again when it fails."""
        with translated("lambda:InvokeFunction"):
            self.client.invoke(FunctionName=self.function, InvocationType="Event", Payload=json.dumps(event).encode())
