"""The ledger of files: each file is claimed once, by its referte, its volgnummer and its content."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from itertools import pairwise
from typing import NamedTuple, Protocol, Self

from jbplus.mutation_file.report import Gap, Status

MAX_JUMP = 1000


@dataclass(frozen=True, slots=True)
class FileId:
    """What makes a file the same file.

    Attributes:
        referte: the UUID of its context, in lower case.
        volgnummer: its sequence number.
        sha256: of its decompressed bytes, hexadecimal.
    """

    referte: str
    volgnummer: int
    sha256: str


class Claim(Enum):
    """What came of claiming a file."""

    OURS = auto()
    FINISHED = auto()
    REFERTE_IN_USE = auto()
    VOLGNUMMER_IN_USE = auto()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A file as the ledger has it.

    Attributes:
        file: what makes it the same file.
        since: when it was claimed first.
        status: what became of it; None while it is not done with.
        is_whole: whether it is claimed by its referte and by its volgnummer, and by both as the same file.
    """

    file: FileId
    since: datetime
    status: str | None
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A file that was claimed and is not done with: it may be applied in part, and has no report.

    Attributes:
        volgnummer: its sequence number.
        since: when it was claimed first.
    """

    volgnummer: int
    since: datetime


class Run(NamedTuple):
    """Volgnummers that follow on each other, first and last included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Series:
    """The volgnummers of all claimed files of a kind.

    Attributes:
        runs: ascending; between two of them numbers are missing.
    """

    runs: tuple[Run, ...] = ()

    @classmethod
    def of(cls, volgnummers: Iterable[int]) -> Self:
        """Make the series of these volgnummers, in any order, repeated or not."""
        return cls.joining(Run(number, number) for number in volgnummers)

    @classmethod
    def joining(cls, runs: Iterable[Run]) -> Self:
        """Make the series of all volgnummers in these runs, in any order, overlapping or not."""
        joined: list[Run] = []
        for run in sorted(runs):
            if joined and run.first <= joined[-1].last + 1:
                joined[-1] = Run(joined[-1].first, max(joined[-1].last, run.last))
            else:
                joined.append(run)
        return cls(tuple(joined))

    def including(self, volgnummer: int) -> Self:
        """Give the series with one more volgnummer, or the same one again."""
        return self.joining((*self.runs, Run(volgnummer, volgnummer)))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The volgnummers missing between the lowest and the highest, ascending."""
        return tuple(Gap(van=before.last + 1, tot=after.first - 1) for before, after in pairwise(self.runs))

    def jumps_too_far(self, volgnummer: int) -> bool:
        """Tell whether a volgnummer lies more than `MAX_JUMP` above the highest so far."""
        return bool(self.runs) and volgnummer > self.runs[-1].last + MAX_JUMP


class Ledger(Protocol):
    """Where files are claimed, with conditional writes: never a read and then a write."""

    def series(self) -> Series:
        """Read the volgnummers of all claimed files, as they are kept with each claim."""
        ...

    def mended(self) -> Series:
        """Gather the volgnummers of all claimed files from the claims, and put right what is kept, should it differ."""
        ...

    def claim(self, file: FileId, at: datetime) -> Claim:
        """Claim a file; claiming it again, by a retry or by a rival, gives the same claim until it is finished.

        Args:
            file: the file.
            at: the moment; the first time is the one that counts.

        Raises:
            ConflictError: a rival claims at this very moment; try again.
        """
        ...

    def finish(self, file: FileId, status: Status, at: datetime) -> None:
        """Record that a claimed file is done with: its report is written. The first time is the one that counts."""
        ...

    def unfinished(self) -> list[Unfinished]:
        """List the files that were claimed and are not done with, by volgnummer."""
        ...

    def last_finished(self) -> datetime | None:
        """Tell when the last file was done with, or None before the first."""
        ...
