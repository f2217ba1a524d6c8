"""The harness: another client is proved by it, and one with a fault is not."""

import json
import sys
from pathlib import Path

import pytest

from jbplus_recipient.harness import answer, judge, main, questions

OTHER = [sys.executable, str(Path(__file__).with_name("other_client.py"))]
PAGE = Path(__file__).parents[2] / "docs" / "stand-vectors.json"


def test_another_client_and_this_one_are_proved() -> None:
    assert judge(OTHER) is None
    assert judge([sys.executable, "-m", "jbplus_recipient.harness"]) is None


@pytest.mark.parametrize(
    "fault",
    [
        *("no colon", "last bytes", "low byte first", "no modulo", "exclusive or", "no zeros", "all ranges"),
        *("forgets ranges that it has not", "dies", "says nothing", "no JSON"),
    ],
)
def test_a_client_with_a_fault_is_not(fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*OTHER, fault]) == 1
    assert capsys.readouterr().out.strip() not in {"", "None"}


def test_a_command_that_is_not_there_is_said() -> None:
    assert judge(["/nowhere/client"]) == "It cannot be run to its end (FileNotFoundError)."


def test_the_questions_have_everything_that_may_differ() -> None:
    compared = [answer(each) for each in questions() if each["ask"] == "compare"]

    assert all(any(found[kind] for found in compared) for kind in ("outdated", "notHere", "onlyHere"))
    assert list(questions(1)) != list(questions(2))


def test_the_committed_vectors_are_answered_alike() -> None:
    for case in json.loads(PAGE.read_bytes())["cases"]:
        pairs = [(pair["handle"], pair["versie"]) for pair in case["pairs"]]
        assert answer({"ask": "stand", "pairs": pairs})["bereiken"] == case["stand"]["bereiken"]
    for case in json.loads(PAGE.read_bytes())["compared"]:
        assert answer(case["question"]) == case["answer"]
