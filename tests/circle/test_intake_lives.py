"""Whatever dies, comes twice or comes at once: the same tables, one report, the right counts, nothing left over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from tests.support.engine import Tables
from tests.support.files import annulment, mutation_file, record
from tests.support.lives import Fate, KilledError, World, deaths
from tests.support.people import ANNA, BRAM, CELINE

NAME = "werk.publiceermutatiejobbonusplus-0100_20250304183000000.json"
EARLIER = mutation_file([record(ANNA, "JBP-1"), record(BRAM, "JBP-2")], 1)
FILE = mutation_file(
    [
        record(ANNA, "JBP-1", "02", verrichtingbedrag="450.00"),
        record(CELINE, "JBP-3"),
        record(CELINE, "JBP-4", verrichtingbedrag="0"),
        annulment(BRAM, "JBP-2"),
        record(BRAM, "JBP-5", verrichtingbedrag="-100.00"),
        "no record",
        record(ANNA, "JBP-6"),
    ],
    3,
)
REFUSED = FILE[:-1]
MOST_WRITES = 40

MakeWorld = Callable[[], World]


@pytest.fixture
def make_world(s3: S3Client, dynamodb: DynamoDBClient, make_tables: Callable[[], Tables]) -> MakeWorld:
    """Makes a world in which an earlier file was taken in."""

    def make() -> World:
        world = World.new(s3, dynamodb, make_tables())
        world.deliver(world.drop(EARLIER, "earlier.json"))
        return world

    return make


def undisturbed(make_world: MakeWorld, content: bytes) -> tuple[dict[str, Any], int]:
    world = make_world()
    fate = Fate()
    world.deliver(world.drop(content, NAME), fate)
    return world.outcome(), len(fate.writes)


def test_the_undisturbed_life_is_what_the_others_are_compared_with(make_world: MakeWorld) -> None:
    outcome, writes = undisturbed(make_world, FILE)

    (report,) = (value for key, value in outcome["objects"].items() if key.startswith("verslagen/werk."))
    assert report["status"] == "gedeeltelijkVerwerkt"
    assert report["aantallen"] == {"gelezen": 7, "toegepast": 5, "verouderd": 0, "geweigerd": 2}
    assert report["ontbrekendeVolgnummers"] == [{"van": 2, "tot": 2}]
    assert not [key for key in outcome["objects"] if key.startswith("inkomend/")]
    assert 10 < writes <= MOST_WRITES


@pytest.mark.parametrize("content", [FILE, REFUSED], ids=["good", "refused"])
def test_a_death_at_any_write_is_mended_by_the_next_delivery(make_world: MakeWorld, content: bytes) -> None:
    expected, writes = undisturbed(make_world, content)

    for death in deaths(writes):
        world = make_world()
        event = world.drop(content, NAME)
        with pytest.raises(KilledError):
            world.deliver(event, death)
        world.deliver(event)
        world.deliver(event)

        assert world.outcome() == expected, death


def test_dying_again_and_again_a_little_later_each_time_is_mended(make_world: MakeWorld) -> None:
    expected, writes = undisturbed(make_world, FILE)
    world = make_world()
    event = world.drop(FILE, NAME)

    for at in range(1, writes + 1):
        try:
            world.deliver(event, Fate(at, after=at % 2 == 0))
        except KilledError:
            continue
        break
    world.deliver(event)

    assert world.outcome() == expected


def test_two_invocations_at_the_same_moment_end_as_one(make_world: MakeWorld) -> None:
    expected, _ = undisturbed(make_world, FILE)

    for _ in range(3):
        world = make_world()
        event = world.drop(FILE, NAME)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(world.deliver, (event, event)))
        world.deliver(event)

        assert world.outcome() == expected


def test_what_does_not_fit_in_one_invocation_goes_on_in_the_next(make_world: MakeWorld) -> None:
    expected, _ = undisturbed(make_world, FILE)
    world = make_world()
    event = world.drop(FILE, NAME)
    merged, invocations, report = 0, 0, None

    while report is None:
        fate = Fate()
        report = world.deliver(event, fate, lambda: 0.0)
        merged += fate.writes.count("TransactWriteItems")
        invocations += 1

    # Without time the first one only reads the file; each of the others does one of its four chunks all the same.
    assert invocations == 5
    # One transaction of each invocation claims the file, and one merges each chunk: nothing is merged twice.
    assert merged == 5 + 4
    assert world.outcome() == expected
