"""Each damage is named by `jbplus fsck`, by its kind and place, and nothing else is."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.cli.checks.damages import DAMAGES, NEW, OLD, Differences, claim, decide, queued, ttl_off_by_a_day
from tests.cli.checks.snapshot import Snapshot
from tests.cli.checks.world import CheckedWorld, empty_world
from tests.support.files import annulment, record, succession
from tests.support.people import ANNA, BRAM, CELINE, person_number

if TYPE_CHECKING:
    from tests.cli.checks.world import Clients


@pytest.fixture(scope="module")
def made(in_memory: "Clients") -> Iterator[tuple[CheckedWorld, Snapshot]]:
    """An exchange in which all agrees, and how it stood."""
    with empty_world(*in_memory) as world:
        world.register(ANNA, BRAM, OLD)
        # The old number's payment is the later one: once they are linked, the new one's end is not its own.
        linked = [
            record(OLD, "R-6", effectieveVerrichtingsdatum="2025-03-04"),
            record(NEW, "R-7", effectieveVerrichtingsdatum="2024-06-03"),
        ]
        world.take_in([record(ANNA), record(BRAM, "R-2"), record(CELINE, "R-3"), *linked], 1)
        world.tell()
        world.take_in([record(ANNA, "R-4"), annulment(BRAM, "R-2")], 2)
        world.tell()
        world.take_in_successions([succession(OLD, NEW), succession(person_number(8), person_number(9))], 1)
        world.take_in_successions([succession(person_number(8), person_number(9), type_="03")], 2)
        world.tell()
        world.seal()
        yield world, Snapshot.of(world)


@pytest.fixture
def whole(made: tuple[CheckedWorld, Snapshot]) -> CheckedWorld:
    """An exchange in which all agrees."""
    world, snapshot = made
    snapshot.put_back()
    return replace(world, parameters=dict(world.parameters))


@pytest.mark.parametrize("damage", DAMAGES, ids=[each.__name__ for each in DAMAGES])
def test_a_damage_is_named_and_nothing_else(whole: CheckedWorld, damage: Callable[[CheckedWorld], Differences]) -> None:
    expected = damage(whole)

    said = whole.run("fsck", "--json")
    assert said.exit_code == 1
    found = [(each["kind"], each["where"], each.get("number")) for each in json.loads(said.stdout)["differences"]]
    assert sorted(found, key=str) == sorted(expected, key=str)
    for secret in (ANNA, BRAM, CELINE, "600.00", "601.00", "700.00"):
        assert secret not in said.output


def test_without_a_damage_nothing_is_named(whole: CheckedWorld) -> None:
    assert whole.fsck()["differences"] == []


def test_what_waits_or_is_being_put_out_is_no_difference(whole: CheckedWorld) -> None:
    queued(whole)
    waiting = whole.fsck()
    decide(whole)

    decided = whole.fsck()

    assert (waiting["differences"], decided["differences"]) == ([], [])
    assert decided["underWay"] == ["notice 3 of 0685540471 is being put out"]


def test_what_differs_is_told_to_people(whole: CheckedWorld) -> None:
    ttl_off_by_a_day(whole)

    said = whole.run("fsck")

    assert said.exit_code == 1
    assert "endWrong" in said.stdout
    assert "the end (TTL) is not the one that the state gives" in said.stdout
    assert whole.pseudonyms(ANNA)[:12] in said.stdout


def test_what_is_of_no_known_form_is_told_without_what_it_holds(whole: CheckedWorld) -> None:
    item = claim(whole, 2)
    whole.dynamodb.put_item(TableName=whole.tables.ledger, Item=item | {"claimedAt": {"S": ANNA}})

    said = whole.run("fsck")

    assert said.exit_code == 1
    assert "met by the check of the deliveries" in " ".join(said.stderr.split())
    assert ANNA not in said.output + said.stderr


def test_all_of_a_table_that_is_lost_is_counted(whole: CheckedWorld) -> None:
    for person in (ANNA, BRAM, CELINE):
        whole.dynamodb.delete_item(TableName=whole.tables.persons, Key=whole.key(person))

    assert whole.fsck()["kinds"] == {"recordMissing": 5}
