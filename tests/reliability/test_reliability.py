"""Faults and load, as `make reliability` tries them, in small: never a wrong answer, never one without its record."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jbplus_local.aws import Aws
from tests.reliability import faults, load
from tests.reliability.environment import Environment
from tests.reliability.faults import CASES, Case
from tests.reliability.load import Size
from tests.reliability.stage import BASE, Stage, stage
from tests.support.people import ANNA, BRAM, CELINE

AT_THE_START, *LATER = CASES
QUICK = [case for case in LATER if not case.is_slow]


@pytest.fixture(scope="module")
def small(aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage with three persons, to whom the same was paid."""
    with stage(aws, tmp_path_factory.mktemp("reliability"), (ANNA, BRAM, CELINE)) as set_up:
        yield set_up


@pytest.fixture(scope="module")
def warm(small: Stage) -> Iterator[tuple[Environment, Environment]]:
    """Environments of the consultation and the intake that did their work before."""
    with small.environment("consultation") as consultation, small.environment("intake") as intake:
        assert small.take_in(intake, small.drop(1))
        assert small.look_up(consultation, ANNA).amount == BASE + 1
        yield consultation, intake


@pytest.mark.parametrize("number", range(2, 2 + len(QUICK)), ids=[case.name for case in QUICK])
def test_a_fault_does_what_the_page_says_and_nothing_remains_of_it(
    small: Stage, warm: tuple[Environment, Environment], number: int
) -> None:
    case: Case = QUICK[number - 2]
    consultation, intake = warm

    assert faults.lookups_during(case, small, consultation, BASE + number - 1) == case.lookups
    assert faults.files_during(case, small, intake, number) == case.files
    assert small.look_up(consultation, BRAM).amount == BASE + number
    assert small.unlogged() == []


def test_environments_that_begin_without_the_secret(small: Stage, warm: tuple[Environment, Environment]) -> None:
    number = 2 + len(QUICK)
    amount = small.look_up(warm[0], ANNA).amount
    assert amount is not None
    with small.environment("consultation") as consultation, small.environment("intake") as intake:
        assert faults.lookups_during(AT_THE_START, small, consultation, amount) == AT_THE_START.lookups
        assert faults.files_during(AT_THE_START, small, intake, number) == AT_THE_START.files
    assert small.unlogged() == []


def test_lookups_while_files_come_in_over_stores_that_fail_now_and_then(aws: Aws, tmp_path: Path) -> None:
    with stage(aws, tmp_path, (ANNA, BRAM, CELINE)) as alone:
        went = load.course(alone, Size(files=2, lookers=2, every=7))

        assert went.wrong == []
        assert alone.unlogged() == []
        assert len(went.answered) + len(went.unavailable) >= 2 * load.LEAST_LOOKUPS
        assert went.answered
        assert alone.reports() == {1: ["verwerkt"], 2: ["verwerkt"], 3: ["verwerkt"]}
        assert not [number for number in (ANNA, BRAM, CELINE) if number in alone.printed()]
