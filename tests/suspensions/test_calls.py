"""The calls of suspensions on the wire, and what a suspended party gets to see of its lookups (Article 8)."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from jbplus.privacy_log.rules import LogOutcome
from jbplus.protocol.parties import OPGROEIEN, WEWIS
from jbplus.suspensions.calls import SuspensionCalls
from jbplus.suspensions.rules import MOST_KEPT, Stream, Suspension
from jbplus.suspensions.service import Suspensions
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.api import GET, QUERY, Answered, Api
from tests.support.calling import Calling
from tests.support.events import claims
from tests.support.fakes import NOW, no_sleep
from tests.support.known import INFINO, registered
from tests.support.people import ANNA, BRAM
from tests.suspensions.fakes import FakeSuspensionStore

SUSPENSIONS = "/v1/schorsingen"
SOURCE = claims(WEWIS.kbo, "jbplus:bron")
BODY: dict[str, Any] = {"partij": INFINO, "stromen": ["consultatie"], "reden": "misbruik"}
BAD = ANNA[:-1] + str((int(ANNA[-1]) + 1) % 10)
WHOLLY = Suspension("s-1", INFINO, (Stream.CONSULTATION,), (), "misbruik", NOW)


@dataclass
class World:
    """The calls over a fake store."""

    store: FakeSuspensionStore = field(default_factory=FakeSuspensionStore)

    def __post_init__(self) -> None:
        ids = (f"s-{n}" for n in itertools.count(1))
        suspensions = Suspensions(self.store, lambda: NOW, lambda: next(ids), no_sleep)
        self.calling = Calling(SuspensionCalls(suspensions).all)

    def suspend(self, **changes: Any) -> Answered:
        """Suspend Infino, unless otherwise."""
        return self.calling.post(SUSPENSIONS, SOURCE, BODY | changes)


@pytest.fixture
def world() -> World:
    return World()


def test_a_suspension_is_answered_with_its_id_and_moment(world: World) -> None:
    answered = world.suspend(doelen=["audit", "toezicht"], vanaf="2026-03-05T12:30:00+02:00")

    assert answered.status == 201
    assert answered.json == {
        "id": "s-1",
        **BODY,
        "doelen": ["audit", "toezicht"],
        "vanaf": "2026-03-05T10:30:00Z",
    }


def test_what_was_left_out_is_absent_and_the_moment_is_now(world: World) -> None:
    assert world.suspend().json == {"id": "s-1", **BODY, "vanaf": "2026-03-05T09:00:00Z"}


@pytest.mark.parametrize("body", [None, {}], ids=["no body", "empty object"])
def test_lifting_takes_no_body_and_tells_the_moment(world: World, body: object) -> None:
    made = world.suspend().json

    answered = world.calling.post(f"{SUSPENSIONS}/s-1/opheffing", SOURCE, body)

    assert (answered.status, answered.json) == (200, {**made, "opgehevenOp": "2026-03-05T09:00:00Z"})
    assert world.calling.post(f"{SUSPENSIONS}/s-1/opheffing", SOURCE, body).json == answered.json
    assert world.calling.get(SUSPENSIONS, SOURCE).json == {"items": [answered.json]}


def test_lifting_with_something_in_the_body_is_refused(world: World) -> None:
    world.suspend()

    answered = world.calling.post(f"{SUSPENSIONS}/s-1/opheffing", SOURCE, {"reden": "spijt"})

    assert answered.problem == (400, "badRequest", None)


def test_an_unknown_id_is_not_found(world: World) -> None:
    answered = world.calling.post(f"{SUSPENSIONS}/s-9/opheffing", SOURCE)

    assert answered.problem == (404, "resourceNotFound", None)
    assert "s-9" not in answered.body


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        pytest.param({"partij": WEWIS.kbo}, "partij", id="the source itself"),
        pytest.param({"partij": "0123456749"}, "partij", id="no party"),
        pytest.param({"stromen": []}, "stromen", id="no stream"),
        pytest.param({"stromen": ["mutaties", "mutaties"]}, "stromen", id="a stream twice"),
        pytest.param({"stromen": ["alles"]}, "stromen[0]", id="unknown stream"),
        pytest.param({"doelen": []}, "doelen", id="no purpose"),
        pytest.param({"doelen": ["audit", "audit"]}, "doelen", id="a purpose twice"),
        pytest.param({"doelen": ["geluk"]}, "doelen[0]", id="unknown purpose"),
        pytest.param({"stromen": ["mutaties"], "doelen": ["audit"]}, None, id="a purpose of notices"),
        pytest.param({"doelen": None}, "doelen", id="null"),
        pytest.param({"reden": ""}, "reden", id="no reason"),
        pytest.param({"reden": "x" * 501}, "reden", id="long reason"),
        pytest.param({"reden": f"zie {ANNA[:6]}-{ANNA[6:9]}.{ANNA[9:]}"}, "reden", id="a person in the reason"),
        pytest.param({"vanaf": "2026-03-05T10:00:00"}, "vanaf", id="a moment without offset"),
        pytest.param({"vanaf": "2026-03-05"}, "vanaf", id="a day"),
        pytest.param({"vanaf": "2026-02-30T10:00:00Z"}, "vanaf", id="no day"),
        pytest.param({"vanaf": 1772704800}, "vanaf", id="a number"),
        pytest.param({"vanaf": "0001-01-01T00:00:00+14:00"}, "vanaf", id="before all time"),
        pytest.param({"vanaf": "9999-12-31T23:59:59-14:00"}, "vanaf", id="after all time"),
        pytest.param({"vanaf": None}, "vanaf", id="no moment"),
    ],
)
def test_a_bad_field_is_named_and_not_repeated(world: World, changes: dict[str, Any], name: str | None) -> None:
    answered = world.suspend(**changes)

    assert answered.problem == (400, "badRequest", None)
    assert [issue.get("name") for issue in answered.json["issues"]] == [name]
    assert ANNA not in answered.body.replace("-", "").replace(".", "")
    assert world.store.items == {}


def test_a_reason_of_500_characters_fits(world: World) -> None:
    assert world.suspend(reden="x" * 500).status == 201


def test_a_party_with_no_room_for_more_is_a_bad_request(world: World) -> None:
    world.store.items[INFINO] = (WHOLLY,) * MOST_KEPT

    assert world.suspend(reden="nog een").problem == (400, "badRequest", None)


def test_the_scope_comes_before_the_party(world: World) -> None:
    refused = world.calling.post(SUSPENSIONS, claims(INFINO, "jbplus:melding"), BODY)

    assert refused.problem == (403, "missingScope", None)
    assert refused.json["requiredScopes"] == ["jbplus:bron"]
    assert world.calling.post(SUSPENSIONS, claims(INFINO, "jbplus:bron"), BODY).problem[2] == "40005"
    assert world.store.items == {}


def test_a_party_sees_its_own_without_any_scope(world: World) -> None:
    made = world.suspend().json
    world.suspend(partij=OPGROEIEN.kbo)

    assert world.calling.get(SUSPENSIONS, claims(INFINO)).json == {"items": [made]}
    assert len(world.calling.get(SUSPENSIONS, SOURCE).json["items"]) == 2
    assert world.calling.get(SUSPENSIONS, claims("0123456749", "jbplus:bron")).problem[2] == "40005"
    assert world.calling.get(SUSPENSIONS, claims(WEWIS.kbo)).json["requiredScopes"] == ["jbplus:bron"]


def test_there_is_nothing_to_choose_in_the_list(world: World) -> None:
    assert world.calling.get(SUSPENSIONS, SOURCE, partij=INFINO).problem == (400, "badRequest", None)


def test_a_suspended_party_is_refused_for_the_whole_call_and_logged_for_each_person() -> None:
    store, log = registered(ANNA, BRAM), FakePrivacyLog()
    store.suspensions.append(WHOLLY)
    api = Api(lookup_store=store, log=log)

    one = api.post(GET, {"insz": ANNA, "doel": "socialeToeslag"})
    several = api.post(QUERY, {"inszLijst": [ANNA, BAD, BRAM], "doel": "socialeToeslag"})

    assert one.problem == several.problem == (403, "missingPermission", "40006")
    assert [entry.outcome for entry in log.entries] == [LogOutcome.SUSPENDED] * 4


def test_a_suspension_comes_after_the_purpose_and_before_a_bad_number_of_several() -> None:
    store = registered(ANNA)
    store.suspensions.append(WHOLLY)
    api = Api(lookup_store=store)
    several = {"inszLijst": [BAD], "doel": "socialeToeslag"}

    assert api.post(QUERY, several, claims(INFINO, "jbplus:melding")).problem[1] == "missingScope"
    audit = {"insz": ANNA, "doel": "audit", "dossier": "A-1"}
    assert api.post(GET, audit, claims(INFINO, "jbplus:audit")).problem[2] == "40005"
    assert api.post(GET, {"insz": BAD, "doel": "socialeToeslag"}).problem[2] == "20002"
    assert api.post(QUERY, several).problem[2] == "40006"


def test_lifting_restores_the_lookups() -> None:
    store = registered(ANNA)
    store.suspensions.append(WHOLLY.lift(NOW + timedelta(minutes=1)))

    assert Api(lookup_store=store).post(GET, {"insz": ANNA, "doel": "socialeToeslag"}).status == 200
