"""How many records `jbplus fsck` compares a second by itself, with a table and a file that answer at once."""

import hashlib
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from jbplus.intake.incoming import IncomingFile
from jbplus.mutation_file.reader import Limits, inspect
from jbplus.persons.state import PersonState, decode, encode
from jbplus.successions.rules import Links
from jbplus_cli.checks.findings import Advance, Findings, Follow
from jbplus_cli.checks.kept_files import Incoming, KeptFile
from jbplus_cli.checks.records import RecordsCheck
from tests.support.fakes import PSEUDONYMS
from tests.support.files import mutation_file, record
from tests.support.known import entry
from tests.support.people import person_number

_BLOCK = 64 * 1024


@dataclass(frozen=True)
class _OneFile:
    content: bytes
    kept: KeptFile

    def processed(self) -> Iterator[tuple[str, KeptFile | None]]:
        yield "verwerkt/a.json", self.kept

    def incoming(self) -> Iterator[Incoming]:
        return iter(())

    def blocks(self, kept: KeptFile) -> Iterator[bytes]:
        assert kept is self.kept
        for start in range(0, len(self.content), _BLOCK):
            yield self.content[start : start + _BLOCK]

    def refused_indexes(self, _: KeptFile) -> frozenset[int]:
        return frozenset()


@dataclass(frozen=True)
class _States:
    states: dict[str, str]

    def read(self, persons: Collection[str]) -> dict[str, PersonState | None]:
        return {person: decode(self.states[person]) for person in persons}

    def links(self, _persons: Collection[str]) -> dict[str, Links]:
        return {}


@contextmanager
def _unseen(_description: str, _count: int | None) -> Iterator[Advance]:
    yield lambda _done: None


def records_per_second(records: int) -> float:
    """Compare a file of so many records, each of another person; give how many a second of one processor."""
    numbers = [person_number(1 + n % 900, year=20 + n // 900) for n in range(records)]
    content = mutation_file([record(number, f"R-{n}") for n, number in enumerate(numbers)])
    now = datetime.now(UTC)
    context = inspect([content], received=now, limits=Limits()).context
    assert context is not None
    file = IncomingFile("a.json", "verwerkt/a.json", None, now)
    kept = KeptFile(file, file.key, len(content), context, hashlib.sha256(content).hexdigest())
    states = {
        PSEUDONYMS(number): encode(PersonState({f"R-{n}": entry(rank=(1, n))})) for n, number in enumerate(numbers)
    }
    check = RecordsCheck(
        _OneFile(content, kept), _States(states), PSEUDONYMS, 5, test_numbers_allowed=True, clock=lambda: now
    )
    findings = Findings()
    begun = time.process_time()
    check.run(findings, Follow(_unseen, _unseen))
    taken = time.process_time() - begun
    assert findings.agree
    assert findings.checked["records"] == records
    return records / taken
