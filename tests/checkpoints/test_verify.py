"""Whoever trusts nobody finds what was changed, deleted, dated back, swapped, cut or forked; and nothing else."""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.checkpoints import rules, verify
from jbplus.checkpoints.verify import Checkpoint, Finding, MalformedError, Segment, name_of, segment_name
from tests.checkpoints.fakes import Sealing, new_key, public
from tests.privacy_log.fakes import log_entry
from tests.support.fakes import NOW
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM

NONE: frozenset[str] = frozenset()
HOURS = 4


def sealed_log() -> Sealing:
    sealing = Sealing()
    for hour in range(HOURS):
        sealing.hour(*(log_entry(f"{hour}-{n}", party=(INFINO, PARENTIA)[n % 2]) for n in range(3)))
    return sealing


SEALED = sealed_log()


@dataclass
class Handed:
    """What an auditor is handed."""

    points: Path
    segments: Path
    extract: Path | None = None
    others: tuple[Path, ...] = ()

    def findings(self, *trusted: str) -> list[str]:
        found, _ = verify.verify([self.points, *self.others], self.segments, self.extract, frozenset(trusted))
        return [finding.line for finding in found]

    def segment(self, number: int) -> Segment:
        return Segment.read((self.segments / segment_name(number)).read_bytes())

    def put_segment(self, segment: Segment, number: int | None = None) -> None:
        (self.segments / segment_name(number or segment.number)).write_bytes(segment.to_bytes())

    def point(self, number: int) -> Path:
        return self.points / name_of(number)


@pytest.fixture
def handed(tmp_path: Path) -> Handed:
    return Handed(*SEALED.write(tmp_path / "handed"))


def test_an_honest_log_has_no_findings(handed: Handed) -> None:
    assert handed.findings() == []
    assert handed.findings(verify.fingerprint(public(new_key()))) == []


Tampering = Callable[[Handed], None]


def changing(handed: Handed) -> None:
    segment = handed.segment(2)
    told = segment.records[1].told.replace(b"an.peeters", b"jan.peeters")
    changed = segment.records[1]._replace(told=told)
    handed.put_segment(replace(segment, records=[segment.records[0], changed, segment.records[2]]))


def changing_whom_it_is_about(handed: Handed) -> None:
    segment = handed.segment(2)
    rest = segment.records[1].rest.replace(b'"keyVersion":1', b'"keyVersion":2')
    changed = segment.records[1]._replace(rest=rest)
    handed.put_segment(replace(segment, records=[segment.records[0], changed, segment.records[2]]))


def deleting(handed: Handed) -> None:
    segment = handed.segment(2)
    handed.put_segment(replace(segment, records=[segment.records[0], segment.records[2]]))


def adding(handed: Handed) -> None:
    segment, other = handed.segment(2), handed.segment(3)
    handed.put_segment(replace(segment, records=[segment.records[0], other.records[1], *segment.records[1:]]))


def swapping(handed: Handed) -> None:
    segment = handed.segment(2)
    one, two, three = segment.records
    handed.put_segment(replace(segment, records=[one, three, two]))


def changing_all_that_follows(handed: Handed) -> None:
    """The leaves too: only the root in the checkpoint is left to tell."""
    segment = handed.segment(2)
    changed = segment.records[1]._replace(told=segment.records[1].told.replace(b"an.peeters", b"jan.peeters"))
    records = [segment.records[0], changed, segment.records[2]]
    handed.put_segment(Segment.of(2, segment.moment, records, segment.seed, occasion="", is_full=False))


def swapping_segments(handed: Handed) -> None:
    two, three = handed.segment(2), handed.segment(3)
    handed.put_segment(two, 3)
    handed.put_segment(three, 2)


def cutting_a_segment_out(handed: Handed) -> None:
    (handed.segments / segment_name(2)).unlink()


def cutting_the_last_segment_off(handed: Handed) -> None:
    (handed.segments / segment_name(HOURS)).unlink()


def dating_a_segment_back(handed: Handed) -> None:
    segment = handed.segment(2)
    handed.put_segment(replace(segment, moment=(NOW - timedelta(days=1)).isoformat(timespec="microseconds")))


