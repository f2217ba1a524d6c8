"""The bucket: incoming files, quarantine, reports, and what the source fetches."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from jbplus.aws.errors import translated
from jbplus.intake import IncomingFile
from jbplus.mutation_file.reader import BLOCK
from jbplus.mutation_file.report import Status
from jbplus.parties import WEWIS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

INCOMING = "inkomend/"
QUARANTINE = "quarantaine/"
REPORTS = "verslagen/"
OUTGOING = f"uitgaand/{WEWIS.kbo}/"

_EXISTS = "PreconditionFailed"


@dataclass(frozen=True, slots=True)
class S3Bucket:
    """The exchange's bucket."""

    client: "S3Client"
    name: str

    def incoming(self, key: str, version: str | None) -> IncomingFile:
        """Find an incoming file.

        Raises:
            ObjectMissingError: it is not there.
        """
        with translated("s3:HeadObject"):
            head = (
                self.client.head_object(Bucket=self.name, Key=key, VersionId=version)
                if version
                else self.client.head_object(Bucket=self.name, Key=key)
            )
        return IncomingFile(key.removeprefix(INCOMING), key, head.get("VersionId"), head["LastModified"])

    def blocks(self, file: IncomingFile) -> Iterator[bytes]:
        """Read the file's bytes from the start, a bounded piece at a time."""
        with translated("s3:GetObject"):
            answer = (
                self.client.get_object(Bucket=self.name, Key=file.key, VersionId=file.version)
                if file.version
                else self.client.get_object(Bucket=self.name, Key=file.key)
            )
            yield from answer["Body"].iter_chunks(BLOCK)

    def quarantine_file(self, file: IncomingFile, name: str) -> None:
        """Copy the whole file to `quarantaine/`."""
        source: CopySourceTypeDef = {"Bucket": self.name, "Key": file.key}
        if file.version:
            source["VersionId"] = file.version
        ending = ".json.gz" if file.gzipped else ".json"
        with translated("s3:CopyObject"):
            self.client.copy(source, self.name, f"{QUARANTINE}{name}{ending}")

    def quarantine_records(self, name: str, content: bytes) -> None:
        """Put rejected records under `quarantaine/`; the same name has the same content."""
        with translated("s3:PutObject"):
            self.client.put_object(
                Bucket=self.name,
                Key=f"{QUARANTINE}{name}.ndjson",
                Body=content,
                ContentType="application/x-ndjson",
            )

    def publish_report(self, name: str, content: bytes, *, replaces_refusal: bool) -> None:
        """Put a report under `verslagen/`, and its copy where the source fetches it.

        A report that is there already stays as it is; but one that says `geweigerd` gives way when
        `replaces_refusal`: the same file was refused first and is taken now.
        """
        key = f"{REPORTS}{name}.json"
        if not self._put_new(key, content):
            with translated("s3:GetObject"):
                present = self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
            if replaces_refusal and json.loads(present)["status"] == Status.REFUSED:
                self._put(key, content)
            else:
                content = present
        self._put(f"{OUTGOING}{name}.json", content)

    def _put(self, key: str, content: bytes) -> None:
        with translated("s3:PutObject"):
            self.client.put_object(Bucket=self.name, Key=key, Body=content, ContentType="application/json")

    def _put_new(self, key: str, content: bytes) -> bool:
        """Put an object unless there is one; tell whether it was put."""
        with translated("s3:PutObject"):
            try:
                self.client.put_object(
                    Bucket=self.name, Key=key, Body=content, ContentType="application/json", IfNoneMatch="*"
                )
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") == _EXISTS:
                    return False
                raise
        return True
