"""CSV for people, who open it in a spreadsheet set to Dutch: in columns, with every digit and comma as it should be."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

Cell = str | int | Decimal | None

# Without it a spreadsheet takes the text for another encoding.
_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
# What a spreadsheet takes for a formula, or trims until it is one.
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def table(rows: Iterable[Sequence[Cell]]) -> str:
    """Write rows as CSV, with the mark of its encoding first.

    Columns are separated by semicolons and decimals by a comma, as Dutch settings have it. A text of digits alone
    (a person's number, a number in the KBO) stays a text: a spreadsheet would take its first zeros away, and show a
    long one as a power of ten.
    """
    written = io.StringIO()
    written.write(_MARK)
    writer = csv.writer(written, delimiter=";")
    writer.writerows([cell(each) for each in row] for row in rows)
    return written.getvalue()


def cell(value: Cell) -> str:
    """Write one cell so that a spreadsheet shows it as it is."""
    match value:
        case None:
            return ""
        case int():
            return str(value)
        case Decimal():
            return str(value).replace(".", ",")
        case str() if value.isdecimal() and value.isascii():
            return f'="{value}"'
        case str() if value.startswith(_FORMULAS):
            return f"'{value}"
    return value
