"""Whole histories on a real DynamoDB engine: any order, repetition, concurrency and death gives the same table."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from tests.support.engine import Tables
from tests.support.files import annulment, mutation_file, record, verrichting
from tests.support.lives import Fate, KilledError, World
from tests.support.people import ANNA, BRAM

Event = tuple[str, str]

_AMOUNTS = st.sampled_from(["600.00", "450.50", "-150.00", "-600.00"])
_DAYS = st.sampled_from(["2024-02-29", "2024-12-31", "2025-03-03"])
_BODIES = st.builds(
    lambda amount, day: {"verrichtingbedrag": amount, "effectieveVerrichtingsdatum": day}, _AMOUNTS, _DAYS
)
_WHO = st.sampled_from([ANNA, BRAM])
_WHAT = st.sampled_from(["JBP-1", "JBP-2", "JBP-3"])
_PAID = st.builds(
    lambda who, what, type_, body: record(who, what, type_, **body), _WHO, _WHAT, st.sampled_from(["01", "02"]), _BODIES
)
_ANNULLED = st.builds(annulment, _WHO, _WHAT)
_ANNULLED_WITH_BODY = st.builds(
    lambda who, what, body: {**annulment(who, what), "verrichting": verrichting(**body)}, _WHO, _WHAT, _BODIES
)
_RECORDS = st.lists(st.one_of(_PAID, _ANNULLED, _ANNULLED_WITH_BODY), min_size=1, max_size=4)


@dataclass(frozen=True)
class Delivery:
    """One or two files that are delivered at the same moment, and perhaps the death of the first.

    Attributes:
        files: their places in the history.
        dies_at: the write at which the first one's invocation dies, when it is alone.
    """

    files: tuple[int, ...]
    dies_at: int | None


@dataclass(frozen=True)
class History:
    """Files, and how they come.

    Attributes:
        files: by rising volgnummer, with gaps between.
        deliveries: in any order, with repetitions.
    """

    files: list[bytes]
    deliveries: list[Delivery]


@st.composite
def histories(draw: st.DrawFn) -> History:
    numbers = sorted(draw(st.sets(st.integers(1, 9), min_size=2, max_size=4)))
    files = [mutation_file(draw(_RECORDS), number) for number in numbers]
    places = st.integers(0, len(files) - 1)
    early = draw(st.lists(st.tuples(places, places | st.none(), st.none() | st.integers(1, 8)), max_size=3))
    late = draw(st.permutations(range(len(files))))
    deliveries = [
        Delivery((first,) if second is None else (first, second), dies_at if second is None else None)
        for first, second, dies_at in early
    ]
    return History(files, [*deliveries, *(Delivery((place,), None) for place in late)])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(histories())
def test_any_history_of_deliveries_gives_the_same_table(
    s3: S3Client, dynamodb: DynamoDBClient, make_tables: Callable[[], Tables], history: History
) -> None:
    expected = World.new(s3, dynamodb, make_tables())
    for event in drop(expected, history.files):
        expected.deliver(event)

    world = World.new(s3, dynamodb, make_tables())
    events = drop(world, history.files)
    for delivery in history.deliveries:
        come([events[place] for place in delivery.files], delivery.dies_at, world)

    assert persons(world) == persons(expected)
    assert not [key for key in world.outcome()["objects"] if key.startswith("inkomend/")]


def drop(world: World, files: Sequence[bytes]) -> list[Event]:
    return [world.drop(content, f"{place}.json") for place, content in enumerate(files)]


def come(events: Sequence[Event], dies_at: int | None, world: World) -> None:
    if dies_at is not None:
        with suppress(KilledError):
            world.deliver(events[0], Fate(dies_at))
    else:
        with ThreadPoolExecutor(len(events)) as pool:
            list(pool.map(world.deliver, events))


def persons(world: World) -> Any:
    return world.outcome()["persons"]
