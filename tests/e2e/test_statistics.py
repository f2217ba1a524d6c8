"""Article 2 b on the deployed template: files in, figures published by schedule, and read once and for all."""

from typing import Any

import pytest

from tests.e2e.api import Answer
from tests.e2e.exchange import KIDSLIFE, OPGROEIEN, Exchange
from tests.e2e.publishing import PEOPLE, YEAR, pay, publish

SCOPE = "jbplus:statistiek"


def get(exchange: Exchange, party: str, scope: str, query: str = "") -> Answer:
    headers = {
        "x-correlation-id": "test-1",
        "X-Magda-Enduser-ID": "tester",
        "Authorization": f"Bearer {exchange.tokens.good(party, scope)}",
    }
    response = exchange.api.http.request("GET", f"{exchange.api.url}/v1/statistieken{query}", headers=headers)
    return Answer(response.status, response.headers, response.json())


def figures(count: int, paid: str, **recoveries: Any) -> dict[str, Any]:
    return {"personen": count, "betalingen": count, "betaald": paid, **recoveries}


def test_what_came_in_by_files_is_published_rounded_and_without_small_cells(published: Exchange) -> None:
    answer = get(published, OPGROEIEN, SCOPE, f"?fiscaalJaar={YEAR}")

    assert answer.status == 200
    (year,) = answer.body["items"]
    months = {month["maand"]: month for month in year["maanden"]}
    assert months["2023-06"]["bedragtypes"] == [
        {"bedragtype": "1", "cijfers": figures(15, "9000.00")},
        {"bedragtype": "2"},
    ]
    assert months["2023-07"]["bedragtypes"] == [
        {"bedragtype": "1", "cijfers": figures(10, "6000.00", terugvorderingen=10, netto="0.00")},
        {"bedragtype": "2"},
    ]
    assert months["2023-05"]["bedragtypes"] == [{"bedragtype": "1"}, {"bedragtype": "2"}]
    both = figures(25, "15000.00", terugvorderingen=10, netto="9000.00")
    assert year["cumulatief"]["totaal"] == {
        "cijfers": both,
        "weggelatenCellen": 2 * len(months) - 2,
        "cellenZonderTerugvorderingen": 1,
    }


def test_what_was_published_never_changes(published: Exchange) -> None:
    before = get(published, OPGROEIEN, SCOPE)
    pay(published, PEOPLE[30:], "S-E")
    pay(published, PEOPLE[30:], "S-F", bedragtype="2")

    publish(published.stack)

    assert get(published, OPGROEIEN, SCOPE).body == before.body
    assert before.body["items"][0]["fiscaalJaar"] == YEAR


def test_nothing_about_a_person_is_published(published: Exchange) -> None:
    table = published.stack.outputs["StatisticsTable"]
    items = published.stack.aws.dynamodb().scan(TableName=table)["Items"]

    shown = str(items) + str(get(published, OPGROEIEN, SCOPE).body)
    assert items
    assert not [number for number in PEOPLE if number in shown]
    assert all(item.keys() == {"fiscalYear", "month", "publication"} for item in items)


@pytest.mark.parametrize(
    ("party", "scope", "kind"),
    [
        (OPGROEIEN, "jbplus:geschillen", "missingScope"),
        (KIDSLIFE, SCOPE, "missingPermission"),
        ("0316380841", SCOPE, "missingPermission"),
    ],
)
def test_statistics_are_for_opgroeien_with_their_own_scope(
    exchange: Exchange, party: str, scope: str, kind: str
) -> None:
    answer = get(exchange, party, scope)

    assert (answer.status, answer.body["type"]) == (403, f"urn:problem-type:belgif:{kind}")
    assert answer.body.get("code") == ("40005" if kind == "missingPermission" else None)


def test_a_question_that_names_a_person_is_refused_without_repeating_it(exchange: Exchange) -> None:
    answer = get(exchange, OPGROEIEN, SCOPE, f"?fiscaalJaar={PEOPLE[0]}")

    assert (answer.status, answer.body["issues"][0]["in"]) == (400, "query")
    assert PEOPLE[0] not in str(answer.body)


def test_without_a_token_there_is_no_answer(exchange: Exchange) -> None:
    response = exchange.api.http.request("GET", f"{exchange.api.url}/v1/statistieken")

    assert response.status == 401
