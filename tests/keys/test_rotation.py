"""The key of the pseudonyms is rotated while calls go on, and dies at each of its writes."""

from collections.abc import Callable, Iterator

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.persons.rotation import Phase, Standing
from jbplus_local.aws import Aws
from jbplus_recipient.errors import ExchangeError
from tests.keys.world import KNOWN, PERSONS, World
from tests.support.engine import Tables


@pytest.fixture
def operators(aws: Aws) -> Iterator[DynamoDBClient]:
    client = aws.dynamodb()
    yield client
    client.close()


@pytest.fixture
def busy(dynamodb: DynamoDBClient, operators: DynamoDBClient, tables: Tables) -> World:
    return World(dynamodb, operators, tables)


@pytest.fixture
def world(dynamodb: DynamoDBClient, operators: DynamoDBClient, tables: Tables) -> World:
    return World(dynamodb, operators, tables, busy=False)


@pytest.mark.parametrize("deadly", [False, True])
def test_a_rotation_while_calls_go_on(busy: World, *, deadly: bool) -> None:
    """Every call is answered right, whatever phase its instance knows; the rehearsal's checks are in the world."""
    world = busy
    before = world.kept()
    world.deadly = deadly

    world.rotate()
    world.traffic()

    second = world.secret.ring().pseudonyms
    assert world.standings.read() == Standing(2, Phase.SETTLED, world.secret.ring().mark(2))
    assert second.version == 2
    after = world.kept()
    persons = {item["person"]["S"]: item for item in after[world.tables.persons]}
    assert {number: persons.pop(second(number))["state"]["S"] for number in KNOWN} == {
        number: known.state for number, known in KNOWN.items()
    }
    assert persons == {}
    assert {item["person"]["S"] for item in after[world.tables.registrations]} == {
        second(number) for number in world.registered
    }
    assert {item["keyVersion"]["N"] for items in after.values() for item in items} == {"2"}
    assert len(before[world.tables.persons]) == len(after[world.tables.persons])
    assert {number: world.log_of(number) for number in PERSONS} == world.logged
    assert not world.halted.is_stopped
    assert (world.deaths > 20) is deadly


def test_a_second_rotation_goes_on_from_the_first(world: World) -> None:
    world.rotate()
    world.rotate()

    assert world.standings.read().version == 3
    assert {item["keyVersion"]["N"] for items in world.kept().values() for item in items} == {"3"}
    assert {number: world.log_of(number) for number in PERSONS} == world.logged


def test_states_of_persons_are_written_only_when_all_stand_under_one_name(world: World) -> None:
    seen = {}
    sleep = world.sleep

    def look(seconds: float) -> None:
        seen[world.standings.read().phase] = (world.persons_can_be_written(), world.halted.is_stopped)
        sleep(seconds)

    world.sleep = look  # type: ignore[method-assign]  # the clock goes on as before
    world.rotate()

    assert seen == {
        **dict.fromkeys((Phase.OPENING, Phase.COPYING, Phase.SWITCHED, Phase.CLOSING), (False, True)),
        Phase.SWEEPING: (True, False),
    }


def test_what_was_taken_in_while_it_began_is_copied_too(world: World) -> None:
    """An invocation that began before may write under one name until it ends."""
    first = world.keys().current()
    late: list[Callable[[], object]] = [
        lambda: world.dynamodb.update_item(
            TableName=world.tables.persons,
            Key={"person": {"S": first(PERSONS[0])}},
            UpdateExpression="SET #late = :late",
            ExpressionAttributeNames={"#late": "late"},
            ExpressionAttributeValues={":late": {"S": "yes"}},
        )
    ]
    sleep = world.sleep

    def write_late(seconds: float) -> None:
        sleep(seconds)
        if late and world.standings.read().phase is Phase.COPYING and world.seconds > 100:
            late.pop()()

    world.sleep = write_late  # type: ignore[method-assign]  # the clock goes on as before
    world.rotate()

    second = world.secret.ring().pseudonyms
    (item,) = (i for i in world.kept()[world.tables.persons] if i["person"]["S"] == second(PERSONS[0]))
    assert item["late"] == {"S": "yes"}


def test_a_secret_of_another_version_begins_no_rotation(world: World) -> None:
    world.secret.keys = (*world.secret.keys, b"2" * 32)
    world.secret.version = 2

    with pytest.raises(Exception, match="not at the version"):
        world.rotation().run()

    assert world.standings.read() == Standing()
    assert not world.halted.is_stopped


def test_of_two_who_rotate_one_leaves_it_to_the_other(world: World) -> None:
    standing = world.standings.read()
    world.standings.write(Standing(1, Phase.OPENING, "a"), standing)

    with pytest.raises(ExchangeError, match="Somebody else"):
        world.standings.write(Standing(1, Phase.OPENING, "b"), standing)

    assert world.standings.read() == Standing(1, Phase.OPENING, "a")
