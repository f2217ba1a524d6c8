"""Verifying the sealed privacy log: seconds for a million records, by the one file that auditors run."""

import os
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.processes import BenchmarkError
from benchmarks.results import Figure, Result
from jbplus.checkpoints import rules, verify
from jbplus.checkpoints.verify import Checkpoint, Record, Segment, canonical, name_of, segment_name

_HOURS, _AN_HOUR = 1000, 1000
_MOST_SECONDS = 10.0
_PARTY = "0685540471"


def cost(folder: Path, rounds: int) -> Iterator[Result]:
    """Measure what verifying a million records of a thousand hours takes."""
    points, segments = folder / "checkpoints", folder / "segments"
    for place in (points, segments):
        place.mkdir()
    _make(points, segments)
    words = [str(verify.__file__), "--checkpoints", str(points), "--segments", str(segments)]
    runs = [_run(words) for _ in range(rounds)]
    wall, cpu = (median(seconds) for seconds in zip(*runs, strict=True))
    yield Result(
        "checkpoints",
        "Verifying a million records: seconds",
        ("measured", "median"),
        [("by the clock", wall), ("CPU", cpu)],
        (f"{rounds} fresh processes; {_HOURS:,} segments of {_AN_HOUR:,} records, with their checkpoints.",),
        (Figure("verifying a million records, seconds", wall, _MOST_SECONDS),),
    )


def _run(words: list[str]) -> tuple[float, float]:
    """Verify once; give the seconds by the clock, and of CPU."""
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    if subprocess.run([sys.executable, *words], capture_output=True, check=False).returncode:  # noqa: S603 - own words
        raise BenchmarkError("an honest log was not found so")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _make(points: Path, segments: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.DER, form)
    moment, previous = datetime(2026, 3, 5, 9, tzinfo=UTC), None
    for number in range(1, _HOURS + 1):
        moment += timedelta(hours=1)
        records = [_record(moment - timedelta(seconds=second)) for second in range(_AN_HOUR)]
        at = moment.isoformat(timespec="microseconds")
        segment = Segment.of(number, at, records, os.urandom(32), occasion="", is_full=False)
        stated = rules.statement(segment, previous, public, public)
        content = rules.checkpoint(stated, key.sign(canonical(stated), ec.ECDSA(hashes.SHA256())))
        previous = Checkpoint.read(content)
        (points / name_of(number)).write_bytes(content)
        (segments / segment_name(number)).write_bytes(segment.to_bytes())


def _record(moment: datetime) -> Record:
    at, trace, person = moment.isoformat(timespec="microseconds"), str(uuid.uuid4()), os.urandom(32).hex()
    texts = {
        "subject": f"{_PARTY}#{person}",
        "day": f"{_PARTY}#{at[:10]}#1",
        "entry": f"{at}#{trace}#000",
        "reference": trace,
        "correlation": trace,
        "service": "consultatie",
        "party": _PARTY,
        "application": "application-1",
        "endUser": "an.peeters",
        "moment": at,
        "person": person,
        "outcome": "beantwoord",
        "purpose": "socialeToeslag",
        "registeredBy": _PARTY,
    }
    return rules.record_of({name: {"S": text} for name, text in texts.items()} | {"keyVersion": {"N": "1"}})
