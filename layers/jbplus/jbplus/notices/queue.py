"""Each recipient's queue: parts of files wait in it until they become notices, in the order of intake."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jbplus.mutation_file.kinds import Kind


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A stretch of a file's records; at most one notice a recipient comes of it.

    Attributes:
        file: the file's name among the announced ones.
        number: its place in the file, from 0.
    """

    file: str
    number: int

    @property
    def name(self) -> str:
        """Its name, the same wherever it is kept."""
        return f"{self.file}.{self.number:06d}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a part for a recipient. It is made once.

    Attributes:
        number: the notice's number; None when nothing is left to tell.
        moment: when that was decided; for a notice, its moment.
        left_out: places of the notifications that are not told, from 0: persons no longer registered, or expired.
    """

    number: int | None
    moment: datetime
    left_out: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A part that waits in a recipient's queue.

    Attributes:
        recipient: KBO number.
        position: its place in the queue; lower ones come first.
        part: the part.
        decision: what becomes of it; None while that is open.
    """

    recipient: str
    position: int
    part: Part
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """A part that ever stood in a recipient's queue.

    Attributes:
        part: the part.
        position: its place in the queue.
        number: the number of its notice; None while it has none.
        moment: the notice's moment.
    """

    part: Part
    position: int
    number: int | None = None
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What was given out to a recipient so far.

    Attributes:
        number: the number of its last notice; 0 before the first.
        moment: the moment of its last notice, None before the first.
    """

    number: int = 0
    moment: datetime | None = None


class Queues(Protocol):
    """Where the queues are kept, and how far each announced file was told. Every change is conditional."""

    def next_part(self, file: str) -> int:
        """Tell which part of a file is to be told next: earlier ones were told, and never are again."""
        ...

    def told(self, file: str, part: int) -> None:
        """Record that a part of a file was told, and all before it; what was told further stays."""
        ...

    def is_known(self, recipient: str, part: Part) -> bool:
        """Tell whether a part ever stood in the recipient's queue."""
        ...

    def is_waiting(self, recipient: str, part: Part) -> bool:
        """Tell whether a part stands in the recipient's queue."""
        ...

    def append(self, recipient: str, part: Part) -> None:
        """Put a part at the end of a recipient's queue, once for all times.

        Raises:
            ConflictError: it stands or stood there already, or a rival appended another; look again.
        """
        ...

    def first(self, recipient: str) -> Waiting | None:
        """Give the first in a recipient's queue."""
        ...

    def given(self, recipient: str, kind: Kind = Kind.MUTATIONS) -> Given:
        """Tell what was given out to a recipient of files of a kind: each has its own series."""
        ...

    def decide(self, waiting: Waiting, decision: Decision) -> None:
        """Decide on a part. A number of its kind's series is given out with it, one above the last.

        Raises:
            ConflictError: a rival decided, or gave out that number; look again.
        """
        ...

    def remove(self, waiting: Waiting) -> None:
        """Take a part out of the queue; fine when it is gone."""
        ...

    def lengths(self, recipients: Sequence[str]) -> dict[str, int]:
        """Count the parts in each recipient's queue."""
        ...
