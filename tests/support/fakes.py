"""Fakes of the edges, in memory: handed in as arguments, with the promises of the protocols they stand for."""

import hashlib
import itertools
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from jbplus.consultation.service import Found, Known
from jbplus.errors import ConflictError, LogUnavailableError, ObjectMissingError
from jbplus.intake.incoming import IncomingFile, Published
from jbplus.intake.ledger import Claim, FileId, Unfinished
from jbplus.mutation_file.report import Status
from jbplus.notices.applied import Announcement
from jbplus.persons.merging import PersonChange, StoredPerson
from jbplus.persons.pseudonym import Name, Pseudonyms
from jbplus.persons.state import version_of
from jbplus.privacy_log.rules import LogEntry
from jbplus.protocol.caller import Asker, Caller
from jbplus.protocol.insz import accepting
from jbplus.protocol.usage import Use
from jbplus.registrations.quota import Quota
from jbplus.registrations.rules import Allowance, Registration
from jbplus.suspensions.rules import Suspension, encode
from jbplus.suspensions.service import StoredSuspensions

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
PSEUDONYMS = Pseudonyms((b"k" * 32,))


ACCEPTS = accepting(lambda: NOW, test_numbers_allowed=True)


def no_sleep(_: float) -> None:
    """Pause for no time at all."""


def version_1() -> int:
    """Give the version of the keys of `PSEUDONYMS`."""
    return 1


def named(person: str) -> tuple[Name, ...]:
    """Give the one name of a person, made by the keys of `PSEUDONYMS`."""
    return (Name(person, 1),)


def no_count(_kbo: str, _persons: Mapping[Use, int]) -> None:
    """Count no use."""


def caller(kbo: str, *scopes: str, end_user: str = "an.peeters") -> Caller:
    """Make a caller with these scopes."""
    asker = Asker(kbo, "application-1", frozenset(scopes))
    return Caller(asker, end_user, "correlation-1", "11111111-2222-4333-8444-555555555555")


@dataclass
class FakeBucket:
    """Keeps objects by name, each folder by itself; progress and reports know their delivery."""

    incoming: dict[str, bytes] = field(default_factory=dict)
    progress: dict[tuple[str, str | None], bytes] = field(default_factory=dict)
    quarantined: dict[str, bytes] = field(default_factory=dict)
    reports: dict[str, bytes] = field(default_factory=dict)
    copies: dict[str, bytes] = field(default_factory=dict)
    processed: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    before_publishing: list[Exception] = field(default_factory=list)
    on_progress: Callable[[bytes], object] = lambda _: None
    drops: int = 0
    block: int = 1000

    def drop(self, content: bytes, name: str = "a.json", received: datetime = NOW) -> IncomingFile:
        """Put a file under `inkomend/`: each time a version of its own."""
        self.incoming[name] = content
        self.drops += 1
        return IncomingFile(name, f"inkomend/{name}", str(self.drops), received)

    def blocks(self, file: IncomingFile) -> Iterator[bytes]:
        if file.name not in self.incoming:
            raise ObjectMissingError(file.name)
        content = self.incoming[file.name]
        for start in range(0, len(content), self.block):
            yield content[start : start + self.block]

    def read_progress(self, file: IncomingFile) -> bytes | None:
        return self.progress.get(_delivery(file))

    def begin_progress(self, file: IncomingFile, content: bytes) -> bytes:
        self.on_progress(content)
        return self.progress.setdefault(_delivery(file), content)

    def write_progress(self, file: IncomingFile, content: bytes) -> None:
        self.on_progress(content)
        self.progress[_delivery(file)] = content

    def quarantine_file(self, file: IncomingFile, name: str) -> None:
        if file.name not in self.incoming:
            raise ObjectMissingError(file.name)
        self.quarantined[name] = self.incoming[file.name]

    def quarantine_records(self, name: str, content: bytes) -> None:
        self.quarantined[name] = content

    def read_quarantined(self, name: str) -> bytes:
        if name not in self.quarantined:
            raise ObjectMissingError(name)
        return self.quarantined[name]

    def remove_quarantined(self, name: str) -> None:
        self.quarantined.pop(name, None)

    def publish_report(self, name: str, content: bytes, file: IncomingFile) -> Published:
        assert file.name in self.incoming
        if self.before_publishing:
            raise self.before_publishing.pop()
        names = (name if number == 1 else f"{name}.{number}" for number in itertools.count(1))
        own = next(each for each in names if self.answers.setdefault(each, _delivery(file)) == _delivery(file))
        self.reports.setdefault(own, content)
        return self.publish_again(own)

    def publish_again(self, name: str) -> Published:
        self.copies[name] = self.reports[name]
        return Published(name, self.reports[name])

    def put_away(self, file: IncomingFile, name: str) -> None:
        if file.name in self.incoming:
            self.processed[name] = self.incoming[file.name]
        self.remove(file)

    def remove(self, file: IncomingFile) -> None:
        self.incoming.pop(file.name, None)


def _delivery(file: IncomingFile) -> tuple[str, str | None]:
    return file.key, file.version


@dataclass
class FakeApplied:
    """Keeps the applied records of files by file and piece, and announcements."""

    pieces: dict[tuple[str, int], bytes] = field(default_factory=dict)
    announced: dict[str, Announcement] = field(default_factory=dict)

    def keep_applied(self, file: str, first: int, content: bytes) -> bytes:
        return self.pieces.setdefault((file, first), content)

    def announce(self, file: str, announcement: Announcement) -> None:
        self.announced[file] = announcement


