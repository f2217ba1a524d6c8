"""Delivers a mutation file and waits for its report, as WEWIS's file transfer would (Article 3)."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError
from pydantic import ValidationError

from jbplus.aws.bucket import INCOMING, OUTGOING, REPORTS
from jbplus.insz import holds_insz
from jbplus.mutation_file.reader import FormError, Limits, decompress
from jbplus.mutation_file.report import Status, own_name, usual_stem
from jbplus_cli.answers import Report
from jbplus_cli.aws import aws_errors
from jbplus_cli.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BLOCK = 256 * 1024
_POLL_SECONDS: Final = 1.0
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.json(\.gz)?", re.ASCII)

Advance = Callable[[int], None]
"""Takes the number of bytes that were dealt with since the last call."""

Progress = Callable[[str, int], AbstractContextManager[Advance]]
"""Follows one step of the work, given its description and its size in bytes."""


def unseen(_description: str, _size: int) -> AbstractContextManager[Advance]:
    """Follow nothing."""
    return nullcontext(lambda _count: None)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was handed over.

    Attributes:
        key: its key in the bucket.
        report_key: the key of the report that will answer it.
        copy_key: the key of the report's copy for the source, written last of all, at every delivery.
        earlier: the report of an earlier delivery of the very same content, or None.
        copy_before: which copy was there before this delivery, or None.
    """

    key: str
    report_key: str
    copy_key: str
    earlier: Report | None
    copy_before: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """The report of a delivery.

    Attributes:
        report: the report.
        earlier: whether it is the report of an earlier delivery of the very same content. A report is written
            once; only one that refused the file gives way, when the file is taken after all.
    """

    report: Report
    earlier: bool


class Mailbox:
    """The bucket through which files come and reports go.

    Args:
        s3: the S3 client.
        bucket: the bucket's name.
        advice: what the operator does when S3 gives no answer.
        sleep: waits a number of seconds.
        clock: gives seconds that only grow.
    """

    def __init__(
        self,
        s3: "S3Client",
        bucket: str,
        *,
        advice: str,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._advice = advice
        self._sleep = sleep
        self._clock = clock

    def deliver(self, path: Path, progress: Progress = unseen) -> Sent:
        """Put a file under `inkomend/`; a large one goes up in parts.

        Args:
            path: the file.
            progress: follows the reading and the uploading.

        Raises:
            ExchangeError: the file cannot be read, or not be uploaded.
        """
        try:
            size = path.stat().st_size
            with progress("Reading", size) as advance:
                sha256 = fingerprint(path, advance)
            name = object_name(path.name, sha256)
            report_name = own_name(name, sha256)
            sent = Sent(
                key=f"{INCOMING}{name}",
                report_key=f"{REPORTS}{report_name}.json",
                copy_key=f"{OUTGOING}{report_name}.json",
                earlier=self.report(f"{REPORTS}{report_name}.json"),
                copy_before=self._version(f"{OUTGOING}{report_name}.json"),
            )
            with progress("Uploading", size) as advance, aws_errors("upload the file", self._advice):
                self._s3.upload_file(str(path), self._bucket, sent.key, Callback=advance)
        except OSError as error:
            raise ExchangeError(f"{path} cannot be read: {error.strerror}.") from error
        return sent

    def wait(self, sent: Sent, timeout: float) -> Answered:
        """Wait for the report of a delivery.

        Args:
            sent: the delivery.
            timeout: seconds.

        Raises:
            ExchangeError: it did not come in time.
        """
        if sent.earlier is not None and sent.earlier.status != Status.REFUSED:
            return Answered(sent.earlier, earlier=True)
        deadline = self._clock() + timeout
        while (answered := self._answer(sent)) is None:
            if self._clock() >= deadline:
                raise ExchangeError(
                    f"No report after {timeout:g} seconds. The file was delivered as {sent.key} and may still be "
                    f"in work; its report will be {sent.report_key}. Wait longer with --timeout: sending the same "
                    "file again does no harm."
                )
            self._sleep(_POLL_SECONDS)
        return answered

    def _answer(self, sent: Sent) -> Answered | None:
        # A refused file may be taken the second time, or be refused again: then its report stays as it is, and
        # only the copy for the source tells that the intake is done with this delivery.
        if sent.earlier is not None and self._version(sent.copy_key) in {sent.copy_before, None}:
            return None
        report = self.report(sent.report_key)
        return None if report is None else Answered(report, earlier=report == sent.earlier)

    def report(self, key: str) -> Report | None:
        """Read a report, or None while there is none.

        Raises:
            ExchangeError: it cannot be read.
        """
        with aws_errors("read the report", self._advice):
            try:
                body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except self._s3.exceptions.NoSuchKey:
                return None
        try:
            return Report.model_validate_json(body)
        except ValidationError as error:
            raise ExchangeError(
                f"The report {key} is not as agreed. Does this jbplus belong to the stack's version?"
            ) from error

    def _version(self, key: str) -> str | None:
        """Tell which writing of an object is there, or None when there is none."""
        with aws_errors("look for the report", self._advice):
            try:
                head = self._s3.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                    return None
                raise
        return f"{head.get('VersionId')} {head['LastModified'].isoformat()} {head['ETag']}"


def object_name(file_name: str, sha256: str) -> str:
    """Name the delivered object: as the file, unless that name is unfit for a key or for the intake.

    A key is seen by many, so a name in which a person number may hide is unfit.

    Args:
        file_name: the file's own name.
        sha256: of its content, hexadecimal.
    """
    safe = _SAFE_NAME.fullmatch(file_name) and not holds_insz(file_name, year=date.max.year)
    if usual_stem(file_name) or safe:
        return file_name
    return f"bestand-{sha256[:8]}{'.json.gz' if file_name.endswith('.gz') else '.json'}"


def fingerprint(path: Path, advance: Advance = lambda _count: None, *, limit: int = Limits().size) -> str:
    """Compute the SHA-256 that names the report: the same as the intake's, a block at a time.

    Args:
        path: the file; one that ends in `.gz` counts decompressed, unless it is no whole gzip file.
        advance: is told how many bytes were read.
        limit: what lies past this number of bytes does not count: the intake reads no further.

    Returns:
        The hash, hexadecimal.
    """
    if not path.name.endswith(".gz"):
        return _sha256(_blocks(path, advance), limit)
    try:
        return _sha256(decompress(_blocks(path, advance)), limit)
    except FormError:
        return _sha256(_blocks(path, lambda _count: None), limit=None)


def _blocks(path: Path, advance: Advance) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            advance(len(block))
            yield block


def _sha256(blocks: Iterable[bytes], limit: int | None) -> str:
    digest = hashlib.sha256()
    size = 0
    for block in blocks:
        digest.update(block if limit is None else block[: limit - size])
        size += len(block)
        if limit is not None and size > limit:
            break
    return digest.hexdigest()
