"""`jbplus suspend`, `lift` and `suspensions`, against the very calls of suspensions."""

import itertools
import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from jbplus.suspensions.calls import SuspensionCalls
from jbplus.suspensions.rules import Stream
from jbplus.suspensions.service import Suspensions
from tests.cli.world import World
from tests.support.calling import Calling
from tests.support.fakes import NOW, no_sleep
from tests.support.known import INFINO
from tests.support.people import ANNA
from tests.suspensions.fakes import FakeSuspensionStore

NOTICES = ("--stroom", "mutaties", "--reden", "misbruik")
FIRST = str(uuid.UUID(int=1))


@pytest.fixture
def store(local: World) -> FakeSuspensionStore:
    """The suspensions of the local stack, at its clock."""
    store, ids = FakeSuspensionStore(), (str(uuid.UUID(int=n)) for n in itertools.count(1))
    local.api.room = Calling(SuspensionCalls(Suspensions(store, lambda: NOW, lambda: next(ids), no_sleep)).all)
    local.surroundings = replace(local.surroundings, now=lambda: NOW)
    return store


def test_a_party_is_suspended_and_the_suspension_lifted(local: World, store: FakeSuspensionStore) -> None:
    made = local.run("suspend", "infino", *NOTICES, columns=200)

    (suspension,) = store.items[INFINO]
    assert (suspension.id, suspension.streams, suspension.reason) == (FIRST, (Stream.MUTATIONS,), "misbruik")
    assert made.exit_code == 0
    assert f"Suspended Infino Vlaanderen from mutaties since 2026-03-05 10:00:00: {FIRST}" in made.stdout

    lifted = local.run("lift", FIRST, columns=200)

    assert lifted.exit_code == 0
    assert store.items[INFINO][0].lifted == NOW
    assert {call.form["scope"] for call in local.api.calls("/token")} == {"jbplus:bron"}


def test_streams_purposes_and_the_begin_are_sent_as_given(local: World, store: FakeSuspensionStore) -> None:
    begin = (NOW + timedelta(days=1)).isoformat()
    said = local.read(
        *("suspend", INFINO, "--stroom", "consultatie", "--stroom", "mutaties", "--stroom", "consultatie"),
        *("--doel", "klachten", "--reden", "na overleg", "--vanaf", begin),
    )

    (suspension,) = store.items[INFINO]
    assert suspension.streams == (Stream.CONSULTATION, Stream.MUTATIONS)
    assert suspension.purposes == ("klachten",)
    assert suspension.begin.isoformat() == begin
    assert (said["id"], said["doelen"]) == (FIRST, ["klachten"])


def test_suspending_twice_makes_one(local: World, store: FakeSuspensionStore) -> None:
    assert [local.read("suspend", "infino", *NOTICES)["id"] for _ in range(2)] == [FIRST, FIRST]
    assert len(store.items[INFINO]) == 1


@pytest.mark.usefixtures("store")
def test_the_source_sees_all_and_a_party_its_own(local: World) -> None:
    assert "No suspension is known." in local.run("suspensions").stdout
    local.run("suspend", "infino", *NOTICES)
    local.run("suspend", "parentia", *NOTICES, "--vanaf", (NOW + timedelta(days=1)).isoformat())
    local.run("lift", FIRST)

    shown = local.run("suspensions", columns=220).stdout

    assert "lifted 2026-03-05" in shown
    assert "to come" in shown
    assert [each["partij"] for each in local.read("suspensions", "--party", "infino")["items"]] == [INFINO]


@pytest.mark.usefixtures("store")
def test_a_suspension_that_is_not_there_is_said(local: World) -> None:
    result = local.run("lift", FIRST, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["problem"]["status"] == 404


@pytest.mark.parametrize(
    "words",
    [
        ("suspend", "wewis", *NOTICES),
        ("suspend", "nobody", *NOTICES),
        ("suspend", "infino", "--reden", "misbruik"),
        ("suspend", "infino", "--stroom", "mutaties"),
        ("suspend", "infino", "--stroom", "mutaties", "--reden", f"zag {ANNA}"),
        ("suspend", "infino", "--stroom", "mutaties", "--reden", " "),
        ("suspend", "infino", "--stroom", "mutaties", "--reden", "x" * 501),
        ("suspend", "infino", *NOTICES, "--doel", "klachten"),
        ("suspend", "infino", *NOTICES, "--vanaf", "morgen"),
        ("lift", "s-1"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(local: World, words: tuple[str, ...]) -> None:
    result = local.run(*words)

    assert result.exit_code == 2
    assert local.api.asked == []
    assert ANNA not in result.output
