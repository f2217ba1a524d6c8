"""Objects of the exchange's bucket: small ones, read and written whole."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from jbplus.aws.errors import translated
from jbplus.errors import ObjectMissingError
from jbplus.retry import Sleep, patiently

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

JSON = "application/json"
GZIP = "application/gzip"
JSON_LINES = "application/x-ndjson"

_EXISTS = "PreconditionFailed"
_MOST_TRIES = 6


@dataclass(frozen=True, slots=True)
class Objects:
    """Reads and writes objects; the bucket encrypts each with the exchange's key."""

    client: "S3Client"
    bucket: str
    sleep: Sleep = time.sleep

    def read(self, key: str) -> bytes:
        """Read an object.

        Raises:
            ObjectMissingError: it is not there.
        """
        with translated("s3:GetObject"):
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def find(self, key: str) -> bytes | None:
        """Read an object, or None when it is not there."""
        with suppress(ObjectMissingError):
            return self.read(key)
        return None

    def put(self, key: str, content: bytes | BinaryIO, kind: str, metadata: Mapping[str, str] | None = None) -> None:
        """Put an object; it replaces one of the same key."""
        with translated("s3:PutObject"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=content, ContentType=kind, Metadata=metadata or {})

    def put_new(self, key: str, content: bytes, kind: str, metadata: Mapping[str, str] | None = None) -> bool:
        """Put an object unless there is one: of two rivals the first wins.

        S3 may answer that a rival is busy with the same key, and not yet who wins: then it is asked again.

        Returns:
            Whether it was put.
        """

        def put() -> bool:
            with translated("s3:PutObject"):
                try:
                    self.client.put_object(
                        Bucket=self.bucket,
                        Key=key,
                        Body=content,
                        ContentType=kind,
                        Metadata=metadata or {},
                        IfNoneMatch="*",
                    )
                except ClientError as error:
                    if error.response.get("Error", {}).get("Code") != _EXISTS:
                        raise
                    return False
            return True

        return patiently(put, _MOST_TRIES, self.sleep, what="s3:PutObject")

    def remove(self, key: str) -> None:
        """Remove an object; fine when it is gone."""
        with translated("s3:DeleteObject"):
            self.client.delete_object(Bucket=self.bucket, Key=key)

    def names(self, folder: str) -> Iterator[str]:
        """List the objects below a folder by their names in it, ascending."""
        for name, _ in self.dated_names(folder):
            yield name

    def dated_names(self, folder: str) -> Iterator[tuple[str, float]]:
        """List the objects below a folder by their names in it, each with the epoch seconds it was written at."""
        with translated("s3:ListObjectsV2"):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=folder)
            for page in pages:
                for item in page.get("Contents", []):
                    yield item["Key"].removeprefix(folder), item["LastModified"].timestamp()
