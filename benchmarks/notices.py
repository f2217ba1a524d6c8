"""Telling a file: CPU for each record, most of it to find out who registered whom."""

from benchmarks.processes import Effort, Spread, rounds
from benchmarks.results import Result

_VARIANTS = ("stubs", "boto3")
_RECORDS = 20_000
_MICRO = 1_000_000


def cost(effort: Effort) -> Result:
    """Measure what telling one record costs, from the applied pieces to the notices."""
    words = {variant: ["-m", "benchmarks.notices_pass", variant, str(_RECORDS)] for variant in _VARIANTS}
    runs = rounds(words, effort.rounds)
    spreads = {
        variant: Spread.of([float(one.said["seconds"]) / _RECORDS * _MICRO for one in runs[variant]])
        for variant in _VARIANTS
    }
    return Result(
        "notices cost",
        "Telling a file: µs CPU for each applied record",
        ("variant", "median", "least", "most"),
        [(variant, one.median, one.least, one.most) for variant, one in spreads.items()],
        (
            f"{effort.rounds} fresh processes each, in random order; {_RECORDS:,} records, each of another person,",
            "one in five of whom one payment actor registered.",
        ),
    )
