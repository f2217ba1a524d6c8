"""A person's number changes, on the deployed template with IAM enforced."""

import json
import uuid

from tests.e2e.exchange import INFINO, KIDSLIFE, Exchange
from tests.support.files import record, succession, succession_file
from tests.support.people import person_number


def test_a_number_that_changes_is_answered_told_and_reported_on_under_both(exchange: Exchange) -> None:
    old, new = person_number(181), person_number(182)
    exchange.drop(exchange.next_file([record(old, "JBP-S1")]))
    exchange.register(old)

    content = succession_file([succession(old, new)], 1, referte=str(uuid.uuid4()))
    name = f"werk.publiceernummeropvolging-0100_{uuid.uuid4().int % 10**17:017d}"
    report = exchange.drop_named(content, name)
    exchange.go_round()

    assert report["status"] == "verwerkt"
    assert exchange.look_up(old).body["vervangen"] is True
    answers = [exchange.look_up(number).body["verrichtingen"] for number in (old, new)]
    assert [[paid["referte"] for paid in answer] for answer in answers] == [["JBP-S1"], ["JBP-S1"]]
    (registered,) = exchange.register(old, party=KIDSLIFE).body["items"]
    assert registered.items() >= {"insz": old, "resultaat": "geregistreerd", "vervangen": True}.items()
    reported = exchange.post("/v1/kwaliteitsmeldingen", {"insz": new, "aard": "foutief"}, INFINO, "jbplus:melding")
    assert reported.status == 201
    (key,) = exchange.object_keys(f"uitgaand/{INFINO}/werk.publiceeropvolgingsnotificaties")
    (told,) = json.loads(exchange.read(key))["notificaties"]
    assert (told["insz"], told["nieuw"]) == (old, new)
