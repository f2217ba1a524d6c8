"""Notices on the real adapters: whatever dies or comes at once, each is given out once, under one number."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from tests.support.engine import Tables
from tests.support.files import annulment, mutation_file, record
from tests.support.known import INFINO, PARENTIA
from tests.support.lives import Fate, KilledError, World, deaths
from tests.support.people import ANNA, BRAM, CELINE

FILE = mutation_file(
    [record(ANNA, "a"), record(BRAM, "b"), record(CELINE, "c"), annulment(BRAM, "b"), record(BRAM, "d")], 3
)

MakeWorld = Callable[[], World]


@pytest.fixture
def make_world(s3: S3Client, dynamodb: DynamoDBClient, make_tables: Callable[[], Tables]) -> MakeWorld:
    """Makes a world in which a file of two recipients' persons was taken in."""

    def make() -> World:
        world = World.new(s3, dynamodb, make_tables())
        world.register(INFINO, ANNA, BRAM)
        world.register(PARENTIA, CELINE)
        world.deliver(world.drop(FILE, "a.json"))
        return world

    return make


def undisturbed(make_world: MakeWorld) -> tuple[dict[str, Any], int]:
    world, fate = make_world(), Fate()
    done = world.go_round(fate)
    assert (done.files, done.delivered.notices, done.delivered.notifications) == (1, 2, 5)
    assert done.failures == []
    return world.outcome(), len(fate.writes)


def test_the_undisturbed_round_is_what_the_others_are_compared_with(make_world: MakeWorld) -> None:
    outcome, _ = undisturbed(make_world)

    notices = [key for key in outcome["objects"] if key.startswith("uitgaand/") and "notificaties" in key]
    assert sorted(key.split("/")[1] for key in notices) == [INFINO, PARENTIA]
    assert not [key for key in outcome["objects"] if key.startswith(("wachtend/", "aangekondigd/", "toegepast/"))]


def test_a_death_at_any_write_is_mended_by_the_next_round(make_world: MakeWorld) -> None:
    expected, writes = undisturbed(make_world)
    assert writes > 10

    for death in deaths(writes):
        world = make_world()
        with pytest.raises(KilledError):
            world.go_round(death)
        world.go_round()
        world.go_round()

        assert world.outcome() == expected, death


def test_rounds_at_the_same_moment_end_as_one(make_world: MakeWorld) -> None:
    expected, _ = undisturbed(make_world)

    for _ in range(3):
        world = make_world()
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda world: world.go_round(), [world] * 3))
        done = world.go_round()

        assert done.failures == []
        assert world.outcome() == expected
