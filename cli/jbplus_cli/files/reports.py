"""The reports under `verslagen/`: what became of each file (Article 7)."""

import heapq
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from jbplus.aws.folders import REPORTS
from jbplus.intake.bucket import RECEIVED
from jbplus.mutation_file.report import Report
from jbplus_cli.stack.aws import aws_errors
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

# Behind the beginning of the hash, which has eight digits.
_LATER: Final = re.compile(r"\.[0-9a-f]{8}\.([0-9]+)\.json$", re.ASCII)

MOST_LOOKED_BACK: Final = 50
"""So many reports are read in search of an earlier one."""
_LONGEST_WORK: Final = timedelta(days=3)
LONGEST_SILENCE: Final = timedelta(hours=26)
"""A file comes each day; the stack's alarm has the same limit."""


@dataclass(frozen=True, slots=True)
class Written:
    """A report as it stands in the bucket.

    Attributes:
        number: which of the reports it is that files of this name and content have.
        report: what it says.
        received: when its file arrived, when the report tells.
        written: when the report was written: its file was done with.
    """

    number: int
    report: Report
    received: datetime | None
    written: datetime

    @property
    def came(self) -> datetime:
        """When its file came; where that is not told, when it was done with."""
        return self.received or self.written

    @property
    def duration(self) -> timedelta | None:
        """How long the intake took, waiting included."""
        return None if self.received is None else self.written - self.received


@dataclass(frozen=True, slots=True)
class Reports:
    """Reads reports.

    Attributes:
        s3: the S3 client.
        bucket: the bucket's name.
        advice: what the operator does when S3 gives no answer.
    """

    s3: "S3Client"
    bucket: str
    advice: str

    def read(self, name: str) -> Written | None:
        """Read the last report of a file, or None while there is none: each delivery of it has one.

        Args:
            name: the name that we give the file (`own_name`).

        Raises:
            ExchangeError: it cannot be read.
        """
        with aws_errors("list the reports", self.advice):
            keys = [entry["Key"] for entry in self._listed(f"{REPORTS}{name}.")]
        last = max(keys, key=_number, default=None)
        return None if last is None else self._read(last)

    def newest(self, count: int) -> list[Written]:
        """Read the reports that were written last, the newest first; of the others only the keys are listed.

        Raises:
            ExchangeError: they cannot be read.
        """
        with aws_errors("list the reports", self.advice):
            listed = heapq.nlargest(count, self._listed(REPORTS), key=lambda entry: entry["LastModified"])
        found = (self._read(entry["Key"]) for entry in listed)
        return [written for written in found if written is not None]

    def written_when(self, wanted: Callable[[datetime], bool]) -> Iterator[Written]:
        """Read the reports whose moment of writing is wanted, one at a time, by name.

        Raises:
            ExchangeError: they cannot be read.
        """
        with aws_errors("list the reports", self.advice):
            for entry in self._listed(REPORTS):
                written = self._read(entry["Key"]) if wanted(entry["LastModified"]) else None
                if written is not None:
                    yield written

    def between(self, begin: datetime, end: datetime) -> Iterator[Written]:
        """Read the reports of files that came from one moment to another, in the order in which they were written.

        Raises:
            ExchangeError: they cannot be read.
        """
        with aws_errors("list the reports", self.advice):
            # A file that came at the end of the span may have been done with days later.
            listed = [e for e in self._listed(REPORTS) if begin <= e["LastModified"] < end + _LONGEST_WORK]
        for entry in sorted(listed, key=lambda entry: (entry["LastModified"], entry["Key"])):
            written = self._read(entry["Key"])
            if written is not None and begin <= written.came < end:
                yield written

    def before(self, moment: datetime) -> Iterator[Written]:
        """Read the last reports of files that came before a moment, the newest first; at most `MOST_LOOKED_BACK`.

        Raises:
            ExchangeError: they cannot be read.
        """
        with aws_errors("list the reports", self.advice):
            earlier = (entry for entry in self._listed(REPORTS) if entry["LastModified"] < moment + _LONGEST_WORK)
            listed = heapq.nlargest(MOST_LOOKED_BACK, earlier, key=lambda entry: entry["LastModified"])
        found = (self._read(entry["Key"]) for entry in listed)
        return (written for written in found if written is not None and written.came < moment)

    def _listed(self, prefix: str) -> "Iterator[ObjectTypeDef]":
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return (entry for page in pages for entry in page.get("Contents", []))

    def _read(self, key: str) -> Written | None:
        with aws_errors("read the report", self.advice):
            try:
                found = self.s3.get_object(Bucket=self.bucket, Key=key)
            except self.s3.exceptions.NoSuchKey:
                return None
            body = found["Body"].read()
        received = found["Metadata"].get(RECEIVED)
        try:
            return Written(
                _number(key),
                Report.read(body),
                None if received is None else datetime.fromisoformat(received),
                found["LastModified"],
            )
        except ValueError as error:
            raise ExchangeError(
                f"The report {key} is not as agreed. Does this jbplus belong to the stack's version?"
            ) from error


def report_key(name: str, number: int) -> str:
    """Give the key of a report.

    Args:
        name: the name that we give the file (`own_name`).
        number: which of the reports it is that files of this name and content have, from 1.
    """
    return f"{REPORTS}{name}.json" if number == 1 else f"{REPORTS}{name}.{number}.json"


def _number(key: str) -> int:
    match = _LATER.search(key)
    return 1 if match is None else int(match[1])
