"""A minute of the ten years: the same seed lives the same life, and what is planted is found."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.decade.planting import Fault, faults, source_of
from tests.decade.running import main

ROOT = Path(__file__).parents[2]
FAULTS = {fault.name: fault for fault in faults()}
# Each in another part of the product, and found soon.
SAMPLE = [
    "29 February becomes 1 March",
    "a registration outlives its party",
    "each number ends by itself",
]
LIFE = ["--seed", "1", "--days", "75", "--persons", "60", "--worlds", "1"]
SEEN = ["75 days of 60 persons, seed 1: ", "Digest "]


def live(hash_seed: str) -> str:
    """Live a life in a Python that keeps its sets in another order."""
    command = [sys.executable, "-m", "tests.decade", *LIFE]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": hash_seed}, check=True, capture_output=True, text=True
    ).stdout


def test_the_same_seed_lives_the_same_life() -> None:
    with ThreadPoolExecutor() as pool:
        one, other = pool.map(live, ("1", "2"))

    assert one == other
    assert all(words in one for words in SEEN)


@pytest.mark.parametrize("name", SAMPLE)
def test_what_is_planted_is_found(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--faults", name, "--worlds", "1"]) == 0
    assert f"{name} (seed 1): day " in capsys.readouterr().out


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_planted_has_its_place(fault: Fault) -> None:
    assert source_of(fault)


def test_what_is_not_found_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--faults", "no such fault"]) == 1
    assert capsys.readouterr().out == ""
