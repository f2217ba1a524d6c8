"""The intake of a file: what a record takes, and that the memory does not grow with the file."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.support.fakes import PSEUDONYMS
from tests.support.known import entry, stored

from benchmarks.artefact import ROOT, Artefact
from benchmarks.environment import KEYS, SECRET, VARIABLES
from benchmarks.processes import Bench, BenchmarkError, Case, Recorded, Setup, TableSetup
from jbplus.aws.folders import INCOMING, PROCESSED, REPORTS
from jbplus_cli.samples.files import Order, moment_of, write_file

# Sample files hold 164 records for every 100 persons.
_RECORDS_OF_A_PERSON = 1.64
_DIGITS = 64
"""Of a pseudonym: what follows them in a key tells the items of a person apart."""
_INSZ = re.compile(r'"insz": ?"(\d{11})"')
_KNOWN = stored({"JBP-2023-000001": entry(rank=(1, 0), year=2022)})
_ITEM = {
    "state": {"S": _KNOWN.state},
    "version": {"S": _KNOWN.version},
    "keyVersion": {"N": "1"},
    "expiresAt": {"N": str(_KNOWN.expires_at)},
}


@dataclass(frozen=True)
class Sample:
    """A sample file.

    Attributes:
        name: the stage in which it is taken in.
        path: where it lies.
    """

    name: str
    path: Path

    @property
    def key(self) -> str:
        """Its key in the bucket."""
        return f"{INCOMING}{self.path.name}"

    @property
    def event(self) -> dict[str, Any]:
        """What S3 tells of it."""
        event: dict[str, Any] = json.loads((ROOT / "events" / "intake.json").read_text(encoding="utf-8"))
        event["Records"][0]["s3"]["object"]["key"] = self.key
        return event

    @cached_property
    def persons(self) -> list[str]:
        """The pseudonym of each of its records."""
        with self.path.open(encoding="utf-8") as lines:
            return [PSEUDONYMS(number) for line in lines for number in _INSZ.findall(line)]

    def ready_items(self) -> dict[str, Any]:
        """Give each of its records as a ready item, under a key of its own: a batch takes no key twice."""
        return {"keys": [f"{person}{number:08x}" for number, person in enumerate(self.persons)], "item": _ITEM}

    def ready_records(self) -> dict[str, Any]:
        """Give its records, each with its person."""
        return {"persons": self.persons, "records": json.loads(self.path.read_text(encoding="utf-8"))["mutaties"]}


def make_samples(folder: Path, records: Mapping[str, int]) -> list[Sample]:
    """Make sample files of about so many good records each, by the names of their stages."""
    samples = []
    for volgnummer, (name, count) in enumerate(records.items(), start=1):
        moment = moment_of(volgnummer)
        path = folder / f"werk.publiceermutatiejobbonusplus-0100_{moment:%Y%m%d%H%M%S}{count:07d}.json"
        if not path.exists():
            write_file(Order(round(count / _RECORDS_OF_A_PERSON), volgnummer, volgnummer, moment), path)
        samples.append(Sample(name, path))
    return samples


def product(artefact: Artefact, samples: Sequence[Sample], *, delay: float = 0.0) -> Case:
    """Make the case of the product, which takes these files in one after another.

    Args:
        artefact: what is measured.
        samples: the files.
        delay: how long each answer of AWS takes, in seconds.
    """
    plan = [(sample.name, sample.event, 1) for sample in samples]
    return Case(
        artefact.functions / "intake", "app", artefact.layer, plan, _setup(samples, delay), _taken(samples), VARIABLES
    )


def rivals(artefact: Artefact, samples: Sequence[Sample]) -> dict[str, Case]:
    """Make the cases of the rivals, that write what the files hold."""
    made: dict[str, Callable[[Sample], dict[str, Any]]] = {
        "batch_write": Sample.ready_items,
        "conditional_put": Sample.ready_records,
    }
    return {
        name: Case(
            artefact.rivals,
            name,
            artefact.plain,
            [(sample.name, event(sample), 1) for sample in samples],
            _setup(()),
            _written(samples),
            VARIABLES,
        )
        for name, event in made.items()
    }


def whole_file(artefact: Artefact, sample: Sample) -> Case:
    """Make the case of who reads a file whole."""
    case = product(artefact, [sample])
    return replace(case, folder=artefact.rivals, module="whole_file", libraries=artefact.plain, check=_read(sample))


def _setup(samples: Sequence[Sample], delay: float = 0.0) -> Setup:
    """Make the tables: every second person is known, by one payment; what is written is not kept."""
    tables = {name: TableSetup(key) for name, key in KEYS.items()}
    tables["persons-table"] = TableSetup(KEYS["persons-table"], everyone=_ITEM, keeps=False)
    return Setup(tables, {sample.key: str(sample.path) for sample in samples}, REPORTS, SECRET, delay)


def _written(samples: Sequence[Sample]) -> Callable[[Recorded, Mapping[str, Any]], None]:
    persons = {person for sample in samples for person in sample.persons}

    def check(recorded: Recorded, _: Mapping[str, Any]) -> None:
        if {key[:_DIGITS] for (key,) in recorded["written"]["persons-table"]} != persons:
            raise BenchmarkError("other persons were written than those of the files")

    return check


def _taken(samples: Sequence[Sample]) -> Callable[[Recorded, Mapping[str, Any]], None]:
    check_written = _written(samples)

    def check(recorded: Recorded, answers: Mapping[str, Any]) -> None:
        check_written(recorded, answers)
        reports = [json.loads(report) for report in recorded["shown"]]
        if sum(report["aantallen"]["toegepast"] for report in reports) != sum(len(each.persons) for each in samples):
            raise BenchmarkError("not every record of the sample files was applied")
        if sum(key.startswith(PROCESSED) for key in recorded["objects"]) != len(samples):
            raise BenchmarkError("not every sample file was put away")

    return check


def _read(sample: Sample) -> Callable[[Recorded, Mapping[str, Any]], None]:
    def check(_: Recorded, answers: Mapping[str, Any]) -> None:
        if answers[sample.name]["records"] != len(sample.persons):
            raise BenchmarkError("not every record was read")

    return check


def count(bench: Bench, folder: Path, *, without: str = "") -> dict[str, int]:
    """Count the instructions of one more record, for the product and its rivals.

    Args:
        bench: runs the cases.
        folder: where sample files are made.
        without: a rival that is left out.
    """
    samples = make_samples(folder, {"first": 100, "few": 500, "more": 1500})
    few, more = (len(sample.persons) for sample in samples[1:])
    made = {"product": product(bench.artefact, samples)} | rivals(bench.artefact, samples)
    counted = bench.counts({name: case for name, case in made.items() if name != without})
    return {name: (stages["more"] - stages["few"]) // (more - few) for name, stages in counted.items()}
