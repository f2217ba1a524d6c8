"""The mutation files that are still kept, each with what is known of it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from jbplus.aws.errors import translated
from jbplus.aws.folders import INCOMING, PROCESSED, PROGRESS, QUARANTINE, REPORTS
from jbplus.errors import ObjectMissingError
from jbplus.intake.bucket import S3Bucket, progress_key
from jbplus.intake.incoming import IncomingFile
from jbplus.intake.ledger import FileId
from jbplus.intake.quarantine import from_lines
from jbplus.intake.standing import Progress, Standing, read_standing
from jbplus.mutation_file.reader import Limits, inspect
from jbplus.mutation_file.records import Context
from jbplus.mutation_file.report import Report, Status, shown_name
from jbplus_cli.quarantine.discarding import FOLDER as DISCARDED

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is kept.

    Attributes:
        file: where it stands.
        shown: its key as it may be shown.
        size: bytes, as it stands there.
        context: its envelope.
        sha256: of its decompressed bytes, as its report has it.
        records: how many of its records are done with, from the first; None for all.
        refused: the indexes of the records that went to quarantine, as its report has them.
        is_abridged: whether more went there than the report names.
    """

    file: IncomingFile
    shown: str
    size: int
    context: Context
    sha256: str
    records: int | None = None
    refused: frozenset[int] = frozenset()
    is_abridged: bool = False

    @property
    def file_id(self) -> FileId:
        """What makes it the same file."""
        return FileId(self.context.referte.lower(), self.context.volgnummer, self.sha256)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file under `inkomend/`.

    Attributes:
        delivery: the name of what tells how far it has come, under `voortgang/`.
        kept: it, as far as its records are applied; None before anything was decided of it, or when it is refused.
        words: what is being done with it, for people.
    """

    delivery: str
    kept: KeptFile | None
    words: str


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """Finds the files that are kept.

    Attributes:
        client: the S3 client.
        bucket: the bucket's name.
    """

    client: "S3Client"
    bucket: str

    @property
    def _bucket(self) -> S3Bucket:
        return S3Bucket(self.client, self.bucket)

    def blocks(self, kept: KeptFile) -> Iterator[bytes]:
        """Read a file's bytes as they came.

        Raises:
            ObjectMissingError: it is gone by now.
        """
        return self._bucket.blocks(kept.file)

    def processed(self) -> Iterator[tuple[str, KeptFile | None]]:
        """Give the keys of the files that were taken in, each with its file; None for one that cannot be read."""
        for key, size, since in self._listed(PROCESSED):
            file = IncomingFile(key.removeprefix(PROCESSED), key, None, since)
            with suppress(ObjectMissingError):  # its term ended just now
                yield key, self._of_reports(file, size) or self._as_it_is(file, size)

    def incoming(self) -> Iterator[Incoming]:
        """Give the files that the intake is not done with; each version is one."""
        with translated("s3:ListObjectVersions"):
            pages = self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=INCOMING)
            versions = [version for page in pages for version in page.get("Versions", [])]
        for version in versions:
            key, name = version["Key"], version["Key"].removeprefix(INCOMING)
            if not name:
                continue
            file = IncomingFile(name, key, version["VersionId"], version["LastModified"])
            shown = INCOMING + shown_name(name, year=file.received.year)
            content = self._bucket.read_progress(file)
            delivery = progress_key(file).removeprefix(PROGRESS)
            standing = None if content is None else _standing(content)
            if isinstance(standing, Progress):
                kept = KeptFile(
                    file,
                    shown,
                    version["Size"],
                    standing.context,
                    standing.sha256,
                    standing.position,
                    frozenset(error.index for error in standing.errors if error.index is not None),
                    standing.counts.geweigerd > len(standing.errors),
                )
                yield Incoming(
                    delivery, kept, f"{shown} is being applied, {standing.position} of {standing.count} records"
                )
            else:
                yield Incoming(delivery, None, f"{shown} {'waits' if standing is None else 'is being put away'}")

    def refused_indexes(self, kept: KeptFile) -> frozenset[int]:
        """Give the indexes of a file's records that went to quarantine, wherever that is written."""
        found, own_name = set(kept.refused), own_name_of(kept.file)
        if kept.is_abridged:
            for folder in (QUARANTINE, DISCARDED):
                for name in self._bucket.objects.names(f"{folder}{own_name}."):
                    content = self._bucket.objects.find(f"{folder}{own_name}.{name}")
                    if name.endswith(".ndjson") and content is not None:
                        found |= {record.place for record in from_lines(content)[1]}
        return frozenset(found)

    def standings(self) -> Iterator[tuple[str, datetime, Standing | None]]:
        """Give how far each delivery has come, by its name under `voortgang/`, and since when; None: unreadable."""
        for key, _, since in self._listed(PROGRESS):
            name = key.removeprefix(PROGRESS)
            content = self._bucket.objects.find(key) if len(name) == len("0" * 32 + ".json") else None
            if content is not None:
                yield name, since, _standing(content)

    def _of_reports(self, file: IncomingFile, size: int) -> KeptFile | None:
        """Tell of a file by its reports: each delivery has one."""
        prefix = f"{REPORTS}{own_name_of(file)}."
        contents = (self._bucket.objects.find(prefix + name) for name in self._bucket.objects.names(prefix))
        taken_in = [
            report
            for content in contents
            if content is not None
            if (report := read_report(content)) is not None
            if report.status != Status.REFUSED and isinstance(report.context, Context)
        ]
        if not taken_in or not isinstance(context := taken_in[0].context, Context):
            return None
        indexes = frozenset(error.index for report in taken_in for error in report.fouten if error.index is not None)
        is_abridged = any(report.fouten_afgekapt for report in taken_in)
        return KeptFile(file, file.key, size, context, taken_in[0].sha256, refused=indexes, is_abridged=is_abridged)

    def _as_it_is(self, file: IncomingFile, size: int) -> KeptFile | None:
        """Read a file whole, for what its report does not tell."""
        seen = inspect(self._bucket.blocks(file), received=file.received, limits=Limits())
        if seen.context is None or seen.refusal is not None:
            return None
        return KeptFile(file, file.key, size, seen.context, seen.sha256, is_abridged=True)

    def _listed(self, folder: str) -> Iterator[tuple[str, int, datetime]]:
        with translated("s3:ListObjectsV2"):
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=folder):
                for entry in page.get("Contents", []):
                    yield entry["Key"], entry["Size"], entry["LastModified"]


def own_name_of(file: IncomingFile) -> str:
    """Give the name that we gave a file that is kept: its report and its quarantine have it too."""
    return file.name.removesuffix(file.ending)


def _standing(content: bytes) -> Standing | None:
    try:
        return read_standing(content)
    except ValueError:
        return None


def read_report(content: bytes) -> Report | None:
    """Read a report; None when it is not as it was written."""
    try:
        return Report.read(content)
    except ValidationError:
        return None
