"""The recipient's folder on the dropserver: where its notices lie."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from jbplus.ftps.server import RemoteFile, Server
from jbplus_recipient.notices import LARGEST, NoticeError


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where notices lie, and what becomes of those that were taken.

    Attributes:
        connect: opens a connection to the dropserver.
        folder: the recipient's folder.
        keep: whether taken notices stay; they are removed otherwise.
        moved_to: where taken notices go instead, as a path seen from the folder; it exists.
    """

    connect: Callable[[], AbstractContextManager[Server]]
    folder: str
    keep: bool = False
    moved_to: str | None = None

    def put_away(self, server: Server, name: str) -> None:
        """Do with a notice what is done with taken ones; once more is fine."""
        if self.keep:
            return
        if self.moved_to is None:
            server.remove(self.folder, name)
        else:
            server.rename(self.folder, name, f"{self.moved_to}/{name}")


def read(server: Server, folder: str, file: RemoteFile) -> bytes:
    """Fetch a notice.

    Raises:
        NoticeError: it is larger than any notice.
        DropserverError: it cannot be fetched.
    """
    if file.size is not None and file.size > LARGEST:
        raise NoticeError("it is larger than any notice")
    content = io.BytesIO()
    server.fetch(folder, file, content)
    return content.getvalue()
