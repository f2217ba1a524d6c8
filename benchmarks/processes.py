"""Fresh processes, measured from outside: what one did before cannot help or hinder the next."""

import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_AS_IN_THE_LAYER = Path(__file__).with_name("as_in_the_layer")
_MEBIBYTE = 1024**2
_LAUNCH = Path(__file__).with_name("launch.py")
_INSTRUCTIONS = re.compile(r"I +refs: +([0-9,]+)")


class BenchmarkError(Exception):
    """A benchmark did not do what it was to measure."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Attributes:
        rounds: how often each program is run.
        cold_start_instructions: whether to count them: minutes of work.
    """

    rounds: int
    cold_start_instructions: bool


QUICK = Effort(rounds=5, cold_start_instructions=False)
FULL = Effort(rounds=11, cold_start_instructions=True)


@dataclass(frozen=True, slots=True)
class Run:
    """One process, from its start to its end.

    Attributes:
        cpu: seconds, of user and system.
        wall: seconds.
        peak: MiB of memory at most.
        said: the JSON object that it printed; empty when it printed nothing.
    """

    cpu: float
    wall: float
    peak: float
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spread:
    """What several runs gave."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Summarise."""
        return cls(statistics.median(values), min(values), max(values))


def run(words: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run this interpreter in a fresh process of its own.

    Args:
        words: what follows the interpreter on the command line.
        environment: variables besides those of this process.

    Raises:
        BenchmarkError: it failed.
    """
    launch = [sys.executable, "-I", "-S", str(_LAUNCH)]
    done = subprocess.run(  # noqa: S603 - own words
        [*launch, sys.executable, *words],
        cwd=ROOT,
        env=_environment(environment),
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(words)} ended with exit code {done.returncode}")
    measured, _, said = done.stdout.partition("\n")
    cpu, wall, peak = measured.split()
    return Run(float(cpu), float(wall), int(peak) / _MEBIBYTE, json.loads(said or "{}"))


def rounds(commands: Mapping[str, Sequence[str]], count: int, **variables: str) -> dict[str, list[Run]]:
    """Run several commands a number of times, in another order each round."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(count):
        for name in random.sample(sorted(commands), len(commands)):
            runs[name].append(run(commands[name], variables))
    return runs


def can_count_instructions() -> bool:
    """Tell whether valgrind is there."""
    return shutil.which("valgrind") is not None


def instructions(commands: Mapping[str, Sequence[str]], **variables: str) -> dict[str, int]:
    """Count the instructions of a fresh process for each command; two at a time, for nothing disturbs the count."""
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(commands, pool.map(lambda words: _count(words, variables), commands.values()), strict=True))


def _count(words: Sequence[str], variables: Mapping[str, str]) -> int:
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run(  # noqa: S603 - own words
        [*valgrind, sys.executable, *words],
        cwd=ROOT,
        env=_environment({**variables, "PYTHONHASHSEED": "0"}),
        check=False,
        capture_output=True,
        text=True,
    )
    counted = _INSTRUCTIONS.search(done.stderr)
    if done.returncode != 0 or counted is None:
        raise BenchmarkError(f"valgrind could not count {' '.join(words)}: {done.stderr[-500:]}")
    return int(counted.group(1).replace(",", ""))


def _environment(variables: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_AS_IN_THE_LAYER), **(variables or {})}
