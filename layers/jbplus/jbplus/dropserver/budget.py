"""The time that one file may take, so that it does not keep the others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from jbplus.retry import TimeLeft

RESERVE = 60.0
"""Seconds that are left for the end of a visit, whatever a file still needs."""


class TimeIsUpError(Exception):
    """A file took the time that it may; the next visit goes on with it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The time of one file.

    Attributes:
        time_left: gives the seconds that the visit may still take.
        until: how many of them are not this file's.
    """

    time_left: TimeLeft
    until: float

    @classmethod
    def of(cls, time_left: TimeLeft, seconds: float) -> "Budget":
        """Give a file so many seconds from now on, as far as the visit has them."""
        return cls(time_left, max(time_left() - seconds, RESERVE))

    def check(self) -> None:
        """See that there is time.

        Raises:
            TimeIsUpError: there is none.
        """
        if self.time_left() < self.until:
            raise TimeIsUpError

    def blocks(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Give blocks for as long as there is time."""
        for block in blocks:
            self.check()
            yield block


@dataclass(frozen=True, slots=True)
class Timed:
    """A file that is read from and written to for as long as there is time."""

    content: BinaryIO
    budget: Budget

    def read(self, size: int = -1) -> bytes:
        """Read at most so many bytes."""
        self.budget.check()
        return self.content.read(size)

    def write(self, block: bytes) -> int:
        """Write a block."""
        self.budget.check()
        return self.content.write(block)

    def seek(self, offset: int) -> int:
        """Go to a place."""
        return self.content.seek(offset)
