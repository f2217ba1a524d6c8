"""On a real DynamoDB engine: deaths at any write, rivals at the same moment, any order: the same tables and ends."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from tests.support.engine import CountingClient, Tables, all_items
from tests.support.fakes import PSEUDONYMS
from tests.support.files import annulment, mutation_file, record, succession, succession_file
from tests.support.lives import Fate, KilledError, World, deaths
from tests.support.oracles import retention_end
from tests.support.people import ANNA, BRAM, CELINE

_NUMBERS = st.sampled_from([ANNA, BRAM, CELINE])
_WHAT = st.sampled_from(["a", "b"])
_DAYS = st.sampled_from(["2023-05-01", "2024-02-29", "2025-03-03"])
_MUTATION = st.one_of(
    st.builds(lambda who, what, day: record(who, what, effectieveVerrichtingsdatum=day), _NUMBERS, _WHAT, _DAYS),
    st.builds(annulment, _NUMBERS, _WHAT),
)
_SUCCESSION = (
    st.tuples(_NUMBERS, _NUMBERS, st.sampled_from(["01", "01", "03"]))
    .filter(lambda said: said[0] != said[1])
    .map(lambda said: succession(said[0], said[1], type_=said[2]))
)


@dataclass(frozen=True)
class History:
    """Files of both kinds, and how they come: one or two at a time, and perhaps a death at a write of the first."""

    files: list[bytes]
    deliveries: Sequence[tuple[tuple[int, ...], int | None]]


@st.composite
def histories(draw: st.DrawFn) -> History:
    mutations = [mutation_file(draw(st.lists(_MUTATION, min_size=1, max_size=3)), number) for number in (1, 2)]
    successions = [succession_file(draw(st.lists(_SUCCESSION, min_size=1, max_size=2)), number) for number in (1, 2)]
    files = [*mutations, *successions]
    places = st.integers(0, len(files) - 1)
    early = draw(st.lists(st.tuples(places, places | st.none(), st.integers(1, 8)), max_size=3))
    late = draw(st.permutations(range(len(files))))
    return History(
        files,
        [((one,), dies_at) if other is None else ((one, other), None) for one, other, dies_at in early]
        + [((late[0], late[1]), None), ((late[2], late[3]), None)],
    )


def world_of(s3: S3Client, dynamodb: DynamoDBClient, tables: Tables) -> World:
    return World.new(s3, dynamodb, tables, succession_allowed=True)


def drop(world: World, files: Sequence[bytes]) -> list[tuple[str, str]]:
    return [world.drop(content, f"{place}.json") for place, content in enumerate(files)]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(histories())
def test_any_history_of_both_kinds_gives_the_same_table(
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

    assert world.outcome()["persons"] == expected.outcome()["persons"]


def test_a_succession_file_that_dies_at_any_write_is_finished_when_it_comes_again(
    s3: S3Client, dynamodb: DynamoDBClient, make_tables: Callable[[], Tables]
) -> None:
    content = succession_file([succession(ANNA, BRAM), succession(ANNA[:9], BRAM), succession(CELINE, BRAM, "c")])

    def begun() -> World:
        world = world_of(s3, dynamodb, make_tables())
        world.deliver(world.drop(mutation_file([record(ANNA, "a"), record(CELINE, "b")]), "earlier.json"))
        return world

    undisturbed, fate = begun(), Fate()
    undisturbed.deliver(undisturbed.drop(content, "a.json"), fate)
    expected = undisturbed.outcome()
    for death in deaths(len(fate.writes)):
        world = begun()
        event = world.drop(content, "a.json")
        with pytest.raises(KilledError):
            world.deliver(event, death)

        world.deliver(event)

        assert world.outcome() == expected, death


def test_the_ends_are_those_of_the_whole_and_no_number_is_at_rest(
    s3: S3Client, dynamodb: DynamoDBClient, make_tables: Callable[[], Tables]
) -> None:
    tables = make_tables()
    world = world_of(s3, dynamodb, tables)
    for content in (
        mutation_file([record(ANNA, "a", effectieveVerrichtingsdatum="2023-05-01"), record(BRAM, "b")], 1),
        succession_file([succession(ANNA, BRAM)], 1, tijdstip="2025-03-04T18:30:00+01:00"),
    ):
        world.deliver(world.drop(content, "a.json"))

    items = all_items(dynamodb, tables.persons)
    ends = {item["person"]["S"]: int(item["expiresAt"]["N"]) for item in items}
    whole = retention_end(date(2025, 3, 3), 5)
    old, new = PSEUDONYMS(ANNA), PSEUDONYMS(BRAM)
    assert ends == {old: whole, new: whole} | dict.fromkeys(
        (f"#link/{old}", f"#link/{new}"), retention_end(date(2025, 3, 4), 5)
    )
    assert not any(number in str(items) for number in (ANNA, BRAM))


def test_where_successions_are_not_allowed_links_cost_nothing(
    s3: S3Client, counting: CountingClient, make_tables: Callable[[], Tables]
) -> None:
    world = World.new(s3, counting.client, make_tables())

    world.deliver(world.drop(mutation_file([record(ANNA, "a")]), "a.json"))

    assert counting.sent.count("BatchGetItem") == 1