def cutting_a_checkpoint_out(handed: Handed) -> None:
    handed.point(2).unlink()


def changing_a_checkpoint(handed: Handed) -> None:
    document = json.loads(handed.point(2).read_bytes())
    document["controlepunt"]["tijdstip"] = document["controlepunt"]["tijdstip"].replace("T11:", "T12:")
    handed.point(2).write_bytes(json.dumps(document).encode())


def changing_the_last_checkpoint(handed: Handed) -> None:
    document = json.loads(handed.point(HOURS).read_bytes())
    document["controlepunt"]["wortel"] = "0" * 64
    handed.point(HOURS).write_bytes(json.dumps(document).encode())


def swapping_checkpoints(handed: Handed) -> None:
    two, three = handed.point(2).read_bytes(), handed.point(3).read_bytes()
    handed.point(2).write_bytes(three)
    handed.point(3).write_bytes(two)


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (changing, ["segment 2 of 2026-03-05T11:00:00Z: record 2026-03-05T10:00:00.000000+00:00#1-1#000", "changed"]),
        (changing_whom_it_is_about, ["segment 2 of 2026-03-05T11:00:00Z: record", "#1-1#000", "changed"]),
        (deleting, ["segment 2 of 2026-03-05T11:00:00Z: number 2 of its records is missing: deleted"]),
        (adding, ["segment 2 of 2026-03-05T11:00:00Z: record", "#2-1#000", "was added"]),
        (swapping, ["segment 2 of 2026-03-05T11:00:00Z: record", "#1-1#000", "#1-2#000", "swapped"]),
        (changing_all_that_follows, ["segment 2 of 2026-03-05T11:00:00Z: is not what checkpoint 2"]),
        (swapping_segments, ["3 of 2026-03-05T12:00:00Z: lies under another's name: 00000002.gz"]),
        (cutting_a_segment_out, ["segments 2 to 2 are missing"]),
        (cutting_the_last_segment_off, ["checkpoint 4 of 2026-03-05T13:00:00Z: its segment is missing: cut off"]),
        (dating_a_segment_back, ["is not what checkpoint 2"]),
        (cutting_a_checkpoint_out, ["checkpoints 2 to 2 are missing"]),
        (changing_a_checkpoint, ["checkpoint 2 of 2026-03-05T12:00:00Z: is not signed", "does not follow"]),
        (changing_the_last_checkpoint, ["checkpoint 4 of 2026-03-05T13:00:00Z: is not signed"]),
        (swapping_checkpoints, ["under another's name"]),
    ],
)
def test_each_kind_of_tampering_is_named_with_its_hour(handed: Handed, tamper: Tampering, words: list[str]) -> None:
    tamper(handed)

    found = "\n".join(handed.findings())

    assert [word for word in words if word not in found] == []
    assert not any(number in found for number in (ANNA, BRAM))


def test_what_was_deleted_changed_or_added_is_all_that_is_named(handed: Handed) -> None:
    for tamper in (changing, deleting, adding):
        shutil.rmtree(handed.segments)
        shutil.rmtree(handed.points)
        SEALED.write(handed.points.parent)
        tamper(handed)

        assert len([line for line in handed.findings() if "sealed before" not in line]) == 1


@given(st.integers(0, 10**6), st.integers(1, 255))
@settings(max_examples=60)
def test_no_byte_of_a_checkpoint_or_a_segment_can_be_changed(at: int, by: int) -> None:
    """A checkpoint that says something else is another one; a segment whose bytes differ unpacks to others, or not."""
    points = {number: Checkpoint.read(content) for number, content in SEALED.vault.checkpoints.items()}
    content = bytearray(SEALED.vault.checkpoints[HOURS])
    content[at % len(content)] ^= by
    unpacked = bytearray(gzip.decompress(SEALED.vault.segments[HOURS]))
    unpacked[at % len(unpacked)] ^= by
    try:
        changed = Checkpoint.read(bytes(content))
        found = list(verify.check_chain(points | {HOURS: changed}, NONE))
        assert found or changed.hash == points[HOURS].hash
        assert (
            any("fork" in each.what for each in verify.compare({"a": points, "b": points | {HOURS: changed}}))
            or not found
        )
    except MalformedError:
        pass
    try:
        segment = Segment.read(gzip.compress(bytes(unpacked)))
        honest = Segment.read(SEALED.vault.segments[HOURS])
        root = verify.root_of(segment.ordered)
        heads = (segment.number, segment.moment, root) == (honest.number, honest.moment, points[HOURS].root)
        assert not heads or list(segment.differences()) or segment.records == honest.records
    except MalformedError:
        pass


