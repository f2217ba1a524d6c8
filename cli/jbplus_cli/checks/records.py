"""Each record of the files that are still kept is in the state of its person, or outranked there (Article 3)."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Final, Protocol

from jbplus.errors import ObjectMissingError
from jbplus.intake.applying import GoodRecord, sort_out
from jbplus.mutation_file.codes import FormError
from jbplus.mutation_file.reader import read_records
from jbplus.mutation_file.records import Circumstances, Context, Record
from jbplus.mutation_file.successions import Succession
from jbplus.mutation_file.unpacking import unpacked
from jbplus.persons.merging import BATCH
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.state import Entry, PersonState, Rank
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.retry import chunks
from jbplus.successions.rules import Link, Links
from jbplus_cli.checks.findings import Advance, Difference, Findings, Follow, Kind
from jbplus_cli.checks.kept_files import Incoming, KeptFile
from jbplus_cli.checks.rules import judge, judge_link, last_day_told, may_have_ended

_CHUNK: Final = 4000
_WORKERS: Final = 8
_MOST_LOST: Final = 20_000
"""Persons whose missing records are weighed together; those of more persons are missing without that."""


class PersonReader(Protocol):
    """Where the states of persons are read."""

    def read(self, persons: Collection[str]) -> dict[str, PersonState | None]:
        """Read the states of at most `BATCH` pseudonyms; unknown ones are absent, unreadable ones None."""
        ...

    def links(self, persons: Collection[str]) -> Mapping[str, Links]:
        """Read the links of at most `BATCH` pseudonyms; who has none is absent."""
        ...


class FileReader(Protocol):
    """Where the files that are kept are read."""

    def processed(self) -> Iterator[tuple[str, KeptFile | None]]:
        """Give the files that were taken in; None for one that cannot be read."""
        ...

    def incoming(self) -> Iterator[Incoming]:
        """Give the files that the intake is not done with."""
        ...

    def blocks(self, kept: KeptFile) -> Iterator[bytes]:
        """Read a file's bytes as they came."""
        ...

    def refused_indexes(self, kept: KeptFile) -> frozenset[int]:
        """Give the indexes of a file's records that went to quarantine."""
        ...


@dataclass(slots=True)
class _Lost:
    """What the kept files tell of a person, and its state does not.

    Attributes:
        until: the day of the latest record in the state; None for a person who is gone.
        kept: it, as a state.
        places: where it is told.
    """

    until: date | None
    kept: PersonState = field(default_factory=PersonState)
    places: list[Difference] = field(default_factory=list)


