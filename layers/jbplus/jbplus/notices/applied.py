"""What of a mutation file was applied: fixed piece by piece by who takes it in, told by who makes the notices."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from jbplus.mutation_file.records import MutationType

PIECE = 1000
"""The records of a file that are fixed together, at most."""


class AppliedRecord(NamedTuple):
    """A record that decides what is now so.

    Attributes:
        position: its index in its file, from 0.
        referte: the sender's stable name of the payment.
        type: MAGDA's code: new, change or annulment.
        insz: whom it is about.
    """

    position: int
    referte: str
    type: MutationType
    insz: str


@dataclass(frozen=True, slots=True)
class AppliedPiece:
    """What became of the good records of one piece of a file.

    Attributes:
        records: those that were applied, by position.
        superseded: how many were decided by a higher volgnummer already.
    """

    records: tuple[AppliedRecord, ...]
    superseded: int

    def to_json(self) -> bytes:
        """Write it down."""
        return json.dumps(
            {"verouderd": self.superseded, "toegepast": self.records}, ensure_ascii=False, separators=(",", ":")
        ).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "AppliedPiece":
        """Read what `to_json` wrote."""
        read = json.loads(content)
        return cls(tuple(AppliedRecord(*each) for each in read["toegepast"]), read["verouderd"])


class AppliedStore(Protocol):
    """Where applied records are kept until they are told, encrypted at rest."""

    def keep_applied(self, file: str, first: int, content: bytes) -> bytes:
        """Keep a piece of a file, unless there is one: of an earlier try or of a rival.

        Args:
            file: the file's name among the announced ones.
            first: the index of the piece's first record.
            content: the piece.

        Returns:
            The piece that holds, the first one that was kept.
        """
        ...

    def announce(self, file: str) -> None:
        """Announce that all of a file is applied: who makes the notices comes to it."""
        ...


def fix(store: AppliedStore, file: str, first: int, applied: Sequence[AppliedRecord], superseded: int) -> AppliedPiece:
    """Fix what was applied of a piece of a file: what is told agrees with what is counted, whoever else tries.

    Args:
        store: keeps the piece.
        file: the file's name among the announced ones.
        first: the index of the piece's first record.
        applied: the records that this try applied.
        superseded: how many it found decided already.

    Returns:
        What holds.

    Raises:
        UnavailableError: the store is out of reach; trying again is harmless.
    """
    piece = AppliedPiece(tuple(sorted(applied)), superseded)
    if not applied and not superseded:
        return piece
    ours = piece.to_json()
    held = store.keep_applied(file, first, ours)
    return piece if held == ours else AppliedPiece.from_json(held)


def announced_name(volgnummer: int, fingerprint: str) -> str:
    """Name a file among the announced ones: by its volgnummer, so that they sort in order.

    Args:
        volgnummer: of the file; notices repeat it.
        fingerprint: what else makes it the same file.
    """
    return f"{volgnummer:016d}.{hashlib.sha256(fingerprint.encode()).hexdigest()[:16]}"


def volgnummer_of(file: str) -> int:
    """Read a file's volgnummer from its name among the announced ones."""
    return int(file.partition(".")[0])
