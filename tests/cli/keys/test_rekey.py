"""`jbplus rekey`: what it reaches of a stack, what it asks and says. The rotation itself is tested in `tests/keys`."""

import json

import pytest

from jbplus.persons.rotation import Phase, Standing
from jbplus.persons.table import DynamoStanding, StandingItem
from tests.cli.backstage import PERSONS, REGISTRATIONS
from tests.cli.keyed import K1, make_keyed, ring
from tests.cli.world import World
from tests.support.fakes import no_sleep


@pytest.fixture
def keyed(local: World) -> World:
    make_keyed(local)
    return local


def standing(world: World) -> Standing:
    items = [StandingItem.of_persons(PERSONS), StandingItem.of_registrations(REGISTRATIONS)]
    return DynamoStanding(world.behind.dynamodb, items, no_sleep).read()


def test_the_key_is_rotated_and_what_waited_goes_on(keyed: World) -> None:
    result = keyed.run("rekey", "--yes", "--json")

    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {"version": 2}
    keys = ring(keyed)
    assert (keys.version, len(keys.keys), keys.keys[0]) == (2, 2, K1.encode())
    assert len(set(keys.keys)) == 2
    assert standing(keyed) == Standing(2, Phase.SETTLED, keys.mark(2))
    functions = keyed.behind.functions
    assert (set(functions.concurrency[:-1]), functions.concurrency[-1], functions.published) == ({0}, 4, 1)


def test_an_intake_that_has_nothing_set_apart_is_stopped_and_goes_on_so(keyed: World) -> None:
    keyed.behind.parameters["IntakeConcurrency"] = "-1"

    assert keyed.run("rekey", "--yes").exit_code == 0
    assert (set(keyed.behind.functions.concurrency[:-1]), keyed.behind.functions.concurrency[-1]) == ({0}, -1)


def test_no_key_is_shown(keyed: World) -> None:
    result = keyed.run("rekey", "--yes")

    assert [key for key in ring(keyed).keys if key.decode() in result.output + result.stderr] == []
    assert "version 2" in result.stdout


def test_nothing_is_done_unless_it_is_wanted(keyed: World) -> None:
    result = keyed.run("rekey")

    assert result.exit_code == 1
    assert (ring(keyed).version, len(ring(keyed).keys), standing(keyed)) == (1, 1, Standing())
    assert keyed.behind.functions.concurrency == []


def test_a_rotation_that_was_broken_off_goes_on_without_asking(keyed: World) -> None:
    def stop() -> None:
        if standing(keyed).phase is Phase.SWITCHED:
            raise KeyboardInterrupt

    keyed.while_sleeping = stop
    assert keyed.run("rekey", "--yes").exit_code != 0
    assert standing(keyed).phase is Phase.SWITCHED
    keyed.while_sleeping = lambda: None

    assert keyed.run("rekey").exit_code == 0
    assert standing(keyed).version == 2


def test_a_secret_that_the_tables_are_not_at_is_told(keyed: World) -> None:
    assert keyed.behind.secrets is not None
    content = {"version": 2, "k1": K1, "k2": "2" * 64}
    keyed.behind.secrets.put_secret_value(SecretId="pseudonyms", SecretString=json.dumps(content))

    result = keyed.run("rekey", "--yes")

    assert result.exit_code == 1
    assert "not at the version" in " ".join(result.stderr.split())


@pytest.mark.parametrize("output", ["PersonsTable", "PseudonymSecret", "StatisticsPublishingFunction"])
def test_a_stack_without_what_it_needs_is_told(keyed: World, output: str) -> None:
    keyed.behind.missing_outputs.add(output)

    result = keyed.run("rekey", "--yes")

    assert result.exit_code == 1
    assert output in result.stderr


def test_a_stack_that_does_not_tell_its_concurrency_is_left_alone(keyed: World) -> None:
    keyed.behind.parameters.clear()

    assert keyed.run("rekey", "--yes").exit_code == 1
    assert keyed.behind.functions.concurrency == []
