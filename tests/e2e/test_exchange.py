"""From a dropped file to an answered lookup, on the deployed template with IAM enforced."""

import gzip
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from jbplus.persons.pseudonym import KeyRing
from tests.e2e.exchange import INFINO, KIDSLIFE, OPGROEIEN, VUTG, Exchange
from tests.support.files import annulment, mutation_file, record
from tests.support.people import person_number


def without_version(body: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the mark of an answer, of which nobody knows more than how it looks."""
    assert re.fullmatch("[0-9a-f]{32}", body["versie"])
    return {name: value for name, value in body.items() if name != "versie"}


def test_a_file_is_taken_in_and_looked_up(exchange: Exchange) -> None:
    person = person_number(101)

    report = exchange.drop(
        exchange.next_file([record(person, "JBP-A1"), record(person, "JBP-A2", verrichtingbedrag="-150.00")])
    )
    registered = exchange.register(person)
    answer = exchange.look_up(person)

    assert report["status"] == "verwerkt"
    assert report["aantallen"] == {"gelezen": 2, "toegepast": 2, "verouderd": 0, "geweigerd": 0}
    handle = registered.body["items"][0].pop("handle")
    assert registered.body == {"items": [{"insz": person, "resultaat": "geregistreerd"}]}
    assert re.fullmatch("[0-9a-f]{32}", handle)
    assert answer.status == 200
    assert answer.body["volgnummer"] == exchange.volgnummer
    assert [paid["referte"] for paid in answer.body["verrichtingen"]] == ["JBP-A1", "JBP-A2"]
    assert answer.body["nettoPerFiscaalJaar"] == [
        {"fiscaalJaar": 2024, "betaald": "600.00", "teruggevorderd": "-150.00", "netto": "450.00"}
    ]


def test_bad_records_go_to_quarantine_and_good_ones_are_applied(exchange: Exchange) -> None:
    person = person_number(102)

    report = exchange.drop(
        gzip.compress(exchange.next_file([record(person), record(person, "JBP-B2", verrichtingbedrag="0.00")])),
        "second.json.gz",
    )

    exchange.register(person)
    assert report["status"] == "gedeeltelijkVerwerkt"
    assert [(error["index"], error["code"]) for error in report["fouten"]] == [(1, "bedragNul")]
    assert len(exchange.look_up(person).body["verrichtingen"]) == 1
    assert len(exchange.object_keys(f"quarantaine/bestand.{report['sha256'][:8]}")) == 1


def test_a_truncated_file_changes_nothing(exchange: Exchange) -> None:
    person = person_number(103)
    content = exchange.next_file([record(person)])

    refused = exchange.drop(content[:-1])
    exchange.register(person)
    before = exchange.look_up(person)
    accepted = exchange.drop(content)

    assert (refused["status"], refused["fouten"][0]["code"]) == ("geweigerd", "geenGeldigeJson")
    assert without_version(before.body) == {"insz": person, "verrichtingen": [], "nettoPerFiscaalJaar": []}
    assert accepted["status"] == "verwerkt"


def test_the_same_content_under_another_name_changes_nothing(exchange: Exchange) -> None:
    content = exchange.next_file([record(person_number(104))])
    exchange.drop(content)

    again = exchange.drop(content)

    assert again["status"] == "reedsVerwerkt"
    assert again["aantallen"] == {"gelezen": 1, "toegepast": 0, "verouderd": 0, "geweigerd": 0}


def test_a_number_that_was_used_is_refused_for_other_content(exchange: Exchange) -> None:
    exchange.drop(exchange.next_file([record(person_number(105))]))

    report = exchange.drop(mutation_file([], exchange.volgnummer, referte="00000000-0000-4000-8000-000000000001"))

    assert (report["status"], report["fouten"][0]["code"]) == ("geweigerd", "volgnummerAlGebruikt")


def test_an_annulled_payment_is_gone(exchange: Exchange) -> None:
    person = person_number(106)
    exchange.drop(exchange.next_file([record(person)]))
    exchange.drop(exchange.next_file([annulment(person)]))
    exchange.register(person)

    answer = exchange.look_up(person)

    assert without_version(answer.body) == {
        "insz": person,
        "volgnummer": exchange.volgnummer,
        "bewaarTot": "2030-03-03",
        "verrichtingen": [],
        "nettoPerFiscaalJaar": [],
    }


def test_the_report_is_told_to_the_source(exchange: Exchange) -> None:
    report = exchange.drop(exchange.next_file([]), "quiet-day.json")

    (key,) = exchange.object_keys(f"uitgaand/0316380841/bestand.{report['sha256'][:8]}")
    assert json.loads(exchange.read(key)) == report


def test_nobody_is_looked_up_without_a_registration(exchange: Exchange) -> None:
    person = person_number(107)
    exchange.register(person, party=KIDSLIFE)

    answer = exchange.look_up(person, party=INFINO)

    assert (answer.status, answer.body["code"]) == (403, "40003")
    assert exchange.look_up(person, party=KIDSLIFE).status == 200


def test_a_registration_ends(exchange: Exchange) -> None:
    person = person_number(108)
    exchange.register(person, einde="2025-06-30")

    assert exchange.look_up(person).body["code"] == "40003"

    exchange.register(person)
    assert exchange.look_up(person).status == 200

    deleted = exchange.post("/v1/inschrijvingen/delete", {"insz": person}, INFINO, "jbplus:inschrijving")
    assert deleted.status == 204
    found = exchange.post("/v1/inschrijvingen/get", {"insz": person}, INFINO, "jbplus:inschrijving")
    assert found.body == {"insz": person}
    assert exchange.look_up(person).body["code"] == "40003"


@pytest.mark.parametrize(
    ("party", "doel", "status"),
    [
        (VUTG, "audit", 200),
        (VUTG, "toezicht", 403),
        (OPGROEIEN, "geschillen", 403),
        (INFINO, "audit", 403),
    ],
)
def test_an_ended_right_is_only_audited(exchange: Exchange, party: str, doel: str, status: int) -> None:
    person = person_number(109)
    exchange.register(person, recht="afgelopen")

    assert exchange.look_up(person, party=party, doel=doel, dossier="D-1").status == status


def test_a_token_without_the_scope_is_refused(exchange: Exchange) -> None:
    body = {"insz": person_number(110), "doel": "socialeToeslag"}

    answer = exchange.post("/v1/verrichtingen/get", body, INFINO, "jbplus:inschrijving")

    assert answer.status == 403
    assert answer.body["requiredScopes"] == ["jbplus:dossierbeheer"]
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_hundred_persons_are_answered_at_once(exchange: Exchange) -> None:
    people = [person_number(serial, month=62) for serial in range(1, 100)]
    exchange.drop(exchange.next_file([record(person) for person in people]))
    exchange.register(*people[1:])

    answer = exchange.query(*people, "12345678901")

    items = answer.body["items"]
    assert [item["insz"] for item in items] == [*people, "12345678901"]
    assert items[0]["problem"]["code"] == "40003"
    assert all(item["nettoPerFiscaalJaar"][0]["netto"] == "600.00" for item in items[1:99])
    assert items[99]["problem"]["code"] == "20002"


def test_an_expired_person_is_absent_before_dynamodb_deletes_it(exchange: Exchange) -> None:
    person = person_number(111)
    exchange.drop(exchange.next_file([record(person)]))
    exchange.register(person)
    assert len(exchange.look_up(person).body["verrichtingen"]) == 1

    outputs, aws = exchange.stack.outputs, exchange.stack.aws
    secret = aws.secrets().get_secret_value(SecretId=outputs["PseudonymSecret"])["SecretString"]
    aws.dynamodb().update_item(
        TableName=outputs["PersonsTable"],
        Key={"person": {"S": KeyRing.from_secret(secret).pseudonyms(person)}},
        UpdateExpression="SET expiresAt = :past",
        ExpressionAttributeValues={":past": {"N": "1735686000"}},
    )

    nothing = {"insz": person, "verrichtingen": [], "nettoPerFiscaalJaar": []}
    assert without_version(exchange.look_up(person).body) == nothing
