"""A server and a bucket in memory, and a fate that ends the work right before, amid or right after any step of it."""

import gzip
import hashlib
import io
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from fnmatch import fnmatchcase
from posixpath import join, normpath
from typing import BinaryIO

from aws_lambda_powertools import Logger, Metrics

from jbplus.dropserver.round import Counts, Round
from jbplus.dropserver.sending import Outbox, Parcel, Sending
from jbplus.dropserver.taking import Inbox, Stored, Taking
from jbplus.errors import ConflictError, ObjectMissingError
from jbplus.ftps.server import DropserverError, RemoteFile, Server

PATTERN = "werk.publiceermutatiejobbonusplus-0100_*.json*"
START = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


class KilledError(BaseException):
    """The process died: nothing of ours catches it."""


class When(Enum):
    """Where in a step the process dies; amid is before for what is done at once."""

    BEFORE = auto()
    AMID = auto()
    AFTER = auto()


@dataclass
class Fate:
    """Counts steps, and ends the work at one of them.

    Attributes:
        at: the step at which it dies, from 1; None to live.
        when: where in that step.
        steps: how many began.
    """

    at: int | None = None
    when: When = When.BEFORE
    steps: int = 0

    def begin(self) -> None:
        self.steps += 1
        self._meet(When.BEFORE)

    def amid(self) -> None:
        self._meet(When.AMID)

    def end(self) -> None:
        self._meet(When.AFTER)

    @contextmanager
    def step(self) -> Iterator[None]:
        self.begin()
        yield
        self.end()

    def _meet(self, when: When) -> None:
        if self.steps == self.at and when is self.when:
            raise KilledError


@dataclass
class Moments:
    """A clock that goes on by a minute each time it is read."""

    now: datetime = START

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@dataclass
class FakeServer:
    """Files by path, and a record of all that ever appeared under a name that is not temporary."""

    clock: Callable[[], datetime] = field(default_factory=Moments)
    content: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    appeared: list[tuple[str, bytes]] = field(default_factory=list)
    fate: Fate = field(default_factory=Fate)

    def drop(self, path: str, content: bytes) -> None:
        self.content[path] = (content, self.clock())

    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        with self.fate.step():
            return sorted(
                (
                    RemoteFile(path.removeprefix(f"{folder}/"), len(content), modified)
                    for path, (content, modified) in self.content.items()
                    if path.rpartition("/")[0] == folder and fnmatchcase(path.rpartition("/")[2], pattern)
                ),
                key=lambda file: file.name,
            )

    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO) -> None:
        with self.fate.step():
            content, _ = self._at(join(folder, file.name))
            into.write(content)

    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        path, whole = join(folder, name), content.read()
        with self.fate.step():
            assert path not in self.content, "many servers refuse to write over a file"
            self.drop(path, whole[: len(whole) // 2])
            self.fate.amid()
            self.drop(path, whole)

    def size(self, folder: str, name: str) -> int | None:
        with self.fate.step():
            return len(self.content[join(folder, name)][0]) if join(folder, name) in self.content else None

    def rename(self, folder: str, name: str, to: str) -> None:
        with self.fate.step():
            target = normpath(join(folder, to))
            assert target not in self.content, "many servers refuse to write over a file"
            content = self._at(join(folder, name))
            del self.content[join(folder, name)]
            self.content[target] = content
            self.appeared.append((target, content[0]))

    def remove(self, folder: str, name: str) -> None:
        with self.fate.step():
            self.content.pop(join(folder, name), None)

    def _at(self, path: str) -> tuple[bytes, datetime]:
        if path not in self.content:
            raise DropserverError("it is not there (550)")
        return self.content[path]


@dataclass
class FakeBucket:
    """The inbox and the outbox, with an intake that works when told; and a record of all that was ever put in."""

    clock: Callable[[], datetime] = field(default_factory=Moments)
    incoming: dict[str, tuple[bytes, Stored]] = field(default_factory=dict)
    arrived: list[tuple[str, bytes]] = field(default_factory=list)
    reports: dict[tuple[str, str], datetime] = field(default_factory=dict)
    outgoing: dict[Parcel, bytes] = field(default_factory=dict)
    marks: dict[Parcel, str] = field(default_factory=dict)
    fate: Fate = field(default_factory=Fate)

    def take_in(self) -> None:
        """Do the intake's work on all that came in."""
        for name, (content, _) in self.incoming.items():
            read = gzip.decompress(content) if name.endswith(".gz") else content
            self.reports[name, hashlib.sha256(read).hexdigest()] = self.clock()
        self.incoming.clear()

    def find(self, name: str) -> Stored | None:
        with self.fate.step():
            return self.incoming[name][1] if name in self.incoming else None

    def put(self, name: str, content: BinaryIO, sha256: str, instead_of: Stored | None) -> None:
        with self.fate.step():
            if instead_of != (self.incoming[name][1] if name in self.incoming else None):
                raise ConflictError
            whole = content.read()
            assert hashlib.sha256(whole).hexdigest() == sha256
            self.incoming[name] = (whole, Stored(sha256, len(whole), uuid.uuid4().hex))
            self.arrived.append((name, whole))

    def answered(self, name: str, sha256: str) -> datetime | None:
        with self.fate.step():
            return self.reports.get((name, sha256))

    def waiting(self) -> list[Parcel]:
        with self.fate.step():
            return sorted(self.outgoing, key=lambda parcel: (parcel.party, parcel.name))

    def read(self, parcel: Parcel, into: BinaryIO) -> str:
        with self.fate.step():
            if parcel not in self.outgoing:
                raise ObjectMissingError
            into.write(self.outgoing[parcel])
            return hashlib.sha256(self.outgoing[parcel]).hexdigest()

    def sent(self, parcel: Parcel) -> str | None:
        with self.fate.step():
            return self.marks.get(parcel)

    def mark_sent(self, parcel: Parcel, content: BinaryIO, sha256: str) -> None:
        with self.fate.step():
            assert hashlib.sha256(content.read()).hexdigest() == sha256
            self.marks[parcel] = sha256

    def take_out(self, parcel: Parcel, tag: str) -> None:
        with self.fate.step():
            if parcel in self.outgoing and hashlib.sha256(self.outgoing[parcel]).hexdigest() == tag:
                del self.outgoing[parcel]


@dataclass
class Site:
    """A server and a bucket, a round between them, and what operators see of it."""

    server: Server
    inbox: Inbox
    outbox: Outbox
    after_taking: str = "remove"
    slept: list[float] = field(default_factory=list)
    while_asleep: Callable[[], None] = lambda: None
    written: io.StringIO = field(default_factory=io.StringIO)
    logger: Logger | None = None
    metrics: Metrics = field(default_factory=lambda: Metrics(namespace="test", service="dropserver"))

    def round(self) -> Round:
        taking = Taking(self.inbox, "From_Vip", PATTERN, self.after_taking, settle=10, sleep=self.sleep)
        # Loggers of one name share their stream: each site has a name of its own, unless nobody looks.
        self.logger = self.logger or Logger(service=uuid.uuid4().hex, stream=self.written)
        return Round(self.connect, taking, Sending(self.outbox, "To_Vip/{party}"), self.logger, self.metrics)

    def run(self, time_left: Callable[[], float] = lambda: 900.0) -> Counts:
        return self.round().run(time_left)

    @contextmanager
    def connect(self) -> Iterator[Server]:
        yield self.server

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.while_asleep()
