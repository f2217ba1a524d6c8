"""What a dropserver can do, and how a file is put there so that nobody ever sees half of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

TEMPORARY = ".part"


class DropserverError(Exception):
    """The dropserver cannot do what was asked; the text says what went wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on the dropserver.

    Attributes:
        name: its name in its folder.
        size: bytes.
        modified: when it was last written.
    """

    name: str
    size: int
    modified: datetime


class Server(Protocol):
    """A dropserver; every method raises DropserverError when it cannot do its work."""

    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        """List the files of a folder whose names match an fnmatch pattern, sorted by name."""

    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO) -> None:
        """Read a file."""

    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        """Write a file."""

    def size(self, folder: str, name: str) -> int | None:
        """Give a file's size in bytes, or None when there is no such file."""

    def rename(self, folder: str, name: str, to: str) -> None:
        """Rename a file within its folder."""

    def remove(self, folder: str, name: str) -> None:
        """Remove a file; one that is gone already is fine."""


def upload(server: Server, folder: str, name: str, content: BinaryIO, size: int) -> None:
    """Put a file on the server: under a temporary name first, and under its own when all of it is there."""
    server.store(folder, name + TEMPORARY, content)
    if server.size(folder, name + TEMPORARY) != size:
        raise DropserverError(f"{name} did not arrive whole in {folder}. Try again.")
    server.rename(folder, name + TEMPORARY, name)
