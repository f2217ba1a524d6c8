"""A mutation and a succession that come between each other's reading and writing end as they do one after another."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.persons.linking import link
from jbplus.persons.merging import PersonChange, PersonStore, StoredPerson, Together, merge
from jbplus.persons.table import DynamoPersons
from jbplus.successions.rules import Link, StoredLinks
from tests.support.engine import Tables, all_items
from tests.support.fakes import NOW, no_sleep, version_1
from tests.support.known import entry

Act = Callable[[PersonStore], object]

OLD, NEW, NEWEST = "old", "new", "newest"


@dataclass
class Interrupted:
    """Lets a rival act once, right before the first write."""

    persons: PersonStore
    rival: Act | None

    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        return self.persons.read(persons)

    def links(self, persons: Collection[str]) -> Mapping[str, StoredLinks]:
        return self.persons.links(persons)

    def write(self, changes: Sequence[PersonChange]) -> None:
        self._let_the_rival_act()
        self.persons.write(changes)

    def write_together(self, changes: Together) -> None:
        self._let_the_rival_act()
        self.persons.write_together(changes)

    def _let_the_rival_act(self) -> None:
        rival, self.rival = self.rival, None
        if rival is not None:
            rival(self.persons)


def paid(person: str, referte: str, day: date) -> Act:
    said = {person: [(referte, entry(day=day))]}
    return lambda store: merge(store, said, retention_years=5, clock=lambda: NOW, sleep=no_sleep)


def replaced(old: str, new: str, volgnummer: int) -> Act:
    said = Link(new, (volgnummer, 0), date(2026, 3, 4))
    return lambda store: link(store, old, said, retention_years=5, clock=lambda: NOW, sleep=no_sleep)


EARLY, LATE = date(2023, 5, 1), date(2025, 3, 3)
ACTS: dict[str, Act] = {
    "old is paid": paid(OLD, "a", EARLY),
    "old is paid once more": paid(OLD, "b", LATE),
    "new is paid": paid(NEW, "c", LATE),
    "newest is paid": paid(NEWEST, "d", date(2026, 1, 1)),
    "old is replaced": replaced(OLD, NEW, 1),
    "new is replaced": replaced(NEW, NEWEST, 2),
}


@pytest.mark.parametrize(
    "before",
    [
        (),
        ("old is paid",),
        ("old is paid", "new is paid"),
        ("old is replaced",),
        ("old is paid", "old is replaced", "newest is paid"),
    ],
)
@pytest.mark.parametrize(
    ("first", "rival"),
    [
        ("old is paid once more", "old is replaced"),
        ("old is replaced", "old is paid once more"),
        ("new is paid", "old is replaced"),
        ("old is replaced", "new is paid"),
        ("old is paid once more", "new is paid"),
        ("new is replaced", "old is paid once more"),
        ("old is paid once more", "new is replaced"),
        ("old is replaced", "new is replaced"),
    ],
)
def test_whoever_comes_between(
    dynamodb: DynamoDBClient, make_tables: Callable[[], Tables], before: tuple[str, ...], first: str, rival: str
) -> None:
    def left(act: Callable[[PersonStore], object]) -> list[str]:
        table = make_tables().persons
        store = DynamoPersons(dynamodb, table, no_sleep, version_1, lambda: NOW, succession_allowed=True)
        for name in before:
            ACTS[name](store)
        act(store)
        return sorted(str(sorted(item.items())) for item in all_items(dynamodb, table))

    def in_turn(store: PersonStore) -> None:
        for name in (rival, first):
            ACTS[name](store)

    def at_once(store: PersonStore) -> None:
        interrupted = Interrupted(store, ACTS[rival])
        ACTS[first](interrupted)
        if interrupted.rival is not None:  # the first had nothing to write
            ACTS[rival](store)

    assert left(at_once) == left(in_turn)
