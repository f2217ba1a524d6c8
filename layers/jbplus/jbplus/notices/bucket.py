"""The bucket's folders of the notices: applied records, announcements, what waits, and what goes out."""

from dataclasses import dataclass

from jbplus.aws.folders import ANNOUNCED, APPLIED, WAITING
from jbplus.aws.objects import JSON, JSON_LINES, Objects
from jbplus.notices.applied import Announcement
from jbplus.notices.queue import Part


@dataclass(frozen=True, slots=True)
class S3Applied:
    """Keeps the applied records of files, and announces them."""

    objects: Objects

    def keep_applied(self, file: str, first: int, content: bytes) -> bytes:
        """Keep a piece of a file, unless there is one; give the one that holds."""
        key = _piece_key(file, first)
        return content if self.objects.put_new(key, content, JSON) else self.objects.read(key)

    def announce(self, file: str, announcement: Announcement) -> None:
        """Announce that all of a file is applied."""
        self.objects.put(f"{ANNOUNCED}{file}.json", announcement.model_dump_json().encode(), JSON)


@dataclass(frozen=True, slots=True)
class S3Announced:
    """Finds announced files and their applied records."""

    objects: Objects

    def announced(self) -> list[str]:
        """List the announced files, in the order in which they were announced."""
        found = sorted(self.objects.dated_names(ANNOUNCED), key=lambda item: (item[1], item[0]))
        return [name.removesuffix(".json") for name, _ in found]

    def announcement(self, file: str) -> Announcement:
        """Read what there is to tell of a file."""
        return Announcement.model_validate_json(self.objects.read(f"{ANNOUNCED}{file}.json"))

    def forget(self, file: str) -> None:
        """Take a file's pieces and then its announcement away."""
        for first in self.pieces(file):
            self.objects.remove(_piece_key(file, first))
        self.objects.remove(f"{ANNOUNCED}{file}.json")

    def pieces(self, file: str) -> list[int]:
        """List the pieces of a file by the index of their first record, ascending."""
        return [int(name.removesuffix(".json")) for name in self.objects.names(f"{APPLIED}{file}/")]

    def read_piece(self, file: str, first: int) -> bytes:
        """Read a piece."""
        return self.objects.read(_piece_key(file, first))


@dataclass(frozen=True, slots=True)
class S3Waiting:
    """Keeps the notifications of parts that wait."""

    objects: Objects

    def keep_waiting(self, recipient: str, part: Part, content: bytes) -> None:
        """Keep the notifications of a part for a recipient, unless they are there."""
        self.objects.put_new(_waiting_key(recipient, part), content, JSON_LINES)

    def read_waiting(self, recipient: str, part: Part) -> bytes | None:
        """Read them; None when they are not there (any more)."""
        return self.objects.find(_waiting_key(recipient, part))

    def remove_waiting(self, recipient: str, part: Part) -> None:
        """Remove them; fine when they are gone."""
        self.objects.remove(_waiting_key(recipient, part))

    def clear_waiting(self, recipient: str) -> None:
        """Remove all that wait for a recipient."""
        folder = f"{WAITING}{recipient}/"
        for name in list(self.objects.names(folder)):
            self.objects.remove(f"{folder}{name}")


def _piece_key(file: str, first: int) -> str:
    return f"{APPLIED}{file}/{first:08d}.json"


def _waiting_key(recipient: str, part: Part) -> str:
    return f"{WAITING}{recipient}/{part.name}.ndjson"
