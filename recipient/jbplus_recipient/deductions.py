"""What a payment actor leaves out of a person's income, per fiscal year: from answers to rows, CSV and JSON lines.

The factor 100/80 for the self-employed is the payment actor's own: it is not applied here.
"""

import codecs
import csv
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import JsonValue
from pydantic_core import to_json

from jbplus.protocol.calendar import anniversary
from jbplus_recipient.answers import Nets, Person
from jbplus_recipient.atomic import written_whole

COLUMNS: Final = ("insz", "fiscaalJaar", "betaald", "teruggevorderd", "netto", "aftrek", "volgnummer", "inOnderzoek")
CSV_NAME: Final = "deductions.csv"
JSON_LINES_NAME: Final = "deductions.jsonl"

RETENTION_YEARS: Final = 5
"""How long after the last payment a recipient may keep what it learned (Article 3 b)."""

_NOTHING: Final = Decimal("0.00")


class Deduction(NamedTuple):
    """What is deducted from the income of one person in one fiscal year; amounts in EUR, exact.

    Attributes:
        insz: the person.
        fiscal_year: the income year.
        paid: what was paid.
        reclaimed: what was reclaimed, zero or negative.
        net: paid plus reclaimed; may be negative.
        deducted: the net amount, or zero when it is negative.
        volgnummer: of the latest mutation file that touched the person.
        in_doubt: whether WEWIS looks into a quality report on the person (Article 7).
    """

    insz: str
    fiscal_year: int
    paid: Decimal
    reclaimed: Decimal
    net: Decimal
    deducted: Decimal
    volgnummer: int | None
    in_doubt: bool

    def wire(self) -> dict[str, JsonValue]:
        """Give the row under the names of `COLUMNS`; amounts as text, so that no program rounds them."""
        return {
            "insz": self.insz,
            "fiscaalJaar": self.fiscal_year,
            "betaald": f"{self.paid:f}",
            "teruggevorderd": f"{self.reclaimed:f}",
            "netto": f"{self.net:f}",
            "aftrek": f"{self.deducted:f}",
            "volgnummer": self.volgnummer,
            "inOnderzoek": self.in_doubt,
        }


def deductions(person: Person | Nets) -> list[Deduction]:
    """Read an answer: a row for each fiscal year, in their order."""
    return [
        Deduction(
            person.insz,
            total.fiscaal_jaar,
            total.betaald,
            total.teruggevorderd,
            total.netto,
            max(total.netto, _NOTHING),
            person.volgnummer,
            person.in_onderzoek,
        )
        for total in sorted(person.netto_per_fiscaal_jaar, key=lambda total: total.fiscaal_jaar)
    ]


def last_day(person: Person) -> date | None:
    """Give the last calendar day on which an answer may be kept (Article 3 b), or None when it holds nothing.

    The exchange says it; an older one does not: five years after the last payment, and a recovery counts only where
    no payment is left.
    """
    if person.bewaar_tot is not None:
        return person.bewaar_tot
    payments = [each for each in person.verrichtingen if each.verrichtingbedrag > 0]
    days = [each.effectieve_verrichtingsdatum for each in payments or person.verrichtingen]
    return anniversary(max(days), RETENTION_YEARS) if days else None


def cells(wire: Mapping[str, JsonValue]) -> list[JsonValue]:
    """Give a row as it stands in a table for people: with `ja` and `nee`."""
    return ["ja" if value is True else "nee" if value is False else value for value in wire.values()]


def write(rows: Iterable[Deduction], folder: Path) -> int:
    """Write rows as CSV and as JSON lines, each file whole or not at all, for nobody else to read.

    Args:
        rows: in the order of the files.
        folder: where to; made when it is not there.

    Returns:
        The number of rows.

    Raises:
        OSError: a file cannot be written; the earlier one is still there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    count = 0
    with written_whole(folder / CSV_NAME) as table, written_whole(folder / JSON_LINES_NAME) as lines:
        writer = csv.writer(codecs.getwriter("utf-8")(table))
        writer.writerow(COLUMNS)
        for row in rows:
            wire = row.wire()
            writer.writerow(cells(wire))
            lines.write(to_json(wire) + b"\n")
            count += 1
    return count
