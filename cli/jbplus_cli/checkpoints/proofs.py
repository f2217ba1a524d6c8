"""Extracts of the privacy log with proofs: what an officer hands to whoever trusts nobody (Article 6)."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, Self

from jbplus.checkpoints.bucket import S3Vault
from jbplus.checkpoints.rules import Prover
from jbplus.checkpoints.verify import MalformedError, told_of
from jbplus.errors import UnavailableError
from jbplus.privacy_log.service import LogQuestion
from jbplus.privacy_log.wire import LogItem
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import Party
from jbplus_cli.checkpoints.stack import SealedLog
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.atomic import written_whole
from jbplus_recipient.errors import ExchangeError

Proof = Mapping[str, Any]


@contextmanager
def extract(path: Path, party: Party, question: LogQuestion) -> Iterator[Callable[[LogItem, Proof | None], None]]:
    """Write an extract for nobody else to read: it is there when all of it is.

    Args:
        path: the file.
        party: whose records they are.
        question: what was asked.

    Yields:
        What writes a record, with its proof if it has one.

    Raises:
        ExchangeError: the file cannot be written.
    """
    asked = {
        "van": question.first and question.first.isoformat(),
        "tot": question.last and question.last.isoformat(),
        "gebruiker": question.end_user,
        "overEenPersoon": question.number is not None or None,
    }
    head = {"partij": party.kbo, "vraag": {name: value for name, value in asked.items() if value is not None}}
    between = "\n"
    try:
        with written_whole(path) as file:
            file.write(f'{json.dumps(head)[:-1]}, "items": ['.encode())

            def write(item: LogItem, proof: Proof | None) -> None:
                nonlocal between
                document = item.wire() | ({} if proof is None else {"bewijs": proof})
                file.write(f"{between}{json.dumps(document, ensure_ascii=False)}".encode())
                between = ",\n"

            yield write
            file.write(b"\n]}\n")
    except OSError as error:
        raise ExchangeError(f"{path} cannot be written: {error.strerror}.") from error


class _Kept(NamedTuple):
    prover: Prover
    numbers: Mapping[str, int]


@dataclass(slots=True)
class Proofs:
    """Proves records of a party; the segments of one day are held at a time.

    Attributes:
        vault: segments and checkpoints.
        party: its KBO number.
    """

    vault: S3Vault
    party: str
    _day: date | None = None
    _holding: list[int] = field(default_factory=list)
    _segments: dict[int, _Kept] = field(default_factory=dict)

    @classmethod
    def of_stack(cls, world: Surroundings, target: Target, party: Party) -> Self:
        """Find what was sealed.

        Raises:
            ExchangeError: the stack cannot be read, or seals nothing.
        """
        return cls(SealedLog.of(world, target).vault, party.kbo)

    def of(self, item: LogItem) -> Proof | None:
        """Prove a record; None when it is not sealed yet.

        Raises:
            ExchangeError: the segments are out of reach, or one is not what it was.
        """
        place = told_of(item.wire(), self.party)["entry"]
        try:
            for number in self._of_day(brussels_day(item.moment)):
                kept = self._read(number)
                if place in kept.numbers:
                    return kept.prover.proof(kept.numbers[place])
        except (UnavailableError, MalformedError) as error:
            raise ExchangeError(f"The segments cannot be read ({error}). Check your rights, or try later.") from error
        return None

    def _of_day(self, day: date) -> list[int]:
        if day != self._day:
            self._holding, self._day = list(self.vault.holding(day)), day
            self._segments = {n: kept for n, kept in self._segments.items() if n in self._holding}
        return self._holding

    def _read(self, number: int) -> _Kept:
        if number not in self._segments:
            segment = self.vault.segment(number)
            if segment is None:
                raise UnavailableError(f"segment {number} is gone")
            of_party = {r.place: n for n, r in enumerate(segment.records) if r.day.startswith(f"{self.party}#")}
            self._segments[number] = _Kept(Prover(segment), of_party)
        return self._segments[number]
