"""How far the counting of all persons has come: kept, so that another run goes on from there.

These are exact figures about few people, so they are kept encrypted, by none but who counts, and forgotten once they
are published.
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, Self

from jbplus.statistics.cells import Flow, Line, Month, Tally

PARTS = 256
"""All persons in so many parts: at 100 million, one part is half a minute of reading."""

_FRESH = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Counted:
    """How far it has come.

    Attributes:
        begun: the moment that all is counted as of.
        key_version: the version of the key that the persons' names were of.
        tally: what was counted.
        looked: how many parts were looked through for who has several numbers, of `PARTS`.
        numbers: the pseudonyms of these, as far as they are known: they are counted first, and are left out then.
        parts: how many parts were counted after that.
    """

    begun: datetime
    key_version: int
    tally: Tally
    looked: int
    numbers: frozenset[str] = frozenset()
    parts: int = 0

    def may_go_on(self, lines: AbstractSet[Line], key_version: int, now: datetime) -> bool:
        """Tell whether it has these lines, by names that still stand, and not too long ago."""
        return self.tally.lines.keys() >= lines and self.key_version == key_version and now - self.begun < _FRESH

    def having_found(self, numbers: Sequence[AbstractSet[str]]) -> Self:
        """Give it after the next parts were looked through for who has several numbers."""
        return replace(self, numbers=self.numbers.union(*numbers), looked=self.looked + len(numbers))

    def after(self, counted: Sequence[Tally]) -> Self:
        """Give it after the next parts."""
        tally = Tally.of(self.tally.lines.keys())
        for part in (self.tally, *counted):
            tally.add(part)
        return replace(self, tally=tally, parts=self.parts + len(counted))

    def to_json(self) -> bytes:
        """Write it down."""
        cells = [
            [line.fiscal_year, line.month.text, instalment, _write_flow(cell.paid), _write_flow(cell.reclaimed)]
            for line, by_instalment in self.tally.lines.items()
            for instalment, cell in by_instalment.items()
        ]
        document = {
            "begun": self.begun.isoformat(),
            "keyVersion": self.key_version,
            "looked": self.looked,
            "numbers": sorted(self.numbers),
            "parts": self.parts,
            "cells": cells,
        }
        return json.dumps(document, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Read what `to_json` wrote."""
        read = json.loads(content)
        tally = Tally.of({Line(year, Month.read(month)) for year, month, *_ in read["cells"]})
        for year, month, instalment, paid, reclaimed in read["cells"]:
            cell = tally.lines[Line(year, Month.read(month))][instalment]
            cell.paid, cell.reclaimed = _read_flow(paid), _read_flow(reclaimed)
        begun = datetime.fromisoformat(read["begun"])
        return cls(begun, read["keyVersion"], tally, read["looked"], frozenset(read["numbers"]), read["parts"])


class CountingProgress(Protocol):
    """Where it is kept how far the counting has come."""

    def read(self) -> Counted | None:
        """Read it; None while none is under way."""
        ...

    def keep(self, counted: Counted) -> None:
        """Keep it."""
        ...

    def forget(self) -> None:
        """Forget it: all is published. Once more is fine."""
        ...


def _write_flow(flow: Flow) -> list[Any]:
    return [[[str(amount) for amount in amounts], persons] for amounts, persons in flow.alike.items()]


def _read_flow(stored: Collection[Any]) -> Flow:
    return Flow(Counter({tuple(map(Decimal, amounts)): persons for amounts, persons in stored}))
