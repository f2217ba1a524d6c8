"""The intake's edges in memory: a bucket and a ledger."""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from jbplus.errors import ObjectMissingError
from jbplus.intake.incoming import IncomingFile, Published
from jbplus.intake.ledger import Claim, FileId, Series, Unfinished
from jbplus.mutation_file.report import Status
from tests.support.fakes import NOW


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
class FakeLedger:
    """Keeps claims, each by referte and by volgnummer."""

    by_referte: dict[str, FileId] = field(default_factory=dict)
    by_volgnummer: dict[int, FileId] = field(default_factory=dict)
    claimed: dict[FileId, datetime] = field(default_factory=dict)
    finished: dict[FileId, tuple[Status, datetime]] = field(default_factory=dict)
    _series: tuple[set[int], Series] = (set(), Series())

    def volgnummers(self) -> list[int]:
        return sorted(self.by_volgnummer)

    def series(self) -> Series:
        known, series = self._series
        if known - self.by_volgnummer.keys():
            known, series = set(), Series()
        for volgnummer in self.by_volgnummer.keys() - known:
            series = series.including(volgnummer)
        self._series = set(self.by_volgnummer), series
        return series

    def mended(self) -> Series:
        return self.series()

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


def sha256(content: bytes) -> str:
    """Hash a file's content."""
    return hashlib.sha256(content).hexdigest()
