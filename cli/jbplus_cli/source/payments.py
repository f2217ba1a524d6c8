"""Payments and recoveries as a table of WEWIS's own system gives them: CSV read into records of a mutation file.

Every row is judged by the exchange's own rules. What is wrong is said by line and column, never by value.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jbplus.mutation_file.codes import MESSAGES, Finding
from jbplus.mutation_file.records import Circumstances, parse_record
from jbplus.persons.state import MEASURE
from jbplus_cli.samples.records import RecordType
from jbplus_recipient.errors import ExchangeError

Json = dict[str, object]

_COLUMNS: Final = ("referte", "insz", "fiscaalJaar", "bedragtype", "bedrag", "datum")
_TYPE: Final = "type"
_FIELDS: Final = {"bedrag": "verrichtingbedrag", "datum": "effectieveVerrichtingsdatum"}
"""What a column is called in the mutation file, where it has another name there."""
_COLUMN_OF: Final = {field: column for column, field in _FIELDS.items()}
_BODY: Final = _COLUMNS[2:]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a line.

    Attributes:
        line: its number in the file, from 1.
        column: where in it; None for the line as a whole.
        code: of the exchange's closed list; None for what only a CSV can have wrong.
        message: what is wrong, without a value.
    """

    line: int
    column: str | None
    code: str | None
    message: str


class PaymentsError(ExchangeError):
    """No mutation file can be made of the CSV.

    Attributes:
        wrongs: what is wrong, in the order of the lines.
    """

    def __init__(self, name: str, wrongs: Sequence[Wrong]) -> None:
        super().__init__(f"{name} has mistakes; nothing was made of it. Mend them and try again.")
        self.wrongs = tuple(wrongs)


@dataclass(frozen=True, slots=True)
class Payments:
    """A CSV that was read.

    Attributes:
        sha256: of its bytes, hexadecimal.
        records: the records, in the order of its lines, as they stand in a mutation file.
    """

    sha256: str
    records: tuple[Json, ...]


def read_payments(path: Path, circumstances: Circumstances) -> Payments:
    """Read a CSV of payments and recoveries: UTF-8, with a header, cut by commas or semicolons.

    Args:
        path: where it is.
        circumstances: the day of the mutation file, and whether test numbers are taken.

    Raises:
        PaymentsError: lines are not as agreed.
        ExchangeError: it cannot be read as text.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ExchangeError(f"{path} cannot be read as text in UTF-8.") from error
    records: list[Json] = []
    wrongs: list[Wrong] = []
    for line, found in _rows(text):
        if isinstance(found, Wrong):
            wrongs.append(found)
            continue
        record = _record(found)
        judged = parse_record(record, len(records), circumstances)
        if isinstance(judged, Finding):
            wrongs.append(Wrong(line, _column(judged), judged.code, MESSAGES[judged.code]))
        records.append(record)
    if wrongs:
        raise PaymentsError(str(path), wrongs)
    return Payments(hashlib.sha256(content).hexdigest(), tuple(records))


def _rows(text: str) -> Iterator[tuple[int, dict[str, str] | Wrong]]:
    """Give each row by the names of the header, with the number of its (last) line."""
    header, _, _ = text.partition("\n")
    delimiter = ";" if ";" in header else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
        if mistake := _mistake(columns):
            yield 1, Wrong(1, None, None, mistake)
            return
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(columns):
                yield reader.line_num, Wrong(reader.line_num, None, None, "It has not as many cells as the header.")
            else:
                yield reader.line_num, dict(zip(columns, map(str.strip, cells), strict=True))
    except csv.Error:
        # What follows cannot be told apart any more.
        yield reader.line_num, Wrong(reader.line_num, None, None, "Its quotes do not match.")


def _mistake(columns: Sequence[str]) -> str | None:
    known = {*_COLUMNS, _TYPE}
    if set(_COLUMNS) <= set(columns) <= known and len(set(columns)) == len(columns):
        return None
    return f"The header is not {','.join(_COLUMNS)} and optionally {_TYPE}, each once."


def _record(row: dict[str, str]) -> Json:
    kind = row.get(_TYPE) or RecordType.NEW.value
    record: Json = {"referte": row["referte"], "type": kind, "insz": row["insz"]}
    if kind == RecordType.ANNULMENT and not any(row[name] for name in _BODY):
        return record
    body: Json = {"maatregel": MEASURE, **{_FIELDS.get(name, name): row[name] for name in _BODY}}
    year = row["fiscaalJaar"]
    if len(year) == 4 and year.isascii() and year.isdecimal():  # noqa: PLR2004 - the digits of a year
        body["fiscaalJaar"] = int(year)
    return record | {"verrichting": body}


def _column(finding: Finding) -> str | None:
    """Name the column that a finding is about; a body as a whole has none of its own."""
    field = finding.path.rpartition("/")[2]
    column = _COLUMN_OF.get(field, field)
    return column if column in {*_COLUMNS, _TYPE} else None
