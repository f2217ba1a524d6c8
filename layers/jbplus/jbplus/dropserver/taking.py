"""Taking in what others dropped: a file is taken when it is whole in the bucket, and taken once.

Nothing is remembered from one round to the next. A file that still stands on the server although it was taken, since
the work died in between, gives itself away: it stands under `inkomend/` too, or its content was answered since.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import partial
from glob import escape
from tempfile import TemporaryFile
from typing import BinaryIO, Protocol

from jbplus.ftps.server import ConnectionLostError, DropserverError, RemoteFile, Server
from jbplus.mutation_file.codes import FormError
from jbplus.mutation_file.reader import Limits
from jbplus.mutation_file.unpacking import BLOCK, Meter
from jbplus.retry import Sleep

ENDINGS = (".json", ".json.gz")
REMOVE = "remove"
"""What is done with a file that was taken, unless it is moved to a folder."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that stands under `inkomend/`.

    Attributes:
        sha256: hash of its bytes, hexadecimal; empty when whoever put it did not say.
        size: in bytes.
        tag: changes with its content.
    """

    sha256: str
    size: int
    tag: str


class Inbox(Protocol):
    """Where files are taken to, and what became of those that were taken before."""

    def find(self, name: str) -> Stored | None:
        """Find what stands under `inkomend/` by this name."""
        ...

    def put(self, name: str, content: BinaryIO, sha256: str, instead_of: Stored | None) -> None:
        """Put a file under `inkomend/`, from its beginning, unless something else came there in the meantime.

        Raises:
            ConflictError: something did.
        """
        ...

    def answered(self, name: str, sha256: str) -> datetime | None:
        """Tell when a file of this name and content was last taken in to its end, or None when it never was.

        Args:
            name: its name on the server.
            sha256: hash of its decompressed bytes, as its report has it.
        """
        ...


class Fate(Enum):
    """What became of a file of the server in this round."""

    TAKEN = auto()
    TAKEN_BEFORE = auto()
    LEFT = auto()


@dataclass(frozen=True, slots=True)
class Taking:
    """Takes files from one folder of the server.

    Attributes:
        inbox: where they go.
        folder: where they are found.
        pattern: which names are meant, as `fnmatch` has it.
        after_taking: `remove`, or the folder that a file is moved to when it was taken, relative to `folder`.
        settle: a file that did not change for so many seconds is whole.
        sleep: pauses.
    """

    inbox: Inbox
    folder: str
    pattern: str
    after_taking: str
    settle: float
    sleep: Sleep

    def find(self, server: Server) -> tuple[list[RemoteFile], int]:
        """Find the files that may be taken now, and the number of those that may not: they are still being written.

        Raises:
            DropserverError: the server does not show them.
        """
        before = self._list(server)
        if not before:
            return [], 0
        # One pause for all of them.
        self.sleep(self.settle)
        after = self._list(server)
        whole = [file for file in after if file.size > 0 and file in before]
        return whole, len(after) - len(whole)

    def take(self, server: Server, file: RemoteFile) -> Fate:
        """Take one file.

        Raises:
            DropserverError: it was not taken to the end, and may still stand on the server: the next round goes on.
            UnavailableError: neither; the bucket is out of reach.
            ConflictError: neither; another file of this name came into the bucket.
        """
        with TemporaryFile() as content:
            server.fetch(self.folder, file, content)
            content.seek(0)
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
            if not self._is_unchanged(server, file):
                return Fate.LEFT
            stored = self.inbox.find(file.name)
            known = _is(stored, file, sha256) or self._was_answered(file, content)
            if not known:
                content.seek(0)
                self.inbox.put(file.name, content, sha256, stored)
                stored = self.inbox.find(file.name)
                # When it is gone, the intake was quick: nobody else takes anything from there.
                if stored is not None and not _is(stored, file, sha256):
                    raise DropserverError("what stands in inkomend/ is not what was put; the file stays on the server")
        # While it was put, another of the same name may have come, which we did not see.
        if self._is_unchanged(server, file):
            self._clear(server, file)
        return Fate.TAKEN_BEFORE if known else Fate.TAKEN

    def _list(self, server: Server) -> list[RemoteFile]:
        return [file for file in server.files(self.folder, self.pattern) if file.name.endswith(ENDINGS)]

    def _is_unchanged(self, server: Server, file: RemoteFile) -> bool:
        return file in server.files(self.folder, escape(file.name))

    def _was_answered(self, file: RemoteFile, content: BinaryIO) -> bool:
        content.seek(0)
        meter = Meter(_blocks(content), limit=Limits().size)
        with suppress(FormError):  # refused for its form, it has a report as well
            meter.drain()
        answered = self.inbox.answered(file.name, meter.sha256)
        # One that came after the answer is another try of its sender.
        return answered is not None and answered >= file.modified

    def _clear(self, server: Server, file: RemoteFile) -> None:
        if self.after_taking == REMOVE:
            server.remove(self.folder, file.name)
            return
        target = f"{self.after_taking}/{file.name}"
        # Many servers refuse to write over a file.
        if server.size(self.folder, target) is not None:
            server.remove(self.folder, target)
        try:
            server.rename(self.folder, file.name, target)
        except ConnectionLostError:
            raise
        except DropserverError:
            if server.size(self.folder, file.name) is not None:  # else a rival was here first
                raise


def _is(stored: Stored | None, file: RemoteFile, sha256: str) -> bool:
    return stored is not None and (stored.sha256, stored.size) == (sha256, file.size)


def _blocks(content: BinaryIO) -> Iterator[bytes]:
    return iter(partial(content.read, BLOCK), b"")
