"""`jbplus access`: what a party holds here on a person; the exchange's operator adds the payments, which is logged."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jbplus_cli.access.payments import Payments
from jbplus_recipient.errors import ExchangeError
from tests.cli.backstage import PERSONS, PRIVACY_LOG
from tests.cli.keyed import make_keyed, ring
from tests.cli.privacy_log.test_privacylog import PATH, PERSON, item, words
from tests.cli.world import World, problem
from tests.support.known import entry, stored

GET = "/v1/inschrijvingen/get"
REGISTRATION = {"insz": PERSON, "periode": {"begin": "2026-01-01"}, "recht": "lopend"}


@pytest.fixture
def held(local: World) -> World:
    """A stack whose table of persons holds a payment to the person."""
    make_keyed(local)
    local.behind.dynamodb.create_table(
        TableName=PRIVACY_LOG,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("subject", "entry")],
        KeySchema=[{"AttributeName": "subject", "KeyType": "HASH"}, {"AttributeName": "entry", "KeyType": "RANGE"}],
    )
    person = stored({"JBP-7": entry("600.00"), "JBP-8": entry("-25.00", rank=(18, 0), day=date(2025, 9, 1))})
    local.behind.dynamodb.put_item(
        TableName=PERSONS,
        Item={
            "person": {"S": ring(local).pseudonyms(PERSON)},
            "state": {"S": person.state},
            "expiresAt": {"N": str(person.expires_at)},
        },
    )
    return local


def answers(world: World, *said: object) -> None:
    world.api.says_first.extend((200, {}, each) for each in said)  # type: ignore[misc]


def records(world: World) -> list[dict[str, str]]:
    found = world.behind.dynamodb.scan(TableName=PRIVACY_LOG)["Items"]
    return [{name: str(next(iter(value.values()))) for name, value in each.items()} for each in found]


def test_an_officer_tells_the_own_registration_and_log(local: World, tmp_path: Path) -> None:
    path = tmp_path / "answer.html"
    answers(local, REGISTRATION, {"items": [item(), item("t2", dienst="inschrijving", doel=None)]})

    result = local.run("access", "-", "--party", "infino", "-o", path, stdin=f"{PERSON}\n")

    said = words(path.read_text(encoding="utf-8"))
    assert result.exit_code == 0, result.stderr
    assert [asked.path for asked in local.api.asked if asked.path != "/token"] == [GET, PATH]
    assert {asked.form["scope"] for asked in local.api.calls("/token")} == {"jbplus:inschrijving", "jbplus:privacylog"}
    assert path.stat().st_mode & 0o077 == 0
    assert "Wat wij over u bewaren" in said
    assert "een dossier hebt vanaf 1 januari 2026. Uw recht op Groeipakket staat er als lopend" in said
    assert "Voor een audit van de uitbetaling" in said
    assert "Uw betalingen" not in said


def test_who_registered_nobody_says_so(local: World, tmp_path: Path) -> None:
    answers(local, {"insz": PERSON}, {"items": []})

    assert local.run("access", PERSON, "--party", "infino", "-o", tmp_path / "a.html").exit_code == 0

    assert "niet genoteerd dat u bij Infino Vlaanderen een dossier hebt" in words((tmp_path / "a.html").read_text())


def test_opgroeien_regie_registers_nobody_and_has_a_log(local: World) -> None:
    answers(local, {"items": []})

    result = local.run("access", PERSON, "--party", "opgroeien", "--json")

    assert json.loads(result.stdout) == {"insz": PERSON, "log": []}
    assert [asked.path for asked in local.api.asked if asked.path != "/token"] == [PATH]


def test_the_operator_adds_the_payments_and_the_reading_is_logged(held: World, tmp_path: Path) -> None:
    path = tmp_path / "answer.html"
    answers(held, REGISTRATION, {"items": []})

    result = held.run("access", PERSON, "--party", "infino", "-o", path, "--payments", "--enduser", "op.1", "--json")

    said = words(path.read_text(encoding="utf-8"))
    assert result.exit_code == 0, result.stderr
    assert "3 maart 2025 2024 eerste JBP-7 € 600,00 1 september 2025 2024 eerste JBP-8 -€ 25,00" in said
    assert "bewaard tot en met 3 maart 2030" in said
    assert json.loads(result.stdout)["payments"]["nettoPerFiscaalJaar"][0]["netto"] == "575.00"
    (record,) = records(held)
    assert record["subject"] == f"0685540471#{ring(held).pseudonyms(PERSON)}"
    assert (record["service"], record["endUser"], record["outcome"]) == ("inzage", "op.1", "beantwoord")
    assert PERSON not in json.dumps(record)


def test_that_nothing_is_held_is_logged_too(held: World, tmp_path: Path) -> None:
    other = "05691199737"
    answers(held, {"insz": other}, {"items": []})

    assert held.run("access", other, "--party", "infino", "-o", tmp_path / "a.html", "--payments").exit_code == 0

    assert "Er is geen jobbonus plus van u bekend." in words((tmp_path / "a.html").read_text())
    assert [record["outcome"] for record in records(held)] == ["leeg"]


def test_what_has_expired_is_not_told(held: World) -> None:
    held.surroundings = replace(held.surroundings, now=lambda: datetime(2031, 1, 1, tzinfo=UTC))
    answers(held, REGISTRATION, {"items": []})

    assert held.read("access", PERSON, "--party", "infino", "--payments")["payments"]["verrichtingen"] == []


def test_without_its_record_no_payment_is_told(held: World, tmp_path: Path) -> None:
    held.behind.dynamodb.delete_table(TableName=PRIVACY_LOG)
    answers(held, REGISTRATION, {"items": []})

    result = held.run("access", PERSON, "--party", "infino", "-o", tmp_path / "a.html", "--payments")

    assert result.exit_code == 1
    assert "Could not read the payments" in result.stderr
    assert not (tmp_path / "a.html").exists()
    assert "600" not in result.output


def test_nothing_is_written_when_the_officer_is_refused(local: World, tmp_path: Path) -> None:
    answers(local, REGISTRATION)
    local.api.says_first.append((403, {}, problem(403, "missingScope")))

    result = local.run("access", PERSON, "--party", "infino", "-o", tmp_path / "a.html")

    assert result.exit_code == 1
    assert not (tmp_path / "a.html").exists()


def test_an_answer_about_somebody_else_is_none(local: World, tmp_path: Path) -> None:
    answers(local, {**REGISTRATION, "insz": "05691199737"})

    result = local.run("access", PERSON, "--party", "infino", "-o", tmp_path / "a.html")

    assert result.exit_code == 1
    assert "somebody else" in result.stderr


def test_a_stack_without_its_outputs_is_said(held: World) -> None:
    held.behind.missing_outputs.add("PseudonymSecret")

    with pytest.raises(ExchangeError, match="no output PseudonymSecret"):
        Payments.of(held.surroundings, held.surroundings.target(None))


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((PERSON, "--party", "infino"), id="nowhere to"),
        pytest.param((PERSON, "--party", "wewis", "--json"), id="no log of its own"),
        pytest.param((PERSON[:-1], "--party", "infino", "--json"), id="no person"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(local: World, options: tuple[str, ...]) -> None:
    result = local.run("access", *options)

    assert result.exit_code == 2
    assert local.api.asked == []
    assert PERSON not in result.stderr
