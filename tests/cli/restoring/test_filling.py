"""`jbplus restore --of`: a new stack has all that another one had, under its keys, with its files."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jbplus.errors import UnavailableError
from jbplus.persons.rotation import Phase, Standing
from tests.cli.checks.test_fsck import rotate
from tests.cli.checks.world import CheckedWorld, new_world
from tests.cli.restoring.test_restore import (
    copied,
    damage,
    deadly,
    finished,
    goes_on,
    linked,
    persons,
    with_newer_file,
)
from tests.support.engine import all_items
from tests.support.files import record
from tests.support.known import PARENTIA
from tests.support.lives import KilledError
from tests.support.people import ANNA, BRAM, CELINE, person_number

EDDY = person_number(5)
Contents = dict[str, list[Any]]


@pytest.fixture
def new(world: CheckedWorld) -> CheckedWorld:
    """A stack that was never used, beside the one that has data."""
    made = new_world(world.dynamodb, world.s3, "new-")
    made.keys, made.name, made.others, made.operators = (b"9" * 32,), "new", (world,), world.operators
    made.while_sleeping = goes_on(made)
    return made


def contents(world: CheckedWorld) -> Contents:
    """Give all that stands in the tables but for the ledger's moments and which key they are at."""
    tables = {name: getattr(world.tables, name) for name in ("registrations", "notices", "privacy_log", "suspensions")}
    items = {name: all_items(world.dynamodb, table) for name, table in tables.items()}
    keyless = {
        name: [item for item in found if not str(item).startswith("{'person': {'S': '#")]
        for name, found in items.items()
    }
    return {"persons": [persons(world)], "ledger": finished(world)} | {
        name: sorted(found, key=str) for name, found in keyless.items()
    }


def folders(world: CheckedWorld) -> set[str]:
    found = world.s3.list_objects_v2(Bucket=world.bucket).get("Contents", [])
    return {entry["Key"] for entry in found if not entry["Key"].startswith(("voortgang/", "verslagen/"))}


def fill(new: CheckedWorld, moment: str, *words: str) -> Any:
    return new.run("restore", moment, "--of", "prod", "--yes", *words)


@pytest.mark.parametrize("rotated", [False, True])
def test_a_new_stack_has_all_that_the_other_had(world: CheckedWorld, new: CheckedWorld, *, rotated: bool) -> None:
    world.behind = timedelta(minutes=10)
    linked(world)
    world.behind = timedelta(0)
    world.seal()
    moment = copied(world)
    with_newer_file(world)
    world.register(CELINE, party=PARENTIA)
    if rotated:
        rotate(world)
    before, files = contents(world), folders(world)

    result = fill(new, moment, "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"moment": moment, "since": [3], "refused": []}
    assert new.pseudonyms(ANNA) == world.pseudonyms(ANNA)
    assert contents(new) == before
    assert new.fsck()["differences"] == world.fsck()["differences"] == []
    assert (contents(world), folders(world)) == (before, files)
    tables = world.dynamodb.list_tables()["TableNames"]
    assert not [table for table in tables if table[-1] == "Z"]
    new.tell()
    # File 3 has one more report; nobody is told anything twice.
    assert files <= folders(new)
    assert [name.rsplit("_")[0] for name in folders(new) - files] == [
        "uitgaand/0316380841/werk.publiceermutatiejobbonusplus-0100"
    ]


def test_what_waits_at_the_other_stack_is_taken_in(world: CheckedWorld, new: CheckedWorld) -> None:
    moment = copied(world)
    key = world.drop([record(EDDY, "R-9")], 3)

    assert fill(new, moment).exit_code == 0

    assert new.names("inkomend/") == [key]
    goes_on(new)()
    assert new.person(EDDY)


def test_a_function_that_goes_by_the_stack_s_first_key_finds_nobody_and_says_so(
    world: CheckedWorld, new: CheckedWorld
) -> None:
    first = replace(new)
    first.in_use.current()

    assert fill(new, copied(world)).exit_code == 0

    with pytest.raises(UnavailableError):
        first.in_use.current()
    assert new.in_use.current().names(ANNA) == world.in_use.current().names(ANNA)


@pytest.mark.parametrize(
    ("use", "what"),
    [
        (lambda new: new.take_in([record(ANNA)], 1), "persons and the ledger"),
        (lambda new: new.register(BRAM), "the registrations"),
    ],
)
def test_a_stack_that_was_used_is_left_as_it_is(
    world: CheckedWorld, new: CheckedWorld, use: Callable[[CheckedWorld], object], what: str
) -> None:
    use(new)
    before = contents(new)

    result = fill(new, copied(world))

    assert result.exit_code == 1
    assert f"it has {what}" in " ".join(result.stderr.split())
    assert (contents(new), new.keys) == (before, (b"9" * 32,))


def test_a_stack_that_is_at_something_is_not_copied(world: CheckedWorld, new: CheckedWorld) -> None:
    moment = copied(world)
    world.stand(Standing(1, Phase.RESTORING, moment="2026-03-01T00:00:00+00:00"))

    result = fill(new, moment)

    assert result.exit_code == 1
    assert "Bring that to its end first" in " ".join(result.stderr.split())


def test_a_stack_is_not_filled_with_itself(world: CheckedWorld) -> None:
    result = world.run("restore", copied(world), "--of", "prod", "--yes")

    assert result.exit_code == 1
    assert "with itself" in result.stderr


def test_what_is_kept_nowhere_is_lost_only_if_told(world: CheckedWorld, new: CheckedWorld) -> None:
    moment = copied(world)
    with_newer_file(world)
    (key,) = (name for name in world.names("verwerkt/") if b"R-5" in world.objects.read(name))
    world.remove_version(key)

    result = fill(new, moment)

    assert result.exit_code == 1
    assert "--lose" in result.stderr
    assert new.keys == (b"9" * 32,)


def test_one_moment_of_one_stack_is_brought_to_its_end(world: CheckedWorld, new: CheckedWorld) -> None:
    moment = copied(world)
    new.stand(Standing(1, Phase.REPLAYING, moment=f"{moment} --of elsewhere"))

    result = fill(new, moment)

    assert result.exit_code == 1
    assert f"jbplus restore {moment} --of elsewhere" in " ".join(result.stderr.split())


def test_it_may_die_anywhere(world: CheckedWorld, new: CheckedWorld) -> None:
    linked(world)
    moment = copied(world)
    with_newer_file(world)
    damage(world)
    deaths: set[str] = set()

    with deadly(new, deaths):
        for _ in range(20):
            with suppress(KilledError):
                result = fill(new, moment)
                assert result.exit_code == 0, result.output
                break

    assert {"settled TransactWriteItems", "restoring TransactWriteItems", "replaying CopyObject"} <= deaths
    assert new.fsck()["differences"] == []
    assert new.in_use.standing().phase is Phase.SETTLED
