"""A file server where parties leave files for each other, as whoever works with it sees it."""

import posixpath
from dataclasses import dataclass
from datetime import datetime
from glob import escape
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
    """A file as the server tells of it. Two that are equal, told in the same way, are taken for unchanged.

    Attributes:
        name: its name in its folder.
        size: in bytes; None where the server does not tell.
        modified: when it was last written, by the server's own clock, in UTC to the second; None where it does not
            tell. Nothing is earlier or later than our own acts because of it.
    """

    name: str
    size: int | None
    modified: datetime | None


class Server(Protocol):
    """A connection to the server. Folders are POSIX paths, relative to the folder that the login begins in."""

    @property
    def expires(self) -> datetime | None:
        """When the server's certificate ends, or None when that is not known."""
        ...

    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        """List the files of a folder whose names match (as `fnmatch` does), sorted by name.

        Whatever is listed by such a name is given, unless it is known to be a folder; what else cannot be told of it
        is None.
        """
        ...

    def look(self, folder: str, name: str) -> RemoteFile | None:
        """Look at one file; None when the folder's listing lacks it.

        Compare the answer with other answers of `look` alone: a listing may tell another time.
        """
        ...

    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO, start: int = 0) -> None:
        """Fetch a file to its end, as the server confirms, and of the size that it told.

        Args:
            folder: where it is.
            file: the file.
            into: takes the bytes; what its `write` raises ends the transfer, and is raised here.
            start: how many bytes to leave out at the beginning.

        Raises:
            DropserverError: it did not come to its end; `into` may hold a part of it.
        """
        ...

    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        """Store a file under this very name; one that is there gives way, where the server allows it."""
        ...

    def size(self, folder: str, name: str) -> int | None:
        """Give a file's size in bytes; None when the server does not tell: that does not mean that it is not there."""
        ...

    def rename(self, folder: str, name: str, to: str) -> None:
        """Rename a file; `to` is a path relative to `folder`, and may lead to another folder."""
        ...

    def remove(self, folder: str, name: str) -> None:
        """Remove a file; it is fine when it is gone already."""
        ...


def is_listed(server: Server, folder: str, name: str) -> bool:
    """Tell whether a folder's listing has a file of this name."""
    return any(file.name == name for file in server.files(folder, escape(name)))


def upload_part(server: Server, folder: str, name: str, content: BinaryIO, size: int) -> None:
    """Store a file under a name that nobody takes it by, whole.

    Args:
        server: the connection.
        folder: where it goes.
        name: the temporary name.
        content: its content, from its beginning.
        size: how many bytes that are.

    Raises:
        DropserverError: it is not there whole.
    """
    try:
        server.store(folder, name, content)
    except ConnectionLostError:
        raise
    except DropserverError:
        # Many servers refuse to write over a file: here one that a work left that died.
        if not is_listed(server, folder, name):
            raise
        server.remove(folder, name)
        content.seek(0)
        server.store(folder, name, content)
    stored = server.size(folder, name)
    if stored is None and (seen := server.look(folder, name)):
        stored = seen.size
    # A server that does not tell has confirmed the transfer.
    if stored not in {None, size}:
        raise DropserverError(f"{folder}: the server has {stored} bytes of a file of {size}; it is sent again")


def move(server: Server, folder: str, name: str, to: str) -> None:
    """Rename a file, also over another; done is what the listings show to be done, whatever the server said.

    Args:
        server: the connection.
        folder: where it is.
        name: its name.
        to: its new name, or a path relative to `folder`.

    Raises:
        DropserverError: it still has its old name.
    """
    try:
        server.rename(folder, name, to)
    except ConnectionLostError:
        raise
    except DropserverError:
        target_folder, target = posixpath.split(posixpath.normpath(posixpath.join(folder, to)))
        there = is_listed(server, target_folder, target)
        if not is_listed(server, folder, name):
            if not there:
                raise
            return
        if not there:
            raise
        # Many servers refuse to write over a file.
        server.remove(target_folder, target)
        server.rename(folder, name, to)


def upload(server: Server, folder: str, name: str, content: BinaryIO, size: int) -> None:
    """Store a file so that nobody meets half of it: under a temporary name first, and renamed when it is whole.

    Args:
        server: the connection.
        folder: where it goes.
        name: its name.
        content: its content, from its beginning.
        size: how many bytes that are.

    Raises:
        DropserverError: it is not there whole.
    """
    upload_part(server, folder, name + TEMPORARY, content, size)
    move(server, folder, name + TEMPORARY, name)
