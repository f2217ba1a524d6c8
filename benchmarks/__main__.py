"""The command line: `python -m benchmarks [--full] [--json] [PART ...]`; exit code 1 when a bound is broken."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from benchmarks import checkpoints, cold_start, intake, lookups, notices
from benchmarks.processes import FULL, QUICK, BenchmarkError, Effort
from benchmarks.results import Result

Part = Callable[[Path, Effort], Result]

PARTS: dict[str, tuple[Part, ...]] = {
    "intake": (intake.memory, intake.cost),
    "notices": (lambda _, effort: notices.cost(effort),),
    "lookups": (lambda _, effort: lookups.cost(effort),),
    "checkpoints": (checkpoints.cost,),
    "cold-start": (lambda _, effort: cold_start.cost(effort),),
}


def _results(parts: list[str], effort: Effort, notes: Console) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        for part in parts:
            for measure in PARTS[part]:
                with notes.status(f"Measuring: {part}"):
                    yield measure(Path(folder), effort)


def _show(found: Iterator[Result], *, as_json: bool) -> list[Result]:
    """Show the results: tables as they come, or one JSON object."""
    results = []
    for result in found:
        results.append(result)
        if not as_json:
            Console().print(result.table(), "")
    if as_json:
        json.dump({result.name: result.as_json() for result in results}, sys.stdout, indent=2, ensure_ascii=False)
    return results


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What the hot paths cost.")
    parser.add_argument("--full", action="store_true", help="more rounds, and the instructions of a cold start")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    notes = Console(stderr=True)
    found = _results(arguments.parts or list(PARTS), FULL if arguments.full else QUICK, notes)
    try:
        results = _show(found, as_json=arguments.json)
    except BenchmarkError as error:
        notes.print(f"[red]Failed:[/] {error}")
        return 1
    failures = [failure for result in results for failure in result.failures]
    for failure in failures:
        notes.print(f"[red]Failed:[/] {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
