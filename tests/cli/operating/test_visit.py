"""`jbplus visit`: what the clock does, done now."""

from datetime import UTC, datetime

import pytest

from jbplus.dropserver.bucket import DropserverBucket
from jbplus.dropserver.visits import LastVisit
from tests.cli.backstage import DROPSERVER, NOTICES, Json
from tests.cli.world import World


def will_say(world: World, function: str, *said: Json) -> None:
    """Have a function say things, one at each call."""
    world.behind.functions.clockwork[function].extend(said)


def visited(taken: int, sent: int, waiting: int = 0) -> Json:
    return {"taken": taken, "sent": sent, "waiting": waiting, "failed": 0}


def test_a_visit_takes_tells_and_sends(here: World) -> None:
    will_say(here, DROPSERVER, visited(1, 2, waiting=5), visited(0, 3))
    will_say(here, NOTICES, {})

    result = here.run("visit")

    assert (result.exit_code, result.stdout) == (0, "Taken: 1 file. Sent: 5 files.\n")
    assert here.behind.functions.ran == [DROPSERVER, NOTICES, DROPSERVER]


def test_what_is_left_is_said(here: World) -> None:
    will_say(here, DROPSERVER, visited(1, 0), visited(0, 0, waiting=2))
    will_say(here, NOTICES, {})

    said = here.run("visit", "--json")

    assert said.exit_code == 0
    assert '"waiting": 2' in said.stdout


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("VisitFailedError", "Could not visit the dropserver: the function failed (VisitFailedError). Read why"),
        ("Sandbox.Timedout", "Could not visit the dropserver: it took too long"),
    ],
)
def test_a_visit_that_fails_says_so(here: World, kind: str, words: str) -> None:
    will_say(here, DROPSERVER, {"errorType": kind, "errorMessage": "secret"})

    result = here.run("visit")

    assert result.exit_code == 1
    assert words in " ".join(result.stderr.split())
    assert "secret" not in result.output
    assert here.behind.functions.ran == [DROPSERVER]


def test_a_visit_that_fails_says_the_reason_that_it_left(here: World) -> None:
    bucket = DropserverBucket(here.s3, "exchange")
    reason = "DROP005 dropserver ftps.example:21: connecting: nobody listens there; check host and port"
    left = LastVisit(at=datetime.now(UTC), reasons=(reason,))
    here.behind.functions.on_clock = lambda: bucket.remember(left)
    will_say(here, DROPSERVER, {"errorType": "Runtime.HandlerError"})

    result = here.run("visit")

    assert result.exit_code == 1
    assert f"Could not visit the dropserver: {reason}." in " ".join(result.stderr.split())


def test_the_reason_of_an_earlier_visit_is_not_that_of_this_one(here: World) -> None:
    DropserverBucket(here.s3, "exchange").remember(LastVisit(at=datetime.now(UTC), reasons=("DROP005 earlier",)))
    will_say(here, DROPSERVER, {"errorType": "Runtime.ExitError"})

    result = here.run("visit")

    assert result.exit_code == 1
    assert "earlier" not in result.output
    assert "the function failed (Runtime.ExitError)" in " ".join(result.stderr.split())


def test_notices_that_fail_are_said(here: World) -> None:
    will_say(here, DROPSERVER, visited(0, 0))
    will_say(here, NOTICES, {"errorType": "NoticesDelayedError"})

    result = here.run("visit")

    assert result.exit_code == 1
    assert "Could not make the notices" in result.stderr


def test_a_visit_that_is_going_on_is_not_doubled(here: World) -> None:
    here.behind.functions.refusals.append("TooManyRequestsException")

    result = here.run("visit")

    assert result.exit_code == 1
    assert "a visit is going on already" in " ".join(result.stderr.split())


def test_a_stack_without_dropserver_says_how_to_have_one(here: World) -> None:
    here.behind.missing_outputs.add("DropserverFunction")

    result = here.run("visit")

    assert result.exit_code == 1
    assert "Deploy it with DropserverHost" in " ".join(result.stderr.split())


def test_an_answer_that_is_not_as_agreed_is_said(here: World) -> None:
    will_say(here, DROPSERVER, {"taken": "many"})

    assert "not as agreed" in here.run("visit").stderr
