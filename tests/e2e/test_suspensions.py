"""Article 8 on the deployed template: suspended at once, wholly or in part, and restored by lifting."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.api import Answer
from tests.e2e.exchange import Exchange
from tests.support.people import person_number

# No other test uses these two as parties that look persons up.
MY_FAMILY, PARENTIA = "0683590375", "0686764255"
WEWIS = "0316380841"
SUSPENSIONS = "/v1/schorsingen"


def suspend(exchange: Exchange, **body: Any) -> Answer:
    wanted = {"partij": PARENTIA, "stromen": ["consultatie"], "reden": "onderzoek", **body}
    return exchange.post(SUSPENSIONS, wanted, WEWIS, "jbplus:bron")


def lift(exchange: Exchange, made: Answer) -> Answer:
    return exchange.post(f"{SUSPENSIONS}/{made.body['id']}/opheffing", {}, WEWIS, "jbplus:bron")


def seen_by(exchange: Exchange, party: str, scope: str) -> Answer:
    headers = {"x-correlation-id": "test-1", "X-Magda-Enduser-ID": "tester"}
    token = {"Authorization": f"Bearer {exchange.tokens.good(party, scope)}"}
    response = exchange.api.http.request("GET", f"{exchange.api.url}{SUSPENSIONS}", headers=headers | token)
    return Answer(response.status, response.headers, response.json())


@pytest.fixture(autouse=True)
def _nobody_stays_suspended(exchange: Exchange) -> Iterator[None]:
    yield
    for item in seen_by(exchange, WEWIS, "jbplus:bron").body["items"]:
        lift(exchange, Answer(200, {}, item))


def test_a_suspension_works_at_once_and_lifting_restores_everything(exchange: Exchange) -> None:
    person = person_number(601)
    exchange.register(person, party=PARENTIA)
    exchange.register(person, party=MY_FAMILY)
    before = exchange.look_up(person, party=PARENTIA)

    made = suspend(exchange)
    refused = exchange.look_up(person, party=PARENTIA)
    query = exchange.query(person, "12345678901", party=PARENTIA)
    other = exchange.look_up(person, party=MY_FAMILY)
    registered = exchange.register(person, party=PARENTIA, recht="geschorst")
    lifted = lift(exchange, made)
    after = exchange.look_up(person, party=PARENTIA)

    assert (before.status, made.status, lifted.status) == (200, 201, 200)
    assert [(answer.status, answer.body["code"]) for answer in (refused, query)] == [(403, "40006")] * 2
    assert (other.status, registered.body["items"][0]["resultaat"]) == (200, "gewijzigd")
    assert (after.status, after.body) == (200, before.body)
    assert "opgehevenOp" in lifted.body
    assert lift(exchange, made).body == lifted.body


def test_a_suspension_in_part_leaves_the_rest(exchange: Exchange) -> None:
    person = person_number(602)
    exchange.register(person, party=PARENTIA)

    suspend(exchange, stromen=["mutaties"])
    suspend(exchange, doelen=["selectieveParticipatietoeslag"])
    suspend(exchange, vanaf="2199-01-01T00:00:00Z")

    assert exchange.look_up(person, party=PARENTIA).status == 200
    barred = exchange.look_up(person, party=PARENTIA, doel="selectieveParticipatietoeslag")
    assert (barred.status, barred.body["code"]) == (403, "40006")


def test_who_sees_which_suspensions(exchange: Exchange) -> None:
    made = suspend(exchange).body
    of_my_family = suspend(exchange, partij=MY_FAMILY).body

    assert made in seen_by(exchange, PARENTIA, "jbplus:melding").body["items"]
    assert of_my_family not in seen_by(exchange, PARENTIA, "jbplus:melding").body["items"]
    assert [of_my_family in seen_by(exchange, WEWIS, "jbplus:bron").body["items"]] == [True]
    assert suspend(exchange).body == made


def test_who_may_not_suspend_or_lift(exchange: Exchange) -> None:
    body = {"partij": MY_FAMILY, "stromen": ["consultatie"], "reden": "concurrent"}

    refused = exchange.post(SUSPENSIONS, body, PARENTIA, "jbplus:bron")
    unknown = exchange.post(f"{SUSPENSIONS}/geen/opheffing", {}, WEWIS, "jbplus:bron")

    assert (refused.status, refused.body["code"]) == (403, "40005")
    assert (unknown.status, unknown.body["type"]) == (404, "urn:problem-type:belgif:resourceNotFound")
