"""Applying a file's records: good ones to the persons, bad ones to quarantine, and how far that has come."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from jbplus.intake.ledger import FileId
from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.document import RawRecord
from jbplus.mutation_file.records import Circumstances, Context, Record, parse_record, valid_referte
from jbplus.mutation_file.report import MAX_ERRORS, Counts, ReportedError
from jbplus.notices.applied import AppliedPiece, AppliedRecord, announced_name
from jbplus.persons.merging import BATCH, PersonStore, merge
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.state import Entry, Outcome, Rank
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, chunks
from jbplus.wire import Wire


class Progress(Wire):
    """How far the applying of a claimed file has come; it is kept between invocations.

    Attributes:
        sha256: of the file's decompressed bytes.
        context: the file's envelope.
        count: the number of its records.
        position: how many records are done with.
        counts: what became of these.
        errors: what is wrong with the bad ones among these, at most `MAX_ERRORS`.
    """

    sha256: str
    context: Context
    count: int
    position: int = 0
    counts: Counts = Counts()
    errors: Annotated[tuple[ReportedError, ...], Field(max_length=MAX_ERRORS)] = ()

    @property
    def file_id(self) -> FileId:
        """What makes the file the same file."""
        return FileId(self.context.referte.lower(), self.context.volgnummer, self.sha256)

    @property
    def announced_as(self) -> str:
        """The file's name among the announced ones."""
        return announced_name(self.context.volgnummer, self.sha256)

    @property
    def is_complete(self) -> bool:
        """Whether every record is done with."""
        return self.position == self.count

    def after(self, read: int, applied: AppliedPiece, rejected: Sequence["Rejected"]) -> "Progress":
        """Give the progress after the next records.

        Args:
            read: how many were read.
            applied: what became of the good ones.
            rejected: the bad ones.
        """
        counts = Counts(
            gelezen=self.counts.gelezen + read,
            toegepast=self.counts.toegepast + len(applied.records),
            verouderd=self.counts.verouderd + applied.superseded,
            geweigerd=self.counts.geweigerd + len(rejected),
        )
        errors = (*self.errors, *(item.error for item in rejected[: MAX_ERRORS - len(self.errors)]))
        return self.model_copy(update={"position": self.position + read, "counts": counts, "errors": errors})

    def to_json(self) -> bytes:
        """Write the progress down."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


@dataclass(frozen=True, slots=True)
class GoodRecord:
    """A record that is valid by itself.

    Attributes:
        index: its position in the file, from 0.
        record: the record.
        value: the record as read from JSON, should it go to quarantine after all.
    """

    index: int
    record: Record
    value: object


@dataclass(frozen=True, slots=True)
class Rejected:
    """A bad record.

    Attributes:
        error: what the report says of it.
        value: the record as read from JSON.
    """

    error: ReportedError
    value: object


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of good records.

    Attributes:
        applied: those that decide what is now so.
        superseded: how many were decided by a higher volgnummer already.
        without_room: those that their person has no room for.
    """

    applied: tuple[AppliedRecord, ...]
    superseded: int
    without_room: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class Merger:
    """Merges good records into the states of their persons.

    Attributes:
        persons: where the states are kept.
        retention_years: the retention term.
        clock: gives the present moment.
        sleep: pauses for a number of seconds.
    """

    persons: PersonStore
    retention_years: int
    clock: Clock
    sleep: Sleep

    def merge(
        self, good: Sequence[GoodRecord], context: Context, pseudonym: Pseudonyms, pool: ThreadPoolExecutor
    ) -> Merged:
        """Merge records, persons in batches, several batches at the same time.

        Args:
            good: the records, of any persons.
            context: the envelope of their file.
            pseudonym: makes the persons' keys.
            pool: runs the batches.

        Returns:
            What became of the records.

        Raises:
            UnavailableError: a store is out of reach; merging the same records again is harmless.
        """
        by_person: dict[str, list[GoodRecord]] = {}
        for item in good:
            by_person.setdefault(pseudonym(item.record.insz), []).append(item)
        applied: list[AppliedRecord] = []
        without_room: list[Rejected] = []
        superseded = 0
        batches = chunks(by_person.items(), BATCH)
        for merged in pool.map(lambda batch: self._merge_batch(dict(batch), context), batches):
            for item, outcome in merged:
                if outcome is Outcome.TOO_MANY:
                    finding = Finding(Code.TOO_MANY_ENTRIES, f"/mutaties/{item.index}")
                    referte = valid_referte(item.value, context.file_day.year)
                    without_room.append(reject(item.index, referte, item.value, finding))
                elif outcome is Outcome.SUPERSEDED:
                    superseded += 1
                else:
                    record = item.record
                    applied.append(AppliedRecord(item.index, record.referte, record.type, record.insz))
        return Merged(tuple(applied), superseded, tuple(without_room))

    def _merge_batch(self, batch: dict[str, list[GoodRecord]], context: Context) -> list[tuple[GoodRecord, Outcome]]:
        def change(item: GoodRecord) -> tuple[str, Entry]:
            rank = Rank(context.volgnummer, item.index)
            return item.record.referte, item.record.entry(rank, context.file_day)

        outcomes = merge(
            self.persons,
            {person: [change(item) for item in items] for person, items in batch.items()},
            retention_years=self.retention_years,
            clock=self.clock,
            sleep=self.sleep,
        )
        return [pair for person, items in batch.items() for pair in zip(items, outcomes[person], strict=True)]


def sort_out(records: Iterable[RawRecord], circumstances: Circumstances) -> tuple[list[GoodRecord], list[Rejected]]:
    """Validate each record by itself: bad ones do not stop good ones."""
    good: list[GoodRecord] = []
    rejected: list[Rejected] = []
    for raw in records:
        parsed = raw.flaw or parse_record(raw.value, raw.index, circumstances)
        if isinstance(parsed, Finding):
            referte = valid_referte(raw.value, circumstances.file_day.year)
            rejected.append(reject(raw.index, referte, raw.value, parsed))
        else:
            good.append(GoodRecord(raw.index, parsed, raw.value))
    return good, rejected


def reject(index: int, referte: str | None, value: object, finding: Finding) -> Rejected:
    """Reject a record for what is wrong with it."""
    return Rejected(ReportedError.of(finding, index=index, referte=referte), value)
