"""Delivers a mutation file and waits for its report, as WEWIS's file transfer would (Article 3)."""

import hashlib
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from botocore.exceptions import ClientError

from jbplus.aws.folders import INCOMING
from jbplus.mutation_file.codes import FormError
from jbplus.mutation_file.reader import Limits
from jbplus.mutation_file.report import Report, own_name, usual_stem
from jbplus.mutation_file.unpacking import unpacked
from jbplus.protocol.identifiers import holds_number
from jbplus_cli.files.reports import Reports, report_key
from jbplus_cli.stack.aws import aws_errors
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.client import Advance, Follow, unfollowed
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

_BLOCK = 256 * 1024
# Seconds between two looks: most files are done at once, a large one takes minutes.
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_MARK: Final = "delivery"
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.json(\.gz)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was handed over.

    Attributes:
        key: its key in the bucket.
        version: the version of the object; None when it was taken out of `inkomend/` already.
        name: the name that we give the file, and its report.
        reports: how many reports there were already, of earlier deliveries of this name and content.
    """

    key: str
    version: str | None
    name: str
    reports: int

    @property
    def report_key(self) -> str:
        """The key of the report that answers it."""
        return report_key(self.name, self.reports + 1)


class Deliveries:
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
        self._reports = Reports(s3, bucket, advice)

    @classmethod
    def of(cls, world: Surroundings, target: Target) -> Self:
        """Give the bucket of a stack."""
        return cls(
            world.aws(target).s3(),
            target.bucket,
            advice=target.advice_when_unreachable,
            sleep=world.sleep,
            clock=world.clock,
        )

    def deliver(self, path: Path, follow: Follow = unfollowed) -> Sent:
        """Put a file under `inkomend/`; a large one goes up in parts.

        Args:
            path: the file.
            follow: follows the reading and the uploading, in bytes.

        Raises:
            ExchangeError: the file cannot be read, or not be uploaded.
        """
        try:
            size = path.stat().st_size
            with follow("Reading", size) as advance:
                sha256 = fingerprint(path, advance)
            name = object_name(path.name, sha256)
            with follow("Uploading", size) as advance, aws_errors("upload the file", self._advice):
                return self._hand_over(
                    f"{INCOMING}{name}",
                    own_name(name, sha256),
                    lambda key, mark: self._s3.upload_file(
                        str(path), self._bucket, key, ExtraArgs={"Metadata": mark}, Callback=advance
                    ),
                )
        except OSError as error:
            raise ExchangeError(f"{path} cannot be read: {error.strerror}.") from error

    def expect(self, path: Path) -> Sent:
        """Say what to wait for when a file comes by another road, such as a dropserver.

        Args:
            path: the file, by the name under which it comes.

        Raises:
            ExchangeError: the bucket gives no answer.
        """
        name = own_name(path.name, fingerprint(path))
        return Sent(f"{INCOMING}{path.name}", None, name, self._written(name))

    def deliver_again(self, source: str, file_name: str, name: str) -> Sent:
        """Copy a file of the bucket to `inkomend/`.

        Args:
            source: the key of the file that is there.
            file_name: the name it gets under `inkomend/`.
            name: the name that we give the file, and its report.

        Raises:
            ExchangeError: it cannot be copied.
        """
        with aws_errors("copy the file", self._advice):
            return self._hand_over(
                f"{INCOMING}{file_name}",
                name,
                lambda key, mark: self._s3.copy(
                    {"Bucket": self._bucket, "Key": source},
                    self._bucket,
                    key,
                    ExtraArgs={"Metadata": mark, "MetadataDirective": "REPLACE"},
                ),
            )

    def wait(self, sent: Sent, timeout: float) -> Report:
        """Wait until the intake is done with a delivery: then its file is gone from `inkomend/`, and it has a report.

        Args:
            sent: the delivery.
            timeout: seconds.

        Raises:
            ExchangeError: it did not come in time.
        """
        deadline = self._clock() + timeout
        pauses = _growing_pauses()
        while (report := self._answer(sent)) is None:
            left = deadline - self._clock()
            if left <= 0:
                raise ExchangeError(
                    f"No report after {timeout:g} seconds. The file was delivered as {sent.key} and may still be "
                    f"in work; its report will be {sent.report_key}. Look with: jbplus status. Wait longer with "
                    "--timeout: delivering the same file again does no harm."
                )
            self._sleep(min(next(pauses), left))
        return report

    def _hand_over(self, key: str, name: str, put: Callable[[str, dict[str, str]], None]) -> Sent:
        reports = self._written(name)
        mark = {_MARK: uuid.uuid4().hex}
        put(key, mark)
        return Sent(key, self._version(key, mark), name, reports)

    def _written(self, name: str) -> int:
        """Count the reports that there are of this name and content."""
        last = self._reports.read(name)
        return 0 if last is None else last.number

    def _version(self, key: str, mark: Mapping[str, str]) -> str | None:
        """Find the version that we delivered; another version of the same key may stand there too."""
        head = self._head(key)
        return head.get("VersionId") if head is not None and head["Metadata"].items() >= mark.items() else None

    def _answer(self, sent: Sent) -> Report | None:
        if sent.version is not None and self._head(sent.key, sent.version) is not None:
            return None
        last = self._reports.read(sent.name)
        return None if last is None or last.number <= sent.reports else last.report

    def _head(self, key: str, version: str | None = None) -> "HeadObjectOutputTypeDef | None":
        with aws_errors("look for the file", self._advice):
            try:
                if version is None:
                    return self._s3.head_object(Bucket=self._bucket, Key=key)
                return self._s3.head_object(Bucket=self._bucket, Key=key, VersionId=version)
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                    return None
                raise


def _growing_pauses() -> Iterator[float]:
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE)


def object_name(file_name: str, sha256: str) -> str:
    """Name the delivered object: as the file, unless that name is unfit for a key or for the intake.

    A key is seen by many, so a name in which a person number may hide is unfit.

    Args:
        file_name: the file's own name.
        sha256: of its content, hexadecimal.
    """
    safe = _SAFE_NAME.fullmatch(file_name) and not holds_number(file_name, year=date.max.year)
    if usual_stem(file_name) or safe:
        return file_name
    return f"bestand-{sha256[:8]}{'.json.gz' if file_name.endswith('.gz') else '.json'}"


def fingerprint(path: Path, advance: Advance = lambda _count: None, *, limit: int = Limits().size) -> str:
    """Compute the SHA-256 that names the report: the same as the intake's, a block at a time.

    Args:
        path: the file; gzip counts decompressed, unless it is not whole.
        advance: is told how many bytes were read.
        limit: what lies past this number of bytes does not count: the intake reads no further.

    Returns:
        The hash, hexadecimal.
    """
    try:
        return _sha256(unpacked(_blocks(path, advance)), limit)
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
