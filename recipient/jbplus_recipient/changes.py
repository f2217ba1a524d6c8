"""What changed in the deductions since the last run: old and new, per person and fiscal year."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import JsonValue

from jbplus_recipient.atomic import written_whole
from jbplus_recipient.deductions import Deduction, cells

COLUMNS: Final = ("insz", "fiscaalJaar", "aftrekVoorheen", "aftrek", "inOnderzoekVoorheen", "inOnderzoek")
CSV_NAME: Final = "changes.csv"


class Key(NamedTuple):
    """A person, by INSZ, and an income year."""

    insz: str
    fiscal_year: int


class Written(NamedTuple):
    """What was written: the deduction in EUR, and whether it was in doubt."""

    deducted: Decimal
    in_doubt: bool


NOTHING: Final = Written(Decimal("0.00"), in_doubt=False)
"""What stands for a person and year of which there is no row."""


@dataclass(frozen=True, slots=True)
class Change:
    """One deduction that is no longer what it was; amounts in EUR.

    Attributes:
        key: whose, and of which year.
        before: what was deducted, and whether it was in doubt.
        after: the same, now.
    """

    key: Key
    before: Written
    after: Written

    def wire(self) -> dict[str, JsonValue]:
        """Give the row under the names of `COLUMNS`; amounts as text."""
        (old, was_in_doubt), (new, in_doubt) = self.before, self.after
        return dict(zip(COLUMNS, (*self.key, f"{old:f}", f"{new:f}", was_in_doubt, in_doubt), strict=True))


def noting(rows: Iterable[Deduction], now: dict[Key, Written]) -> Iterator[Deduction]:
    """Pass rows on, and note what each says."""
    for row in rows:
        now[Key(row.insz, row.fiscal_year)] = Written(row.deducted, row.in_doubt)
        yield row


def diff(before: Mapping[Key, Written], now: Mapping[Key, Written]) -> list[Change]:
    """Compare what was written with what is to be deducted now, in the order of persons and years."""
    pairs = ((key, before.get(key, NOTHING), now.get(key, NOTHING)) for key in {**before, **now})
    return sorted((Change(key, old, new) for key, old, new in pairs if old != new), key=lambda change: change.key)


def net(changes: Iterable[Change]) -> list[Change]:
    """Join changes, the older first, into one a person and year; what is as it was before them is left out."""
    joined: dict[Key, Change] = {}
    for change in changes:
        first = joined.get(change.key, change)
        joined[change.key] = replace(change, before=first.before)
    return [change for _, change in sorted(joined.items()) if change.before != change.after]


def write(changes: Iterable[Change], folder: Path) -> None:
    """Write changes as CSV, whole or not at all, for nobody else to read.

    Raises:
        OSError: the file cannot be written; the earlier one is still there.
    """
    with written_whole(folder / CSV_NAME) as table:
        writer = csv.writer(codecs.getwriter("utf-8")(table))
        writer.writerow(COLUMNS)
        writer.writerows(cells(change.wire()) for change in changes)
