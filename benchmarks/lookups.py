"""Lookups of one person: CPU and instructions for each call."""

from benchmarks.cold_start import ENVIRONMENT
from benchmarks.processes import Effort, Spread, can_count_instructions, instructions, rounds
from benchmarks.results import Result

_VARIANTS = ("stub-stores", "through-boto3", "floor")
_CALLS = 300
_COUNTED = ("stub-stores", "through-boto3")
_COUNTED_CALLS = 50
_MICRO = 1_000_000


def _words(variant: str, calls: int) -> list[str]:
    return ["-m", "benchmarks.lookup_calls", variant, str(calls)]


def cost(effort: Effort) -> Result:
    """Measure what one lookup costs, against a floor of the same run."""
    runs = rounds({variant: _words(variant, _CALLS) for variant in _VARIANTS}, effort.rounds, **ENVIRONMENT)
    spreads = {
        variant: Spread.of([float(one.said["seconds"]) / _CALLS * _MICRO for one in runs[variant]])
        for variant in _VARIANTS
    }
    counted = _slopes() if can_count_instructions() else {}
    floor = spreads["floor"].median
    return Result(
        "lookup cost",
        "A lookup of one person: µs CPU for each call",
        ("variant", "median", "least", "most", "÷ the floor", "instructions"),
        [
            (variant, one.median, one.least, one.most, one.median / floor, counted.get(variant))
            for variant, one in spreads.items()
        ],
        (
            f"{effort.rounds} fresh processes each, in random order, {_CALLS:,} calls in each after a warm-up.",
            "Instructions: from the slope between two numbers of calls, so without the start."
            if can_count_instructions()
            else "Instructions are skipped: valgrind is not installed.",
        ),
    )


def _slopes() -> dict[str, int]:
    """Count the instructions of one call: what as many calls again add to a process, divided by their number."""
    commands = {
        f"{variant} {times}": _words(variant, times * _COUNTED_CALLS) for variant in _COUNTED for times in (1, 2)
    }
    counted = instructions(commands, **ENVIRONMENT)
    return {variant: (counted[f"{variant} 2"] - counted[f"{variant} 1"]) // _COUNTED_CALLS for variant in _COUNTED}