@dataclass
class FakePersons:
    """Keeps persons by pseudonym, with the conditions of the real table."""

    items: dict[str, StoredPerson] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        assert len(persons) <= 100
        with self.lock:
            self.reads += 1
            return {person: self.items[person] for person in persons if person in self.items}

    def write(self, changes: Sequence[PersonChange]) -> None:
        assert 0 < len(changes) <= 100
        with self.lock:
            for change in changes:
                stored = self.items.get(change.person)
                if change.replaces != (None if stored is None else stored.version):
                    raise ConflictError("persons")
            self.items.update({change.person: change.becomes for change in changes})
            self.writes += 1


@dataclass
class FakeLedger:
    """Keeps claims, each by referte and by volgnummer."""

    by_referte: dict[str, FileId] = field(default_factory=dict)
    by_volgnummer: dict[int, FileId] = field(default_factory=dict)
    claimed: dict[FileId, datetime] = field(default_factory=dict)
    finished: dict[FileId, tuple[Status, datetime]] = field(default_factory=dict)

    def volgnummers(self) -> list[int]:
        return sorted(self.by_volgnummer)

    def claim(self, file: FileId, at: datetime) -> Claim:
        if self.by_referte.get(file.referte, file) != file:
            return Claim.REFERTE_IN_USE
        if self.by_volgnummer.get(file.volgnummer, file) != file:
            return Claim.VOLGNUMMER_IN_USE
        self.by_referte[file.referte] = self.by_volgnummer[file.volgnummer] = file
        self.claimed.setdefault(file, at)
        return Claim.FINISHED if file in self.finished else Claim.OURS

    def finish(self, file: FileId, status: Status, at: datetime) -> None:
        self.finished.setdefault(file, (status, at))

    def unfinished(self) -> list[Unfinished]:
        open_ = [file for file in self.claimed if file not in self.finished]
        return [Unfinished(file.volgnummer, self.claimed[file]) for file in sorted(open_, key=lambda f: f.volgnummer)]

    def last_finished(self) -> datetime | None:
        return max((at for _, at in self.finished.values()), default=None)


@dataclass
class FakeLookupStore:
    """Knows persons and registrations by pseudonym."""

    persons: dict[str, StoredPerson] = field(default_factory=dict)
    registrations: dict[tuple[str, str], Registration] = field(default_factory=dict)
    round_trips: int = 0
    suspensions: list[Suspension] = field(default_factory=list)

    def read(self, persons: Sequence[str], parties: Sequence[str], asking: str) -> Found:
        self.round_trips += 1
        known = {
            person: Known(
                self.persons.get(person),
                {
                    party: self.registrations[person, party]
                    for party in parties
                    if (person, party) in self.registrations
                },
            )
            for person in persons
        }
        return Found(known, [each for each in self.suspensions if each.party == asking])


@dataclass
class FakeRegistrationStore:
    """Keeps registrations by person and party."""

    items: dict[tuple[str, str], Registration] = field(default_factory=dict)

    def read(self, persons: Sequence[str], party: str) -> dict[str, Registration]:
        return {person: self.items[person, party] for person in persons if (person, party) in self.items}

    def write(self, registrations: Mapping[tuple[Name, ...], Registration], party: str) -> None:
        self.items.update({(n.person, party): wanted for names, wanted in registrations.items() for n in names})

    def delete(self, names: Sequence[Name], party: str) -> None:
        for name in names:
            self.items.pop((name.person, party), None)


@dataclass
class FakeQuotaStore:
    """Counts registrations by party and day; each rival counts between a read and its write."""

    counted: dict[tuple[str, date], int] = field(default_factory=dict)
    allowances: dict[str, list[Allowance]] = field(default_factory=dict)
    rivals: list[int] = field(default_factory=list)

    def read_quota(self, party: str, day: date) -> tuple[int, Sequence[Allowance]]:
        return self.counted.get((party, day), 0), self.allowances.get(party, [])

    def count(self, party: str, day: date, more: int, *, most: int) -> None:
        before = self.counted.get((party, day), 0) + (self.rivals.pop() if self.rivals else 0)
        self.counted[party, day] = before
        if before + more > most:
            raise ConflictError("quota")
        self.counted[party, day] = before + more


@dataclass
class FakePrivacyLog:
    """Keeps records; can be out of reach."""

    entries: list[LogEntry] = field(default_factory=list)
    out_of_reach: bool = False
    calls: int = 0

    def write(self, entries: Sequence[LogEntry]) -> None:
        assert 0 < len(entries) <= 100
        if self.out_of_reach:
            raise LogUnavailableError("privacy log")
        self.calls += 1
        self.entries.extend(entries)


def quota(per_day: int = 50_000, store: FakeQuotaStore | None = None) -> Quota:
    """Hand out so many registrations today."""
    return Quota(store or FakeQuotaStore(), per_day, lambda: NOW, no_sleep)


def sha256(content: bytes) -> str:
    """Hash a file's content."""
    return hashlib.sha256(content).hexdigest()


@dataclass
class FakeSuspensionStore:
    """Keeps the suspensions of each party, with the conditions of the real table.

    Attributes:
        rivals: each comes between one read and its write.
    """

    items: dict[str, tuple[Suspension, ...]] = field(default_factory=dict)
    writes: int = 0
    rivals: list[Callable[["FakeSuspensionStore"], None]] = field(default_factory=list)

    def read(self, parties: Collection[str]) -> dict[str, StoredSuspensions]:
        return {party: self._stored(party) for party in parties}

    def write(self, party: str, suspensions: Sequence[Suspension], replaces: str | None) -> None:
        if self.rivals:
            self.rivals.pop()(self)
        if self._stored(party).version != replaces:
            raise ConflictError("suspensions")
        self.items[party] = tuple(suspensions)
        self.writes += 1

    def _stored(self, party: str) -> StoredSuspensions:
        if party not in self.items:
            return StoredSuspensions()
        return StoredSuspensions(self.items[party], version_of(encode(self.items[party])))
