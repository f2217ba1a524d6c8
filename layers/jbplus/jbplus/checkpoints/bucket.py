"""The bucket of segments and checkpoints, which is locked: each object is put once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jbplus.aws.objects import JSON, Objects
from jbplus.checkpoints.verify import CONTENT_BYTES, KEY_BYTES, Record, Segment, name_of, segment_name
from jbplus.errors import UnavailableError

SEGMENTS = "segmenten/"
CHECKPOINTS = "controlepunten/"
SEALED = "verzegeld/"
FINISHED = "klaar/"

_GZIP = "application/gzip"
_BYTES = "application/octet-stream"
_HIGHEST = 10**8


@dataclass(frozen=True, slots=True)
class S3Vault:
    """Keeps segments and checkpoints.

    Attributes:
        objects: the objects of the bucket.
    """

    objects: Objects

    def last_finished(self) -> int:
        """Give the number of the last segment that was finished; 0 when none was."""
        # Their names fall while their numbers grow: the newest is listed first.
        return next((_HIGHEST - int(name) for name in self.objects.names(FINISHED)), 0)

    def segment(self, number: int) -> Segment | None:
        """Read a segment, or None when there is none of this number."""
        content = self.objects.find(f"{SEGMENTS}{segment_name(number)}")
        return None if content is None else Segment.read(content)

    def put_segment(self, segment: Segment) -> bool:
        """Put a segment unless there is one of its number; tell whether it was put."""
        return self.objects.put_new(f"{SEGMENTS}{segment_name(segment.number)}", segment.to_bytes(), _GZIP)

    def holding(self, day: date) -> Iterator[int]:
        """Give the numbers of the finished segments that hold records of a day."""
        for name in self.objects.names(f"{SEALED}{day.isoformat()}/"):
            yield int(name)

    def sealed(self, day: date) -> Mapping[bytes, bytes]:
        """Give the hash of each record of a day that stands in a finished segment, by its key."""
        found: dict[bytes, bytes] = {}
        for number in self.holding(day):
            content = self.objects.read(f"{SEALED}{day.isoformat()}/{number:08d}")
            for start in range(0, len(content), KEY_BYTES + CONTENT_BYTES):
                end = start + KEY_BYTES
                found.setdefault(content[start:end], content[end : end + CONTENT_BYTES])
        return found

    def put_sealed(self, day: str, number: int, records: Sequence[Record]) -> None:
        """Note which records of a day a segment holds; once more is fine."""
        content = b"".join(record.key + record.content for record in records)
        self.objects.put_new(f"{SEALED}{day}/{number:08d}", content, _BYTES)

    def checkpoint(self, number: int) -> bytes | None:
        """Read a checkpoint, or None when there is none of this number."""
        return self.objects.find(f"{CHECKPOINTS}{name_of(number)}")

    def put_checkpoint(self, number: int, content: bytes) -> bytes:
        """Put a checkpoint unless there is one of its number; give the one that stands."""
        if self.objects.put_new(f"{CHECKPOINTS}{name_of(number)}", content, JSON):
            return content
        standing = self.checkpoint(number)
        if standing is None:
            raise UnavailableError("checkpoints: one stands there, and cannot be read")
        return standing

    def finish(self, number: int) -> None:
        """Note that all is done for a segment; once more is fine."""
        self.objects.put_new(f"{FINISHED}{_HIGHEST - number:08d}", b"", _BYTES)
