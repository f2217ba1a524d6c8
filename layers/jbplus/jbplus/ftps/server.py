"""A file server where parties leave files for each other, as whoever works with it sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

TEMPORARY = ".part"
"""What the name of a file ends in until it is whole."""


class DropserverError(Exception):
    """Something went wrong with the server.

    The message says what, where and what to do; never a file's name or content, nor what the server said.
    """


class ConnectionLostError(DropserverError):
    """The connection is gone: whatever else is asked over it fails too."""


class DiskFullError(DropserverError):
    """There is no room: on the server for what we store, or here for what we fetch."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the server lists it.

    Attributes:
        name: its name in its folder.
        size: in bytes.
        modified: when it was last written, in UTC, to the second.
    """

    name: str
    size: int
    modified: datetime


class Server(Protocol):
    """A connection to the server. Folders are POSIX paths, relative to the folder that the login begins in."""

    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        """List the files of a folder whose names match (as `fnmatch` does), sorted by name.

        A pattern without wildcards asks for that one file only, which is quick in a folder of any size.
        """
        ...

    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO) -> None:
        """Fetch a file: whole, as the server confirms, and of the size that was listed.

        Raises:
            DropserverError: it is not; `into` may hold a part of it.
        """
        ...

    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        """Store a file under this very name; one that is there gives way."""
        ...

    def size(self, folder: str, name: str) -> int | None:
        """Give a file's size in bytes, or None when there is none of this name."""
        ...

    def rename(self, folder: str, name: str, to: str) -> None:
        """Rename a file; `to` is a path relative to `folder`, and may lead to another folder."""
        ...

    def remove(self, folder: str, name: str) -> None:
        """Remove a file; it is fine when it is gone already."""
        ...


def upload_part(server: Server, folder: str, name: str, content: BinaryIO, size: int) -> None:
    """Store a file under its temporary name, whole.

    Raises:
        DropserverError: it is not there whole.
    """
    temporary = name + TEMPORARY
    # Left by a work that died; many servers refuse to write over a file.
    if server.size(folder, temporary) is not None:
        server.remove(folder, temporary)
    server.store(folder, temporary, content)
    stored = server.size(folder, temporary)
    if stored != size:
        raise DropserverError(
            f"{folder}: the server has {stored} bytes of a file of {size}. It is sent again in the next round."
        )


def upload(server: Server, folder: str, name: str, content: BinaryIO, size: int) -> None:
    """Store a file so that nobody meets half of it: under a temporary name first, and renamed when it is whole.

    Args:
        server: the connection.
        folder: where it goes.
        name: its name.
        content: its content, from where it is read to its end.
        size: how many bytes that are.

    Raises:
        DropserverError: it is not there whole.
    """
    upload_part(server, folder, name, content, size)
    server.rename(folder, name + TEMPORARY, name)
