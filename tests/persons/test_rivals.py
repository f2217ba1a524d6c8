"""Files merged at the same moment give the state that they give one after another."""

import random
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier, local

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.errors import ConflictError
from jbplus.persons import retention
from jbplus.persons.merging import Mutations, PersonChange, PersonStore, StoredPerson, merge
from jbplus.persons.state import Entry, PersonState, encode
from jbplus.persons.table import DynamoPersons
from tests.persons.fakes import UnlinkedPersons
from tests.support.engine import Tables
from tests.support.fakes import NOW, no_sleep, version_1
from tests.support.known import RETENTION_YEARS, annulled, entry

FILES = 4
PERSONS = ("anna", "bram", "celine")


@dataclass
class CollidingPersons(UnlinkedPersons):
    """Lets everybody read before anybody writes, at the first try; counts the writes that came too late."""

    persons: PersonStore
    everybody_has_read: Barrier
    conflicts: list[int] = field(default_factory=list)
    mine: local = field(default_factory=local)

    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        found = self.persons.read(persons)
        if not hasattr(self.mine, "has_read"):
            self.mine.has_read = True
            self.everybody_has_read.wait()
        return found

    def write(self, changes: Sequence[PersonChange]) -> None:
        try:
            self.persons.write(changes)
        except ConflictError:
            self.conflicts.append(len(changes))
            raise


@dataclass
class ReadOnlyPersons(UnlinkedPersons):
    """Lets nobody write."""

    persons: PersonStore

    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        return self.persons.read(persons)

    def write(self, changes: Sequence[PersonChange]) -> None:
        raise AssertionError(f"{len(changes)} persons are written again")


def mutations(volgnummer: int, chance: random.Random) -> dict[str, Mutations]:
    """Make what a file says of each person: payments, recoveries and annulments of few refertes."""
    position = iter(range(1000))

    def said(referte: str) -> tuple[str, Entry]:
        rank = (volgnummer, next(position))
        amount = f"{chance.choice(['', '-'])}{chance.randint(1, 900)}.{chance.randint(10, 99)}"
        return referte, annulled(rank=rank) if chance.random() < 0.3 else entry(amount, rank=rank)

    return {person: [said(f"R-{chance.randint(1, 4)}") for _ in range(chance.randint(1, 5))] for person in PERSONS}


def merge_one(store: PersonStore, file: Mapping[str, Mutations]) -> None:
    merge(store, file, retention_years=RETENTION_YEARS, clock=lambda: NOW, sleep=time.sleep)


def one_after_another(files: Sequence[Mapping[str, Mutations]]) -> dict[str, StoredPerson]:
    """Give the items that must result, by the rules alone."""
    states = {
        person: PersonState().merge((c for file in files for c in file[person]), RETENTION_YEARS)[0]
        for person in PERSONS
    }
    return {
        person: StoredPerson(encode(state), retention.ttl(retention.expires_at(state, RETENTION_YEARS), NOW))
        for person, state in states.items()
    }


@pytest.mark.parametrize("seed", range(5))
def test_files_merged_at_once_give_what_they_give_one_after_another(
    dynamodb: DynamoDBClient, tables: Tables, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - guards nothing
    files = [mutations(volgnummer, chance) for volgnummer in range(1, FILES + 1)]
    table = DynamoPersons(dynamodb, tables.persons, no_sleep, version_1)
    store = CollidingPersons(table, Barrier(FILES, timeout=30))
    arriving = chance.sample(files, FILES)

    with ThreadPoolExecutor(FILES) as threads:
        list(threads.map(lambda file: merge_one(store, file), arriving))

    assert table.read(PERSONS) == one_after_another(files)
    assert len(store.conflicts) >= FILES - 1


def test_a_file_merged_again_writes_nothing(dynamodb: DynamoDBClient, tables: Tables) -> None:
    table = DynamoPersons(dynamodb, tables.persons, no_sleep, version_1)
    file = mutations(1, random.Random(1))  # noqa: S311 - guards nothing
    merge_one(table, file)
    before = table.read(PERSONS)

    merge_one(ReadOnlyPersons(table), file)

    assert table.read(PERSONS) == before
