"""Applying a file's records: good ones to the persons, bad ones to quarantine."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple, Protocol

from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.document import RawRecord
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import Circumstances, Context, Record, valid_referte
from jbplus.mutation_file.report import ReportedError
from jbplus.mutation_file.successions import Succession, parse
from jbplus.notices.applied import AppliedRecord
from jbplus.persons.merging import BATCH, PersonStore, merge
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.state import Entry, Outcome, Rank
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, TimeLeft, chunks, no_deadline


class GoodRecord(NamedTuple):
    """A record that is valid by itself.

    Attributes:
        place: its position in the file, from 0.
        record: the record.
        value: the record as read from JSON, should it go to quarantine after all.
    """

    place: int
    record: Record | Succession
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

    @classmethod
    def of(
        cls, results: Iterable[tuple["GoodRecord", AppliedRecord, Outcome]], context: Context, no_room: Code
    ) -> "Merged":
        """Gather what became of records.

        Args:
            results: each record, what it applies, and what became of it.
            context: the envelope of their file.
            no_room: the code of what there is no room for.
        """
        applied: list[AppliedRecord] = []
        without_room: list[Rejected] = []
        superseded = 0
        for item, record, outcome in results:
            match outcome:
                case Outcome.APPLIED:
                    applied.append(record)
                case Outcome.SUPERSEDED:
                    superseded += 1
                case Outcome.TOO_MANY:
                    without_room.append(_without_room(item, context, no_room))
        return cls(tuple(applied), superseded, tuple(without_room))


_Mutation = tuple[GoodRecord, Record]


class Applier(Protocol):
    """Applies good records of one kind of file; applying the same ones again is harmless."""

    def merge(
        self,
        good: Sequence[GoodRecord],
        context: Context,
        pseudonym: Pseudonyms,
        pool: ThreadPoolExecutor,
        time_left: TimeLeft = no_deadline,
    ) -> Merged:
        """Apply records.

        Args:
            good: the records, of any persons.
            context: the envelope of their file.
            pseudonym: makes the persons' keys.
            pool: runs what can be done at the same time.
            time_left: gives the number of seconds in which another try may begin.

        Returns:
            What became of the records.

        Raises:
            UnavailableError: a store is out of reach.
        """
        ...


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
        """Merge records, persons in batches, several batches at the same time."""
        by_number: dict[str, list[_Mutation]] = {}
        for item in good:
            if isinstance(item.record, Record):
                by_number.setdefault(item.record.insz, []).append((item, item.record))
        by_person = {pseudonym(number): mutations for number, mutations in by_number.items()}
        # Of one size, so that all workers are done at about the same time.
        batches = chunks(by_person.items(), ceil(len(by_person) / max(1, ceil(len(by_person) / BATCH))))
        results = (
            (item, AppliedRecord(item.place, record.referte, record.type, record.insz), outcome)
            for merged in pool.map(lambda batch: self._merge_batch(dict(batch), context, time_left), batches)
            for (item, record), outcome in merged
        )
        return Merged.of(results, context, Code.TOO_MANY_ENTRIES)

    def _merge_batch(
        self, batch: dict[str, list[_Mutation]], context: Context, time_left: TimeLeft
    ) -> list[tuple[_Mutation, Outcome]]:
        volgnummer, file_day = context.volgnummer, context.file_day

        def change(mutation: _Mutation) -> tuple[str, Entry]:
            item, record = mutation
            return record.referte, record.entry(Rank(volgnummer, item.place), file_day)

        outcomes = merge(
            self.persons,
            {person: [change(mutation) for mutation in mutations] for person, mutations in batch.items()},
            retention_years=self.retention_years,
            clock=self.clock,
            sleep=self.sleep,
            time_left=time_left,
        )
        return [pair for person, mutations in batch.items() for pair in zip(mutations, outcomes[person], strict=True)]


def sort_out(
    records: Iterable[RawRecord], circumstances: Circumstances, kind: Kind = Kind.MUTATIONS
) -> tuple[list[GoodRecord], list[Rejected]]:
    """Validate each record by itself: bad ones do not stop good ones."""
    good: list[GoodRecord] = []
    rejected: list[Rejected] = []
    for raw in records:
        parsed = raw.flaw or parse(raw.value, raw.place, kind, circumstances)
        if isinstance(parsed, Finding):
            referte = valid_referte(raw.value, circumstances.file_day.year)
            rejected.append(reject(raw.place, referte, raw.value, parsed))
        else:
            good.append(GoodRecord(raw.place, parsed, raw.value))
    return good, rejected


def _without_room(item: GoodRecord, context: Context, code: Code) -> Rejected:
    finding = Finding(code, f"/{context.kind.records}/{item.place}")
    return reject(item.place, valid_referte(item.value, context.file_day.year), item.value, finding)


def reject(index: int, referte: str | None, value: object, finding: Finding) -> Rejected:
    """Reject a record for what is wrong with it."""
    return Rejected(ReportedError.of(finding, index=index, referte=referte), value)
