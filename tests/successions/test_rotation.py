"""A rotation of the key carries links along: both versions answer while it runs, and the new one after it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from jbplus.persons.pseudonym import KeyRing, Name, Pseudonyms
from jbplus.persons.rotation import Phase, Standing
from jbplus_cli.keys.tables import DynamoKeyedTable
from tests.successions.test_lookups import World
from tests.support.engine import CountingClient, Tables, all_items
from tests.support.fakes import PSEUDONYMS, no_sleep
from tests.support.people import ANNA, BRAM

RING = KeyRing(1, (*PSEUDONYMS.keys, b"2" * 32))


def successor(person: str) -> Name:
    return Name(RING.successor(person, 2), 2)


def standing(version: int, phase: Phase) -> Pseudonyms:
    return Standing(version, phase).pseudonyms(replace(RING, version=2) if version > 1 else RING)


@pytest.fixture
def world(counting: CountingClient, tables: Tables) -> World:
    return World(counting, tables)


def each_table(world: World, act: Callable[[DynamoKeyedTable], None]) -> None:
    for name in (world.tables.persons, world.tables.registrations):
        act(DynamoKeyedTable(world.client.client, name, name, no_sleep))


def test_links_are_renamed_with_all_that_they_name(world: World) -> None:
    expected = world.refertes(BRAM)

    def copy(table: DynamoKeyedTable) -> None:
        for items in table.pages(1):
            table.copy(items, 1, successor)
            assert table.copy(items, 1, successor) == 0, "what is copied stands"

    def remove(table: DynamoKeyedTable) -> None:
        for items in list(table.pages(1)):
            table.remove(items, 1)

    each_table(world, copy)
    for pseudonyms in (standing(1, Phase.COPYING), standing(2, Phase.SWITCHED)):
        world.pseudonyms = pseudonyms
        assert world.refertes(BRAM) == world.refertes(ANNA) == expected
    each_table(world, remove)
    world.pseudonyms = standing(2, Phase.SETTLED)

    assert world.refertes(BRAM) == world.refertes(ANNA) == expected
    left = str(all_items(world.client.client, world.tables.persons))
    assert not any(PSEUDONYMS(number) in left for number in (ANNA, BRAM))
