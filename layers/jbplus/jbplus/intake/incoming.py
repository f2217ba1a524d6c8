"""An incoming file, and what the intake needs of the bucket that it came in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


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
    def gzipped(self) -> bool:
        """Whether the content is gzip, by the name's ending."""
        return self.name.endswith(".gz")

    @property
    def ending(self) -> str:
        """The ending of the names of its copies."""
        return ".json.gz" if self.gzipped else ".json"


class Bucket(Protocol):
    """Where files come in, and where what we make of them goes. Every step may be repeated."""

    def blocks(self, file: IncomingFile) -> Iterator[bytes]:
        """Read the file's bytes from the start, a bounded piece at a time."""
        ...

    def read_progress(self, file: IncomingFile) -> bytes | None:
        """Read how far an earlier invocation came with this file, or None."""
        ...

    def write_progress(self, file: IncomingFile, content: bytes) -> None:
        """Keep how far this invocation came."""
        ...

    def quarantine_file(self, file: IncomingFile, name: str) -> None:
        """Copy the whole file to `quarantaine/`."""
        ...

    def quarantine_records(self, name: str, content: bytes) -> None:
        """Put rejected records under `quarantaine/`; the same name has the same content."""
        ...

    def publish_report(self, name: str, content: bytes, file: IncomingFile, *, replaces_refusal: bool) -> None:
        """Put a report under `verslagen/`, and its copy where the source fetches it.

        A report that is there already stays as it is; but one that says `geweigerd` gives way when
        `replaces_refusal`.
        """
        ...

    def put_away(self, file: IncomingFile, name: str) -> None:
        """Move the file to `verwerkt/`, so that `inkomend/` shows what is not done; and forget its progress."""
        ...

    def remove(self, file: IncomingFile) -> None:
        """Take a refused file out of `inkomend/`: it is in `quarantaine/`; and forget its progress."""
        ...
