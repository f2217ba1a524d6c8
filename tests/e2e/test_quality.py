"""Article 7 on the deployed template: reported, told to the source, seen and answered."""

import json
from typing import Any

from tests.e2e.api import Answer
from tests.e2e.exchange import INFINO, KIDSLIFE, OPGROEIEN, Exchange
from tests.support.people import person_number

WEWIS = "0316380841"
REPORTS = "/v1/kwaliteitsmeldingen"


def report(exchange: Exchange, person: str, party: str = INFINO, **more: Any) -> Answer:
    body = {"insz": person, "aard": "foutief", "toelichting": "verkeerd jaar", **more}
    return exchange.post(REPORTS, body, party, "jbplus:melding")


def seen(exchange: Exchange, party: str, scope: str, **question: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = exchange.post(f"{REPORTS}/query", question, party, scope).body["items"]
    return items


def test_a_report_goes_to_the_source_and_its_answer_comes_back(exchange: Exchange) -> None:
    person = person_number(611)
    exchange.register(person)

    made = report(exchange, person, referte="JBP-Q1")
    report_id = made.body["id"]
    told = json.loads(exchange.read(f"uitgaand/{WEWIS}/kwaliteitsmelding-{report_id}.json"))
    at_once = seen(exchange, OPGROEIEN, "jbplus:melding")
    reply = {"status": "gecorrigeerd", "antwoord": "komt morgen"}
    answered = exchange.post(f"{REPORTS}/{report_id}/antwoord", reply, WEWIS, "jbplus:bron")

    assert (made.status, made.body["status"]) == (201, "gemeld")
    assert (told["id"], told["insz"], told["melder"]) == (report_id, person, INFINO)
    assert report_id in [item["id"] for item in at_once]
    assert (answered.status, answered.body["antwoord"]) == (200, "komt morgen")
    for party, scope in ((INFINO, "jbplus:melding"), (OPGROEIEN, "jbplus:melding"), (WEWIS, "jbplus:bron")):
        assert answered.body in seen(exchange, party, scope, status="gecorrigeerd")
    assert report_id not in [item["id"] for item in seen(exchange, KIDSLIFE, "jbplus:melding")]


def test_a_report_told_again_is_the_same(exchange: Exchange) -> None:
    person = person_number(612)
    exchange.register(person)

    assert report(exchange, person).body == report(exchange, person).body


def test_without_a_registration_nothing_is_taken(exchange: Exchange) -> None:
    person = person_number(613)
    exchange.register(person, party=KIDSLIFE)

    refused = report(exchange, person)
    of_opgroeien = report(exchange, person, party=OPGROEIEN)

    assert (refused.status, refused.body["code"]) == (403, "40003")
    assert of_opgroeien.status == 201


def test_pages_of_reports_follow_one_another(exchange: Exchange) -> None:
    person = person_number(614)
    exchange.register(person, party=KIDSLIFE)
    made = [report(exchange, person, party=KIDSLIFE, referte=f"JBP-{n}").body["id"] for n in range(52)]

    first = exchange.post(f"{REPORTS}/query", {}, KIDSLIFE, "jbplus:melding").body
    second = exchange.post(f"{REPORTS}/query", {"na": first["volgende"]}, KIDSLIFE, "jbplus:melding").body

    assert [item["id"] for item in first["items"] + second["items"]][:52] == made[::-1]
    assert len(first["items"]) == 50


def test_a_lookup_says_when_its_answer_is_in_doubt(exchange: Exchange) -> None:
    person = person_number(615)
    for party in (INFINO, KIDSLIFE):
        exchange.register(person, party=party)

    def heard() -> list[bool]:
        bodies = [exchange.look_up(person, party=party).body for party in (INFINO, KIDSLIFE)]
        return [body.get("inOnderzoek", False) for body in bodies]

    def answer(status: str) -> None:
        body = {"status": status, "antwoord": "wij kijken het na"}
        assert exchange.post(f"{REPORTS}/{made.body['id']}/antwoord", body, WEWIS, "jbplus:bron").status == 200

    said = [heard()]
    made = report(exchange, person)
    said.append(heard())
    for status in ("inOnderzoek", "ongegrond"):
        answer(status)
        said.append(heard())

    assert said == [[False, False], [True, False], [True, True], [False, False]]
