"""The key of the pseudonyms is rotated while calls go on, and dies at each of its writes."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.checkpoints import verify
from jbplus.checkpoints.service import Checkpoints
from jbplus.checkpoints.table import DynamoLog
from jbplus.persons.pseudonym import Name, Pseudonyms
from jbplus.persons.rotation import Phase, Standing
from jbplus_cli.checkpoints.comparing import Compared
from jbplus_cli.keys.tables import DynamoKeyedTable
from jbplus_local.aws import Aws
from jbplus_recipient.errors import ExchangeError
from tests.checkpoints.fakes import HOUR, Sealing
from tests.keys.world import KNOWN, PERSONS, World
from tests.support.engine import Tables, all_items
from tests.support.fakes import NOW, no_sleep
from tests.support.known import INFINO


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
    registrations = [item["person"]["S"] for item in after[world.tables.registrations] if "begin" in item]
    doubts = [item["person"]["S"] for item in after[world.tables.registrations] if "doubts" in item]
    assert sorted(registrations) == sorted(second(number) for number in world.registered)
    assert sorted(doubts) == sorted(second(number) for number, reports in world.reports.items() if reports)
    assert doubts != []
    assert {item["keyVersion"]["N"] for items in after.values() for item in items} == {"2"}
    assert len(before[world.tables.persons]) == len(after[world.tables.persons])
    assert {number: world.log_of(number) for number in PERSONS} == world.logged
    assert not world.halted.is_stopped
    assert (world.deaths > 20) is deadly


def test_what_was_sealed_agrees_before_while_and_after_the_key_is_rotated(busy: World, tmp_path: Path) -> None:
    """Records keep the names that they were written under: a rotation is no change of the log."""
    world, log = busy, DynamoLog(busy.dynamodb, busy.tables.privacy_log)
    sealing = Sealing(now=NOW + HOUR)
    sealed_at = []

    def seal() -> None:
        sealing.now += timedelta(seconds=1)
        made = Checkpoints(log, sealing.vault, sealing, sealing.signer, lambda: sealing.now, sealing.draw)
        assert made.go_round("", lambda: 900.0).rewritten == []
        sealed_at.append(world.standings.read().phase)

    sleep = world.sleep

    def seal_and_sleep(seconds: float) -> None:
        sleep(seconds)
        if world.standings.read().phase not in sealed_at:
            seal()

    world.traffic()
    seal()
    world.sleep = seal_and_sleep  # type: ignore[method-assign]  # the clock goes on as before
    world.rotate()
    world.traffic()
    seal()

    points, segments = sealing.write(tmp_path)
    chain, found = verify.read_checkpoints(points)
    sealed, compared = verify.Sealed(), Compared()
    found += [*verify.check_chain(chain, frozenset()), *sealed.check(verify.digests(segments), chain)]
    items = all_items(world.dynamodb, world.tables.privacy_log)
    found += compared.table(items, sealed, segments, sealing.now)
    assert found == []
    assert {Phase.COPYING, Phase.SWITCHED, Phase.SETTLED} <= set(sealed_at)
    assert compared.records == len(items) > 0
    assert {json.loads(record.rest)["keyVersion"] for record in records_in(segments)} == {1, 2}


def records_in(segments: Path) -> list[verify.Record]:
    return [record for path in segments.glob("*.gz") for record in verify.Segment.read(path.read_bytes()).records]


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


def test_what_a_party_deletes_between_reading_and_copying_does_not_come_back(world: World) -> None:
    """A rival may come between the command's reading of an item and its copy."""
    first, second = (Pseudonyms((b"1" * 32, b"2" * 32)).of_every_version(number) for number in PERSONS[:2])
    table = DynamoKeyedTable(world.operators, world.tables.registrations, "registrations", no_sleep)
    (page,) = table.pages(1)
    kept = [item for item in page if item["person"]["S"] in (first[0], second[0])]
    world.dynamodb.delete_item(TableName=world.tables.registrations, Key=_key(first[0]))
    after = {first[0]: first[1], second[0]: second[1]}

    assert table.copy(kept, 1, lambda person: Name(after[person], 2)) == 2

    left = {item["person"]["S"] for item in world.kept()[world.tables.registrations]}
    assert (first[1] in left, second[1] in left) == (False, True)
    assert table.copy(kept[1:] if kept[0]["person"]["S"] == first[0] else kept[:1], 1, lambda p: Name(after[p], 2)) == 0


def test_a_copy_that_no_longer_equals_its_original_is_made_anew(world: World) -> None:
    table = DynamoKeyedTable(world.operators, world.tables.persons, "persons", no_sleep)
    (page,) = table.pages(1)
    table.copy(page, 1, lambda person: Name(f"{person}-2", 2))
    changed = [item | {"late": {"S": "yes"}} for item in page]
    for item in changed:
        world.dynamodb.put_item(TableName=world.tables.persons, Item=item)

    assert table.copy(changed, 1, lambda person: Name(f"{person}-2", 2)) == len(page)

    copies = [item for item in world.kept()[world.tables.persons] if item["person"]["S"].endswith("-2")]
    assert [item["late"]["S"] for item in copies] == ["yes"] * len(page)


def _key(person: str) -> dict[str, dict[str, str]]:
    return {"person": {"S": person}, "party": {"S": INFINO}}
