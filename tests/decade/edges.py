"""The edges in memory, of which any write may be the last thing that a process does."""

import fnmatch
import hashlib
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, TypeVar, cast

from jbplus.dropserver.sending import Parcel
from jbplus.dropserver.taking import Upload
from jbplus.dropserver.visits import LastVisit
from jbplus.errors import ObjectMissingError
from jbplus.ftps.server import ConnectionLostError, DropserverError, RemoteFile, Server
from jbplus.persons.pseudonym import KeyRing, Name
from jbplus.persons.rotation import Standing
from jbplus.protocol.parties import WEWIS
from tests.intake.fakes import FakeBucket
from tests.notices.fakes import FakeFolders, KilledError, Mortality

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Death:
    """The write at which a step's process dies, and whether it takes effect."""

    at: int
    after: bool


@dataclass
class Life(Mortality):
    """A process that dies at one of its writes, when it is told to."""

    def begin(self, at: int | None = None, *, after: bool = False) -> None:
        """Begin anew."""
        self.at, self.after, self.writes = at, after, 0

    def survive(self, step: Callable[[], object], death: Death | None) -> None:
        """Do a step, which dies at a write when that is its fate, and is done again then."""
        if death is not None:
            self.begin(death.at, after=death.after)
            with suppress(KilledError):
                step()
        self.begin()
        step()

    def result_of(self, effect: Callable[[], _T]) -> _T:
        """Do a write that gives something, or die of it."""
        given: list[_T] = []
        self.write(lambda: given.append(effect()))
        return given[0]


class _Mortal:
    def __init__(self, target: object, life: Life, writes: Sequence[str]) -> None:
        self._target, self._life, self._writes = target, life, frozenset(writes)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found
        life, is_write = self._life, name in self._writes

        def call(*args: Any, **named: Any) -> Any:
            return life.result_of(lambda: found(*args, **named)) if is_write else found(*args, **named)

        return call


def mortal(target: _T, life: Life, *writes: str) -> _T:
    """Give something whose writes, by their names, a process may die of."""
    return cast("_T", _Mortal(target, life, writes))


@dataclass
class FileServer:
    """A dropserver.

    Attributes:
        life: of who works with it.
        now: gives the present moment.
        held: what stands there, by folder and name.
        is_down: whether it takes no connections.
    """

    life: Life
    now: Callable[[], datetime]
    held: dict[tuple[str, str], tuple[bytes, datetime]] = field(default_factory=dict)
    is_down: bool = False
    expires: datetime | None = None

    @contextmanager
    def connect(self) -> Iterator[Server]:
        """Connect, unless it is down."""
        if self.is_down:
            raise ConnectionLostError("the dropserver does not answer")
        yield self

    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        return [
            RemoteFile(name, len(content), at)
            for (where, name), (content, at) in sorted(self.held.items())
            if where == folder and fnmatch.fnmatchcase(name, pattern)
        ]

    def look(self, folder: str, name: str) -> RemoteFile | None:
        content, at = self.held.get((folder, name), (None, None))
        return None if content is None else RemoteFile(name, len(content), at)

    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO, start: int = 0) -> None:
        into.write(self._at(folder, file.name)[0][start:])

    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        self.life.write(lambda: self.held.update({(folder, name): (content.read(), self.now())}))

    def size(self, folder: str, name: str) -> int | None:
        return len(self.held[folder, name][0]) if (folder, name) in self.held else None

    def rename(self, folder: str, name: str, to: str) -> None:
        found = self._at(folder, name)
        self.life.write(lambda: (self.held.pop((folder, name)), self.held.update({(folder, to): found})))

    def remove(self, folder: str, name: str) -> None:
        self.life.write(lambda: self.held.pop((folder, name), None))

    def _at(self, folder: str, name: str) -> tuple[bytes, datetime]:
        if (folder, name) not in self.held:
            raise DropserverError("it is not there (550)")
        return self.held[folder, name]


