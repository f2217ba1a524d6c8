"""Sending what stands under `uitgaand/` to the parties' folders, whole and in the order of the names.

A file is uploaded under a temporary name that tells its content, renamed, marked as sent by a copy under `verzonden/`,
and taken out of `uitgaand/`. Without the mark it is not sent: whoever finds it goes on with a whole upload of the very
same content, and uploads again otherwise. A party may so find a file twice, and never misses one.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO, Protocol, cast

from jbplus.dropserver.budget import Budget, Timed, TimeIsUpError
from jbplus.dropserver.holding import Holding
from jbplus.ftps.server import TEMPORARY, ConnectionLostError, Server, move, upload_part

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
        """Keep a copy of what was sent, as the mark that it was; the content is read from its beginning."""
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
        holding: knows what is held back.
    """

    outbox: Outbox
    folder: str
    holding: Holding

    def send(self, server: Server, parcel: Parcel, budget: Budget) -> None:
        """Send one file.

        Raises:
            DropserverError: it was not sent to the end: the next visit goes on.
            ObjectMissingError: it does not wait any more.
            UnavailableError: it was not sent to the end; the bucket is out of reach.
        """
        with TemporaryFile() as content:
            tag = self.outbox.read(parcel, content)
            content.seek(0)
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
            size = content.tell()
            if self.outbox.sent(parcel) != sha256:
                content.seek(0)
                try:
                    self._put(server, parcel, f"{parcel.name}.{sha256[:8]}{TEMPORARY}", Timed(content, budget), size)
                except TimeIsUpError:
                    # Its transfer was broken off: what the server says next may be about that.
                    raise ConnectionLostError("the file did not go in the time of a file; it is sent anew") from None
                content.seek(0)
                self.outbox.mark_sent(parcel, content, sha256)
        self.outbox.take_out(parcel, tag)

    def _put(self, server: Server, parcel: Parcel, temporary: str, content: Timed, size: int) -> None:
        folder = self.folder.replace(PARTY, parcel.party)
        # Of a visit that died, or that did not wait for the server's word.
        if server.size(folder, temporary) != size:
            upload_part(server, folder, temporary, cast("BinaryIO", content), size)
        move(server, folder, temporary, parcel.name)
