"""What a stand says, against a naive oracle; and the committed vectors."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import ValidationError

from jbplus.stand.document import Stand
from jbplus.stand.rules import Pair, differing, joined, range_of, ranges_of
from jbplus_openapi.stand_vectors import vectors
from tests.support.known import INFINO

DOCS = Path(__file__).parents[2] / "docs"
MOMENT = datetime(2025, 3, 4, 1, 30, tzinfo=UTC)

DIGITS = st.text("0123456789abcdef", min_size=29, max_size=29)
HANDLES = st.builds(str.__add__, st.sampled_from(["000", "001", "fff"]), DIGITS)
VERSIONS = st.text("0123456789abcdef", min_size=32, max_size=32)
PAIRS = st.dictionaries(HANDLES, VERSIONS, max_size=12).map(lambda found: [Pair(*each) for each in found.items()])


def naive(pairs: Sequence[Pair]) -> dict[str, tuple[int, str]]:
    """Say word for word what the page says of each range."""
    said = {}
    for name in {handle[:3] for handle, _ in pairs}:
        numbers = [
            int(hashlib.sha256((handle + ":" + version).encode("ascii")).hexdigest()[:32], 16)
            for handle, version in pairs
            if handle.startswith(name)
        ]
        said[name] = (len(numbers), format(sum(numbers) % (1 << 128), "032x"))
    return said


@given(PAIRS)
def test_a_stand_says_what_the_page_says(pairs: list[Pair]) -> None:
    assert {name: (each.count, each.fingerprint) for name, each in ranges_of(pairs).items()} == naive(pairs)


@given(PAIRS, st.randoms())
def test_the_order_says_nothing_and_pages_add_up(pairs: list[Pair], chance: object) -> None:
    whole = Stand.of(INFINO, MOMENT, ranges_of(pairs)).to_json()
    chance.shuffle(pairs)  # type: ignore[attr-defined]  # a random.Random of hypothesis
    half = len(pairs) // 2

    in_pages = joined(ranges_of(pairs[:half]), ranges_of(pairs[half:]))

    assert Stand.of(INFINO, MOMENT, in_pages).to_json() == whole


@given(PAIRS, PAIRS)
def test_the_ranges_that_differ_are_those_whose_pairs_do(one: list[Pair], other: list[Pair]) -> None:
    expected = {
        name
        for name in {range_of(pair.handle) for pair in [*one, *other]}
        if {p for p in one if range_of(p.handle) == name} != {p for p in other if range_of(p.handle) == name}
    }

    assert differing(ranges_of(one), ranges_of(other)) == sorted(expected)


@given(PAIRS)
def test_a_stand_is_read_as_it_was_written_and_as_its_schema_says(pairs: list[Pair]) -> None:
    written = Stand.of(INFINO, MOMENT, ranges_of(pairs)).to_json()
    schema = json.loads((DOCS / "schemas" / "stand.schema.json").read_bytes())

    assert Stand.model_validate_json(written).ranges == ranges_of(pairs)
    assert list(Draft202012Validator(schema).iter_errors(json.loads(written))) == []


def test_a_hundred_thousand_registrations_are_less_than_200_kb() -> None:
    pairs = (Pair(hashlib.sha256(b"%d" % n).hexdigest()[:32], "0" * 32) for n in range(100_000))

    stand = Stand.of(INFINO, MOMENT, ranges_of(pairs))

    assert len(stand.bereiken) == 4096
    assert len(stand.to_json()) < 200_000


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda said: said["context"].update(aantal=2),
        lambda said: said["bereiken"].update({"0F3": [1, "0" * 32]}),
        lambda said: said["bereiken"].update({"0f34": [1, "0" * 32]}),
        lambda said: said["bereiken"].update({"0f3": [0, "0" * 32]}),
        lambda said: said["bereiken"].update({"0f3": [1, "0" * 31]}),
        lambda said: said.update(insz="x"),
    ],
)
def test_what_is_no_stand_is_refused(spoiled: object) -> None:
    said = json.loads(Stand.of(INFINO, MOMENT, ranges_of([Pair("0" * 32, "1" * 32)])).to_json())
    spoiled(said)  # type: ignore[operator]

    with pytest.raises(ValidationError):
        Stand.model_validate_json(json.dumps(said))


def test_the_committed_vectors_are_those_that_the_code_makes_and_the_oracle_agrees() -> None:
    committed = (DOCS / "stand-vectors.json").read_text(encoding="utf-8")

    assert committed == vectors(), "run `make stand-vectors` and commit docs/stand-vectors.json"
    for case in json.loads(committed)["cases"]:
        pairs = [Pair(each["handle"], each["versie"]) for each in case["pairs"]]
        assert {name: tuple(each) for name, each in case["stand"]["bereiken"].items()} == naive(pairs)
