"""Numbers that replace others, as a table of WEWIS's own system gives them: CSV read into records of a succession file.

Every row is judged by the exchange's own rules. What is wrong is said by line and column, never by value.
"""

import hashlib
import io
from pathlib import Path
from typing import Final

from jbplus.mutation_file.codes import MESSAGES
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import Circumstances
from jbplus.mutation_file.successions import Succession, mistakes
from jbplus_cli.samples.records import RecordType
from jbplus_cli.source.payments import Json, Payments, PaymentsError, Wrong, hint_of, read_text, rows

_COLUMNS: Final = ("oud", "nieuw")
_OPTIONAL: Final = ("referte", "type")


def read_successions(path: Path, circumstances: Circumstances) -> Payments:
    """Read a CSV of numbers: UTF-8, with a header, cut by commas or semicolons.

    A row without a referte gets one that follows from the table and the line.

    Args:
        path: where it is.
        circumstances: the day of the succession file, and whether test numbers are taken.

    Raises:
        PaymentsError: lines are not as agreed.
        ExchangeError: it cannot be read as text.
    """
    content, text = read_text(path)
    sha256 = hashlib.sha256(content).hexdigest()
    records: list[Json] = []
    lines: list[int] = []
    wrongs: list[Wrong] = []
    for line, found in rows(io.StringIO(text, newline=""), _COLUMNS, _OPTIONAL):
        if isinstance(found, Wrong):
            wrongs.append(found)
            continue
        record: Json = {
            "referte": found.get("referte") or f"opvolging-{sha256[:8]}-{line}",
            "type": found.get("type") or RecordType.NEW.value,
            "oud": found["oud"],
            "nieuw": found["nieuw"],
        }
        for finding in mistakes(record, len(records), Kind.SUCCESSIONS, circumstances):
            name = finding.path.split("/")[-1]
            column = name if name in found else None
            hint = hint_of(finding.code, found.get(name, ""))
            wrongs.append(Wrong(line, column, finding.code, MESSAGES[finding.code], hint))
        records.append(record)
        lines.append(line)
    if wrongs:
        raise PaymentsError(str(path), wrongs)
    return Payments(path.name, sha256, tuple(records), tuple(lines))


def read_numbers(path: Path, circumstances: Circumstances) -> list[Succession]:
    """Read the same CSV as what it says.

    Raises:
        PaymentsError: lines are not as agreed.
        ExchangeError: it cannot be read as text.
    """
    said = read_successions(path, circumstances).records
    return [Succession.model_validate(record, context=circumstances) for record in said]
