"""The intake: CPU for each record, and memory for files of three sizes."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.processes import BenchmarkError, Effort, Run, Spread, rounds, run
from benchmarks.results import Result
from jbplus_cli.samples.files import Order, moment_of, write_file

MARGIN = 8.0
"""MiB by which the memory for the largest file may exceed that for one of a tenth: 9 bytes for each record more."""

SIZES = {"1 k": 1_000, "100 k": 100_000, "1 M": 1_000_000}
_COST_SIZE = 10_000
_MICRO = 1_000_000
# Sample files hold 164 records for every 100 persons.
_RECORDS_OF_A_PERSON = 1.64


def make_file(folder: Path, records: int) -> Path:
    """Make a sample file of about so many good records."""
    path = folder / f"{records}.json"
    if not path.exists():
        write_file(Order(round(records / _RECORDS_OF_A_PERSON), 1, 1, moment_of(1)), path)
    return path


def _words(name: str, path: Path) -> list[str]:
    return ["-m", "benchmarks.intake_pass", name, str(path)]


def cost(folder: Path, effort: Effort) -> Result:
    """Measure the CPU for each record, against floors of the same run."""
    path = make_file(folder, _COST_SIZE)
    names = ("reading", "reading-floor", "applying", "applying-through-boto3", "applying-floor")
    runs = rounds({name: _words(name, path) for name in names}, effort.rounds)
    spreads = {name: Spread.of([_micros(one) for one in runs[name]]) for name in names}
    floors = {name: spreads[f"{name.partition('-')[0]}-floor"].median for name in names}
    return Result(
        "intake cost",
        "The intake: µs CPU for each record",
        ("pass", "median", "least", "most", "÷ its floor"),
        [(name, one.median, one.least, one.most, one.median / floors[name]) for name, one in spreads.items()],
        (
            f"{effort.rounds} fresh processes each, in random order; {runs['reading'][0].said['records']:,} records.",
            "Floors: yajl and SHA-256 alone; ijson, pseudonym and JSON text of each record.",
        ),
    )


def memory(folder: Path, _: Effort) -> Result:
    """Measure the memory for files of three sizes, and check that it does not grow with the file."""
    runs: dict[str, dict[str, Run]] = {}
    for label, size in SIZES.items():
        path = make_file(folder, size)
        # Two at a time: neither changes the other's memory.
        with ThreadPoolExecutor(2) as pool:
            pair = pool.map(lambda name, path=path: run(_words(name, path)), ("reading", "applying"))
            runs[label] = dict(zip(("reading", "applying"), pair, strict=True))
    held = [run(_words("holding", make_file(folder, SIZES[label]))).peak for label in ("1 k", "100 k")]
    peaks = {name: (runs["100 k"][name].peak, runs["1 M"][name].peak) for name in ("reading", "applying")}
    return Result(
        "intake memory",
        "The intake: memory of its process at most",
        ("pass", "file", "records", "MiB", "µs CPU for each record"),
        [
            (name, label, one[name].said["records"], one[name].peak, _micros(one[name]))
            for name in peaks
            for label, one in runs.items()
        ],
        (
            f"The memory for 1 M records may exceed that for 100 k by {MARGIN} MiB; a pass that holds its",
            f"records breaks that from 1 k to 100 k already ({held[1] - held[0]:,.0f} MiB).",
        ),
        [*grown(peaks), *_proof(held[0], held[1])],
    )


def grown(peaks: Mapping[str, tuple[float, float]]) -> list[str]:
    """Tell which passes took more memory for a larger file.

    Args:
        peaks: for each pass the MiB for a file and for one of ten times the size.
    """
    return [
        f"{name}: the memory grew with the file by {larger - smaller:,.1f} MiB, more than {MARGIN} MiB"
        for name, (smaller, larger) in peaks.items()
        if larger - smaller > MARGIN
    ]


def _proof(smaller: float, larger: float) -> list[str]:
    if grown({"holding": (smaller, larger)}):
        return []
    return ["a pass that holds all records kept within the bound on memory: the bound proves nothing"]


def _micros(one: Run) -> float:
    if not one.said["records"]:
        raise BenchmarkError("the sample file has no records")
    return float(one.said["seconds"]) / int(one.said["records"]) * _MICRO
