"""The quarantine of a stack: see what was refused, and hand it in again after a fix (Article 7)."""

import codecs
import heapq
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError
from pydantic import ValidationError

from jbplus.aws.folders import QUARANTINE
from jbplus.intake.wire import BadRecord, FirstLine
from jbplus.mutation_file.codes import FormError
from jbplus.mutation_file.records import Context
from jbplus.mutation_file.report import Report, Status
from jbplus.mutation_file.unpacking import BLOCK, unpacked
from jbplus_cli.files.delivery import Deliveries
from jbplus_cli.files.reports import Reports
from jbplus_cli.quarantine.kept import FileReleased, Kept, Listing, Part, Summary, WholeFile, kept
from jbplus_cli.stack.aws import aws_errors
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n\r"}


class Quarantine:
    """The quarantine of a stack.

    Every method raises ExchangeError when S3 is out of reach, or what stands there is not as agreed.

    Args:
        s3: the S3 client.
        bucket: the bucket's name.
        deliveries: hands files in again.
        advice: what the operator does when S3 gives no answer.
    """

    def __init__(self, s3: "S3Client", bucket: str, *, deliveries: Deliveries, advice: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._deliveries = deliveries
        self._reports = Reports(s3, bucket, advice)
        self._advice = advice

    @classmethod
    def of(cls, world: Surroundings, target: Target) -> Self:
        """Give the quarantine of a stack."""
        return cls(
            world.aws(target).s3(),
            target.bucket,
            deliveries=Deliveries.of(world, target),
            advice=target.advice_when_unreachable,
        )

    def newest(self, most: int) -> Listing:
        """List what is in quarantine.

        Args:
            most: how many to name; the others are counted.
        """
        count = {WholeFile: 0, Part: 0}
        newest: list[tuple[datetime, str, Kept]] = []
        with aws_errors("list the quarantine", self._advice):
            for item in self._all():
                count[type(item)] += 1
                heapq.heappush(newest, (item.since, item.name, item))
                if len(newest) > most:
                    heapq.heappop(newest)
        named = tuple(item for _, _, item in sorted(newest, reverse=True))
        return Listing(named, files=count[WholeFile], parts=count[Part])

    def find(self, name: str) -> Kept:
        """Find something by its name; it raises ExchangeError too when there is nothing of this name."""
        missing = ExchangeError(f"Nothing in quarantine is called {name}. See the names with: jbplus quarantine list")
        with aws_errors("look into the quarantine", self._advice):
            try:
                head = self._s3.head_object(Bucket=self._bucket, Key=f"{QUARANTINE}{name}")
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                    raise missing from None
                raise
        found = kept(name, head["LastModified"])
        if found is None:
            raise missing
        return found

    def summary(self, item: Kept) -> Summary:
        """Tell what is wrong with something, without its records."""
        if isinstance(item, Part):
            codes: dict[str, None] = {}
            count = 0
            for record in self.records(item):
                codes[record.code] = None
                count += 1
            report = self.report(item)
            return Summary(item, count, tuple(codes), file=None if report is None else report.bestand)
        report = self.report(item)
        if report is None:
            return Summary(item, None, ())
        count_read = report.aantallen.gelezen
        if report.status != Status.REFUSED:
            return Summary(item, count_read, (), report.bestand, taken_in=report.status)
        codes_read = tuple(dict.fromkeys(error.code for error in report.fouten))
        return Summary(item, count_read, codes_read, report.bestand)

    def report(self, file: Kept) -> Report | None:
        """Read the report of a file, or of the file that a part is from; None when it is gone."""
        written = self._reports.read(file.own_name)
        return None if written is None else written.report

    def context(self, part: Part) -> Context:
        """Read the envelope of the file that a part is from."""
        try:
            return FirstLine.read(next(self._lines(part), b"")).context
        except ValidationError as error:
            raise _not_as_agreed(part) from error

    def records(self, part: Part) -> Iterator[BadRecord]:
        """Read the records of a part one by one."""
        lines = self._lines(part)
        next(lines, None)
        for line in lines:
            try:
                yield BadRecord.read(line)
            except ValidationError as error:
                raise _not_as_agreed(part) from error

    def content(self, file: WholeFile) -> Iterator[str]:
        """Read a whole file as it came, unpacked; what could upset a terminal is written as an escape."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="backslashreplace")
        blocks = self._blocks(file)
        try:
            for block in unpacked(blocks):
                yield decoder.decode(block).translate(_CONTROLS)
        except FormError as error:
            raise ExchangeError(f"{file.name} cannot be unpacked to its end; what came out stands above.") from error
        yield decoder.decode(b"", final=True)

    def release(self, file: WholeFile, timeout: float) -> FileReleased:
        """Hand a whole file in again, and take it out of quarantine once it was taken in.

        Args:
            file: the file.
            timeout: seconds to wait for the outcome; when it does not come, the file stays in quarantine.
        """
        sent = self._deliveries.deliver_again(file.key, file.file_name, file.own_name)
        released = FileReleased(self._deliveries.wait(sent, timeout))
        if released.taken_in:
            with aws_errors("remove the quarantined copy of a file that was taken in", self._advice):
                self._s3.delete_object(Bucket=self._bucket, Key=file.key)
        return released

    def _all(self) -> Iterator[Kept]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=QUARANTINE)
        entries = (entry for page in pages for entry in page.get("Contents", []))
        found = (kept(entry["Key"].removeprefix(QUARANTINE), entry["LastModified"]) for entry in entries)
        return (item for item in found if item is not None)

    def _lines(self, part: Part) -> Iterator[bytes]:
        with aws_errors("read the quarantine", self._advice):
            yield from self._s3.get_object(Bucket=self._bucket, Key=part.key)["Body"].iter_lines(BLOCK)

    def _blocks(self, file: WholeFile) -> Iterator[bytes]:
        with aws_errors("read the quarantine", self._advice):
            yield from self._s3.get_object(Bucket=self._bucket, Key=file.key)["Body"].iter_chunks(BLOCK)


def _not_as_agreed(part: Part) -> ExchangeError:
    return ExchangeError(f"{part.key} is not as agreed. Does this jbplus belong to the stack's version?")