@dataclass(slots=True)
class RecordsCheck:
    """Compares records with states.

    Attributes:
        files: the files.
        persons: the states.
        pseudonyms: makes the persons' keys.
        years: the retention term.
        test_numbers_allowed: whether INSZ test numbers are taken.
        clock: gives the present moment.
    """

    files: FileReader
    persons: PersonReader
    pseudonyms: Pseudonyms
    years: int
    test_numbers_allowed: bool
    clock: Clock
    _lost: dict[str, _Lost] = field(default_factory=dict)

    def run(self, findings: Findings, follow: Follow) -> None:
        """Add the records that are not where they belong."""
        # A file that is put away meanwhile is found at one of the two places.
        begun = [each.kept for each in self.files.incoming() if each.kept is not None]
        with ThreadPoolExecutor(_WORKERS) as pool:
            for kept in begun:
                with follow.bytes(kept.shown, kept.size) as advance:
                    self._file(kept, findings, advance, pool)
            for key, taken_in in self.files.processed():
                if taken_in is None:
                    findings.add(Difference(Kind.FILE_ALTERED, key))
                    continue
                with follow.bytes(key, taken_in.size) as advance:
                    self._file(taken_in, findings, advance, pool)
                findings.checked["files"] += 1
        self._weigh(findings)

    def _file(self, kept: KeptFile, findings: Findings, advance: Advance, pool: ThreadPoolExecutor) -> None:
        refused: frozenset[int] | None = None
        circumstances = Circumstances(kept.context.file_day, self.test_numbers_allowed)
        try:
            if kept.records is None and _sha256(self.files.blocks(kept)) != kept.sha256:
                findings.add(Difference(Kind.FILE_ALTERED, kept.shown))
                return
            records = read_records(_told(self.files.blocks(kept), advance))
            for chunk in chunks(islice(records, kept.records), _CHUNK):
                good, _ = sort_out(chunk, circumstances, kept.context.kind)
                findings.checked["records"] += len(good)
                for index, missing in self._unlinked(good, kept.context):
                    refused = self.files.refused_indexes(kept) if refused is None else refused
                    if index not in refused:
                        findings.add(Difference(missing, kept.shown, index))
                for index, told, person, state, kind in self._differing(good, kept.context, pool):
                    refused = self.files.refused_indexes(kept) if refused is None else refused
                    if index not in refused:
                        self._add(Difference(kind, kept.shown, index), person, told, state, findings)
        except ObjectMissingError:
            return  # put away meanwhile, and found there; or its term ended
        except FormError:
            findings.add(Difference(Kind.FILE_ALTERED, kept.shown))

    def _unlinked(self, good: list[GoodRecord], context: Context) -> Iterator[tuple[int, Kind]]:
        """Give the successions that are not among the links of their number: these outlive every kept file."""
        said = [(each.place, each.record) for each in good if isinstance(each.record, Succession)]
        for batch in chunks(said, BATCH):
            stored = self.persons.links([self.pseudonyms(record.oud) for _, record in batch])
            for index, record in batch:
                old = self.pseudonyms(record.oud)
                new = None if record.is_taken_back else self.pseudonyms(record.nieuw)
                link = Link(new, Rank(context.volgnummer, index), context.file_day)
                kind = judge_link(stored[old] if old in stored else Links(), old, link)
                if kind is not None:
                    yield index, kind

    def _differing(
        self, good: list[GoodRecord], context: Context, pool: ThreadPoolExecutor
    ) -> Iterator[tuple[int, tuple[str, Entry], str, PersonState | None, Kind]]:
        by_person: dict[str, list[tuple[int, Record]]] = {}
        for each in good:
            if isinstance(each.record, Record):
                by_person.setdefault(self.pseudonyms(each.record.insz), []).append((each.place, each.record))
        batches = list(chunks(by_person, BATCH))
        for batch, stored in zip(batches, pool.map(self.persons.read, batches), strict=True):
            for person in batch:
                known = stored.get(person)
                if person in stored and known is None:
                    continue  # named by the check of the persons
                for index, record in by_person[person]:
                    entry = record.entry(Rank(context.volgnummer, index), context.file_day)
                    kind = Kind.RECORD_MISSING if known is None else judge(known, record.referte, entry)
                    if kind is not None:
                        yield index, (record.referte, entry), person, known, kind

    def _add(
        self, place: Difference, person: str, told: tuple[str, Entry], state: PersonState | None, findings: Findings
    ) -> None:
        if place.kind is not Kind.RECORD_MISSING or (person not in self._lost and len(self._lost) >= _MOST_LOST):
            findings.add(place)
            return
        lost = self._lost.setdefault(person, _Lost(None if state is None else last_day_told(state) or date.min))
        lost.kept, _ = lost.kept.merge([told], self.years)
        lost.places.append(place)

    def _weigh(self, findings: Findings) -> None:
        """Tell what is missing from what ended with its person."""
        today = brussels_day(self.clock())
        for lost in self._lost.values():
            ended = may_have_ended(lost.kept, lost.until or today, self.years)
            if ended is None:
                findings.unjudged += len(lost.places)
            elif not ended:
                for place in lost.places:
                    findings.add(place)


def _told(blocks: Iterable[bytes], advance: Advance) -> Iterator[bytes]:
    for block in blocks:
        advance(len(block))
        yield block


def _sha256(blocks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in unpacked(blocks):
        digest.update(piece)
    return digest.hexdigest()
