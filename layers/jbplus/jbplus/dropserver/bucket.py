"""The bucket as the dropserver's round sees it: where files are taken to, what became of them, and what is sent."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, TypedDict

from botocore.exceptions import ClientError

from jbplus.aws.errors import translated
from jbplus.aws.folders import INCOMING, OUTGOING, PROCESSED, QUARANTINE, REPORTS, SENT
from jbplus.dropserver.sending import Parcel
from jbplus.dropserver.taking import Stored
from jbplus.errors import ConflictError, ObjectMissingError
from jbplus.mutation_file.report import own_name
from jbplus.mutation_file.unpacking import BLOCK

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SHA256 = "sha256"
"""Metadata of an object: the hash of its bytes, hexadecimal."""

_PARCEL = re.compile(re.escape(OUTGOING) + r"([0-9]{10})/([^/]+)", re.ASCII)
_CHANGED = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


@dataclass(frozen=True, slots=True)
class DropserverBucket:
    """The exchange's bucket: the inbox and the outbox of the round. Files go from and to the disk, not through memory.

    Attributes:
        client: the S3 client.
        name: the bucket.
    """

    client: "S3Client"
    name: str

    def find(self, name: str) -> Stored | None:
        """Find what stands under `inkomend/` by this name."""
        with suppress(ObjectMissingError), translated("s3:HeadObject"):
            head = self.client.head_object(Bucket=self.name, Key=INCOMING + name)
            return Stored(head["Metadata"].get(SHA256, ""), head["ContentLength"], head["ETag"])
        return None

    def put(self, name: str, content: BinaryIO, sha256: str, instead_of: Stored | None) -> None:
        """Put a file under `inkomend/`, from its beginning, unless something else came there in the meantime.

        Raises:
            ConflictError: something did.
        """
        self._put(INCOMING + name, content, sha256, {"IfMatch": instead_of.tag} if instead_of else {"IfNoneMatch": "*"})

    def answered(self, name: str, sha256: str) -> datetime | None:
        """Tell when a file of this name and content was last taken in to its end, or None when it never was.

        Its report is written once, but its copy anew each time that it is taken in; both stand there before the file
        leaves `inkomend/`. The copy alone proves nothing: its name holds only the beginning of the hash.

        Args:
            name: its name on the server.
            sha256: hash of its decompressed bytes, as its report has it.
        """
        own = own_name(name, sha256)
        with suppress(ObjectMissingError), translated("s3:GetObject"):
            report = self.client.get_object(Bucket=self.name, Key=f"{REPORTS}{own}.json")
            if json.loads(report["Body"].read())["sha256"] != sha256:
                return None
            ending = ".json.gz" if name.endswith(".gz") else ".json"
            copies = (self._written(f"{prefix}{own}{ending}") for prefix in (PROCESSED, QUARANTINE))
            return max([report["LastModified"], *(moment for moment in copies if moment)])
        return None

    def waiting(self) -> Iterator[Parcel]:
        """Give what waits, by party and in the order of the names."""
        with translated("s3:ListObjectsV2"):
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=OUTGOING):
                for item in page.get("Contents", ()):
                    if match := _PARCEL.fullmatch(item["Key"]):
                        yield Parcel(match[1], match[2])

    def read(self, parcel: Parcel, into: BinaryIO) -> str:
        """Read a file's content; give a tag that changes with it.

        Raises:
            ObjectMissingError: it does not wait any more.
        """
        with translated("s3:GetObject"):
            answer = self.client.get_object(Bucket=self.name, Key=_key(OUTGOING, parcel))
            into.writelines(answer["Body"].iter_chunks(BLOCK))
            return answer["ETag"]

    def sent(self, parcel: Parcel) -> str | None:
        """Give the hash of what was last sent to this party under this name, or None."""
        with suppress(ObjectMissingError), translated("s3:HeadObject"):
            return self.client.head_object(Bucket=self.name, Key=_key(SENT, parcel))["Metadata"].get(SHA256)
        return None

    def mark_sent(self, parcel: Parcel, content: BinaryIO, sha256: str) -> None:
        """Keep a copy of what is sent, as the mark that it is; the content is read from its beginning."""
        self._put(_key(SENT, parcel), content, sha256, {})

    def take_out(self, parcel: Parcel, tag: str) -> None:
        """Take a file out of what waits, unless other content came in its place."""
        with suppress(ConflictError), _conditional("s3:DeleteObject"):
            self.client.delete_object(Bucket=self.name, Key=_key(OUTGOING, parcel), IfMatch=tag)

    def _put(self, key: str, content: BinaryIO, sha256: str, condition: "_Condition") -> None:
        # With the hash, S3 refuses what does not arrive as it left.
        checksum = b64encode(bytes.fromhex(sha256)).decode()
        with _conditional("s3:PutObject"):
            self.client.put_object(
                Bucket=self.name,
                Key=key,
                Body=content,
                ContentType="application/gzip" if key.endswith(".gz") else "application/json",
                ChecksumSHA256=checksum,
                Metadata={SHA256: sha256},
                **condition,
            )

    def _written(self, key: str) -> datetime | None:
        """Tell when an object was written; a listing asks for no right to read it."""
        with translated("s3:ListObjectsV2"):
            found = self.client.list_objects_v2(Bucket=self.name, Prefix=key, MaxKeys=1).get("Contents", [])
        return found[0]["LastModified"] if found and found[0]["Key"] == key else None


class _Condition(TypedDict, total=False):
    IfMatch: str
    IfNoneMatch: str


@contextmanager
def _conditional(operation: str) -> Iterator[None]:
    """Turn errors into ours; that the object is another by now is a conflict.

    Raises:
        ConflictError: it is.
    """
    try:
        with translated(operation):
            try:
                yield
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in _CHANGED:
                    raise ConflictError(f"{operation}: another of this name came in the meantime") from None
                raise
    except ObjectMissingError:
        raise ConflictError(f"{operation}: it was taken away in the meantime") from None


def _key(prefix: str, parcel: Parcel) -> str:
    return f"{prefix}{parcel.party}/{parcel.name}"
