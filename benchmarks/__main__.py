"""The command line: `python -m benchmarks [--full] [--json] [PART ...]`; exit code 1 when a bound is broken.

`python -m benchmarks --gate` holds what is reached, and `--reach` writes it down.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from benchmarks import gate
from benchmarks.artefact import build
from benchmarks.parts import FULL, PARTS, QUICK, Effort
from benchmarks.processes import Bench, BenchmarkError, can_count_instructions
from benchmarks.results import Result, table_of
from jbplus_local.certificates import Authority


def _prepared(folder: Path, notes: Console) -> Bench:
    """Build what is measured, and have it trust the stub."""
    (folder / "built").mkdir()
    with notes.status("Building the layer"):
        artefact = build(folder / "built")
    notes.print(f"Python {artefact.version}. {artefact.note}")
    authority = Authority("jbplus benchmark")
    artefact.trust(authority.certificate)
    certified = authority.server()
    certificate, trusted = folder / "certificate.pem", folder / "authority.pem"
    certificate.write_text(certified.certificate + certified.key, encoding="utf-8")
    trusted.write_text(authority.certificate, encoding="utf-8")
    return Bench(artefact, certificate, trusted)


def _results(bench: Bench, folder: Path, parts: list[str], effort: Effort, notes: Console) -> Iterator[Result]:
    for part in parts:
        for measure in PARTS[part]:
            with notes.status(f"Measuring: {part}"):
                yield from measure(bench, folder, effort)


def _show(found: Iterator[Result], *, as_json: bool) -> list[Result]:
    """Show the results: tables as they come, or one JSON object."""
    results = []
    for result in found:
        results.append(result)
        if not as_json:
            Console().print(result.table(), "")
    if as_json:
        json.dump({result.name: result.as_json() for result in results}, sys.stdout, indent=2, ensure_ascii=False)
    else:
        Console().print(table_of([figure for result in results for figure in result.figures]))
    return results


def _gate(folder: Path, notes: Console, *, reach: bool) -> list[str]:
    """Hold what is reached, or write it down; give what is exceeded."""
    if not can_count_instructions():
        notes.print("[yellow]Skipped:[/] valgrind is not installed, so nothing holds what is reached.")
        return []
    bench = _prepared(folder, notes)
    with notes.status("Counting instructions"):
        measured = gate.measure(bench, folder)
    for name, value in measured.items():
        notes.print(f"{name}: {value:.3f}")
    if reach:
        gate.write_reached(measured)
        return []
    return gate.exceeded(measured, gate.read_reached())


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What the hot paths cost.")
    parser.add_argument("--full", action="store_true", help="more rounds, and a file of a million records")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--gate", action="store_true", help="only hold what is reached")
    parser.add_argument("--reach", action="store_true", help="only write down what is reached")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    notes = Console(stderr=True)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if arguments.gate or arguments.reach:
                failures = _gate(folder, notes, reach=arguments.reach)
            else:
                bench, effort = _prepared(folder, notes), FULL if arguments.full else QUICK
                found = _results(bench, folder, arguments.parts or list(PARTS), effort, notes)
                failures = [failure for each in _show(found, as_json=arguments.json) for failure in each.failures]
    except BenchmarkError as error:
        failures = [str(error)]
    for failure in failures:
        notes.print(f"[red]Failed:[/] {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
