"""The bucket as the dropserver's round sees it: where files are taken to, what is sent, and what is remembered."""

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, TypedDict

from botocore.exceptions import ClientError
from pydantic import ValidationError

from jbplus.aws.errors import translated
from jbplus.aws.folders import INCOMING, OUTGOING, SENT, VISITS
from jbplus.dropserver.sending import Parcel
from jbplus.dropserver.visits import LastVisit
from jbplus.errors import ConflictError, ObjectMissingError
from jbplus.mutation_file.unpacking import BLOCK

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

SHA256 = "sha256"
"""Metadata of an object: the hash of its bytes, hexadecimal."""

LAST_VISIT = f"{VISITS}laatste.json"
"""The key of what the last visit left for the next, and for operators."""

_PIECES = f"{VISITS}stukken/"
_PARCEL = re.compile(re.escape(OUTGOING) + r"([0-9]{10})/([^/]+)", re.ASCII)
_CHANGED = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


def recall(client: "S3Client", bucket: str) -> LastVisit | None:
    """Read what the last visit left; None when there was none, or it is not understood.

    Raises:
        UnavailableError: the bucket is out of reach.
    """
    with suppress(ObjectMissingError, ValidationError), translated("s3:GetObject"):
        return LastVisit.model_validate_json(client.get_object(Bucket=bucket, Key=LAST_VISIT)["Body"].read())
    return None


@dataclass(frozen=True, slots=True)
class DropserverBucket:
    """The exchange's bucket: the inbox, the outbox and the memory of the round.

    Attributes:
        client: the S3 client.
        name: the bucket.
    """

    client: "S3Client"
    name: str

    def recall(self) -> LastVisit | None:
        """Give the last visit, or None when there was none, or it is not understood."""
        return recall(self.client, self.name)

    def remember(self, visit: LastVisit) -> None:
        """Keep a visit in the place of the last one."""
        with translated("s3:PutObject"):
            self.client.put_object(
                Bucket=self.name,
                Key=LAST_VISIT,
                Body=visit.model_dump_json().encode(),
                ContentType="application/json",
            )

    def put(self, name: str, content: BinaryIO, sha256: str) -> bool:
        """Put a file under `inkomend/`, from its beginning, unless something of this name stands there.

        Returns:
            Whether it stands there now; other content of the same name does otherwise.
        """
        try:
            self._put(INCOMING + name, content, sha256, {"IfNoneMatch": "*"})
        except ConflictError:
            return self._stands_there(name, sha256)
        return True

    def upload(self, key: str) -> "Pieces":
        """Begin a large file, or go on with it."""
        key = _PIECES + key
        with translated("s3:ListMultipartUploads"):
            begun = self.client.list_multipart_uploads(Bucket=self.name, Prefix=key).get("Uploads", [])
        if not begun:
            with translated("s3:CreateMultipartUpload"):
                made = self.client.create_multipart_upload(Bucket=self.name, Key=key)
            return Pieces(self.client, self.name, key, made["UploadId"])
        pieces = Pieces(self.client, self.name, key, begun[0]["UploadId"])
        pieces.read()
        return pieces

    def uploaded(self, key: str) -> bool:
        """Tell whether a large file is here whole."""
        with suppress(ObjectMissingError), translated("s3:HeadObject"):
            self.client.head_object(Bucket=self.name, Key=_PIECES + key)
            return True
        return False

    def blocks(self, key: str) -> Iterator[bytes]:
        """Read a large file that is here whole."""
        with translated("s3:GetObject"):
            yield from self.client.get_object(Bucket=self.name, Key=_PIECES + key)["Body"].iter_chunks(BLOCK)

    def put_uploaded(self, key: str, name: str, sha256: str) -> bool:
        """Put a large file that is here whole under `inkomend/`, as `put` does."""
        try:
            with _conditional("s3:CopyObject"):
                self.client.copy_object(
                    Bucket=self.name,
                    Key=INCOMING + name,
                    CopySource={"Bucket": self.name, "Key": _PIECES + key},
                    ContentType=_content_type(name),
                    Metadata={SHA256: sha256},
                    MetadataDirective="REPLACE",
                    TaggingDirective="REPLACE",  # tags would ask for rights of their own
                    IfNoneMatch="*",
                )
        except ConflictError:
            return self._stands_there(name, sha256)
        return True

    def discard(self, key: str) -> None:
        """Drop a large file that is here whole."""
        with translated("s3:DeleteObject"):
            self.client.delete_object(Bucket=self.name, Key=_PIECES + key)

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
                ContentType=_content_type(key),
                ChecksumSHA256=checksum,
                Metadata={SHA256: sha256},
                **condition,
            )

    def _stands_there(self, name: str, sha256: str) -> bool:
        with suppress(ObjectMissingError), translated("s3:HeadObject"):
            head = self.client.head_object(Bucket=self.name, Key=INCOMING + name)
            return head["Metadata"].get(SHA256) == sha256
        return False


@dataclass(slots=True)
class Pieces:
    """A large file on its way into the bucket: a multipart upload.

    Attributes:
        client: the S3 client.
        bucket: the bucket.
        key: its key.
        id: the upload.
        size: the bytes that came so far.
    """

    client: "S3Client"
    bucket: str
    key: str
    id: str
    size: int = 0
    _parts: list["CompletedPartTypeDef"] = field(default_factory=list)

    def read(self) -> None:
        """Find what came before."""
        with translated("s3:ListParts"):
            pages = self.client.get_paginator("list_parts").paginate(Bucket=self.bucket, Key=self.key, UploadId=self.id)
            for part in (part for page in pages for part in page.get("Parts", ())):
                self._parts.append({"PartNumber": part["PartNumber"], "ETag": part["ETag"]})
                self.size += part["Size"]

    def add(self, piece: bytes) -> None:
        """Add a piece."""
        number = len(self._parts) + 1
        with translated("s3:UploadPart"):
            added = self.client.upload_part(
                Bucket=self.bucket, Key=self.key, UploadId=self.id, PartNumber=number, Body=piece
            )
        self._parts.append({"PartNumber": number, "ETag": added["ETag"]})
        self.size += len(piece)

    def complete(self) -> None:
        """Make a whole of the pieces."""
        with translated("s3:CompleteMultipartUpload"):
            self.client.complete_multipart_upload(
                Bucket=self.bucket, Key=self.key, UploadId=self.id, MultipartUpload={"Parts": self._parts}
            )

    def abandon(self) -> None:
        """Forget the pieces."""
        with translated("s3:AbortMultipartUpload"):
            self.client.abort_multipart_upload(Bucket=self.bucket, Key=self.key, UploadId=self.id)


class _Condition(TypedDict, total=False):
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


def _content_type(name: str) -> str:
    return "application/gzip" if name.endswith(".gz") else "application/json"
