"""The intake of a mutation file: read whole, claim, apply, report (Articles 5 to 7).

Every step may be repeated, by a retry, a redelivered event or a rival at the same moment: merging is idempotent,
our own objects have names that follow from the file's content, and the report is written once. So a file whose
intake died anywhere is simply taken in again.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from jbplus.calendar import Clock
from jbplus.ledger import Claim, FileId, Ledger, gaps, jumps_too_far
from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.reader import Inspection, Limits, RawRecord, inspect, read_records
from jbplus.mutation_file.records import Circumstances, Context, Record, parse_record, valid_referte
from jbplus.mutation_file.report import (
    MAX_ERRORS,
    Counts,
    Report,
    ReportedError,
    Status,
    own_name,
    shown_name,
)
from jbplus.person import Entry, Outcome, Rank
from jbplus.persons import BATCH, PersonStore, merge
from jbplus.pseudonym import Pseudonyms
from jbplus.retry import Sleep

CHUNK = 1000

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """One version of an object under `inkomend/`.

    Attributes:
        name: the key without its prefix.
        key: the object's key.
        version: its version, when the bucket keeps versions.
        received: when it arrived.
    """

    name: str
    key: str
    version: str | None
    received: datetime

    @property
    def gzipped(self) -> bool:
        """Whether the content is gzip, by the name's ending."""
        return self.name.endswith(".gz")


class Bucket(Protocol):
    """Where files come in, and where what we make of them goes."""

    def blocks(self, file: IncomingFile) -> Iterator[bytes]:
        """Read the file's bytes from the start, a bounded piece at a time."""
        ...

    def quarantine_file(self, file: IncomingFile, name: str) -> None:
        """Copy the whole file to `quarantaine/`."""
        ...

    def quarantine_records(self, name: str, content: bytes) -> None:
        """Put rejected records under `quarantaine/`; the same name has the same content."""
        ...

    def publish_report(self, name: str, content: bytes, *, replaces_refusal: bool) -> None:
        """Put a report under `verslagen/`, and its copy where the source fetches it.

        A report that is there already stays as it is; but one that says `geweigerd` gives way when
        `replaces_refusal`.
        """
        ...


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """What the deployment decides.

    Attributes:
        retention_years: the retention term.
        test_numbers_allowed: whether INSZ test numbers are taken.
        limits: the largest file that is taken.
        workers: how many batches of persons are written at the same time.
    """

    retention_years: int
    test_numbers_allowed: bool
    limits: Limits = field(default_factory=Limits)
    workers: int = 8


@dataclass(frozen=True, slots=True)
class _GoodRecord:
    index: int
    record: Record
    value: object


@dataclass(slots=True)
class _Tally:
    """What became of the records so far."""

    read: int = 0
    applied: int = 0
    superseded: int = 0
    refused: int = 0
    errors: list[ReportedError] = field(default_factory=list)

    def refuse(self, rejected: Sequence["_Rejected"]) -> None:
        self.refused += len(rejected)
        room = MAX_ERRORS - len(self.errors)
        self.errors.extend(item.error for item in rejected[:room])

    @property
    def counts(self) -> Counts:
        return Counts(gelezen=self.read, toegepast=self.applied, verouderd=self.superseded, geweigerd=self.refused)


