"""How a delivered file is named, and recognised in its report, exactly as the intake does it."""

import gzip
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jbplus.mutation_file.reader import Limits, inspect
from jbplus_cli.files.delivery import fingerprint, object_name
from jbplus_cli.samples.persons import TestPersons

SHA256 = "0123456789abcdef" * 4
USUAL = "werk.publiceermutatiejobbonusplus-0100_20250304183000123.json"

packed = st.binary(max_size=400).map(gzip.compress)
contents = st.one_of(
    st.binary(max_size=400),
    packed,
    st.tuples(packed, packed).map(b"".join),
    st.tuples(packed, st.integers(0, 60)).map(lambda pair: pair[0][: -pair[1] or None]),
    st.tuples(packed, st.binary(min_size=1, max_size=5)).map(b"".join),
    st.just(gzip.compress(bytes(5000))),
)


@given(contents, st.sampled_from(["file.json", "file.json.gz"]), st.integers(0, 1000))
def test_the_fingerprint_is_the_intakes(content: bytes, name: str, limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)

        ours = fingerprint(path, limit=limit)

    theirs = inspect([content], received=datetime(2025, 3, 4, tzinfo=UTC), limits=Limits(size=limit))
    assert ours == theirs.sha256


@pytest.mark.parametrize("name", [USUAL, f"{USUAL}.gz", "day-1.json", "a.b_c.json.gz", "2025-03-04.json"])
def test_a_safe_name_is_kept(name: str) -> None:
    assert object_name(name, SHA256) == name


@pytest.mark.parametrize(
    "name",
    [
        "mutations.txt",
        "mutations",
        "my file.json",
        "é.json",
        ".json",
        "-x.json",
        "x" * 101 + ".json",
        "x.JSON",
        TestPersons(1).number(1) + ".json",
        "of " + TestPersons(1).number(1) + ".json",
    ],
)
def test_an_unfit_name_is_replaced_by_one_that_the_intake_takes(name: str) -> None:
    assert object_name(name, SHA256) == "bestand-01234567.json"
    assert object_name(f"{name}.gz", SHA256) == "bestand-01234567.json.gz"


@given(st.text(max_size=40), st.integers(0, 10_000))
def test_no_person_number_and_nothing_odd_comes_into_a_key(text: str, index: int) -> None:
    # Behind another digit, they are digits of a longer number.
    assume(not text[-1:].isdigit())
    number = TestPersons(2).number(index)
    named = object_name(f"{text}{number[:6]}-{number[6:]}.json", SHA256)

    assert number not in re.sub(r"[^0-9]", "", named)
    assert re.fullmatch(r"[A-Za-z0-9._-]+\.json", named)
