"""Damaged mutation files: flipped bits, cuts, foreign words in any place, in blocks of any size."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.mutation_file.codes import Code
from tests.fuzz import damage, seeds
from tests.fuzz.judge import judge
from tests.mutation_file.reading import look

_SHORT = [content for content in seeds.PLAIN.values() if len(content) < 3000]
_BLOCKS = st.sampled_from([1, 2, 3, 5, 7, 16, 61, 1000])


@st.composite
def _damaged(draw: st.DrawFn, damages: list[Callable[[bytes, Random], bytes]], files: list[bytes]) -> bytes:
    rng = draw(st.randoms(use_true_random=False))
    return draw(st.sampled_from(damages))(draw(st.sampled_from(files)), rng)


@pytest.mark.parametrize("name", seeds.PLAIN)
def test_what_must_hold_of_any_file_holds_of_the_seeds(name: str) -> None:
    judge(seeds.PLAIN[name], block=61)


@pytest.mark.parametrize("name", seeds.COMPRESSED)
def test_what_must_hold_of_any_file_holds_of_the_compressed_seeds(name: str) -> None:
    for block in (1, 7, 1000):
        judge(seeds.COMPRESSED[name], block=block)


def test_what_must_hold_of_any_file_holds_of_sample_files(tmp_path: Path) -> None:
    for content in seeds.sample_files(tmp_path).values():
        assert judge(content, block=1000).refusal is None


@settings(max_examples=400)
@given(_damaged([damage.of_bytes], _SHORT), _BLOCKS)
def test_a_damaged_file_gives_one_of_our_outcomes(content: bytes, block: int) -> None:
    judge(content, block=block)


@settings(max_examples=400)
@given(_damaged([damage.of_words], _SHORT), _BLOCKS)
def test_a_file_of_other_words_gives_one_of_our_outcomes(content: bytes, block: int) -> None:
    judge(content, block=block)


@settings(max_examples=150)
@given(_damaged([damage.of_bytes], list(seeds.COMPRESSED.values())), _BLOCKS)
def test_a_damaged_compressed_file_gives_one_of_our_outcomes(content: bytes, block: int) -> None:
    judge(content, block=block)


def test_damage_leads_to_every_kind_of_outcome() -> None:
    met: Counter[Code | None] = Counter()

    @settings(max_examples=400, database=None, derandomize=True)
    @given(_damaged([damage.of_bytes, damage.of_words], _SHORT))
    def meet(content: bytes) -> None:
        refusal = look(content).refusal
        met[None if refusal is None else refusal.code] += 1

    meet()

    assert {None, Code.NOT_JSON, Code.EMPTY_FILE, Code.CONTEXT_INVALID} <= met.keys()
    assert met[None] > 20, met
