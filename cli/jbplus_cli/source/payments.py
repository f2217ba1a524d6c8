"""Payments and recoveries as a table of WEWIS's own system gives them: CSV read into records of a mutation file.

Every row is judged by the exchange's own rules. What is wrong is said by line and column, never by value.
"""

import csv
import hashlib
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from jbplus.mutation_file.codes import MESSAGES, Code, Finding
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import Circumstances, Record, findings, read_as
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
_INSZ_DIGITS: Final = 11
_MOST_WRONG: Final = 10_000
_BELGIAN_DAY: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.ASCII)
_COMMA_AMOUNT: Final = re.compile(r"(-?[0-9]+),([0-9]{1,2})", re.ASCII)
_EXPONENT: Final = re.compile(r"[0-9][.,]?[0-9]*[Ee]\+?[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Habits:
    """How amounts and days are written, where that is not as in the mutation file.

    Attributes:
        decimal_comma: amounts are written as 600,00.
        day_first: days are written as 31/12/2025.
    """

    decimal_comma: bool = False
    day_first: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a line.

    Attributes:
        line: its number in the file, from 1.
        column: where in it; None for the line as a whole.
        code: of the exchange's closed list; None for what only a CSV can have wrong.
        message: what is wrong, without a value.
        hint: what probably happened and what to do about it, or None.
    """

    line: int
    column: str | None
    code: str | None
    message: str
    hint: str | None = None


class PaymentsError(ExchangeError):
    """The CSV is not as agreed, and of no use.

    Attributes:
        wrongs: what is wrong, in the order of the lines.
    """

    def __init__(self, name: str, wrongs: Sequence[Wrong]) -> None:
        super().__init__(f"{name} has mistakes; nothing was done with it. Mend them and try again.")
        self.wrongs = tuple(wrongs)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the CSV.

    Attributes:
        line: its (last) line, from 1.
        said: the record as it stands in a mutation file.
        record: the same as the exchange reads it; None when something is wrong.
        wrongs: what is wrong.
    """

    line: int
    said: Json
    record: Record | None
    wrongs: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Payments:
    """A CSV that was read.

    Attributes:
        name: of the CSV.
        sha256: of its bytes, hexadecimal.
        records: the records, in the order of its lines, as they stand in a mutation file.
        lines: the line that each record is from, from 1.
    """

    name: str
    sha256: str
    records: tuple[Json, ...]
    lines: tuple[int, ...]


def read_payments(path: Path, circumstances: Circumstances, habits: Habits) -> Payments:
    """Read a CSV of payments and recoveries: UTF-8, with a header, cut by commas or semicolons.

    Args:
        path: where it is.
        circumstances: the day of the mutation file, and whether test numbers are taken.
        habits: how amounts and days are written.

    Raises:
        PaymentsError: lines are not as agreed.
        ExchangeError: it cannot be read as text.
    """
    content, text = read_text(path)
    records: list[Json] = []
    lines: list[int] = []
    wrongs: list[Wrong] = []
    for row in judged(io.StringIO(text, newline=""), circumstances, habits):
        records.append(row.said)
        lines.append(row.line)
        wrongs += row.wrongs
    if wrongs:
        raise PaymentsError(str(path), wrongs)
    return Payments(path.name, hashlib.sha256(content).hexdigest(), tuple(records), tuple(lines))


def stream_payments(path: Path, circumstances: Circumstances, habits: Habits) -> Iterator[tuple[Record, int]]:
    """Read a CSV of payments and recoveries, of any length, row by row: each record with its line.

    Args:
        path: where it is.
        circumstances: the day that it is judged by, and whether test numbers are taken.
        habits: how amounts and days are written.

    Raises:
        PaymentsError: lines are not as agreed, which is told when all were read, or thousands were wrong.
        ExchangeError: it cannot be read as text.
    """
    wrongs: list[Wrong] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            for row in judged(text, circumstances, habits):
                wrongs += row.wrongs
                if row.record is not None:
                    yield row.record, row.line
                if len(wrongs) >= _MOST_WRONG:
                    break
    except (OSError, UnicodeDecodeError) as error:
        raise ExchangeError(f"{path} cannot be read as text in UTF-8.") from error
    if wrongs:
        raise PaymentsError(str(path), wrongs)


def judged(text: Iterable[str], circumstances: Circumstances, habits: Habits) -> Iterator[Row]:
    """Judge the rows of a CSV of payments and recoveries one by one.

    Args:
        text: its lines, with their ends.
        circumstances: the day that they are judged by, and whether test numbers are taken.
        habits: how amounts and days are written.
    """
    for line, found in rows(text, _COLUMNS, {_TYPE}):
        if isinstance(found, Wrong):
            yield Row(line, {}, None, (found,))
            continue
        said = _record(found, habits)
        record = read_as(Record, said, circumstances)
        if isinstance(record, Record):
            yield Row(line, said, record, ())
        else:
            yield Row(line, said, None, tuple(_wrongs(line, found, findings(record, Kind.MUTATIONS, line))))


def _wrongs(line: int, row: dict[str, str], found: Iterable[Finding]) -> Iterator[Wrong]:
    for finding in found:
        column = _column(finding)
        hint = hint_of(finding.code, row.get(column or "", ""))
        yield Wrong(line, column, finding.code, MESSAGES[finding.code], hint)


def read_text(path: Path) -> tuple[bytes, str]:
    """Read a table: its bytes, and its text.

    Raises:
        ExchangeError: it cannot be read as text.
    """
    try:
        content = path.read_bytes()
        return content, content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ExchangeError(f"{path} cannot be read as text in UTF-8.") from error


def rows(
    text: Iterable[str], wanted: Sequence[str], optional: Collection[str]
) -> Iterator[tuple[int, dict[str, str] | Wrong]]:
    """Give each row by the names of the header, with the number of its (last) line.

    Args:
        text: the lines of the table, with their ends; it is cut by commas or semicolons.
        wanted: the columns that it must have.
        optional: the columns that it may have.
    """
    lines = iter(text)
    header = next(lines, "")
    # How Excel is told what a file is cut by; nothing else stands on that line.
    said = header.strip().strip('"').lower() in {"sep=;", "sep=,"}
    if said:
        header = next(lines, "")
    delimiter = ";" if ";" in header else ","
    reader = csv.reader(chain([header], lines), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
        if mistake := _mistake(columns, wanted, optional):
            yield 1 + said, Wrong(1 + said, None, None, mistake)
            return
        for cells in reader:
            if not any(cells):
                continue
            line = reader.line_num + said
            if len(cells) != len(columns):
                yield line, Wrong(line, None, None, "It has not as many cells as the header.")
            else:
                yield line, dict(zip(columns, map(str.strip, cells), strict=True))
    except csv.Error:
        # What follows cannot be told apart any more.
        yield reader.line_num + said, Wrong(reader.line_num + said, None, None, "Its quotes do not match.")


def _mistake(columns: Sequence[str], wanted: Sequence[str], optional: Collection[str]) -> str | None:
    if set(wanted) <= set(columns) <= {*wanted, *optional} and len(set(columns)) == len(columns):
        return None
    return f"The header is not {','.join(wanted)} and optionally {' and '.join(sorted(optional))}, each once."


def _record(row: dict[str, str], habits: Habits) -> Json:
    kind = row.get(_TYPE) or RecordType.NEW.value
    record: Json = {"referte": row["referte"], "type": kind, "insz": row["insz"]}
    if kind == RecordType.ANNULMENT and not any(row[name] for name in _BODY):
        return record
    body: Json = {"maatregel": MEASURE, **{_FIELDS.get(name, name): row[name] for name in _BODY}}
    if habits.decimal_comma and (amount := _COMMA_AMOUNT.fullmatch(row["bedrag"])):
        body[_FIELDS["bedrag"]] = f"{amount[1]}.{amount[2]}"
    if habits.day_first and (day := _BELGIAN_DAY.fullmatch(row["datum"])):
        body[_FIELDS["datum"]] = f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}"
    year = row["fiscaalJaar"]
    if len(year) == 4 and year.isascii() and year.isdecimal():  # noqa: PLR2004 - the digits of a year
        body["fiscaalJaar"] = int(year)
    return record | {"verrichting": body}


def hint_of(code: Code, value: str) -> str | None:
    """Tell what a spreadsheet, or the way of writing, probably did to a value."""
    if _EXPONENT.fullmatch(value):
        return "A spreadsheet shortened it: make the column text there, and export it anew."
    match code:
        case Code.INSZ_INVALID if value.isdecimal() and len(value) < _INSZ_DIGITS:
            return "It has fewer than 11 digits: a spreadsheet dropped its zeros. Make the column text there."
        case Code.TYPE_INVALID if value in {"1", "2", "3"}:
            return "A spreadsheet dropped its zero: write it with two digits."
        case Code.AMOUNT_INVALID if _COMMA_AMOUNT.fullmatch(value):
            return "Decimal commas are read with --decimal-comma."
        case Code.DAY_INVALID if _BELGIAN_DAY.fullmatch(value):
            return "Days written as dd/mm/yyyy are read with --day-first."
        case _:
            return None


def _column(finding: Finding) -> str | None:
    """Name the column that a finding is about; a body as a whole has none of its own."""
    field = finding.path.rpartition("/")[2]
    column = _COLUMN_OF.get(field, field)
    return column if column in {*_COLUMNS, _TYPE} else None
