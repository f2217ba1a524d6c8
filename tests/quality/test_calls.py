"""The calls of quality reports on the wire (Article 7)."""

from datetime import timedelta
from typing import Any

import pytest

from jbplus.protocol.parties import OPGROEIEN, WEWIS
from jbplus.quality.calls import QualityCalls
from jbplus.quality.rules import Flaw, Report
from jbplus.quality.service import PAGE
from tests.quality.fakes import Reporting
from tests.support.calling import Calling
from tests.support.events import claims
from tests.support.fakes import NOW
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM

REPORT, QUERY = "/v1/kwaliteitsmeldingen", "/v1/kwaliteitsmeldingen/query"
AT_INFINO, AT_PARENTIA = claims(INFINO, "jbplus:melding"), claims(PARENTIA, "jbplus:melding")
AT_OPGROEIEN, SOURCE = claims(OPGROEIEN.kbo, "jbplus:melding"), claims(WEWIS.kbo, "jbplus:bron")
BAD = ANNA[:-1] + str((int(ANNA[-1]) + 1) % 10)
BODY: dict[str, Any] = {"insz": ANNA, "aard": "foutief", "referte": "JBP-1", "toelichting": "verkeerd jaar"}


@pytest.fixture
def world() -> Reporting:
    """Anna is registered at Infino."""
    made = Reporting()
    made.register(ANNA)
    return made


def calling(world: Reporting) -> Calling:
    return Calling(QualityCalls(world.reports).all, lambda: world.now)


def answer_path(report_id: str) -> str:
    return f"{REPORT}/{report_id}/antwoord"


def test_a_report_is_made_seen_and_answered(world: Reporting) -> None:
    made = calling(world).post(REPORT, AT_INFINO, BODY)
    report_id = made.json["id"]
    item = {
        "id": report_id,
        "aard": "foutief",
        "referte": "JBP-1",
        "toelichting": "verkeerd jaar",
        "melder": INFINO,
        "moment": "2026-03-05T09:00:00Z",
        "status": "gemeld",
    }

    before = calling(world).post(QUERY, AT_OPGROEIEN, {})
    reply = {"status": "gecorrigeerd", "antwoord": "morgen in het bestand"}
    answered = calling(world).post(answer_path(report_id), SOURCE, reply)
    after = calling(world).post(QUERY, AT_INFINO, {"status": "gecorrigeerd"})

    assert (made.status, made.json) == (201, {"id": report_id, "status": "gemeld"})
    assert (before.status, before.json) == (200, {"items": [item]})
    assert (answered.status, answered.json) == (200, {**item, **reply, "beantwoordOp": "2026-03-05T09:00:00Z"})
    assert after.json == {"items": [answered.json]}
    assert ANNA not in before.body + answered.body + after.body + made.body


@pytest.mark.parametrize("referte", ["NOBODY-KNOWS-THIS", "x", "A.b_c-" + "9" * 58])
def test_an_unknown_referte_is_taken_the_same_way(world: Reporting, referte: str) -> None:
    assert calling(world).post(REPORT, AT_INFINO, BODY | {"referte": referte}).status == 201


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        pytest.param({"aard": "lelijk"}, "aard", id="unknown flaw"),
        pytest.param({"referte": "a b"}, "referte", id="referte with a space"),
        pytest.param({"referte": "x" * 65}, "referte", id="long referte"),
        pytest.param({"referte": ""}, "referte", id="empty referte"),
        pytest.param({"referte": None}, "referte", id="null"),
        pytest.param({"referte": f"{BRAM[:6]}-{BRAM[6:]}"}, "referte", id="a person as referte"),
        pytest.param({"referte": f"JBP-{ANNA[:6]}.{ANNA[6:]}"}, "referte", id="the person in the referte"),
        pytest.param({"toelichting": ""}, "toelichting", id="empty note"),
        pytest.param({"toelichting": "x" * 2001}, "toelichting", id="long note"),
        pytest.param({"toelichting": f"niet {BRAM[:6]} {BRAM[6:]} maar"}, "toelichting", id="a person in the note"),
        pytest.param({"meer": 1}, None, id="unknown field"),
    ],
)
def test_a_bad_field_is_named_and_not_repeated(world: Reporting, changes: dict[str, Any], name: str | None) -> None:
    answered = calling(world).post(REPORT, AT_INFINO, BODY | changes)

    assert answered.problem == (400, "badRequest", None)
    assert [issue.get("name") for issue in answered.json["issues"]] == [name]
    assert [shown for shown in (ANNA, BRAM, BRAM[6:]) if shown in answered.body] == []
    assert (world.store.items, world.outbox.messages) == ({}, {})


