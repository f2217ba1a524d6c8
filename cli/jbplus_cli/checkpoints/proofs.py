"""Extracts of the privacy log with proofs: what an officer hands to whoever trusts nobody (Article 6)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from jbplus.checkpoints import rules
from jbplus.checkpoints.bucket import S3Vault
from jbplus.checkpoints.verify import Segment, told_of
from jbplus.errors import UnavailableError
from jbplus.privacy_log.service import LogQuestion
from jbplus.privacy_log.wire import LogItem
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import Party
from jbplus_cli.checkpoints.stack import SealedLog
from jbplus_recipient.atomic import written_whole
from jbplus_recipient.errors import ExchangeError


def write_extract(path: Path, items: Sequence[LogItem], party: Party, question: LogQuestion, log: SealedLog) -> None:
    """Write an extract for nobody else to read: the records, each with its proof if it is sealed.

    Args:
        path: the file.
        items: the records that answer the question.
        party: whose they are.
        question: what was asked.
        log: what was sealed.

    Raises:
        ExchangeError: the segments are out of reach, or the file cannot be written.
    """
    asked = {
        "van": question.first and question.first.isoformat(),
        "tot": question.last and question.last.isoformat(),
        "gebruiker": question.end_user,
        "overEenPersoon": question.number is not None or None,
    }
    proofs = _Proofs(log.vault, party.kbo)
    try:
        document = {
            "partij": party.kbo,
            "vraag": {name: value for name, value in asked.items() if value is not None},
            "items": [item.wire() | proofs.of(item) for item in items],
        }
        with written_whole(path) as file:
            file.write(json.dumps(document, ensure_ascii=False, indent=1).encode())
    except UnavailableError as error:
        raise ExchangeError(f"The segments cannot be read ({error}). Check your rights, or try later.") from error
    except OSError as error:
        raise ExchangeError(f"{path} cannot be written. Choose another file with --proofs.") from error


@dataclass(slots=True)
class _Proofs:
    vault: S3Vault
    party: str
    _places: dict[int, tuple[Segment, dict[str, int]]] = field(default_factory=dict)

    def of(self, item: LogItem) -> dict[str, JsonValue]:
        place = told_of(item.wire(), self.party)["entry"]
        for number in self.vault.holding(brussels_day(item.moment)):
            segment, places = self._read(number)
            if place in places:
                return {"bewijs": rules.proof(segment, places[place])}
        return {}

    def _read(self, number: int) -> tuple[Segment, dict[str, int]]:
        if number not in self._places:
            segment = self.vault.segment(number)
            if segment is None:
                raise UnavailableError(f"segment {number} is gone")
            of_party = {r.place: n for n, r in enumerate(segment.records) if r.day.startswith(f"{self.party}#")}
            self._places[number] = segment, of_party
        return self._places[number]
