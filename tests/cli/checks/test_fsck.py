"""`jbplus fsck` has nothing to say of ordinary traffic, of what ended, or after a rotation."""

from datetime import date

import pytest

from jbplus.intake.bucket import S3Bucket
from jbplus.persons.rotation import Phase, Standing
from jbplus.persons.state import MAX_ENTRIES
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus_cli.keys.tables import DynamoKeyedTable
from tests.cli.checks.rate import records_per_second
from tests.cli.checks.world import CheckedWorld
from tests.support.fakes import no_sleep
from tests.support.files import annulment, record
from tests.support.people import ANNA, BRAM, CELINE, person_number

K2 = b"2" * 32


def test_an_exchange_with_nothing_in_it_agrees(checked: CheckedWorld) -> None:
    said = checked.fsck()

    assert (said["agree"], said["differences"], said["underWay"]) == (
        True,
        [],
        ["nothing of the privacy log is sealed yet"],
    )


def test_what_was_taken_in_and_told_agrees(checked: CheckedWorld) -> None:
    checked.register(ANNA, BRAM)
    checked.take_in([record(ANNA), record(BRAM, "R-2"), record(CELINE, "R-3", verrichtingbedrag="0.00")], 2)
    checked.take_in([record(ANNA, verrichtingbedrag="450.00"), annulment(BRAM, "R-2")], 3)
    checked.take_in([record(ANNA, verrichtingbedrag="1.00"), record(ANNA, verrichtingbedrag="2.00")], 1)
    checked.take_in([], 4)
    checked.take_in([record(ANNA)], 4)  # refused: another of this number
    checked.tell()

    said = checked.fsck()

    assert said["differences"] == []
    counts = {"claims": 4, "reports": 5, "deliveries": 5, "files": 4, "records": 6}
    assert said["checked"] == counts | {"persons": 2, "registrations": 2, "notices": 2}


def test_it_tells_people_that_all_agree_and_names_nobody(checked: CheckedWorld) -> None:
    checked.take_in([record(ANNA)], 1)

    result = checked.run("fsck")

    assert result.exit_code == 0
    assert "All agree." in result.stdout
    assert ANNA not in result.output


def test_a_file_that_is_being_applied_is_under_way(checked: CheckedWorld) -> None:
    checked.seal()
    records = [record(person_number(n), f"R-{n}") for n in range(1, 8)]
    ticks = iter([1000, 1000, 0])
    waits = checked.drop([record(ANNA)], 2)

    assert checked.take_in(records, 1, time_left=lambda: next(ticks, 0)) is None
    said = checked.fsck()

    assert said["differences"] == []
    assert sorted(words.split(" ", 1)[1] for words in said["underWay"]) == [
        "is being applied, 4 of 7 records",
        "waits",
    ]
    assert f"{waits} waits" in said["underWay"]
    assert said["checked"]["records"] == 4


def test_a_person_who_has_no_room_and_one_who_got_it_later(checked: CheckedWorld) -> None:
    checked.chunk = 1000
    full = [record(ANNA, f"R-{n}") for n in range(MAX_ENTRIES + 2)]
    checked.take_in(full, 1)

    assert checked.fsck()["differences"] == []


def test_who_ended_may_be_deleted_or_still_there(checked: CheckedWorld) -> None:
    checked.parameters["RetentionYears"] = "1"
    for person in (ANNA, BRAM):
        checked.take_in([record(person, f"R-{person[:2]}{person[-1]}")], 1 if person == ANNA else 2)
        stored = checked.person(person)
        checked.put_person(stored | {"expiresAt": {"N": "1772578800"}})  # the end of 3 March 2026
    checked.dynamodb.delete_item(TableName=checked.tables.persons, Key=checked.key(ANNA))

    assert checked.fsck()["differences"] == []


def test_a_recovery_of_who_ended_cannot_be_judged(checked: CheckedWorld) -> None:
    checked.parameters["RetentionYears"] = "1"
    checked.take_in([record(ANNA, verrichtingbedrag="-20.00", effectieveVerrichtingsdatum="2025-03-04")], 1)
    checked.dynamodb.delete_item(TableName=checked.tables.persons, Key=checked.key(ANNA))

    said = checked.fsck()

    assert (said["differences"], said["unjudged"]) == ([], 1)


