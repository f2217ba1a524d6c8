"""On a real DynamoDB engine: any order, repetition and death of files of both kinds gives a byte-equal stand."""

import gzip
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from jbplus.persons.pseudonym import KeyRing, Name, Pseudonyms
from jbplus_cli.keys.tables import DynamoKeyedTable
from tests.successions.test_lives import History, drop, histories, world_of
from tests.support.engine import Tables
from tests.support.fakes import PSEUDONYMS, no_sleep
from tests.support.files import annulment, mutation_file, record, succession, succession_file
from tests.support.lives import Fate, KilledError, World
from tests.support.people import ANNA, BRAM, CELINE


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(histories())
def test_any_history_gives_the_same_bytes(
    s3: S3Client, dynamodb: DynamoDBClient, make_tables: Callable[[], Tables], history: History
) -> None:
    expected = world_of(s3, dynamodb, make_tables())
    for event in drop(expected, history.files):
        expected.deliver(event)

    world = world_of(s3, dynamodb, make_tables())
    events = drop(world, history.files)
    for places, dies_at in history.deliveries:
        if dies_at is not None:
            with suppress(KilledError):
                world.deliver(events[places[0]], Fate(dies_at))
        else:
            with ThreadPoolExecutor(len(places)) as pool:
                list(pool.map(world.deliver, [events[place] for place in places]))

    assert world.put_source_stand_out() == expected.put_source_stand_out()


@pytest.fixture
def world(s3: S3Client, dynamodb: DynamoDBClient, make_tables: Callable[[], Tables]) -> World:
    made = world_of(s3, dynamodb, make_tables())
    files = [
        mutation_file([record(ANNA, "a"), record(BRAM, "b"), record(CELINE, "c"), record(CELINE, "d")], 1),
        mutation_file([annulment(CELINE, "d"), record(CELINE, "c", "02", verrichtingbedrag="300.00")], 2),
        succession_file([succession(ANNA, BRAM)], 1),
    ]
    for event in drop(made, files):
        made.deliver(event)
    return made


def refertes(stand: bytes) -> list[str]:
    return [line.split('"')[3] for line in gzip.decompress(stand).decode().splitlines() if '"kenmerk"' in line]


@pytest.mark.parametrize("after", [False, True])
def test_a_run_that_dies_at_its_write_is_run_again(world: World, *, after: bool) -> None:
    with pytest.raises(KilledError):
        world.put_source_stand_out(fate=Fate(1, after))

    made = world.put_source_stand_out()

    assert refertes(made) == ["a", "b", "c"]
    assert world.put_source_stand_out() == made


def test_a_rotation_changes_no_byte(world: World) -> None:
    before = world.put_source_stand_out()
    ring = KeyRing(2, (*PSEUDONYMS.keys, b"2" * 32))
    table = DynamoKeyedTable(world.dynamodb, world.tables.persons, "persons", no_sleep)
    for items in list(table.pages(1)):
        table.copy(items, 1, lambda person: Name(ring.successor(person, 2), 2))
    # While both stand there, each counts once.
    assert world.put_source_stand_out(replace(PSEUDONYMS, current=1)) == before
    for items in list(table.pages(1)):
        table.remove(items, 1)

    assert world.put_source_stand_out(Pseudonyms(ring.keys, 2)) == before


def test_no_number_is_readable_in_it(world: World) -> None:
    text = gzip.decompress(world.put_source_stand_out()).decode()

    assert not any(number in text or PSEUDONYMS(number) in text for number in (ANNA, BRAM, CELINE))