# ------------------------------------------------------------------------------------------------ several witnesses


def test_witnesses_of_a_fork_find_it_together_and_not_alone(handed: Handed, tmp_path: Path) -> None:
    """Another history from the third hour on, signed as well as the first."""
    forked = Sealing()
    forked.vault.segments = {n: SEALED.vault.segments[n] for n in (1, 2)}
    forked.vault.checkpoints = {n: SEALED.vault.checkpoints[n] for n in (1, 2)}
    forked.vault.finished = {1, 2}
    forked.now = NOW + timedelta(hours=2)
    for _ in range(2):
        forked.hour(log_entry("another history"))
    other = Handed(*forked.write(tmp_path / "forked"))

    assert handed.findings() == []
    assert other.findings() == []
    handed.others = (other.points,)
    (found,) = handed.findings()
    assert "checkpoint 3 of 2026-03-05T12:00:00Z" in found
    assert "fork" in found


def test_a_witness_that_came_later_or_fetched_less_agrees(handed: Handed, tmp_path: Path) -> None:
    later = tmp_path / "later"
    later.mkdir()
    for number in (2, 3):
        shutil.copy(handed.point(number), later)
    handed.others = (later,)

    assert handed.findings() == []


def test_after_ten_years_the_oldest_are_gone_and_nothing_is_wrong(handed: Handed) -> None:
    (handed.segments / segment_name(1)).unlink()
    handed.point(1).unlink()
    assert handed.findings() == []
    (handed.segments / segment_name(2)).unlink()
    assert handed.findings() == []


def test_a_strange_key_is_told_where_the_published_one_is_given(handed: Handed) -> None:
    (found,) = handed.findings("0" * 64)

    assert "not the published one" in found


def test_a_record_that_came_long_after_its_moment_is_named(tmp_path: Path) -> None:
    sealing = sealed_log()
    sealing.log.put(log_entry("dated back", moment=sealing.now - timedelta(hours=3)))
    sealing.log.put(log_entry("dated ahead", moment=sealing.now + timedelta(hours=9)))
    sealing.hour()

    back, ahead = Handed(*sealing.write(tmp_path)).findings()
    assert ("#dated back#" in back, "back-dated" in back) == (True, True)
    assert ("#dated ahead#" in ahead, "dated after" in ahead) == (True, True)


def test_hours_that_were_made_up_for_are_no_finding(tmp_path: Path) -> None:
    sealing = sealed_log()
    sealing.log.put(log_entry("missed", moment=sealing.now + timedelta(minutes=1)))
    sealing.now += timedelta(days=3)
    sealing.round()

    assert Handed(*sealing.write(tmp_path)).findings() == []


def test_a_new_key_is_no_finding(tmp_path: Path) -> None:
    sealing = sealed_log()
    sealing.signer.held.append(new_key(2))
    for _ in range(3):
        sealing.hour(log_entry("later"))

    assert Handed(*sealing.write(tmp_path)).findings(verify.fingerprint(public(new_key()))) == []


# --------------------------------------------------------------------------------------------------------- extracts

ITEM = {
    "dienst": "consultatie",
    "toepassing": "application-1",
    "gebruiker": "an.peeters",
    "correlatie": "correlation-1",
    "doel": "socialeToeslag",
    "inschrijvingVan": INFINO,
    "naarAanleidingVanMutatie": False,
    "uitkomst": "beantwoord",
    "betrokkene": "f" * 64,
}


