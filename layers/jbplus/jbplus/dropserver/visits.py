"""What a visit leaves for the next one, and for operators: what stands on the server since when, and what went wrong.

How long a file stands there is told by our own clock, from the first visit that saw it: the server's says nothing
about ours. Losing all of this does no harm: what stands there is taken again, and waits as from now.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from jbplus.ftps.server import RemoteFile

LONGEST_WAIT = timedelta(hours=1)
"""A file that stands on the server for longer needs a person."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Sighting(_Model):
    """A file that the last visit saw on the server and left there.

    Attributes:
        name: its name; what is not UTF-8 in it is escaped.
        size: in bytes; None where the server does not tell.
        modified: as the server tells it, only to be compared with what it tells later.
        first: since when a file of this name stands there.
        still: since when it stands there unchanged.
        failed: whether it could not be taken.
        taken: the hash of its content, when it was taken and the server refused to let it go.
    """

    name: str
    size: int | None
    modified: datetime | None
    first: datetime
    still: datetime
    failed: bool = False
    taken: str | None = None

    def waits_long(self, now: datetime) -> bool:
        """Whether a person must look at it."""
        return now - self.first > LONGEST_WAIT


class LastVisit(_Model):
    """What the last visit was like.

    Attributes:
        at: when it ended.
        reasons: what went wrong, each with its log code; empty when all went well.
        seen: the files that it left on the server.
        own_certificate: when our certificate ends; None when that is not known.
        server_certificate: when the server's ends; None when that is not known.
    """

    at: datetime
    reasons: tuple[str, ...] = ()
    seen: tuple[Sighting, ...] = ()
    own_certificate: datetime | None = None
    server_certificate: datetime | None = None


class Memory(Protocol):
    """Keeps the last visit."""

    def recall(self) -> LastVisit | None:
        """Give the last visit, or None when there was none, or it is not understood."""
        ...

    def remember(self, visit: LastVisit) -> None:
        """Keep a visit in the place of the last one."""
        ...


def sightings(files: Iterable[RemoteFile], before: Iterable[Sighting], now: datetime) -> dict[RemoteFile, Sighting]:
    """Recognise the files that stood there before: by their names, and unchanged by all that is told of them."""
    known = {sighting.name: sighting for sighting in before}
    return {file: _sighting(file, known.get(_written(file.name)), now) for file in files}


def _sighting(file: RemoteFile, known: Sighting | None, now: datetime) -> Sighting:
    fresh = Sighting(name=_written(file.name), size=file.size, modified=file.modified, first=now, still=now)
    if known is None:
        return fresh
    if (known.size, known.modified) == (file.size, file.modified):
        return known
    # What was taken is recognised by its size and hash, whatever the server says of its time.
    taken = known.taken if known.size == file.size else None
    return fresh.model_copy(update={"first": known.first, "taken": taken})


def _written(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
