"""A server and a bucket in memory, and a fate that ends the work right before, amid or right after any step of it."""

import hashlib
import io
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from fnmatch import fnmatchcase
from functools import partial
from glob import escape
from posixpath import join, normpath
from typing import BinaryIO

from aws_lambda_powertools import Logger, Metrics

from jbplus.dropserver.holding import Holding
from jbplus.dropserver.round import Counts, Round
from jbplus.dropserver.sending import Outbox, Parcel, Sending
from jbplus.dropserver.taking import PIECE, Inbox, Taking
from jbplus.dropserver.visits import LastVisit, Memory
from jbplus.errors import ObjectMissingError
from jbplus.ftps.server import DropserverError, RemoteFile, Server
from jbplus.protocol.access import FindParty
from jbplus.protocol.parties import party_of
from jbplus.suspensions.service import SuspensionStore
from tests.suspensions.fakes import FakeSuspensionStore

PATTERN = "werk.publiceermutatiejobbonusplus-0100_*.json*"
BROKEN_AFTER = timedelta(minutes=60)
BLOCK = 64
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
    expires: datetime | None = None

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

    def look(self, folder: str, name: str) -> RemoteFile | None:
        return next(iter(self.files(folder, escape(name))), None)

    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO, start: int = 0) -> None:
        with self.fate.step():
            content, _ = self._at(join(folder, file.name))
            for at in range(start, len(content), BLOCK):
                into.write(content[at : at + BLOCK])
                self.fate.amid()

    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        path, whole = join(folder, name), content.read()
        with self.fate.step():
            self._see_that_nothing_is_at(path)
            self.drop(path, whole[: len(whole) // 2])
            self.fate.amid()
            self.drop(path, whole)

    def size(self, folder: str, name: str) -> int | None:
        with self.fate.step():
            return len(self.content[join(folder, name)][0]) if join(folder, name) in self.content else None

    def rename(self, folder: str, name: str, to: str) -> None:
        with self.fate.step():
            target = normpath(join(folder, to))
            self._see_that_nothing_is_at(target)
            content = self._at(join(folder, name))
            del self.content[join(folder, name)]
            self.content[target] = content
            self.appeared.append((target, content[0]))

    def remove(self, folder: str, name: str) -> None:
        with self.fate.step():
            self.content.pop(join(folder, name), None)

    def _see_that_nothing_is_at(self, path: str) -> None:
        if path in self.content:
            raise DropserverError("the server refuses to write over a file (553)")

    def _at(self, path: str) -> tuple[bytes, datetime]:
        if path not in self.content:
            raise DropserverError("it is not there (550)")
        return self.content[path]


@dataclass
class FakeUpload:
    """Pieces of a large file; those that came stay."""

    pieces: list[bytes]
    finish: Callable[[bytes], None]
    fate: Fate

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))

    def add(self, piece: bytes) -> None:
        with self.fate.step():
            self.pieces.append(piece)

    def complete(self) -> None:
        with self.fate.step():
            self.finish(b"".join(self.pieces))
            self.pieces.clear()

    def abandon(self) -> None:
        with self.fate.step():
            self.pieces.clear()


@dataclass
class FakeBucket:
    """The inbox, the outbox and the memory, an intake that works when told, and a record of all that was put in."""

    clock: Callable[[], datetime] = field(default_factory=Moments)
    incoming: dict[str, bytes] = field(default_factory=dict)
    arrived: list[tuple[str, bytes]] = field(default_factory=list)
    pieces: dict[str, list[bytes]] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    outgoing: dict[Parcel, bytes] = field(default_factory=dict)
    marks: dict[Parcel, str] = field(default_factory=dict)
    last: LastVisit | None = None
    fate: Fate = field(default_factory=Fate)

    def take_in(self) -> None:
        """Do the intake's work on all that came in."""
        self.incoming.clear()

    def recall(self) -> LastVisit | None:
        with self.fate.step():
            return self.last and LastVisit.model_validate_json(self.last.model_dump_json())

    def remember(self, visit: LastVisit) -> None:
        with self.fate.step():
            self.last = visit

    def put(self, name: str, content: BinaryIO, sha256: str) -> bool:
        with self.fate.step():
            whole = content.read()
            assert hashlib.sha256(whole).hexdigest() == sha256
            return self._put(name, whole)

    def upload(self, key: str) -> FakeUpload:
        with self.fate.step():
            return FakeUpload(self.pieces.setdefault(key, []), lambda whole: self.large.update({key: whole}), self.fate)

    def uploaded(self, key: str) -> bool:
        with self.fate.step():
            return key in self.large

    def blocks(self, key: str) -> Iterator[bytes]:
        with self.fate.step():
            whole = self.large[key]
            return iter([whole])

    def put_uploaded(self, key: str, name: str, sha256: str) -> bool:
        with self.fate.step():
            assert hashlib.sha256(self.large[key]).hexdigest() == sha256
            return self._put(name, self.large[key])

    def discard(self, key: str) -> None:
        with self.fate.step():
            self.large.pop(key, None)

    def _put(self, name: str, content: bytes) -> bool:
        if name not in self.incoming:
            self.incoming[name] = content
            self.arrived.append((name, content))
        return self.incoming[name] == content

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


def _clock_of(inbox: Inbox) -> Callable[[], datetime]:
    return inbox.clock if isinstance(inbox, FakeBucket) else partial(datetime.now, UTC)


@dataclass
class Site:
    """A server and a bucket, a round between them, and what operators see of it."""

    server: Server
    inbox: Inbox
    outbox: Outbox
    after_taking: str = "remove"
    memory: Memory | None = None
    now: Callable[[], datetime] | None = None
    piece: int = PIECE
    own_certificate: Callable[[], datetime | None] = lambda: None
    suspensions: SuspensionStore = field(default_factory=FakeSuspensionStore)
    find_party: FindParty = party_of
    connections: int = 0
    slept: list[float] = field(default_factory=list)
    while_asleep: Callable[[], None] = lambda: None
    written: io.StringIO = field(default_factory=io.StringIO)
    logger: Logger | None = None
    metrics: Metrics = field(default_factory=lambda: Metrics(namespace="test", service="dropserver"))

    def round(self) -> Round:
        taking = Taking(
            self.inbox,
            self.memory or self.inbox,  # type: ignore[arg-type]  # the bucket is both
            "From_Vip",
            PATTERN,
            self.after_taking,
            settle=10,
            broken_after=BROKEN_AFTER,
            sleep=self.sleep,
            now=self.now or _clock_of(self.inbox),
            piece=self.piece,
        )
        # Loggers of one name share their stream: each site has a name of its own, unless nobody looks.
        self.logger = self.logger or Logger(service=uuid.uuid4().hex, stream=self.written)
        return Round(
            self.connect,
            taking,
            Sending(self.outbox, "To_Vip/{party}", Holding(self.suspensions, lambda: START, self.find_party)),
            self.logger,
            self.metrics,
            own_certificate=self.own_certificate,
        )

    def run(self, time_left: Callable[[], float] = lambda: 900.0) -> Counts:
        return self.round().run(time_left)

    @contextmanager
    def connect(self) -> Iterator[Server]:
        self.connections += 1
        yield self.server

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.while_asleep()
