"""What of a mutation file was applied: fixed piece by piece by who takes it in, told by who makes the notices."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict

from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import MutationType

PIECE = 1000
"""The records of a file that are fixed together, at most."""


_SUCCESSIONS: Final = "opvolging-"


class AppliedRecord(NamedTuple):
    """A record that decides what is now so.

    Attributes:
        position: its index in its file, from 0.
        referte: the sender's stable name of the payment.
        type: MAGDA's code: new, change or annulment.
        insz: whom it is about.
        new: of a succession, the number that replaces `insz`.
    """

    position: int
    referte: str
    type: MutationType
    insz: str
    new: str | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """The persons' numbers that it names."""
        return (self.insz,) if self.new is None else (self.insz, self.new)


@dataclass(frozen=True, slots=True)
class AppliedPiece:
    """What became of the good records of one piece of a file.

    Attributes:
        records: those that were applied, by position.
        superseded: how many were decided by a higher volgnummer already.
    """

    records: tuple[AppliedRecord, ...]
    superseded: int

    @property
    def is_empty(self) -> bool:
        """Whether no record of it was good."""
        return not self.records and not self.superseded

    def to_json(self) -> bytes:
        """Write it down."""
        records = [record if record.new is not None else record[:-1] for record in self.records]
        return json.dumps(
            {"verouderd": self.superseded, "toegepast": records}, ensure_ascii=False, separators=(",", ":")
        ).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "AppliedPiece":
        """Read what `to_json` wrote."""
        read = json.loads(content)
        return cls(tuple(AppliedRecord(*each) for each in read["toegepast"]), read["verouderd"])


class Announcement(BaseModel):
    """What there is to tell of a file: so that a piece that is lost is missed.

    Attributes:
        pieces: how many pieces were fixed.
        last: the index of the first record of the last of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    pieces: int
    last: int

    @classmethod
    def including(cls, before: "Announcement | None", first: int, piece: AppliedPiece) -> "Announcement | None":
        """Give the announcement after one more piece; a piece of nothing is not kept, and not counted.

        Args:
            before: the announcement so far; None before the first piece.
            first: the index of the piece's first record.
            piece: the piece.
        """
        if piece.is_empty:
            return before
        return cls(pieces=1 if before is None else before.pieces + 1, last=first)


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

    def announce(self, file: str, announcement: Announcement) -> None:
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
    if piece.is_empty:
        return piece
    ours = piece.to_json()
    held = store.keep_applied(file, first, ours)
    return piece if held == ours else AppliedPiece.from_json(held)


def announced_name(volgnummer: int, fingerprint: str, kind: Kind = Kind.MUTATIONS) -> str:
    """Name a file among the announced ones: by its kind and its volgnummer, so that they sort in order.

    Args:
        volgnummer: of the file; notices repeat it.
        fingerprint: what else makes it the same file.
        kind: what the file is.
    """
    prefix = _SUCCESSIONS if kind is Kind.SUCCESSIONS else ""
    return f"{prefix}{volgnummer:016d}.{hashlib.sha256(fingerprint.encode()).hexdigest()[:16]}"


def volgnummer_of(file: str) -> int:
    """Read a file's volgnummer from its name among the announced ones."""
    return int(file.removeprefix(_SUCCESSIONS).partition(".")[0])


def kind_of(file: str) -> Kind:
    """Read what a file is from its name among the announced ones."""
    return Kind.SUCCESSIONS if file.startswith(_SUCCESSIONS) else Kind.MUTATIONS