def test_the_longest_note_fits(world: Reporting) -> None:
    assert calling(world).post(REPORT, AT_INFINO, BODY | {"toelichting": "é" * 2000}).status == 201


def test_of_several_flaws_the_first_in_the_contract_is_answered(world: Reporting) -> None:
    def send(insz: str, token: dict[str, str]) -> tuple[int, str, str | None]:
        return calling(world).post(REPORT, token, {**BODY, "insz": insz}).problem

    assert send(BAD, claims(WEWIS.kbo)) == (400, "badRequest", "20002")
    assert send(BRAM, claims(WEWIS.kbo)) == (403, "missingScope", None)
    assert send(BRAM, claims(WEWIS.kbo, "jbplus:melding")) == (403, "missingPermission", "40005")
    assert send(BRAM, AT_INFINO) == (403, "missingPermission", "40003")


def test_the_scope_that_is_missing_is_the_one_of_the_party_that_asks(world: Reporting) -> None:
    of_source = calling(world).post(QUERY, claims(WEWIS.kbo, "jbplus:melding"), {})
    of_recipient = calling(world).post(QUERY, claims(INFINO, "jbplus:bron"), {})
    of_answer = calling(world).post(answer_path("x"), claims(WEWIS.kbo), {"status": "ongegrond", "antwoord": "klopt"})

    assert of_source.json["requiredScopes"] == ["jbplus:bron"]
    assert of_recipient.json["requiredScopes"] == ["jbplus:melding"]
    assert of_answer.json["requiredScopes"] == ["jbplus:bron"]


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ({"status": "gemeld", "antwoord": "x"}, "status"),
        ({"status": "ongegrond"}, "antwoord"),
        ({"status": "ongegrond", "antwoord": ""}, "antwoord"),
        ({"status": "ongegrond", "antwoord": "x" * 2001}, "antwoord"),
        ({"status": "ongegrond", "antwoord": f"zie {ANNA}"}, "antwoord"),
    ],
    ids=["status of a report", "no text", "empty text", "long text", "a person in the text"],
)
def test_a_bad_answer_changes_nothing(world: Reporting, reply: dict[str, str], name: str) -> None:
    report_id = calling(world).post(REPORT, AT_INFINO, BODY).json["id"]
    before = dict(world.store.items)

    answered = calling(world).post(answer_path(report_id), SOURCE, reply)

    assert answered.problem == (400, "badRequest", None)
    assert [issue["name"] for issue in answered.json["issues"]] == [name]
    assert world.store.items == before


def test_the_id_stands_in_the_path_alone(world: Reporting) -> None:
    report_id = calling(world).post(REPORT, AT_INFINO, BODY).json["id"]
    reply = {"status": "ongegrond", "antwoord": "klopt", "id": report_id}

    assert calling(world).post(answer_path(report_id), SOURCE, reply).status == 400


def test_an_answer_to_nothing_is_not_found(world: Reporting) -> None:
    reply = {"status": "ongegrond", "antwoord": "klopt"}

    assert calling(world).post(answer_path("nothing"), SOURCE, reply).problem == (404, "resourceNotFound", None)


def test_the_next_page_begins_where_the_last_one_ends(world: Reporting) -> None:
    for n in range(PAGE + 2):
        world.store.add(Report(f"report-{n:02d}", INFINO, NOW + timedelta(seconds=n), Flaw.WRONG), ())

    first = calling(world).post(QUERY, AT_INFINO, {}).json
    second = calling(world).post(QUERY, AT_INFINO, {"na": first["volgende"]}).json

    assert [item["id"] for item in first["items"]] == [f"report-{n:02d}" for n in range(PAGE + 1, 1, -1)]
    assert [item["id"] for item in second["items"]] == ["report-01", "report-00"]
    assert "volgende" not in second


@pytest.mark.parametrize("mark", ["", "x", "x" * 201, "a b", "_____w==", "========"])
def test_a_mark_that_is_not_ours_is_refused(world: Reporting, mark: str) -> None:
    answered = calling(world).post(QUERY, AT_INFINO, {"na": mark})

    assert answered.problem == (400, "badRequest", None)
    assert [issue["name"] for issue in answered.json["issues"]] == ["na"]


def test_a_store_out_of_reach_is_unavailable_and_nothing_is_told(world: Reporting) -> None:
    world.outbox.out_of_reach = True

    assert calling(world).post(REPORT, AT_INFINO, BODY).problem == (503, "serviceUnavailable", None)
