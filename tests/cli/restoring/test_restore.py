"""`jbplus restore`: persons and ledger of an earlier moment, and all files since; closed until all is in again.

The copies of a moment that AWS makes afterwards are made here at the moment itself: the emulators copy what is there.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.model import OperationModel

from jbplus.errors import UnavailableError
from jbplus.intake.bucket import S3Bucket
from jbplus.persons.rotation import Phase, Standing
from jbplus.persons.state import version_of
from jbplus.successions.table import is_links
from jbplus_cli.restoring.tables import DynamoRestoredTable
from tests.cli.checks.test_fsck import rotate
from tests.cli.checks.world import CheckedWorld
from tests.support.engine import all_items
from tests.support.fakes import no_sleep
from tests.support.files import record, succession
from tests.support.lives import WRITES, KilledError
from tests.support.people import ANNA, BRAM, CELINE, person_number

DORA, NOBODY = person_number(4), person_number(99)


def copied(world: CheckedWorld) -> str:
    """Have the copies made; give the moment, as an operator writes it."""
    moment = (world.now() - timedelta(seconds=1)).replace(microsecond=0)
    for table in (world.tables.persons, world.tables.ledger):
        world.dynamodb.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=f"{table}-{moment:%Y%m%dT%H%M%SZ}"
        )
    return moment.isoformat()


def damage(world: CheckedWorld) -> None:
    """Lose a person, change an amount, and put somebody there who never was."""
    world.dynamodb.delete_item(TableName=world.tables.persons, Key=world.key(ANNA))
    item = world.person(CELINE)
    text = item["state"]["S"].replace("600.00", "1.00")
    world.put_person(item | {"state": {"S": text}, "version": {"S": version_of(text)}})
    world.put_person(item | world.key(NOBODY))


def persons(world: CheckedWorld) -> dict[str, Any]:
    return {item["person"]["S"]: item for item in all_items(world.dynamodb, world.tables.persons) if "state" in item}


def finished(world: CheckedWorld) -> list[Any]:
    """Give the ledger without its moments, which are those of the last time."""
    items = all_items(world.dynamodb, world.tables.ledger)
    return sorted(({key: item[key] for key in item if not key.endswith("At")} for item in items), key=str)


def goes_on(world: CheckedWorld) -> Callable[[], None]:
    """Let the intake go on whenever the command waits, unless it is stopped."""

    def go_on() -> None:
        if world.functions.concurrency[-1:] == [0]:
            return
        found = world.s3.list_object_versions(Bucket=world.bucket, Prefix="inkomend/").get("Versions", [])
        bucket = S3Bucket(world.s3, world.bucket)
        for version in found:
            world.intake.take_in(bucket.incoming(version["Key"], version["VersionId"]))

    return go_on


def with_newer_file(world: CheckedWorld) -> None:
    world.take_in([record(ANNA, "R-4", verrichtingbedrag="450.00"), record(DORA, "R-5")], 3)
    world.tell()


def test_what_was_damaged_is_as_it_was_and_what_came_since_is_in_again(world: CheckedWorld) -> None:
    moment = copied(world)
    with_newer_file(world)
    before, claims, notices = persons(world), finished(world), world.names("uitgaand/")
    damage(world)
    assert {each["kind"] for each in world.fsck()["differences"]} == {"recordMissing", "recordDiffers"}
    world.while_sleeping = goes_on(world)

    result = world.run("restore", moment, "--set-back", "--yes", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"moment": moment, "since": [3], "refused": []}
    assert (persons(world), finished(world)) == (before, claims)
    assert world.fsck()["differences"] == []
    world.tell()
    assert [name for name in world.names("uitgaand/") if "notificaties" in name] == [
        name for name in notices if "notificaties" in name
    ]
    assert (world.functions.concurrency[0], world.functions.concurrency[-1], world.functions.published) == (0, 4, 1)
    tables = world.dynamodb.list_tables()["TableNames"]
    assert not [table for table in tables if "T" in table]


def test_nobody_is_answered_by_half_of_it(world: CheckedWorld) -> None:
    moment = copied(world)
    with_newer_file(world)
    damage(world)
    seen: dict[str, tuple[bool, bool]] = {}
    go_on = goes_on(world)

    def answers(ask: Callable[[], object]) -> bool:
        try:
            ask()
        except UnavailableError:
            return False
        return True

    def look() -> None:
        phase = world.in_use.standing().phase
        seen[phase] = (answers(world.in_use.current), answers(world.in_use.settled))
        go_on()

    world.while_sleeping = look
    assert world.run("restore", moment, "--set-back", "--yes").exit_code == 0

    assert seen == {Phase.RESTORING: (False, False), Phase.REPLAYING: (False, True)}
    assert answers(world.in_use.current)


def test_newer_data_are_not_overwritten_unless_told(world: CheckedWorld) -> None:
    moment = copied(world)
    with_newer_file(world)
    before = persons(world)

    result = world.run("restore", moment, "--yes")

    assert result.exit_code == 1
    assert "1 file (3)" in result.stderr
    assert "--set-back" in result.stderr
    assert (persons(world), world.functions.concurrency) == (before, [])


def test_a_file_that_is_kept_nowhere_is_lost_only_if_told(world: CheckedWorld) -> None:
    moment = copied(world)
    with_newer_file(world)
    (key,) = (name for name in world.names("verwerkt/") if b"R-5" in world.objects.read(name))
    world.remove_version(key)

    result = world.run("restore", moment, "--yes", "--set-back")
    assert result.exit_code == 1
    assert "--lose" in result.stderr
    assert world.functions.concurrency == []

    assert world.run("restore", moment, "--yes", "--set-back", "--lose").exit_code == 0
    assert world.pseudonyms(DORA) not in persons(world)


def test_nothing_is_done_unless_it_is_wanted(world: CheckedWorld) -> None:
    moment = copied(world)

    assert world.run("restore", moment).exit_code == 1
    assert world.functions.concurrency == []


@pytest.mark.parametrize("moment", ["2026-03-04T18:30:00", "2126-03-04T18:30:00+01:00", "yesterday"])
def test_a_moment_that_is_none(world: CheckedWorld, moment: str) -> None:
    assert world.run("restore", moment, "--yes").exit_code == 2


def test_while_the_key_is_rotated_nothing_is_set_back(world: CheckedWorld) -> None:
    moment = copied(world)
    world.stand(Standing(1, Phase.OPENING))

    result = world.run("restore", moment, "--yes")

    assert result.exit_code == 1
    assert "jbplus rekey" in result.stderr


def test_one_moment_is_brought_to_its_end_before_another(world: CheckedWorld) -> None:
    moment = copied(world)
    other = datetime(2026, 3, 1, tzinfo=UTC).isoformat()
    world.stand(Standing(1, Phase.RESTORING, moment=other))

    result = world.run("restore", moment, "--yes")

    assert result.exit_code == 1
    assert f"jbplus restore {other}" in " ".join(result.stderr.split())
    assert "restored" in " ".join(world.run("rekey", "--yes").stderr.split())


def test_a_moment_before_a_rotation_comes_back_under_the_new_key(world: CheckedWorld) -> None:
    moment = copied(world)
    states = {number: world.person(number)["state"] for number in (ANNA, BRAM, CELINE)}
    rotate(world)
    damage(world)
    world.while_sleeping = goes_on(world)

    assert world.run("restore", moment, "--yes").exit_code == 0

    assert {number: world.person(number)["state"] for number in states} == states
    assert len(persons(world)) == len(states)
    assert world.fsck()["differences"] == []


def linked(world: CheckedWorld, *, since: bool = False) -> None:
    """Link Anna's number with Celine's; or, since, somebody's with Dora's, and Celine's with Bram's."""
    said = [succession(NOBODY, DORA), succession(CELINE, BRAM)] if since else [succession(ANNA, CELINE)]
    world.take_in_successions(said, 2 if since else 1)
    world.tell()


@pytest.mark.parametrize("rotated", [False, True])
def test_links_are_as_they_were_and_those_since_come_in_again(world: CheckedWorld, *, rotated: bool) -> None:
    world.behind = timedelta(minutes=10)
    linked(world)
    world.behind = timedelta(0)
    moment = copied(world)
    linked(world, since=True)
    with_newer_file(world)
    if rotated:
        rotate(world)
    before = [item for item in all_items(world.dynamodb, world.tables.persons) if is_links(item)]
    for item in before:
        world.dynamodb.delete_item(TableName=world.tables.persons, Key={"person": item["person"]})
    damage(world)
    world.while_sleeping = goes_on(world)

    result = world.run("restore", moment, "--set-back", "--yes")

    assert result.exit_code == 0, result.output
    after = [item for item in all_items(world.dynamodb, world.tables.persons) if is_links(item)]
    assert sorted(after, key=str) == sorted(before, key=str)
    said = world.fsck()
    assert (said["differences"], said["checked"]["links"]) == ([], 5)


def test_who_has_ended_since_does_not_come_back(world: CheckedWorld) -> None:
    item = world.person(ANNA)
    world.put_person(item | {"expiresAt": {"N": str(int(world.now().timestamp()) - 1)}})
    moment = copied(world)
    world.dynamodb.delete_item(TableName=world.tables.persons, Key=world.key(ANNA))

    assert world.run("restore", moment, "--yes").exit_code == 0

    assert world.pseudonyms(ANNA) not in persons(world)


@contextmanager
def deadly(world: CheckedWorld, deaths: set[str]) -> Iterator[None]:
    """Let the command die right after each of its writes, once in each phase: so right before the next one too."""
    assert world.operators is not None

    def strike(model: OperationModel, **_: Any) -> None:
        if model.name not in {*WRITES, "RestoreTableToPointInTime", "DeleteTable"}:
            return
        moment = f"{world.in_use.standing().phase} {model.name}"
        if moment not in deaths:
            deaths.add(moment)
            raise KilledError

    for client in world.operators:
        client.meta.events.register("after-call", strike)
    try:
        yield
    finally:
        for client in world.operators:
            client.meta.events.unregister("after-call", strike)


def test_it_may_die_anywhere(world: CheckedWorld) -> None:
    moment = copied(world)
    with_newer_file(world)
    before, claims = persons(world), finished(world)
    damage(world)
    world.while_sleeping = goes_on(world)
    deaths: set[str] = set()

    with deadly(world, deaths):
        for _ in range(20):
            with suppress(KilledError):
                result = world.run("restore", moment, "--set-back", "--yes")
                assert result.exit_code == 0, result.output
                break

    assert deaths == {
        "restoring TransactWriteItems",
        "replaying TransactWriteItems",
        "replaying CopyObject",
        "replaying DeleteTable",
        "settled TransactWriteItems",
        "settled RestoreTableToPointInTime",  # all was done, and is done once more
    }
    assert (persons(world), finished(world)) == (before, claims)
    assert world.fsck()["differences"] == []
    assert world.in_use.standing().phase is Phase.SETTLED


def test_a_copy_is_asked_for_of_the_moment_beside_the_table(world: CheckedWorld) -> None:
    moment = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
    asked: list[dict[str, Any]] = []

    def see(params: dict[str, Any], **_: Any) -> None:
        asked.append(params)

    table = DynamoRestoredTable(
        world.dynamodb, "persons", "persons", ["person"], world.now, no_sleep, "persons", timedelta(minutes=1)
    )
    world.dynamodb.meta.events.register("provide-client-params.dynamodb.RestoreTableToPointInTime", see)
    table.begin_copy(moment)
    table.begin_copy(moment)
    world.dynamodb.meta.events.unregister("provide-client-params.dynamodb.RestoreTableToPointInTime", see)

    assert asked == [
        {
            "SourceTableName": "persons",
            "TargetTableName": "persons-20260304T173000Z",
            "RestoreDateTime": datetime(2026, 3, 4, 17, 29, tzinfo=UTC),
        }
    ]
    assert table.is_copied(moment)
    table.remove_copy(moment)
    table.remove_copy(moment)
    assert not table.is_copied(moment)


@pytest.mark.parametrize("code", ["InvalidRestoreTimeException", "PointInTimeRecoveryUnavailableException"])
def test_a_moment_that_aws_does_not_have_is_told(world: CheckedWorld, code: str) -> None:
    assert world.operators is not None
    dynamodb, _ = world.operators

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code}}, "RestoreTableToPointInTime")

    dynamodb.meta.events.register("before-call.dynamodb.RestoreTableToPointInTime", refuse)
    result = world.run("restore", (world.now() - timedelta(days=40)).isoformat(), "--yes", "--set-back")
    dynamodb.meta.events.unregister("before-call.dynamodb.RestoreTableToPointInTime", refuse)

    assert result.exit_code == 1
    assert "No copy can be made of persons" in " ".join(result.stderr.split())
    assert world.in_use.standing() == Standing()


def test_a_copy_under_a_key_that_is_not_in_use_is_refused(world: CheckedWorld) -> None:
    moment = copied(world)
    copy = f"persons-{datetime.fromisoformat(moment):%Y%m%dT%H%M%SZ}"
    item = {"person": {"S": "#keys"}, "keyVersion": {"N": "2"}, "phase": {"S": "settled"}}
    world.dynamodb.put_item(TableName=copy, Item=item)
    before = persons(world)

    result = world.run("restore", moment, "--yes")

    assert result.exit_code == 1
    assert "of another stack" in " ".join(result.stderr.split())
    assert persons(world) == before
