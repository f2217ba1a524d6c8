"""An incoming file, and what the intake needs of the bucket that it came in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jbplus.mutation_file.unpacking import ENDINGS

"""S3 tells of the objects under `inkomend/` whose names end so, in small letters; the template names the same."""


def is_stray(name: str) -> bool:
    """Tell whether nobody is told of an object of this name under `inkomend/`, so that nobody will take it in."""
    return not name.endswith((*ENDINGS, "/"))


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """One version of an object under `inkomend/`.

    Attributes:
        name: the key without its prefix.
        key: the object's key.
        version: its version, when the bucket keeps versions.
        received: when it arrived.
    """

    name: str
    key: str
    version: str | None
    received: datetime

    @property
    def ending(self) -> str:
        """The ending of the names of its copies: as it came, whatever it holds."""
        return ".json.gz" if self.name.endswith(".gz") else ".json"


@dataclass(frozen=True, slots=True)
class Published:
    """A report that stands.

    Attributes:
        name: without folder and ending.
        content: as on the wire.
    """

    name: str
    content: bytes


class Bucket(Protocol):
    """Where files come in, and where what we make of them goes. Every step may be repeated."""

    def blocks(self, file: IncomingFile) -> Iterator[bytes]:
        """Read the file's bytes from the start, a bounded piece at a time."""
        ...

    def read_progress(self, file: IncomingFile) -> bytes | None:
        """Read how far this delivery has come, or None when nothing is decided."""
        ...

    def begin_progress(self, file: IncomingFile, content: bytes) -> bytes:
        """Keep what is decided of this delivery, unless something was decided before; give what holds."""
        ...

    def write_progress(self, file: IncomingFile, content: bytes) -> None:
        """Keep how far this delivery has come."""
        ...

    def quarantine_file(self, file: IncomingFile, name: str) -> None:
        """Copy the whole file to `quarantaine/`."""
        ...

    def quarantine_records(self, name: str, content: bytes) -> None:
        """Put rejected records under `quarantaine/`; the same name has the same content."""
        ...

    def publish_report(self, name: str, content: bytes, file: IncomingFile) -> "Published":
        """Put the report of this delivery under `verslagen/`, and then its copy where the source fetches it.

        The report that this delivery has already holds; one of another delivery stays as well, and this one gets the
        next number behind its name.
        """
        ...

    def publish_again(self, name: str) -> "Published":
        """Copy a report that stands to where the source fetches it, once more.

        Raises:
            ObjectMissingError: there is no such report (any more).
        """
        ...

    def put_away(self, file: IncomingFile, name: str) -> None:
        """Move the file to `verwerkt/`, so that `inkomend/` shows what is not done."""
        ...

    def remove(self, file: IncomingFile) -> None:
        """Take a refused file out of `inkomend/`: it is in `quarantaine/`."""
        ...