@dataclass
class Dock:
    """The bucket as the visits to the dropserver see it: what comes in begins an event, as S3 has it.

    Attributes:
        life: of who visits.
        bucket: the intake's bucket, with the reports.
        folders: the notices.
        now: gives the present moment.
        events: key and version of what came in, until the intake is told.
        marks: the hash of what was sent.
        last: what the last visit left.
    """

    life: Life
    bucket: FakeBucket
    folders: FakeFolders
    now: Callable[[], datetime]
    events: list[tuple[str, str]] = field(default_factory=list)
    marks: dict[Parcel, str] = field(default_factory=dict)
    last: LastVisit | None = None

    def recall(self) -> LastVisit | None:
        return self.last

    def remember(self, visit: LastVisit) -> None:
        self.life.write(lambda: setattr(self, "last", visit))

    def put(self, name: str, content: BinaryIO, sha256: str) -> bool:
        if name in self.bucket.incoming:
            return hashlib.sha256(self.bucket.incoming[name]).hexdigest() == sha256
        self.life.write(lambda: self.drop(name, content.read()))
        return True

    def drop(self, name: str, content: bytes) -> None:
        """Have a file come in; the bucket has one version of a name, and what it replaces goes with its event."""
        file = self.bucket.drop(content, name, self.now())
        self.events = [event for event in self.events if event[0] != file.key]
        self.events.append((file.key, str(file.version)))

    def waiting(self) -> Iterable[Parcel]:
        return sorted(self._outgoing(), key=lambda parcel: (parcel.party, parcel.name))

    def read(self, parcel: Parcel, into: BinaryIO) -> str:
        found = self._outgoing().get(parcel)
        if found is None:
            raise ObjectMissingError(parcel.name)
        into.write(found)
        return hashlib.sha256(found).hexdigest()

    def sent(self, parcel: Parcel) -> str | None:
        return self.marks.get(parcel)

    def mark_sent(self, parcel: Parcel, _content: BinaryIO, sha256: str) -> None:
        self.life.write(lambda: self.marks.update({parcel: sha256}))

    def take_out(self, parcel: Parcel, _tag: str) -> None:
        folder = self.bucket.copies if parcel.party == WEWIS.kbo else self.folders.outgoing[parcel.party]
        name = parcel.name.removesuffix(".json") if folder is self.bucket.copies else parcel.name
        self.life.write(lambda: folder.pop(name, None))

    def _outgoing(self) -> dict[Parcel, bytes]:
        reports = {Parcel(WEWIS.kbo, f"{name}.json"): content for name, content in self.bucket.copies.items()}
        notices = {
            Parcel(party, name): content
            for party, files in self.folders.outgoing.items()
            for name, content in files.items()
        }
        return reports | notices

    # Files of the daily size never come by pieces.

    def upload(self, key: str) -> Upload:
        raise AssertionError(key)

    def uploaded(self, key: str) -> bool:
        raise AssertionError(key)

    def blocks(self, key: str) -> Iterable[bytes]:
        raise AssertionError(key)

    def put_uploaded(self, key: str, name: str, sha256: str) -> bool:
        raise AssertionError(name, key, sha256)

    def discard(self, key: str) -> None:
        raise AssertionError(key)


@dataclass
class Keys:
    """The secret, and where the tables tell which version they are at."""

    keys: tuple[bytes, ...] = (b"k" * 32,)
    version: int = 1
    standing: Standing = field(default_factory=Standing)

    def ring(self) -> KeyRing:
        return KeyRing(self.version, self.keys[: self.version + 1])

    def add_key(self, version: int) -> None:
        self.keys = (*self.keys[: version - 1], str(version).encode() * 32)

    def name_version(self, version: int) -> None:
        self.version = version

    def read(self) -> Standing:
        return self.standing

    def write(self, becomes: Standing, replaces: Standing) -> None:
        assert self.standing == replaces
        self.standing = becomes


@dataclass
class KeyedItems:
    """A table of a rotation: items by pseudonym, or by pseudonym and party.

    Attributes:
        label: what is in it.
        items: the items.
        version_of: the version of each pseudonym that there may be.
        renamed: gives an item as it is under the next version.
    """

    label: str
    items: MutableMapping[Any, Any]
    version_of: Callable[[str], int]
    renamed: Callable[[Any, Callable[[str], Name]], Any] = lambda item, _: item

    def count(self, version: int) -> int:
        return len(self._of(version))

    def pages(self, version: int) -> Iterator[Sequence[Any]]:
        yield self._of(version)

    def copy(self, items: Sequence[Any], _version: int, successor: Callable[[str], Name]) -> int:
        changed = 0
        for key in items:
            new = _renamed(key, successor(_person(key)).person)
            if key in self.items and self.items.get(new) != (item := self.renamed(self.items[key], successor)):
                self.items[new] = item
                changed += 1
        return changed

    def remove(self, items: Sequence[Any], _version: int) -> None:
        for key in items:
            self.items.pop(key, None)

    def _of(self, version: int) -> list[Any]:
        return [key for key in self.items if self.version_of(_person(key)) == version]


def _person(key: Any) -> str:
    return str(key if isinstance(key, str) else key[0])


def _renamed(key: Any, person: str) -> Any:
    return person if isinstance(key, str) else (person, *key[1:])


__all__ = ["Dock", "FileServer", "KeyedItems", "Keys", "KilledError", "Life", "mortal"]
