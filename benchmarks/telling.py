"""Telling a file: from the applied records to the notices, most of it to find out who registered whom."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.fakes import PSEUDONYMS
from tests.support.known import INFINO

from benchmarks.artefact import ROOT, Artefact
from benchmarks.environment import KEYS, REGISTRATION, SECRET, VARIABLES
from benchmarks.processes import BenchmarkError, Case, Recorded, Setup, TableSetup
from jbplus.aws.folders import ANNOUNCED, APPLIED, OUTGOING
from jbplus.notices.applied import PIECE, Announcement, AppliedPiece, AppliedRecord, announced_name
from jbplus_cli.samples.persons import TestPersons

ONE_IN = 5
"""One person in so many is registered, at one party: the others are looked up in vain."""
GOAL = 5 / 3
"""Read units of a record: a third of what one for each of five parties took."""

_FILE = announced_name(17, "benchmark")


def case(artefact: Artefact, folder: Path, records: int) -> Case:
    """Make the case of one round that tells a file.

    Args:
        artefact: what is measured.
        folder: where the file's pieces are made.
        records: how many, each of another person.
    """
    persons = TestPersons(1)
    numbers = [persons.number(index) for index in range(records)]
    told = numbers[::ONE_IN]
    items = [{"person": {"S": PSEUDONYMS(number)}, "party": {"S": INFINO}} | REGISTRATION for number in told]
    tables = {name: TableSetup(key) for name, key in KEYS.items()}
    tables["registrations-table"] = TableSetup(KEYS["registrations-table"], items)
    setup = Setup(tables, _objects(folder / f"applied-{records}", numbers), f"{OUTGOING}{INFINO}/", SECRET)
    event = json.loads((ROOT / "events" / "notices.json").read_text(encoding="utf-8"))
    return Case(
        artefact.functions / "notices", "app", artefact.layer, [("round", event, 1)], setup, _checked(told), VARIABLES
    )


def _objects(folder: Path, numbers: Sequence[str]) -> dict[str, str]:
    """Write the applied pieces of a file and its announcement; give the files by their keys."""
    folder.mkdir(exist_ok=True)
    objects = {}
    for first in range(0, len(numbers), PIECE):
        records = [AppliedRecord(first + n, "r", "01", each) for n, each in enumerate(numbers[first : first + PIECE])]
        path = folder / f"{first:08d}.json"
        path.write_bytes(AppliedPiece(tuple(records), 0).to_json())
        objects[f"{APPLIED}{_FILE}/{path.name}"] = str(path)
    announcement = Announcement(pieces=len(objects), last=(len(numbers) - 1) // PIECE * PIECE)
    path = folder / "announcement.json"
    path.write_text(announcement.model_dump_json(), encoding="utf-8")
    objects[f"{ANNOUNCED}{_FILE}.json"] = str(path)
    return objects


def _checked(told: Sequence[str]) -> Callable[[Recorded, Mapping[str, Any]], None]:
    def check(recorded: Recorded, _: Mapping[str, Any]) -> None:
        notices = [json.loads(notice) for notice in recorded["shown"]]
        if sorted(each["insz"] for notice in notices for each in notice["notificaties"]) != sorted(told):
            raise BenchmarkError("not exactly the registered persons were told of")
        if any(key.startswith((ANNOUNCED, APPLIED)) for key in recorded["objects"]):
            raise BenchmarkError("the file was not told to its end")

    return check