def extract() -> dict[str, Any]:
    items = []
    for number in range(1, HOURS + 1):
        segment = Segment.read(SEALED.vault.segments[number])
        for place in (0, 2):
            moment = segment.records[place].moment.replace(".000000+00:00", "Z")
            referte = segment.records[place].place.split("#")[1]
            item = {**ITEM, "referte": referte, "positie": 0, "moment": moment}
            items.append(item | {"bewijs": rules.Prover(segment).proof(place)})
    return {"partij": INFINO, "vraag": {"van": "2026-03-05", "tot": "2026-03-05"}, "items": items}


EXTRACT = extract()


def given_extract(handed: Handed, document: dict[str, Any]) -> list[str]:
    handed.extract = handed.points.parent / "extract.json"
    handed.extract.write_text(json.dumps(document))
    return handed.findings()


def test_an_honest_extract_has_no_findings(handed: Handed) -> None:
    assert given_extract(handed, EXTRACT) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((field, "another") for field in ITEM if field not in {"betrokkene", "naarAanleidingVanMutatie"}),
        ("naarAanleidingVanMutatie", True),
        ("moment", "2026-03-05T09:00:00.000001Z"),
        ("referte", "another"),
        ("positie", 1),
        ("dossier", "D-1"),
    ],
)
def test_no_field_of_an_extract_can_be_changed(handed: Handed, field: str, value: object) -> None:
    document = deepcopy(EXTRACT)
    document["items"][1][field] = value

    found = "\n".join(given_extract(handed, document))

    assert "is not what checkpoint 1 of 2026-03-05T10:00:00Z sealed: changed" in found


def test_what_an_extract_leaves_out_is_named(handed: Handed) -> None:
    document = deepcopy(EXTRACT)
    del document["items"][3]

    (found,) = given_extract(handed, document)

    assert "#1-2#000" in found
    assert "left out" in found


def test_a_record_without_proof_is_named_once_it_could_have_one(handed: Handed) -> None:
    document = deepcopy(EXTRACT)
    del document["items"][0]["bewijs"]

    assert [("no proof" in line) for line in given_extract(handed, document)] == [True]


def test_records_of_the_last_hour_need_no_proof_yet(handed: Handed) -> None:
    document = deepcopy(EXTRACT)
    newest = {**ITEM, "referte": "new", "positie": 0, "moment": "2026-03-05T12:59:59Z"}
    document["items"].append(newest)

    assert given_extract(handed, document) == []


# ----------------------------------------------------------------------------------------------------------- one file


def run(*words: object, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", file, *map(str, words)], capture_output=True, text=True, check=False
    )


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """The one file, away from everything."""
    return Path(shutil.copy(str(verify.__file__), tmp_path / "verify.py"))


def test_it_is_one_file_that_needs_nothing(handed: Handed, alone: Path) -> None:
    given_extract(handed, EXTRACT)
    words = ("--checkpoints", handed.points, "--segments", handed.segments, "--extract", handed.extract)

    done = run(*words, file=alone)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("All agrees.\n")
    changing(handed)
    done = run(*words, file=alone)
    assert done.returncode == 1
    assert "#1-1#000" in done.stdout


def test_it_says_what_it_was_asked_wrongly(handed: Handed, alone: Path) -> None:
    (handed.points / "extract.json").write_text("[]")

    for words in (
        [],
        ["--checkpoints", "nowhere"],
        ["--checkpoints", handed.points, "--extract", handed.points / "extract.json"],
    ):
        done = run(*words, file=alone)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b'{"controlepunt":{"nummer":1}}', b"[" * 100_000])
def test_what_is_no_checkpoint_or_segment_is_named(handed: Handed, content: bytes) -> None:
    handed.point(2).write_bytes(content)
    (handed.segments / segment_name(2)).write_bytes(gzip.compress(content))

    found = handed.findings()

    assert f"{name_of(2)}: it has not the form of a checkpoint" in found
    assert f"segment file {segment_name(2)}: it has not the form of a segment" in found


def test_a_finding_is_one_line() -> None:
    assert Finding("segment 1", "changed").line == "segment 1: changed"