@dataclass(frozen=True, slots=True)
class _Rejected:
    error: ReportedError
    value: object


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes in mutation files."""

    bucket: Bucket
    persons: PersonStore
    ledger: Ledger
    pseudonyms: Callable[[], Pseudonyms]
    rules: IntakeRules
    clock: Clock
    sleep: Sleep

    def take_in(self, file: IncomingFile) -> Report:
        """Take in one file; every file ends in one report.

        Raises:
            UnavailableError: a store is throttled or out of reach; taking the file in again goes on from here.
        """
        inspection = inspect(
            self.bucket.blocks(file), gzipped=file.gzipped, received=file.received, limits=self.rules.limits
        )
        name = own_name(file.name, inspection.sha256)
        if inspection.context is None or inspection.refusal is not None:
            return self._refuse(file, name, inspection, inspection.refusal or Finding(Code.CONTEXT_INVALID))
        context = inspection.context
        claimed = self.ledger.volgnummers()
        if jumps_too_far(context.volgnummer, claimed):
            finding = Finding(Code.VOLGNUMMER_TOO_HIGH, "/context/volgnummer")
            return self._refuse(file, name, inspection, finding)

        file_id = FileId(context.referte.lower(), context.volgnummer, inspection.sha256)
        match self.ledger.claim(file_id):
            case Claim.REFERTE_IN_USE:
                finding = Finding(Code.REFERTE_IN_USE, "/context/referte")
                return self._refuse(file, name, inspection, finding)
            case Claim.VOLGNUMMER_IN_USE:
                finding = Finding(Code.VOLGNUMMER_IN_USE, "/context/volgnummer")
                return self._refuse(file, name, inspection, finding)
            case Claim.FINISHED:
                return self._publish(
                    name,
                    self._report(file, inspection, Status.ALREADY_PROCESSED, Counts(gelezen=inspection.count)),
                )
            case Claim.OURS:
                pass

        tally = self._apply(file, name, context)
        status = Status.PARTLY_PROCESSED if tally.refused else Status.PROCESSED
        report = self._publish(name, self._report(file, inspection, status, tally.counts, tuple(tally.errors)))
        self.ledger.finish(file_id, status)
        return report

    def _refuse(self, file: IncomingFile, name: str, inspection: Inspection, finding: Finding) -> Report:
        self.bucket.quarantine_file(file, name)
        counts = Counts(gelezen=inspection.count, geweigerd=inspection.count)
        errors = (ReportedError.of(finding),)
        return self._publish(name, self._report(file, inspection, Status.REFUSED, counts, errors))

    def _report(
        self,
        file: IncomingFile,
        inspection: Inspection,
        status: Status,
        counts: Counts,
        errors: tuple[ReportedError, ...] = (),
    ) -> Report:
        return Report(
            status=status,
            bestand=shown_name(file.name, year=file.received.year),
            context=inspection.context,
            sha256=inspection.sha256,
            aantallen=counts,
            ontbrekende_volgnummers=gaps(self.ledger.volgnummers()),
            fouten=errors,
            fouten_afgekapt=status is Status.PARTLY_PROCESSED and counts.geweigerd > len(errors),
        )

    def _publish(self, name: str, report: Report) -> Report:
        self.bucket.publish_report(name, report.to_json(), replaces_refusal=report.status is not Status.REFUSED)
        return report

    def _apply(self, file: IncomingFile, name: str, context: Context) -> _Tally:
        circumstances = Circumstances(context.file_day, self.rules.test_numbers_allowed)
        tally = _Tally()
        records = read_records(self.bucket.blocks(file), gzipped=file.gzipped)
        with ThreadPoolExecutor(self.rules.workers) as pool:
            for chunk in _chunks(records, CHUNK):
                good, rejected = _sort_out(chunk, circumstances)
                rejected += self._merge(good, context, tally, pool)
                rejected.sort(key=lambda item: item.error.index or 0)
                if rejected:
                    part = f"{name}.{chunk[0].index:08d}"
                    self.bucket.quarantine_records(part, _quarantined(context, rejected))
                tally.read += len(chunk)
                tally.refuse(rejected)
        return tally

    def _merge(
        self, good: Sequence[_GoodRecord], context: Context, tally: _Tally, pool: ThreadPoolExecutor
    ) -> list[_Rejected]:
        """Merge the good records of a chunk, persons in batches; give those that a person has no room for."""
        pseudonym = self.pseudonyms()
        by_person: dict[str, list[_GoodRecord]] = {}
        for item in good:
            by_person.setdefault(pseudonym(item.record.insz), []).append(item)
        rejected: list[_Rejected] = []
        for outcomes in pool.map(lambda batch: self._merge_batch(batch, context), _chunks(by_person.items(), BATCH)):
            for item, outcome in outcomes:
                if outcome is Outcome.TOO_MANY:
                    finding = Finding(Code.TOO_MANY_ENTRIES, f"/mutaties/{item.index}")
                    rejected.append(_reject(item.index, item.record.referte, item.value, finding))
                else:
                    tally.applied += outcome is Outcome.APPLIED
                    tally.superseded += outcome is Outcome.SUPERSEDED
        return rejected

    def _merge_batch(
        self, batch: Sequence[tuple[str, list[_GoodRecord]]], context: Context
    ) -> list[tuple[_GoodRecord, Outcome]]:
        def change(item: _GoodRecord) -> tuple[str, Entry]:
            rank = Rank(context.volgnummer, item.index)
            return item.record.referte, item.record.entry(rank, context.file_day)

        outcomes = merge(
            self.persons,
            {person: [change(item) for item in items] for person, items in batch},
            retention_years=self.rules.retention_years,
            clock=self.clock,
            sleep=self.sleep,
        )
        return [
            (item, outcome) for person, items in batch for item, outcome in zip(items, outcomes[person], strict=True)
        ]


def _chunks(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    chunk: list[_T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _sort_out(chunk: Sequence[RawRecord], circumstances: Circumstances) -> tuple[list[_GoodRecord], list[_Rejected]]:
    """Validate each record by itself: bad ones do not stop good ones."""
    good: list[_GoodRecord] = []
    rejected: list[_Rejected] = []
    for raw in chunk:
        parsed = raw.flaw or parse_record(raw.value, raw.index, circumstances)
        if isinstance(parsed, Finding):
            referte = valid_referte(raw.value, circumstances.file_day.year)
            rejected.append(_reject(raw.index, referte, raw.value, parsed))
        else:
            good.append(_GoodRecord(raw.index, parsed, raw.value))
    return good, rejected


def _reject(index: int, referte: str | None, value: object, finding: Finding) -> _Rejected:
    return _Rejected(ReportedError.of(finding, index=index, referte=referte), value)


def _quarantined(context: Context, rejected: Sequence[_Rejected]) -> bytes:
    """Write rejected records as JSON lines: the file's context first, then each record with its finding."""
    lines = [json.dumps({"context": context.model_dump(mode="json", by_alias=True)})]
    lines += [
        json.dumps(
            {"index": item.error.index, "code": item.error.code, "pad": item.error.pad, "record": item.value},
            default=_number_as_written,
        )
        for item in rejected
    ]
    return ("\n".join(lines) + "\n").encode()


def _number_as_written(value: object) -> str:
    """Write a decimal number as the text that it was: a float would change it."""
    if isinstance(value, Decimal):
        return str(value) if int(value.as_tuple().exponent) < 0 else f"{value:E}"
    raise TypeError(type(value).__name__)
