"""One pass over a mutation file, alone in its process: `python -m benchmarks.intake_pass PASS FILE`.

It prints the number of records and the seconds of CPU that the pass took; the start of the process does not count.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import ijson
from tests.support.fakes import NOW, PSEUDONYMS, version_1

from benchmarks.processes import BenchmarkError
from benchmarks.stubs import AwsInProcess, StubApplied, StubBucket, StubLedger, StubPersons, blocks, incoming
from jbplus.aws.clients import dynamodb_for_batches
from jbplus.intake.service import Intake, IntakeRules
from jbplus.intake.standing import Progress
from jbplus.mutation_file.codes import Finding
from jbplus.mutation_file.reader import Limits, inspect, read_records
from jbplus.mutation_file.records import parse_context
from jbplus.persons.merging import PersonStore, StoredPerson
from jbplus.persons.state import Entry, Payment, PersonState, Rank, encode
from jbplus.persons.table import DynamoPersons

Work = Callable[[], int]
"""Does the pass, and gives the number of records."""

_YAJL = ijson.get_backend("yajl2_c")
_KNOWN = PersonState({"JBP-2023-000001": Entry.live(Rank(1, 0), Payment(2022, "1", Decimal(600), date(2023, 3, 3)))})
_STORED = StoredPerson(encode(_KNOWN), 1_900_000_000)


def reading(path: Path) -> Work:
    """Read the file whole, as before its claim: form, envelope, count and hash."""

    def work() -> int:
        found = inspect(blocks(path), received=NOW, limits=Limits())
        if found.refusal is not None:
            raise BenchmarkError(f"the sample file was refused: {found.refusal}")
        return found.count

    return work


def reading_floor(path: Path) -> Work:
    """Let yajl parse the file and SHA-256 hash it; look at nothing but the ends of objects."""

    def work() -> int:
        events: list[tuple[str, object]] = ijson.sendable_list()
        parser = _YAJL.basic_parse_coro(events)
        hashed = hashlib.sha256()
        count = depth = 0
        for block in blocks(path):
            hashed.update(block)
            parser.send(block)
            for event, _ in events:
                if event == "start_map":
                    depth += 1
                elif event == "end_map":
                    count += depth == 2  # noqa: PLR2004 - an object within the document
                    depth -= 1
            events.clear()
        parser.close()
        return count - 1

    return work


def holding(path: Path) -> Work:
    """Read the file and hold all its records, as no pass may: it shows that the bound on memory can be broken."""
    return lambda: len(list(read_records(blocks(path))))


def applying(path: Path) -> Work:
    """Validate and merge every record, with a table that answers at once."""
    persons = StubPersons(_STORED)
    return _applying(path, persons, lambda: persons.written)


def applying_through_boto3(path: Path) -> Work:
    """Validate and merge every record, through the real table's code and boto3, which never reaches the network."""
    aws = AwsInProcess()
    aws.stand_in()
    return _applying(path, DynamoPersons(dynamodb_for_batches(), "persons", time.sleep, version_1), lambda: aws.puts)


def applying_floor(path: Path) -> Work:
    """Let ijson read each record, and make its pseudonym and a JSON text of it; check, merge and write nothing."""

    def work() -> int:
        count = 0
        with path.open("rb") as file:
            for record in _YAJL.items(file, "mutaties.item"):
                json.dumps({PSEUDONYMS(record["insz"]): record})
                count += 1
        return count

    return work


def _applying(path: Path, persons: PersonStore, written: Callable[[], int]) -> Work:
    progress = _begun(path)
    file = incoming(path)
    intake = Intake(
        bucket=StubBucket(path, progress.to_json()),
        applied=StubApplied(),
        persons=persons,
        ledger=StubLedger(),
        pseudonyms=lambda: PSEUDONYMS,
        rules=IntakeRules(retention_years=5, test_numbers_allowed=True),
        clock=lambda: NOW,
        sleep=time.sleep,
    )

    def work() -> int:
        report = intake.take_in(file)
        if report is None or report.aantallen.toegepast != progress.count or not written():
            raise BenchmarkError("not every record of the sample file was applied")
        return progress.count

    return work


def _begun(path: Path) -> Progress:
    """Make the progress of an intake that has read the file: from it on, the applying pass is all there is to do."""
    with path.open(encoding="utf-8") as file:
        envelope = json.loads(file.readline().rstrip(",\n") + "}")["context"]
    context = parse_context(envelope, received=NOW)
    if isinstance(context, Finding):
        raise BenchmarkError(f"the sample file's context is not good: {context}")
    return Progress(sha256="0" * 64, context=context, count=context.aantal)


PASSES: dict[str, Callable[[Path], Work]] = {
    "reading": reading,
    "reading-floor": reading_floor,
    "applying": applying,
    "applying-through-boto3": applying_through_boto3,
    "applying-floor": applying_floor,
    "holding": holding,
}


def main() -> None:
    """Do the pass that the command line names."""
    work = PASSES[sys.argv[1]](Path(sys.argv[2]))
    begun = time.process_time()
    count = work()
    json.dump({"records": count, "seconds": time.process_time() - begun}, sys.stdout)


if __name__ == "__main__":
    main()
