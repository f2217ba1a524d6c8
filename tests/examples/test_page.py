"""The page of examples is what the code does, and would be another page if the code did something else."""

from pathlib import Path

import pytest

from tests.examples.examples import ARTICLES, Example, stories
from tests.examples.page import page

ROOT = Path(__file__).parents[2]
ALL = [example for examples in ARTICLES.values() for example in examples]


def test_the_committed_page_is_current() -> None:
    committed = (ROOT / "docs" / "voorbeelden.md").read_text(encoding="utf-8")

    assert committed == page(stories()), "make examples"


@pytest.mark.parametrize("example", ALL, ids=lambda example: example.title)
def test_each_example_has_an_outcome_at_its_end(example: Example) -> None:
    assert example.told().lines[-1].is_outcome


@pytest.mark.parametrize(
    "example", ARTICLES["Artikel 3, b: hoe lang gegevens bewaard worden"], ids=lambda example: example.title
)
def test_with_another_term_the_outcomes_are_others_and_the_events_are_not(example: Example) -> None:
    five, six = example.told(5).lines, example.told(6).lines

    assert [line for line in five if not line.is_outcome] == [line for line in six if not line.is_outcome]
    assert [line for line in five if line.is_outcome] != [line for line in six if line.is_outcome]


def test_titles_are_told_apart() -> None:
    assert len({example.title for example in ALL}) == len(ALL)
