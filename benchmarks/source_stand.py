"""WEWIS's stand: what making one and comparing it with the books takes, by the number of verrichtingen.

`python -m benchmarks.source_stand FOLDER COUNT` makes books and a stand that differ in few places; `cost` measures it,
and what compares the two.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks.processes import BenchmarkError
from benchmarks.results import Figure, Result
from jbplus.persons import retention
from jbplus.persons.merging import StoredPerson
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.state import Entry, Payment, PersonState, Rank, encode
from jbplus.source_stand.service import Publisher
from jbplus_cli.samples.persons import TestPersons

_COMMAND = "from jbplus_cli.main import app; app()"
_EACH = 2
"""How many verrichtingen a person has."""
_STEP = 7919
_PLANTED = 5
"""How many differ in each way."""
_KEYS = Pseudonyms((b"k" * 32,))
_YEARS = 5
_DAY = date(2025, 3, 3)
_MIB = 1024
_MOST_GROWTH = 40.0
"""Ten times the rows may take so many MiB more: a run of rows in memory, and a buffer for each run on disk."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What a process took."""

    seconds: float
    mebibytes: float
    said: Any


def cost(folder: Path, largest: int) -> Iterator[Result]:
    """Measure both ends, of a tenth of the largest number and of it.

    Args:
        folder: where it is made.
        largest: how many verrichtingen there are.
    """
    runs: dict[tuple[str, int], _Run] = {}
    for count in (largest // 10, largest):
        place = folder / f"source-{count}"
        place.mkdir()
        runs["the exchange makes the stand", count] = _run(["-m", "benchmarks.source_stand", str(place), str(count)])
        words = ["-c", _COMMAND, "source", "compare", str(place / "books.csv"), "--state", str(place)]
        compared = _run(
            [*words, "--stand", str(place / "stand.json.gz"), "--allow-test-numbers", "--json"], ends_with=1
        )
        _check(compared.said)
        runs["WEWIS compares", count] = compared
    growths = [
        runs[what, largest].mebibytes - runs[what, largest // 10].mebibytes
        for what in dict.fromkeys(w for w, _ in runs)
    ]
    yield Result(
        "source-stand",
        "The source's stand: making and comparing it",
        ("what", "verrichtingen", "seconds", "MiB at most"),
        [(what, count, run.seconds, run.mebibytes) for (what, count), run in runs.items()],
        (f"{_EACH} verrichtingen a person; {_PLANTED} missing, {_PLANTED} superfluous and {_PLANTED} different.",),
        failures=[f"memory grows with the number: {growth:.0f} MiB" for growth in growths if growth > _MOST_GROWTH],
        figures=[Figure("the source's stand, MiB more for ten times as many", max(growths), _MOST_GROWTH)],
    )


def _run(words: list[str], ends_with: int = 0) -> _Run:
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE) as process:  # noqa: S603 - own words
        assert process.stdout is not None  # noqa: S101 - for the types
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != ends_with:
        raise BenchmarkError(f"{words[0]} ended with {process.returncode}")
    return _Run(time.perf_counter() - begun, used.ru_maxrss / _MIB, json.loads(said or "null"))


def _check(said: Mapping[str, Any]) -> None:
    found = {(one["kind"], one["referte"].partition("-")[0]) for one in said["items"]}
    expected = {(kind, kind) for kind in ("missing", "superfluous", "different")}
    if found != expected or any(said[kind] != _PLANTED for kind, _ in expected):
        raise BenchmarkError("other differences were found than were planted")


@dataclass(frozen=True, slots=True)
class _Invented:
    """Persons who are invented as they are read."""

    count: int
    differing: Collection[int]

    succession_allowed: bool = False

    def key_version(self) -> int:
        return 1

    def numbers_with_links(self, number: int, of: int) -> Iterator[str]:  # noqa: ARG002
        return iter(())

    def linked(self, numbers: Collection[str]) -> Mapping[frozenset[str], StoredPerson]:  # noqa: ARG002
        return {}

    def segment(self, number: int, of: int, without: Collection[str] = ()) -> Iterator[StoredPerson]:  # noqa: ARG002
        # Read in another order than that of the refertes, as pseudonyms are.
        persons = self.count // _EACH
        for person in (one * _STEP % persons for one in range(persons)):
            entries = {
                referte: Entry.live(Rank(17, place), Payment(2024, "1", Decimal(amount), _DAY))
                for place in range(person * _EACH, person * _EACH + _EACH)
                if (referte := _referte(place, self.differing, kept_out="missing")) is not None
                for amount in [600 if referte.startswith("different") else 300]
            }
            if entries:
                state = PersonState(entries)
                yield StoredPerson(encode(state), retention.expires_at(state, _YEARS))


def _referte(place: int, differing: Collection[int], *, kept_out: str) -> str | None:
    """Name a verrichting; None for one that this end does not have."""
    if place not in differing:
        return f"JBP-2025-{place:08d}"
    kind = ("missing", "superfluous", "different")[place % 3]
    return None if kind == kept_out else f"{kind}-{place:08d}"


@dataclass(frozen=True, slots=True)
class _Folder:
    path: Path

    def put_out(self, _party: str, _name: str, content: BinaryIO) -> None:
        with (self.path / "stand.json.gz").open("wb") as file:
            file.writelines(iter(lambda: content.read(1 << 20), b""))


def _make(folder: Path, count: int) -> None:
    # As many of each kind: which of three it is follows from its place.
    chosen = random.Random(1).sample(range(count // 3), _PLANTED)  # noqa: S311 - it decides nothing that matters
    differing = frozenset(3 * place + kind for place in chosen for kind in range(3))
    persons = TestPersons(1)
    with (folder / "books.csv").open("w", encoding="utf-8") as books:
        books.write("referte,insz,fiscaalJaar,bedragtype,bedrag,datum\n")
        for place in range(count):
            referte = _referte(place, differing, kept_out="superfluous")
            if referte is not None:
                books.write(f"{referte},{persons.number(place // _EACH)},2024,1,300.00,{_DAY}\n")
    (folder / "stand.key").write_text(_KEYS.key_of_source_stand().hex(), encoding="ascii")
    scan, moment = _Invented(count, differing), datetime.now(UTC)
    Publisher(scan, lambda: _KEYS, lambda: True, _Folder(folder), _YEARS, lambda: moment).publish()


if __name__ == "__main__":
    _make(Path(sys.argv[1]), int(sys.argv[2]))
