"""C2 and Article 6 on the deployed template: after a file, recipients are told which persons to look up again."""

import json
from typing import Any

from tests.e2e.exchange import KIDSLIFE, Exchange
from tests.support.files import annulment, record
from tests.support.people import person_number
from tests.support.waiting import wait_for

# No other test has this recipient's notices.
PARENTIA = "0686764255"
WEWIS = "0316380841"


def notices(exchange: Exchange, party: str, *persons: str) -> list[dict[str, Any]]:
    """Give a recipient's notices that tell of these persons."""
    found = [json.loads(content) for _, content in exchange.notices(party)]
    return [notice for notice in found if {each["insz"] for each in notice["notificaties"]} & set(persons)]


def test_a_file_wakes_the_notices_and_each_recipient_is_told_of_its_own(exchange: Exchange) -> None:
    mine, other = person_number(701), person_number(702)
    exchange.register(mine, party=PARENTIA)
    exchange.drop(exchange.next_file([record(mine, "JBP-N1"), record(other, "JBP-N2"), annulment(mine, "JBP-N3")]))

    (notice,) = wait_for(lambda: notices(exchange, PARENTIA, mine), "the notice")

    assert notice["context"]["ontvanger"] == PARENTIA
    assert notice["context"]["afzender"] == WEWIS
    assert notice["notificaties"] == [
        {"referte": "JBP-N1", "type": "01", "insz": mine, "volgnummer": exchange.volgnummer},
        {"referte": "JBP-N3", "type": "03", "insz": mine, "volgnummer": exchange.volgnummer},
    ]
    assert notices(exchange, PARENTIA, other) == []
    assert exchange.look_up(mine, party=PARENTIA).body["volgnummer"] == exchange.volgnummer


def test_what_a_suspended_recipient_was_not_told_comes_in_order_when_the_suspension_is_lifted(
    exchange: Exchange,
) -> None:
    person = person_number(703)
    exchange.register(person, party=PARENTIA)
    exchange.go_round()
    before = [json.loads(content)["context"]["volgnummer"] for _, content in exchange.notices(PARENTIA)]
    wanted = {"partij": PARENTIA, "stromen": ["mutaties"], "reden": "onderzoek"}
    made = exchange.post("/v1/schorsingen", wanted, WEWIS, "jbplus:bron")
    for referte in ("JBP-S1", "JBP-S2"):
        exchange.drop(exchange.next_file([record(person, referte)]))
        exchange.go_round()
    assert notices(exchange, PARENTIA, person) == []

    exchange.post(f"/v1/schorsingen/{made.body['id']}/opheffing", {}, WEWIS, "jbplus:bron")
    exchange.go_round()

    told = notices(exchange, PARENTIA, person)
    assert [notice["notificaties"][0]["referte"] for notice in told] == ["JBP-S1", "JBP-S2"]
    everything = [json.loads(content)["context"]["volgnummer"] for _, content in exchange.notices(PARENTIA)]
    assert everything == [*before, len(before) + 1, len(before) + 2]
    assert everything == list(range(1, len(everything) + 1))


def test_who_registered_nobody_is_told_nothing(exchange: Exchange) -> None:
    person = person_number(704)
    exchange.register(person, party=PARENTIA)
    exchange.drop(exchange.next_file([record(person)]))
    exchange.go_round()

    assert notices(exchange, KIDSLIFE, person) == []
