"""Reading a mutation file: any blocks give the same, and no bytes at all give a crash."""

import gzip
import json
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.mutation_file.codes import Code, Finding
from tests.intake.fakes import sha256
from tests.mutation_file.reading import look, records
from tests.support.files import annulment, mutation_file, record
from tests.support.people import ANNA, BRAM

_WORDS = "é€😀"
_FILE = mutation_file([record(ANNA), annulment(BRAM), 1, {"referte": "?", "x": [1.50, {"y": None}]}]).replace(
    b"?", _WORDS.encode()
)
_REPEATED_KEY = _FILE.replace(b'"type": "03"', b'"type": "03", "type": "01"')
_ESCAPED = mutation_file([{"referte": _WORDS}])
_SAMPLES = [
    _FILE,
    _ESCAPED,
    _REPEATED_KEY,
    _FILE[:-1],
    b"\xef\xbb\xbf" + _FILE,
    _FILE + b"x",
    _FILE.decode().encode("utf-16"),
]

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(_SAMPLES), st.integers(1, 50), st.booleans())
def test_blocks_of_any_size_give_the_same(content: bytes, block: int, gzipped: bool) -> None:  # noqa: FBT001 - drawn
    stored = gzip.compress(content, mtime=0) if gzipped else content
    whole = look(content, block=len(content))

    found = look(stored, block=block)

    assert (found.refusal, found.sha256, found.size) == (whole.refusal, whole.sha256, whole.size)
    if whole.refusal is None:
        assert (found.context, found.count) == (whole.context, whole.count)
        assert records(stored, block=block) == records(content, block=len(content))


@given(st.lists(_JSON, max_size=5))
def test_records_are_read_as_the_json_library_of_python_reads_them(values: list[object]) -> None:
    content = mutation_file(values)

    assert [raw.value for raw in records(content)] == json.loads(content, parse_float=Decimal)["mutaties"]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_decimals_are_read_exactly(number: Decimal) -> None:
    content = mutation_file([0]).replace(b"[0]", f"[{number:f}]".encode())

    (read,) = records(content)

    assert isinstance(read.value, Decimal)
    assert str(read.value) == str(Decimal(f"{number:f}"))


@given(st.binary(max_size=200))
def test_no_bytes_give_a_crash(content: bytes) -> None:
    for stored in (content, b"\x1f\x8b" + content):
        found = look(stored)

        assert isinstance(found.refusal, Finding)
        assert found.sha256 == sha256(stored)


def _is_json(content: bytes) -> bool:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(content.decode(), parse_constant=refuse)
    except ValueError:
        return False
    return True


@settings(max_examples=500)
@given(st.data())
def test_a_damaged_file_is_no_json_exactly_when_the_json_library_of_python_says_so(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(_FILE)))
    end = data.draw(st.integers(start, min(len(_FILE), start + 3)))
    insertion = data.draw(st.binary(max_size=3) | st.text('"{}[],:\\ \v\f0e-', max_size=3).map(str.encode))
    damaged = _FILE[:start] + insertion + _FILE[end:]

    found = look(damaged)

    if found.refusal is None:
        document = json.loads(damaged)
        assert _is_json(damaged)
        assert document.keys() == {"context", "mutaties"}
        assert len(document["mutaties"]) == found.count == document["context"]["aantal"]
    elif found.refusal.code is Code.NOT_JSON:
        assert not _is_json(damaged)
