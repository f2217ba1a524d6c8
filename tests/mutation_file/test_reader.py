"""The form of a mutation file: JSON to its last byte, whatever it holds, in bounded memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.reader import Limits, inspect
from tests.intake.fakes import sha256
from tests.mutation_file import hostile
from tests.mutation_file.reading import look, records, refusal
from tests.support.fakes import NOW
from tests.support.files import context, mutation_file, record
from tests.support.people import ANNA, BRAM

_GOOD = mutation_file([record(ANNA), record(BRAM)])
_AMOUNT = b'"600.00"'
_ROOT = Path(__file__).parents[2]


def test_a_good_file_is_measured_and_hashed() -> None:
    found = look(_GOOD)

    assert found.refusal is None
    assert (found.count, found.size, found.sha256) == (2, len(_GOOD), sha256(_GOOD))
    assert found.context is not None
    assert (found.context.volgnummer, found.context.aantal) == (1, 2)


def test_a_file_without_mutations_is_good() -> None:
    found = look(mutation_file([]))

    assert (found.refusal, found.count) == (None, 0)


def test_records_come_in_the_order_of_the_file() -> None:
    found = records(_GOOD)

    assert [raw.place for raw in found] == [0, 1]
    assert [raw.value for raw in found] == [record(ANNA), record(BRAM)]


@pytest.mark.parametrize("position", range(5))
def test_records_are_given_from_a_position_on_and_those_before_are_not_built(position: int) -> None:
    hostile_first = [record(ANNA) | {"more": [[1] * 300]}, record(BRAM), record(ANNA), record(BRAM)]
    content = mutation_file(hostile_first)

    found = records(content, position=position)

    assert found == records(content)[position:]


def test_the_order_of_the_keys_is_free() -> None:
    turned = json.dumps({"mutaties": [record(ANNA)], "context": context(1)}).encode()

    assert look(turned).refusal is None
    assert [raw.value for raw in records(turned)] == [record(ANNA)]


def test_an_empty_file_is_refused_as_such() -> None:
    found = look(b"")

    assert found.refusal == Finding(Code.EMPTY_FILE)
    assert (found.size, found.sha256, found.context) == (0, sha256(b""), None)


@pytest.mark.parametrize("length", range(len(_GOOD)))
def test_a_file_truncated_at_any_byte_is_refused(length: int) -> None:
    found = look(_GOOD[:length])

    assert found.refusal == Finding(Code.NOT_JSON if length else Code.EMPTY_FILE)
    assert found.sha256 == sha256(_GOOD[:length])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"   \n", id="white space"),
        pytest.param(b"<mutaties/>", id="XML"),
        pytest.param(b"insz;bedrag\n", id="CSV"),
        pytest.param(b"\0" * 100, id="zero bytes"),
        pytest.param(b"\xef\xbb\xbf" + _GOOD, id="BOM"),
        pytest.param(_GOOD.decode().encode("utf-16"), id="UTF-16 with BOM"),
        pytest.param(_GOOD.decode().encode("utf-16-le"), id="UTF-16 little endian"),
        pytest.param(_GOOD.decode().encode("utf-16-be"), id="UTF-16 big endian"),
        pytest.param(_GOOD.decode().encode("utf-32"), id="UTF-32"),
        pytest.param(_GOOD + b"x", id="a letter after the end"),
        pytest.param(_GOOD + b"\0", id="a zero byte after the end"),
        pytest.param(_GOOD + _GOOD, id="twice"),
        pytest.param(_GOOD + b"}", id="a brace too many"),
        pytest.param(_GOOD + b'"', id="a quote after the end"),
        pytest.param(_GOOD + b' "and so on}', id="a text without end after the end"),
        pytest.param(_GOOD + b"\f", id="a form feed after the end"),
        pytest.param(_GOOD.replace(b", ", b",\v"), id="a vertical tab between values"),
        pytest.param(_GOOD.replace(b"}, {", b"} {"), id="a comma missing"),
        pytest.param(_GOOD.replace(b"}]", b"},]"), id="a comma too many"),
        pytest.param(b"/* day */" + _GOOD, id="a comment"),
        pytest.param(_GOOD.replace(b'"', b"'"), id="single quotes"),
        pytest.param(_GOOD.replace(b"JBP", b"\xff"), id="no UTF-8"),
        pytest.param(_GOOD.replace(b"JBP", b"\xc0\xaf"), id="overlong UTF-8"),
        pytest.param(_GOOD.replace(b"JBP", b"\xed\xa0\x80"), id="a surrogate in UTF-8"),
        pytest.param(_GOOD.replace(b"JBP", b"a\nb"), id="a line end in a text"),
        pytest.param(_GOOD.replace(b"JBP", b"\\x41"), id="an unknown escape"),
    ],
)
def test_what_is_no_json_in_utf_8_is_refused(content: bytes) -> None:
    found = look(content)

    assert found.refusal == Finding(Code.NOT_JSON)
    assert found.sha256 == sha256(content)


@pytest.mark.parametrize(
    "literal",
    ["NaN", "Infinity", "-Infinity", "nan", "undefined", "True", "0600", "+600", "600.", ".5", "-", "1e", "0x10", ""],
)
def test_a_value_that_json_does_not_know_refuses_the_file(literal: str) -> None:
    assert refusal(_GOOD.replace(_AMOUNT, literal.encode(), 1)) == Finding(Code.NOT_JSON)


def test_a_lone_surrogate_never_becomes_a_good_value() -> None:
    low = _GOOD.replace(b"JBP-2025", b"\\udc00")
    high = mutation_file([record(ANNA)]).replace(b"JBP-2025", b"\\ud800")

    assert refusal(low) == Finding(Code.NOT_JSON)
    (read,) = records(high)
    assert isinstance(read.value, dict)
    assert read.value["referte"] == "?-000001"


@pytest.mark.parametrize("padding", [b" ", b"\n", b"\r\n\t"])
def test_white_space_around_the_document_is_good_form(padding: bytes) -> None:
    assert look(padding * 1000 + _GOOD + padding * 1000).refusal is None


@pytest.mark.parametrize(
    ("content", "path"),
    [
        pytest.param(b"[]", "", id="an array"),
        pytest.param(b"1", "", id="a number"),
        pytest.param(b'"context"', "", id="a text"),
        pytest.param(b"null", "", id="null"),
        pytest.param(b"{}", "/context", id="nothing"),
        pytest.param(b'{"mutaties": []}', "/context", id="no context"),
        pytest.param(json.dumps({"context": context(0)}).encode(), "/mutaties", id="no mutaties"),
        pytest.param(_GOOD[:-1] + b', "extra": 1}', "", id="another key"),
        pytest.param(_GOOD[:-1] + b', "Context": {}}', "", id="a key in other letters"),
        pytest.param(_GOOD[:-1] + b', "context": {}}', "/context", id="context twice"),
        pytest.param(_GOOD[:-1] + b', "mutaties": []}', "/mutaties", id="mutaties twice"),
        pytest.param(b'{"context": {}, "mutaties": {}}', "/mutaties", id="mutaties is an object"),
        pytest.param(b'{"context": {}, "mutaties": null}', "/mutaties", id="mutaties is null"),
        pytest.param(b'{"context": {"aantal": 1, "aantal": 1}}', "/context", id="a key of the context twice"),
        pytest.param(b'{"context": {"a": {"b": 1, "b": 1}}}', "/context", id="a key deeper in the context twice"),
    ],
)
def test_what_is_no_envelope_is_refused(content: bytes, path: str) -> None:
    assert refusal(content) == Finding(Code.CONTEXT_INVALID, path)


@pytest.mark.parametrize("count", [0, 1, 3, 2000])
def test_another_count_than_that_of_the_records_is_refused(count: int) -> None:
    found = look(mutation_file([record(ANNA), record(BRAM)], aantal=count))

    assert found.refusal == Finding(Code.COUNT_WRONG, "/context/aantal")
    assert found.count == 2


@pytest.mark.parametrize(
    "number", ["1" * 5000, "-" + "1" * 5000, "1e" + "9" * 30, "1e-" + "9" * 30], ids=lambda text: text[:4]
)
def test_a_number_beyond_reading_refuses_the_file(number: str) -> None:
    assert refusal(_GOOD.replace(_AMOUNT, number.encode(), 1)) == Finding(Code.VALUE_TOO_LONG)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'], ids=["arrays", "objects"])
@pytest.mark.parametrize("begin", [b'{"context": ', b'{"mutaties": ['], ids=["context", "record"])
def test_a_nesting_bomb_is_refused(begin: bytes, opening: bytes) -> None:
    assert refusal(begin + opening * 100_000) == Finding(Code.VALUE_TOO_LONG)


def nested(deep: int) -> bytes:
    return mutation_file([0]).replace(b"[0]", b"[" + b"[" * deep + b"]" * deep + b"]")


@pytest.mark.parametrize("deep", [1001, 2000])
def test_json_nested_more_than_a_thousand_deep_is_refused_though_its_form_is_good(deep: int) -> None:
    assert refusal(nested(deep)) == Finding(Code.VALUE_TOO_LONG)


def test_a_record_nested_a_thousand_deep_is_refused_alone() -> None:
    (record_,) = records(nested(1000))

    assert record_.flaw == Finding(Code.RECORD_TOO_LARGE, "/mutaties/0")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        pytest.param(b'{"referte": "a", "referte": "a"}', "/mutaties/0", id="in a record"),
        pytest.param(b'{"unknown": 1, "unknown": 1}', "/mutaties/0", id="an unknown key"),
        pytest.param(
            b'{"verrichting": {"maatregel": 1, "maatregel": 1}}', "/mutaties/0/verrichting", id="in a verrichting"
        ),
        pytest.param(b'{"verrichting": {"maatregel": 1}, "type": 1, "type": 1}', "/mutaties/0", id="after one"),
        pytest.param(b'{"secret": {"a": 1, "a": 1}}', "/mutaties/0", id="under an unknown key"),
        pytest.param(b'[{"a": 1, "a": 1}]', "/mutaties/0", id="under an array"),
    ],
)
def test_a_repeated_key_is_a_flaw_of_its_record_alone(value: bytes, path: str) -> None:
    content = mutation_file([0, record(ANNA)]).replace(b"[0", b"[" + value)

    flawed, good = records(content)

    assert flawed.flaw == Finding(Code.FIELD_REPEATED, path)
    assert (good.flaw, good.value) == (None, record(ANNA))


@pytest.mark.parametrize(
    ("largest", "larger"),
    [
        pytest.param("a" * 16_384, "a" * 16_385, id="a text"),
        pytest.param({"referte": "a" * 16_377}, {"referte": "a" * 16_378}, id="a key and a text"),
        pytest.param({"a": {"b": "a" * 16_382}}, {"a": {"b": "a" * 16_383}}, id="texts in two levels"),
        pytest.param([1] * 199, [1] * 200, id="an array"),
        pytest.param({f"k{n}": [] for n in range(99)} | {"k0": [1]}, {f"k{n}": 1 for n in range(100)}, id="an object"),
        pytest.param([[[[[[[[]]]]]]]], [[[[[[[[[]]]]]]]]], id="arrays in arrays"),
    ],
)
def test_a_record_is_too_large_beyond_the_bounds_and_not_at_them(largest: object, larger: object) -> None:
    at, beyond = records(mutation_file([largest, larger]))

    assert (at.flaw, at.value) == (None, largest)
    assert (beyond.flaw, beyond.value) == (Finding(Code.RECORD_TOO_LARGE, "/mutaties/1"), None)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({f"k{number}": 1 for number in range(1000)}, id="1,000 keys"),
        pytest.param([{f"k{number}": 1 for number in range(1000)}], id="1,000 keys in an array"),
        pytest.param(list(range(1000)), id="1,000 values"),
        pytest.param({"referte": "a" * 20_000}, id="a long text"),
        pytest.param({"a" * 20_000: 1}, id="a long key"),
        pytest.param([[[[[[[[[1]]]]]]]]], id="nested nine deep"),
        pytest.param({"a": [[]] * 300, "b": [[[[[[[[[]]]]]]]]]}, id="too much in more ways than one"),
    ],
)
def test_a_record_too_large_is_a_flaw_of_that_record_alone(value: object) -> None:
    large, good = records(mutation_file([value, record(ANNA)]))

    assert (large.flaw, large.value) == (Finding(Code.RECORD_TOO_LARGE, "/mutaties/0"), None)
    assert (good.place, good.flaw, good.value) == (1, None, record(ANNA))


@pytest.mark.parametrize("value", [1, "text", None, True, [], [record(ANNA)]], ids=repr)
def test_a_record_that_is_no_object_is_read_as_it_is(value: object) -> None:
    (read,) = records(mutation_file([value]))

    assert (read.value, read.flaw) == (value, None)


def test_a_file_of_the_largest_size_is_taken_and_one_byte_more_is_not() -> None:
    assert look(_GOOD, limits=Limits(size=len(_GOOD))).refusal is None
    assert refusal(_GOOD, limits=Limits(size=len(_GOOD) - 1)) == Finding(Code.TOO_LARGE)


def test_of_a_file_over_the_limit_no_more_is_read_and_hashed() -> None:
    read = []

    def endless() -> bytes:
        read.append(1)
        return b" " * 100

    limit = Limits(size=1050)
    found = inspect(iter(endless, b""), received=NOW, limits=limit)

    assert found.refusal == Finding(Code.TOO_LARGE)
    assert found.sha256 == sha256(b" " * 1050)
    assert len(read) == 11


def test_a_file_of_the_most_records_is_taken_and_one_more_is_not() -> None:
    assert look(_GOOD, limits=Limits(records=2)).refusal is None
    assert refusal(_GOOD, limits=Limits(records=1)) == Finding(Code.TOO_LARGE, "/mutaties")


@pytest.fixture(scope="module")
def growth() -> dict[str, float]:
    """Let the reader loose on hostile files in a process of its own, and tell by how many MiB it grew."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.mutation_file.hostile"], cwd=_ROOT, check=True, capture_output=True, timeout=120
    )
    found: dict[str, float] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("name", hostile.NAMES)
def test_the_memory_does_not_grow_with_a_hostile_file(name: str, growth: dict[str, float]) -> None:
    assert growth[name] < 16


@pytest.mark.parametrize("name", ["a text of letters", "a text of spaces", "a key", "a number"])
def test_an_endless_value_is_refused_as_too_long(name: str) -> None:
    found = inspect(hostile.stream(name), received=NOW, limits=Limits())

    assert found.refusal == Finding(Code.VALUE_TOO_LONG)
