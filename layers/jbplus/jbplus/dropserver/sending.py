"""Sending what stands under `uitgaand/` to the parties' folders: once, whole, in the order of the names.

A file is uploaded under a temporary name, marked as sent by a copy under `verzonden/`, renamed on the server, and
taken out of `uitgaand/`. Whoever finds the mark does not upload again, also when the party fetched and removed the
file long ago; it only does what is left of the other steps.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO, Protocol

from jbplus.ftps.server import TEMPORARY, Server, upload_part

PARTY = "{party}"
"""Stands for the party's KBO number in the name of a folder."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file that waits to be sent.

    Attributes:
        party: whom it is for (KBO number).
        name: its name.
    """

    party: str
    name: str


class Outbox(Protocol):
    """What waits to be sent, and the marks of what was."""

    def waiting(self) -> Iterable[Parcel]:
        """Give what waits, by party and in the order of the names."""
        ...

    def read(self, parcel: Parcel, into: BinaryIO) -> str:
        """Read a file's content; give a tag that changes with it.

        Raises:
            ObjectMissingError: it does not wait any more.
        """
        ...

    def sent(self, parcel: Parcel) -> str | None:
        """Give the hash of what was last sent to this party under this name, or None."""
        ...

    def mark_sent(self, parcel: Parcel, content: BinaryIO, sha256: str) -> None:
        """Keep a copy of what is sent, as the mark that it is; the content is read from its beginning."""
        ...

    def take_out(self, parcel: Parcel, tag: str) -> None:
        """Take a file out of what waits, unless other content came in its place."""
        ...


@dataclass(frozen=True, slots=True)
class Sending:
    """Sends files to the parties.

    Attributes:
        outbox: where they wait.
        folder: where a party finds them, with `{party}` for its number.
    """

    outbox: Outbox
    folder: str

    def send(self, server: Server, parcel: Parcel) -> None:
        """Send one file.

        Raises:
            DropserverError: it was not sent to the end: the next round goes on.
            ObjectMissingError: it does not wait any more.
            UnavailableError: it was not sent to the end; the bucket is out of reach.
        """
        folder = self.folder.replace(PARTY, parcel.party)
        with TemporaryFile() as content:
            tag = self.outbox.read(parcel, content)
            size = content.tell()
            content.seek(0)
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
            if self.outbox.sent(parcel) != sha256:
                content.seek(0)
                upload_part(server, folder, parcel.name, content, size)
                content.seek(0)
                self.outbox.mark_sent(parcel, content, sha256)
            there = server.size(folder, parcel.name + TEMPORARY)
            if there is not None and there != size:
                # Of a rival that died: it is marked, and not whole.
                content.seek(0)
                upload_part(server, folder, parcel.name, content, size)
        # A marked file that has no temporary name any more has its own, or the party has it.
        if there is not None:
            self._rename(server, folder, parcel.name)
        self.outbox.take_out(parcel, tag)

    def _rename(self, server: Server, folder: str, name: str) -> None:
        # An older one of this name, that the party did not fetch yet, gives way. Many servers refuse to write over it.
        if server.size(folder, name) is not None:
            server.remove(folder, name)
        server.rename(folder, name + TEMPORARY, name)
