"""Taking in what others dropped: a file is taken when it is whole in the bucket, and then removed from the server.

What is found on the server is taken, whatever was taken before: a sender may drop a file again, and the intake answers
a repetition by itself. Only a file that the server would not let go is remembered, by its content.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from fnmatch import fnmatchcase
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Protocol, cast

from jbplus.dropserver.budget import Budget, Timed, TimeIsUpError
from jbplus.dropserver.visits import Memory, Sighting
from jbplus.dropserver.whole import Examined, examine
from jbplus.ftps.server import ConnectionLostError, DropserverError, RemoteFile, Server, move
from jbplus.mutation_file.unpacking import BLOCK, ENDINGS
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep

REMOVE = "remove"
"""What is done with a file that was taken, unless it is moved to a folder."""

PIECE = 8 * 1024 * 1024
"""Bytes of a piece: a file of one piece is taken at once, a larger one goes on where the last visit stopped."""


class Upload(Protocol):
    """A large file on its way into the bucket, by pieces that stay when the visit ends."""

    @property
    def size(self) -> int:
        """The bytes that came so far."""
        ...

    def add(self, piece: bytes) -> None:
        """Add a piece; all but the last are of `PIECE` bytes."""
        ...

    def complete(self) -> None:
        """Make a whole of the pieces."""
        ...

    def abandon(self) -> None:
        """Forget the pieces."""
        ...


class Inbox(Protocol):
    """Where files are taken to. Nothing that stands there gives way: the intake is not done with it."""

    def put(self, name: str, content: BinaryIO, sha256: str) -> bool:
        """Put a file under `inkomend/`, from its beginning.

        Returns:
            Whether it stands there now; other content of the same name does otherwise.
        """
        ...

    def upload(self, key: str) -> Upload:
        """Begin a large file, or go on with it."""
        ...

    def uploaded(self, key: str) -> bool:
        """Tell whether a large file is here whole."""
        ...

    def blocks(self, key: str) -> Iterable[bytes]:
        """Read a large file that is here whole."""
        ...

    def put_uploaded(self, key: str, name: str, sha256: str) -> bool:
        """Put a large file that is here whole under `inkomend/`, as `put` does."""
        ...

    def discard(self, key: str) -> None:
        """Drop a large file that is here whole."""
        ...


class Fate(Enum):
    """What became of a file of the server in this visit."""

    TAKEN = auto()
    TAKEN_BEFORE = auto()
    LEFT = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the taking of a file ended.

    Attributes:
        fate: what became of it.
        gone: whether it is gone from the server.
        sha256: the hash of its content, when it was taken.
        refusal: why the server would not let it go.
    """

    fate: Fate
    gone: bool = False
    sha256: str | None = None
    refusal: DropserverError | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What stands on the server.

    Attributes:
        ready: files that may be taken: they stand still.
        left: files that may not: they change, or their name is not as agreed, and only begins so.
    """

    ready: list[RemoteFile]
    left: list[RemoteFile]


@dataclass(frozen=True, slots=True)
class Taking:
    """Takes files from one folder of the server.

    Attributes:
        inbox: where they go.
        memory: keeps what the next visit must know of them.
        folder: where they are found.
        pattern: which names are meant, as `fnmatch` has it.
        after_taking: `remove`, or the folder that a file is moved to when it was taken, relative to `folder`.
        settle: a file that did not change for so many seconds stands still.
        broken_after: a file that is not whole is left on the server until it stands still for so long.
        sleep: pauses.
        now: gives the present moment.
        piece: bytes of a piece of a large file.
    """

    inbox: Inbox
    memory: Memory
    folder: str
    pattern: str
    after_taking: str
    settle: float
    broken_after: timedelta
    sleep: Sleep
    now: Clock
    piece: int = PIECE

    def find(self, server: Server) -> Found:
        """Find the files that are meant for us.

        Raises:
            DropserverError: the server does not show them.
        """
        before = self._list(server)
        if not any(map(self._is_ours, before)):
            return Found([], before)
        # One pause for all of them.
        self.sleep(self.settle)
        after = self._list(server)
        ready = [file for file in after if self._is_ours(file) and file in before]
        return Found(ready, [file for file in after if file not in ready])

    def take(self, server: Server, file: RemoteFile, seen: Sighting, budget: Budget) -> Outcome:
        """Take one file.

        Raises:
            DropserverError: it was not taken to the end, and may still stand on the server: the next visit goes on.
            UnavailableError: neither; the bucket is out of reach.
            TimeIsUpError: neither; it takes longer than it may. Of a large file, the pieces that came stay.
        """
        before = server.look(self.folder, file.name)
        if before is None:
            return Outcome(Fate.LEFT, gone=True)
        if (before.size or 0) > self.piece:
            return self._take_large(server, before, seen, budget)
        with SpooledTemporaryFile(max_size=self.piece) as spooled:
            content = cast("BinaryIO", spooled)
            try:
                server.fetch(self.folder, before, cast("BinaryIO", Timed(content, budget)))
            except TimeIsUpError:
                # Its transfer was broken off: what the server says next may be about that.
                raise ConnectionLostError("the file did not come in the time of a file; it is fetched anew") from None
            content.seek(0)
            found = examine(_blocks(content))
            content.seek(0)
            fate = self._put(server, before, seen, found, partial(self.inbox.put, file.name, content, found.sha256))
        return self._conclude(server, before, fate, found)

    def _take_large(self, server: Server, before: RemoteFile, seen: Sighting, budget: Budget) -> Outcome:
        key = _key(before, self.now())
        at_once = not self.inbox.uploaded(key) and self._upload(server, before, key, budget)
        found = examine(budget.blocks(self.inbox.blocks(key)))
        if found.whole or at_once:
            put = partial(self.inbox.put_uploaded, key, before.name, found.sha256)
            fate = self._put(server, before, seen, found, put)
        else:
            # It came in several visits. Where a server did not go on as it was told to, this is not its file.
            fate = Fate.LEFT
        # Not later: whatever comes by this name once it is gone from the server is another file.
        self.inbox.discard(key)
        return self._conclude(server, before, fate, found)

    def _upload(self, server: Server, file: RemoteFile, key: str, budget: Budget) -> bool:
        """Bring a large file into the bucket; tell whether it came in one visit."""
        upload = self.inbox.upload(key)
        begun = upload.size
        pieces = _Pieces(upload, self.piece, budget)
        try:
            if begun != file.size:
                server.fetch(self.folder, file, cast("BinaryIO", pieces), start=begun)
        except ConnectionLostError:
            raise
        except DropserverError:
            upload.abandon()
            raise
        pieces.end()
        upload.complete()
        return begun == 0

    def _put(
        self, server: Server, before: RemoteFile, seen: Sighting, found: Examined, put: Callable[[], bool]
    ) -> Fate:
        """Put what was fetched where the intake finds it, if it may be."""
        if not found.whole and self.now() - seen.still < self.broken_after:
            return Fate.LEFT
        if server.look(self.folder, before.name) != before:
            return Fate.LEFT
        if seen.taken == found.sha256:
            return Fate.TAKEN_BEFORE
        return Fate.TAKEN if put() else Fate.LEFT

    def _conclude(self, server: Server, before: RemoteFile, fate: Fate, found: Examined) -> Outcome:
        """Have what was taken gone from the server."""
        # While it was put, another of the same name may have come, which we did not see.
        if fate is Fate.LEFT or server.look(self.folder, before.name) != before:
            return Outcome(fate)
        try:
            self._clear(server, before.name)
        except ConnectionLostError:
            raise
        except DropserverError as refusal:
            return Outcome(fate, sha256=found.sha256, refusal=refusal)
        return Outcome(fate, gone=True)

    def _list(self, server: Server) -> list[RemoteFile]:
        return server.files(self.folder, _loosely(self.pattern))

    def _is_ours(self, file: RemoteFile) -> bool:
        return fnmatchcase(file.name, self.pattern) and file.name.endswith(ENDINGS)

    def _clear(self, server: Server, name: str) -> None:
        if self.after_taking == REMOVE:
            server.remove(self.folder, name)
        else:
            move(server, self.folder, name, f"{self.after_taking}/{name}")


@dataclass(slots=True)
class _Pieces:
    """Takes the bytes of a large file, and adds them to its upload a piece at a time."""

    upload: Upload
    piece: int
    budget: Budget
    held: bytearray = field(default_factory=bytearray)

    def write(self, block: bytes) -> int:
        self.budget.check()
        self.held += block
        while len(self.held) >= self.piece:
            self.upload.add(bytes(self.held[: self.piece]))
            del self.held[: self.piece]
        return len(block)

    def end(self) -> None:
        if self.held:
            self.upload.add(bytes(self.held))


def _loosely(pattern: str) -> str:
    """Make a pattern of all names that begin as ours do, in whatever case: of these, none is passed over in silence."""
    end = next((at for at, letter in enumerate(pattern) if letter in "*?["), len(pattern))
    begin = (f"[{letter.lower()}{letter.upper()}]" if letter.isalpha() else letter for letter in pattern[:end])
    return "".join(begin) + "*"


def _key(file: RemoteFile, now: datetime) -> str:
    """Name a large file by all that is told of it: a changed one is another. Without its time, it is every time."""
    told = (file.name, file.size, file.modified or now)
    return hashlib.sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()


def _blocks(content: BinaryIO) -> Iterator[bytes]:
    return iter(partial(content.read, BLOCK), b"")
