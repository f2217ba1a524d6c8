"""Applying a file's records: good ones to the persons, bad ones to quarantine."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.document import RawRecord
from jbplus.mutation_file.records import Circumstances, Context, Record, parse_record, valid_referte
from jbplus.mutation_file.report import ReportedError
from jbplus.notices.applied import AppliedRecord
from jbplus.persons.merging import BATCH, PersonStore, merge
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.state import Entry, Outcome, Rank
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, TimeLeft, chunks, no_deadline


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
        self,
        good: Sequence[GoodRecord],
        context: Context,
        pseudonym: Pseudonyms,
        pool: ThreadPoolExecutor,
        time_left: TimeLeft = no_deadline,
    ) -> Merged:
        """Merge records, persons in batches, several batches at the same time.

        Args:
            good: the records, of any persons.
            context: the envelope of their file.
            pseudonym: makes the persons' keys.
            pool: runs the batches.
            time_left: gives the number of seconds in which another try may begin.

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
        for merged in pool.map(lambda batch: self._merge_batch(dict(batch), context, time_left), batches):
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

    def _merge_batch(
        self, batch: dict[str, list[GoodRecord]], context: Context, time_left: TimeLeft
    ) -> list[tuple[GoodRecord, Outcome]]:
        def change(item: GoodRecord) -> tuple[str, Entry]:
            rank = Rank(context.volgnummer, item.index)
            return item.record.referte, item.record.entry(rank, context.file_day)

        outcomes = merge(
            self.persons,
            {person: [change(item) for item in items] for person, items in batch.items()},
            retention_years=self.retention_years,
            clock=self.clock,
            sleep=self.sleep,
            time_left=time_left,
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
