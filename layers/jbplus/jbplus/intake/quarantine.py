"""Quarantined records: how they are kept, and how they are handed in again (Article 7)."""

import json
import re
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from jbplus.intake.applying import Rejected
from jbplus.intake.wire import BadRecord, FirstLine
from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.document import RawRecord
from jbplus.mutation_file.records import Context


def to_lines(context: Context, rejected: Sequence[Rejected]) -> bytes:
    """Write rejected records as JSON lines: the file's context first, then each record with its finding."""
    lines = [FirstLine(context=context).wire(), *(dict(_line(item)) for item in rejected)]
    return "".join(f"{_dump(line)}\n" for line in lines).encode()


def _line(item: Rejected) -> BadRecord:
    error = item.error
    said = {"index": error.index, "code": error.code, "pad": error.pad, "record": item.value}
    return BadRecord.model_validate(said)


def from_lines(content: bytes) -> tuple[Context, list[RawRecord]]:
    """Read rejected records back, each with the index that it had in its file."""
    first, *rest = (json.loads(line, parse_float=Decimal) for line in content.splitlines())
    # The envelope was validated when the file came in; in JSON its moment is a text again.
    return FirstLine.model_validate(first).context, [_raw(BadRecord.model_validate(line)) for line in rest]


def _raw(line: BadRecord) -> RawRecord:
    code = Code(line.code)
    # What was wrong with its form does not show in the value that was kept: it stays refused.
    flaw = Finding(code, line.pad) if code in {Code.FIELD_REPEATED, Code.RECORD_TOO_LARGE} else None
    return RawRecord(line.index, line.record, flaw)


def _dump(line: dict[str, Any]) -> str:
    """Write a line with its decimal numbers as they were: a float would change them, a text would be another value."""
    mark = uuid.uuid4().hex

    def marked(value: object) -> str:
        if isinstance(value, Decimal):
            # Without a fraction it was written with an exponent, and stays so: else it would be an integer.
            return mark + (str(value) if int(value.as_tuple().exponent) < 0 else f"{value:E}")
        raise TypeError(type(value).__name__)

    return re.sub(f'"{mark}([^"]*)"', r"\1", json.dumps(line, default=marked))
