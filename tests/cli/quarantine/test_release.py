"""`jbplus quarantine release`: what can be taken in by now leaves quarantine, and nothing else does."""

import gzip
import json
from collections.abc import Callable

import pytest

from tests.cli.backstage import Json
from tests.cli.world import USUAL, ZERO, World, with_part
from tests.support.files import mutation_file, record
from tests.support.people import ANNA, BRAM


def refused_for_its_number(world: World, content: bytes, name: str = USUAL) -> str:
    """Have a file refused because its number lies too far ahead; give the name of its copy in quarantine."""
    world.behind.drop(mutation_file([], 1))
    world.behind.drop(content, name)
    return world.quarantined()


@pytest.mark.parametrize(
    ("pack", "name", "delivered"),
    [
        (bytes, USUAL, USUAL),
        (gzip.compress, f"{USUAL}.gz", f"{USUAL}.gz"),
        (bytes, "day-1.json", "bestand.json"),
        (gzip.compress, "day-1.json.gz", "bestand.json.gz"),
    ],
)
def test_a_file_that_can_be_taken_in_by_now_leaves_quarantine(
    here: World, pack: Callable[[bytes], bytes], name: str, delivered: str
) -> None:
    # GIVEN a file that was refused, and since then the numbers before it came
    kept = refused_for_its_number(here, pack(mutation_file([record(ANNA)], 1500)), name)
    here.behind.drop(mutation_file([], 700))
    names: list[str] = []

    def take_in() -> None:
        names.extend(here.keys("inkomend/"))
        here.behind.take_in()

    here.while_sleeping = take_in

    result = here.run("quarantine", "release", kept)

    assert result.exit_code == 0, result.output
    assert names == [f"inkomend/{delivered}"]
    assert "It was taken in, and is out of quarantine." in result.stdout
    assert here.keys("quarantaine/") == []
    assert here.keys("inkomend/") == []
    assert len(here.behind.persons.items) == 1


def test_a_file_that_is_refused_again_stays(here: World) -> None:
    kept = refused_for_its_number(here, mutation_file([], 1500))
    here.while_sleeping = here.behind.take_in

    said = here.read("quarantine", "release", kept)

    assert said["items"][0]["takenIn"] is False
    assert said["items"][0]["report"]["status"] == "geweigerd"
    assert here.keys("quarantaine/") == [f"quarantaine/{kept}"]
    assert here.run("quarantine", "release", kept).exit_code == 1


def test_a_file_with_bad_records_is_taken_in_but_not_all_of_it(here: World) -> None:
    kept = refused_for_its_number(here, mutation_file([record(BRAM), ZERO], 1500))
    here.behind.drop(mutation_file([], 700))
    here.while_sleeping = here.behind.take_in

    result = here.run("quarantine", "release", kept)

    assert result.exit_code == 1
    assert "gedeeltelijkVerwerkt" in result.stdout
    assert f"quarantaine/{kept}" not in here.keys("quarantaine/")
    assert here.read("quarantine", "list")["parts"] == 1


def test_a_file_whose_outcome_does_not_come_stays(here: World) -> None:
    kept = refused_for_its_number(here, mutation_file([], 1500))

    result = here.run("quarantine", "release", kept, "--timeout", "3", columns=300)

    assert result.exit_code == 1
    assert f"{kept}: not released. No report after 3 seconds." in result.stdout
    assert here.keys("quarantaine/") == [f"quarantaine/{kept}"]


def edit(world: World, name: str, old: str, new: str) -> None:
    """Mend records in quarantine, as a fix on our side would."""
    key = f"quarantaine/{name}"
    world.s3.put_object(Bucket="exchange", Key=key, Body=world.object(key).decode().replace(old, new).encode())


def test_records_that_are_good_by_now_are_applied(here: World) -> None:
    here.behind.test_numbers_allowed = False
    here.behind.drop(mutation_file([record(ANNA), record(BRAM)]), USUAL)
    name = here.quarantined()
    here.behind.test_numbers_allowed = True

    result = here.run("quarantine", "release", name, columns=200)

    assert result.exit_code == 0
    assert f"{name}: 2 applied, 0 superseded, 0 refused; out of quarantine." in result.stdout
    assert here.keys("quarantaine/") == []
    assert len(here.behind.persons.items) == 2


def test_records_that_are_still_bad_stay(here: World) -> None:
    name = with_part(here)
    edit(here, name, '"0.00"', '"10.00"')

    result = here.run("quarantine", "release", name, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["items"] == [{"name": name, "toegepast": 1, "verouderd": 0, "geweigerd": 1}]
    assert here.read("quarantine", "list")["items"][0]["codes"] == ["referteBevatInsz"]


def test_one_that_cannot_be_released_does_not_stop_the_others(here: World) -> None:
    name = with_part(here)
    edit(here, name, '"0.00"', '"10.00"')
    edit(here, name, f'"{BRAM}", "type"', '"JBP-3", "type"')

    result = here.run("quarantine", "release", "nothing.json", name, "--json")

    assert result.exit_code == 1
    missing, released = json.loads(result.stdout)["items"]
    assert missing["error"].startswith("Nothing in quarantine is called nothing.json.")
    assert released["toegepast"] == 2


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        ({"errorType": "UnavailableError", "errorMessage": "dynamodb:PutItem"}, "throttled or out of reach. Try again"),
        ({"errorType": "ObjectMissingError"}, "it was released in the meantime"),
        ({"errorType": "Sandbox.Timedout"}, "it took too long. Releasing again does no harm"),
        ({"errorType": "KeyError"}, "the release function failed (KeyError). Read why in its log"),
        ({"errorMessage": "RequestId: 1 Error: Runtime exited"}, "the release function failed (unknown)"),
    ],
)
def test_a_release_function_that_fails_is_said_in_words(here: World, raised: Json, words: str) -> None:
    name = with_part(here)
    here.behind.functions.raised = raised

    result = here.run("quarantine", "release", name, columns=400)

    assert result.exit_code == 1
    assert f"{name}: not released. Could not release {name}: " in result.stdout
    assert words in result.stdout
    assert here.keys("quarantaine/") == [f"quarantaine/{name}"]


def test_a_release_function_out_of_reach_is_said_in_words(here: World) -> None:
    name = with_part(here)
    here.behind.functions.refusals.append("TooManyRequestsException")

    result = here.run("quarantine", "release", name, columns=400)

    assert result.exit_code == 1
    assert "too much is going on at once. Try again later. Releasing again does no harm." in result.stdout


def test_a_release_that_may_not_be_asked_for_is_said_in_words(here: World) -> None:
    name = with_part(here)
    here.behind.functions.refusals.append("ServiceException")

    result = here.run("quarantine", "release", name, columns=400)

    assert result.exit_code == 1
    assert "AWS says ServiceException. Releasing again does no harm." in result.stdout


def test_nothing_named_is_a_usage_error(here: World) -> None:
    assert here.run("quarantine", "release").exit_code == 2