def rotate(world: CheckedWorld) -> None:
    """Copy all to the next names, and remove the old ones, as a rotation does."""
    world.keys = (*world.keys, K2)
    ring = world.ring
    for table in (world.tables.persons, world.tables.registrations):
        keyed = DynamoKeyedTable(world.dynamodb, table, "all", no_sleep)
        for items in list(keyed.pages(1)):
            keyed.copy(items, 1, lambda person: type(ring.pseudonyms.names("x")[0])(ring.successor(person, 2), 2))
        world.stand(Standing(2, Phase.SETTLED, ring.mark(2)))
        for items in list(keyed.pages(1)):
            keyed.remove(items, 1)


def test_after_a_rotation_all_agree(checked: CheckedWorld) -> None:
    checked.register(ANNA)
    checked.take_in([record(ANNA), record(BRAM, "R-2")], 1)
    checked.tell()
    rotate(checked)
    checked.take_in([record(ANNA, verrichtingbedrag="450.00")], 2)
    checked.tell()

    said = checked.fsck()

    assert (said["differences"], said["checked"]["records"]) == ([], 3)


@pytest.mark.parametrize("phase", [Phase.OPENING, Phase.COPYING, Phase.RESTORING, Phase.REPLAYING])
def test_while_persons_are_being_copied_nothing_is_said(checked: CheckedWorld, phase: Phase) -> None:
    checked.stand(Standing(1, phase))

    result = checked.run("fsck", "--json")

    assert result.exit_code == 1
    assert "Persons are being copied" in result.stdout


def test_a_rotation_that_begins_meanwhile_is_told(checked: CheckedWorld) -> None:
    checked.take_in([record(ANNA)], 1)
    scans = []

    def begin(**_: object) -> None:
        scans.append(1)
        if len(scans) == 1:
            checked.stand(Standing(1, Phase.OPENING))

    checked.dynamodb.meta.events.register("before-call.dynamodb.Scan", begin, unique_id="begin")
    try:
        result = checked.run("fsck", "--json")
    finally:
        checked.dynamodb.meta.events.unregister("before-call.dynamodb.Scan", unique_id="begin")

    assert result.exit_code == 1
    assert "began meanwhile" in result.stdout


@pytest.mark.parametrize("moment", [1, 4, 8, 13, 19, 26])
def test_a_file_that_is_finished_between_two_looks_is_no_difference(checked: CheckedWorld, moment: int) -> None:
    """The intake goes on between any two calls of the command."""
    records = [record(person_number(n), f"R-{n}") for n in range(1, 8)]
    ticks = iter([1000, 0])
    checked.register(person_number(3))
    checked.take_in(records, 1, time_left=lambda: next(ticks, 0))
    (key,) = checked.names("inkomend/")
    calls = 0

    def go_on(**_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == moment:
            file = S3Bucket(checked.s3, checked.bucket).incoming(key, None)
            assert checked.intake.take_in(file) is not None
            checked.tell()

    for client in (checked.s3, checked.dynamodb):
        client.meta.events.register_first("before-call.*", go_on, unique_id="go on")
    try:
        assert checked.fsck()["differences"] == []
    finally:
        for client in (checked.s3, checked.dynamodb):
            client.meta.events.unregister("before-call.*", unique_id="go on")
    assert checked.names("verwerkt/")


def test_only_some_checks(checked: CheckedWorld) -> None:
    checked.take_in([record(ANNA)], 1)

    assert set(checked.fsck("--only", "persons")["checked"]) == {"persons"}
    assert checked.run("fsck", "--only", "everything").exit_code == 2


def test_a_registration_that_ends_agrees(checked: CheckedWorld) -> None:
    checked.register(ANNA, registration=Registration(date(2026, 1, 1), date(2026, 12, 31), Right.RUNNING))

    assert checked.fsck()["differences"] == []


def test_the_figure_of_its_speed_is_of_records_that_agree() -> None:
    assert records_per_second(100) > 0
