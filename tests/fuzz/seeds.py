"""Where fuzzing starts from: files of every kind, and the words that the protocol is made of."""

import gzip
import json
from pathlib import Path

from jbplus_cli.samples.files import Order, moment_of, write_file
from tests.support.files import annulment, context, mutation_file, record, verrichting
from tests.support.people import ANNA, BRAM

_EVENTS = Path(__file__).parents[2] / "events"

_GOOD = mutation_file([record(ANNA), annulment(BRAM)])
_ODD = mutation_file([record(ANNA, verrichtingbedrag=-12.5), 1, None, [], {"x": [1.50, {"y": "é€😀\u0000"}]}, "text"])
_RECORD = json.dumps(record(ANNA)).encode()


def _with_records(*records: bytes) -> bytes:
    return mutation_file([0] * len(records)).replace(
        json.dumps([0] * len(records)).encode(), b"[" + b",".join(records) + b"]"
    )


PLAIN: dict[str, bytes] = {
    "good": _GOOD,
    "empty list": mutation_file([]),
    "odd records": _ODD,
    "keys turned": json.dumps({"mutaties": [record(ANNA)], "context": context(1)}, indent=1).encode(),
    "one referte twice": mutation_file(
        [record(ANNA), record(ANNA, type_="02", verrichtingbedrag="1"), annulment(ANNA)]
    ),
    "context twice": _GOOD[:-1] + b', "context": ' + json.dumps(context(2)).encode() + b"}",
    "mutaties twice": _GOOD[:-1] + b', "mutaties": []}',
    "repeated key": _with_records(_RECORD.replace(b'"type"', b'"insz": "1", "type"'), _RECORD),
    "repeated key deeper": _with_records(_RECORD.replace(b'"bedragtype"', b'"maatregel": 1, "bedragtype"')),
    "numbers": _with_records(b"-0", b"1e5", b"1E-999", b"1.50", b"[" + b"9" * 4300 + b"]"),
    "number beyond reading": _with_records(b"9" * 4301),
    "exponent beyond reading": _with_records(b"1e" + b"9" * 30),
    "long decimal": _with_records(b"1." + b"0" * 20_000),
    "number as referte": _with_records(_RECORD.replace(b'"JBP-2025-000001"', b"1.5")),
    "escapes": _with_records(b'"\\ud83d\\ude00\\u0000\\/\\b"', b'"\\ud800"'),
    "low surrogate": _with_records(b'"\\udc00"'),
    "not a number": _with_records(b"NaN", b"-Infinity"),
    "deep": _with_records(b"[" * 8 + b"]" * 8, b"[" * 9 + b"]" * 9, b"[" * 500 + b"]" * 500),
    "too deep": _with_records(b"[" * 1002 + b"]" * 1002),
    "large": _with_records(b'"' + b"a" * 16_385 + b'"', b"[" + b"1," * 200 + b"1]", _RECORD),
    "count wrong": mutation_file([record(ANNA)], aantal=2),
    "BOM": b"\xef\xbb\xbf" + _GOOD,
    "vertical tab": _GOOD.replace(b", ", b",\v"),
    "a text that never ends": _GOOD + b' "abc',
    "UTF-16": _GOOD.decode().encode("utf-16"),
    "nothing": b"",
}
"""Files as they come uncompressed."""

COMPRESSED: dict[str, bytes] = {
    "gzip": gzip.compress(_GOOD, mtime=0),
    "gzip stored": gzip.compress(_GOOD, compresslevel=0, mtime=0),
    "gzip of two members": gzip.compress(_GOOD[:50], mtime=0) + gzip.compress(_GOOD[50:], mtime=0),
    "gzip padded": gzip.compress(_GOOD, mtime=0) + b"\0" * 8,
    "gzip of nothing": gzip.compress(b"", mtime=0),
}
"""The same in gzip."""

VALUES: tuple[bytes, ...] = (
    *b'null true false [] {} [1] {"a":1} {"a":1,"a":1} "" "\\u0000" "\\ud800" "\\ud83d\\ude00"'.split(),
    *b"0 1 -0 -1.50 600.00 2024 1e9 1E-9 1e9999999999999999999 99999999999999999999".split(),
    *b'"01" "02" "03" "1" "2" "600.00" "-0.00" "1e2" "2025-03-03" "2024-02-30" "0001-01-01" "0316380841"'.split(),
    *(b'"Jobbonus plus"', b'"%s"' % (b"a" * 70), b"9" * 4301, b"[" * 12 + b"]" * 12, b"[1" + b",[]" * 250 + b"]"),
    *(_RECORD, json.dumps(annulment(BRAM)).encode(), f'"{ANNA}"'.encode()),
)
"""Values that may stand in the place of another, and the file is still JSON."""

TOKENS: tuple[bytes, ...] = (
    *b'{ } [ ] , : " \\ - NaN \xff \0 \v \f \xef\xbb\xbf \xc0\xaf \xed\xa0\x80 \\ud800 \x1f\x8b\x08'.split(b" "),
    *(b" ", b"\n", b"[" * 12, b'{"a":' * 12, b'"context":', b'"mutaties":[', b'"aantal": 1'),
    *(f'"{name}"'.encode() for name in (*context(0), *record(ANNA), *verrichting())),
    *VALUES,
)
"""What a file is made of, and what does not belong in one."""


def sample_files(folder: Path) -> dict[str, bytes]:
    """Make the sample day, and a file with every way of spoiling a record."""
    made = folder / "sample.json"
    write_file(Order(persons=12, volgnummer=2, seed=1, tijdstip=moment_of(2), bad=0.9), made)
    return {"sample": made.read_bytes()} | {path.stem: path.read_bytes() for path in _EVENTS.glob("werk.*.json")}
