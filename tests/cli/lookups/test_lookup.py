"""`jbplus lookup`: what was paid to persons, by as few calls as the purpose allows."""

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from jbplus.consultation.wire import PersonAnswer
from jbplus_cli.samples.persons import TestPersons
from tests.cli.world import World

NUMBERS = [TestPersons(7).number(index) for index in range(205)]
ANNE, BOB, CARL = NUMBERS[:3]
GET, QUERY = "/v1/verrichtingen/get", "/v1/verrichtingen/query"
AS_INFINO = ("--party", "infino", "--doel", "socialeToeslag")
AS_DISPUTES = ("--party", "opgroeien", "--doel", "geschillen", "--dossier", "D-1")


def answer(number: str, *amounts: str) -> dict[str, Any]:
    """What the exchange answers about a person with payments of one fiscal year."""
    return {
        "insz": number,
        "volgnummer": 17,
        "verrichtingen": [
            {
                "referte": f"JBP-{index}",
                "maatregel": "Jobbonus plus",
                "fiscaalJaar": 2024,
                "bedragtype": "1",
                "verrichtingbedrag": amount,
                "effectieveVerrichtingsdatum": "2025-03-03",
            }
            for index, amount in enumerate(amounts)
        ],
        "nettoPerFiscaalJaar": [
            {"fiscaalJaar": 2024, "betaald": "600.00", "teruggevorderd": "-150.00", "netto": "450.00"}
        ],
    }


def nothing_known(number: str) -> dict[str, Any]:
    return {"insz": number, "verrichtingen": [], "nettoPerFiscaalJaar": []}


def test_one_person_is_shown_in_two_tables(local: World) -> None:
    local.api.persons[ANNE] = answer(ANNE, "600.00", "-150.00")

    result = local.run("lookup", ANNE, *AS_INFINO)

    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in result.stdout.splitlines() if "│" in line]
    assert result.exit_code == 0
    assert ANNE in result.stdout
    assert rows == [
        ["2024", "first", "2025-03-03", "600.00", "JBP-0"],
        ["2024", "first", "2025-03-03", "-150.00", "JBP-1"],
        ["2024", "600.00", "-150.00", "450.00"],
    ]


@pytest.mark.parametrize("columns", [80, 120])
def test_amounts_stand_under_each_other_exactly_as_they_are(local: World, columns: int) -> None:
    local.api.persons[ANNE] = answer(ANNE, "600.00", "-0.05", "999999999999.99")

    shown = local.run("lookup", ANNE, *AS_INFINO, columns=columns).stdout.splitlines()

    ends = {line.index(" │ JBP-") for line in shown if "600.00 │ JBP-0" in line or " -0.05 │ JBP-1" in line}
    assert len(ends) == 1
    assert any("999999999999.99 │ JBP-2" in line for line in shown)


def test_json_is_what_the_exchange_answered_in_the_form_of_query(local: World) -> None:
    local.api.persons[ANNE] = answer(ANNE, "600.00") | {"later": "a field of a newer stack"}

    result = local.run("lookup", ANNE, *AS_INFINO, "--json")

    assert json.loads(result.stdout) == {"items": [local.api.persons[ANNE]]}
    assert result.stderr == ""


def test_one_person_goes_to_get_with_the_headers_of_magda(local: World) -> None:
    local.api.persons[ANNE] = nothing_known(ANNE)

    result = local.run("lookup", ANNE, *AS_INFINO, "--dossier", "D-9", "--enduser", "an.janssens")

    assert result.exit_code == 0
    assert "no payments known" in result.stdout
    (token,) = local.api.calls("/token")
    (asked,) = local.api.calls(GET)
    assert token.form == {
        "grant_type": "client_credentials",
        "client_id": "infino",
        "client_secret": "sandbox",
        "scope": "jbplus:dossierbeheer",
    }
    assert asked.json == {"insz": ANNE, "doel": "socialeToeslag", "dossier": "D-9"}
    assert asked.headers["Authorization"] == "Bearer token-of-infino"
    assert asked.headers["X-Magda-Enduser-ID"] == "an.janssens"
    assert uuid.UUID(asked.headers["x-correlation-id"]).version == 4


def test_an_answer_in_doubt_says_so(local: World) -> None:
    local.api.persons |= {ANNE: nothing_known(ANNE) | {"inOnderzoek": True}, BOB: nothing_known(BOB)}

    result = local.run("lookup", ANNE, BOB, *AS_INFINO, columns=200)

    assert f"Person {ANNE}: registered; no payments known. In doubt: WEWIS looks into a report.\n" in result.stdout
    assert f"Person {BOB}: registered; no payments known.\n" in result.stdout


def test_several_persons_go_to_query_by_the_hundred(local: World) -> None:
    local.api.persons |= {number: nothing_known(number) for number in NUMBERS}

    result = local.run("lookup", "-", *AS_INFINO, "--json", stdin="\n".join([*NUMBERS, ANNE]))

    asked = [call.json["inszLijst"] for call in local.api.calls(QUERY)]
    assert [len(numbers) for numbers in asked] == [100, 100, 5]
    assert [number for numbers in asked for number in numbers] == NUMBERS
    assert [item["insz"] for item in json.loads(result.stdout)["items"]] == NUMBERS
    assert len({call.headers["x-correlation-id"] for call in local.api.calls(QUERY)}) == 3
    assert local.api.calls(GET) == []


def test_a_purpose_for_one_person_at_a_time_goes_to_get(local: World) -> None:
    local.api.persons |= {ANNE: nothing_known(ANNE), BOB: nothing_known(BOB)}

    result = local.run("lookup", ANNE, CARL, BOB, *AS_DISPUTES, "--json")

    assert [call.json for call in local.api.calls(GET)] == [
        {"insz": number, "doel": "geschillen", "dossier": "D-1"} for number in (ANNE, CARL, BOB)
    ]
    assert ["problem" in item for item in json.loads(result.stdout)["items"]] == [False, True, False]
    assert result.exit_code == 1


def test_a_purpose_for_specific_files_needs_one(local: World) -> None:
    result = local.run("lookup", ANNE, *AS_DISPUTES[:4])

    assert result.exit_code == 2
    assert "--dossier" in result.stderr
    assert local.api.asked == []


@pytest.mark.parametrize("numbers", [[ANNE], [ANNE, BOB]], ids=["get", "query"])
def test_a_refused_person_is_a_readable_line_and_exit_code_1(local: World, numbers: list[str]) -> None:
    local.api.persons[BOB] = nothing_known(BOB)

    result = local.run("lookup", *numbers, *AS_INFINO, columns=300)

    assert result.exit_code == 1
    assert (
        f"Person {ANNE}: refused: missingPermission (403, 40003). No registration. "
        "Trace 0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11"
    ) in result.stdout
    assert ("no payments known" in result.stdout) == (BOB in numbers)


def test_a_refusal_of_the_whole_request_ends_it_and_keeps_what_was_answered(local: World) -> None:
    local.api.persons[ANNE] = nothing_known(ANNE)
    scope = {"type": "urn:problem-type:belgif:missingScope", "status": 403, "requiredScopes": ["jbplus:geschillen"]}
    local.api.says_first.extend([(200, {}, nothing_known(ANNE)), (403, {}, scope)])

    result = local.run("lookup", ANNE, BOB, CARL, *AS_DISPUTES, "--json")

    said = json.loads(result.stdout)
    assert result.exit_code == 1
    assert said["items"] == [local.api.persons[ANNE]]
    assert said["error"] == {
        "message": "missingScope (403). Needs scope jbplus:geschillen",
        "problem": scope,
    }
    assert len(local.api.calls(GET)) == 2


def test_a_bad_request_says_which_field_is_wrong(local: World) -> None:
    issue = {"type": "urn:problem-type:belgif:input-validation:schemaViolation", "in": "body", "name": "dossier"}
    bad = {"type": "urn:problem-type:belgif:badRequest", "status": 400, "title": "Bad Request", "issues": [issue]}
    local.api.says_first.append((400, {}, bad))

    result = local.run("lookup", ANNE, *AS_INFINO)

    assert result.exit_code == 1
    assert result.stderr == "Refused: Bad Request (400). body dossier: schemaViolation\n"


def test_a_busy_exchange_is_asked_again(local: World) -> None:
    local.api.persons[ANNE] = nothing_known(ANNE)
    busy = {"type": "urn:problem-type:belgif:serviceUnavailable", "status": 503}
    local.api.says_first.extend([(503, {"Retry-After": "0"}, busy), (503, {}, busy)])
    local.api.says_first.append((429, {}, b'{"message": "Too Many Requests"}'))

    assert local.run("lookup", ANNE, *AS_INFINO).exit_code == 0
    assert len(local.api.calls(GET)) == 4


def test_an_exchange_that_stays_busy_is_left_alone_in_the_end(local: World) -> None:
    busy = {"type": "urn:problem-type:belgif:serviceUnavailable", "status": 503, "title": "Service Unavailable"}
    local.api.says_first.extend([(503, {"Retry-After": "0"}, busy)] * 20)

    result = local.run("lookup", ANNE, *AS_INFINO)

    assert result.exit_code == 1
    assert "Service Unavailable (503)" in result.stderr
    assert len(local.api.calls(GET)) == 5


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((401, {}, b'{"message":"Unauthorized"}'), "The token was not accepted (401)"),
        ((403, {}, b'{"message":"Forbidden"}'), "answered 403 without saying why"),
        ((502, {}, b"<html>Bad Gateway</html>"), "answered 502 without saying why"),
        ((200, {}, b"not json"), "is not as agreed"),
        ((200, {}, {"insz": ANNE, "verrichtingen": [{"verrichtingbedrag": ANNE}]}), "is not as agreed"),
    ],
)
def test_an_answer_that_makes_no_sense_is_said_in_words(
    local: World, said: tuple[int, dict[str, str], bytes], words: str
) -> None:
    local.api.says_first.append(said)

    result = local.run("lookup", ANNE, *AS_INFINO, columns=300)

    assert result.exit_code == 1
    assert words in result.stderr
    assert ANNE not in result.output
    assert "Traceback" not in result.output


def test_the_error_of_an_odd_answer_does_not_hold_what_stood_in_it() -> None:
    with pytest.raises(ValidationError) as raised:
        PersonAnswer.model_validate_json(json.dumps({"insz": [ANNE]}))

    assert ANNE not in str(raised.value)


def test_a_stack_that_is_gone_is_said_plainly(local: World) -> None:
    local.api.stop()

    result = local.run("lookup", ANNE, *AS_INFINO, columns=300)

    assert result.exit_code == 1
    assert "gives no answer" in result.stderr
    assert "make run" in result.stderr
    assert "Traceback" not in result.output


def test_a_person_number_goes_nowhere_but_into_the_body(local: World) -> None:
    local.run("lookup", ANNE, *AS_INFINO)
    local.run("lookup", ANNE, BOB, *AS_INFINO)
    local.run("register", ANNE, "--party", "infino")

    assert len(local.api.asked) == 6
    for asked in local.api.asked:
        assert ANNE not in asked.path
        assert ANNE not in str(asked.headers)


@pytest.mark.parametrize("enduser", [ANNE, f"{ANNE[:6]}-{ANNE[6:]}", "", "an janssens", "x" * 65, "a\r\nb: c"])
def test_an_end_user_that_may_not_be_logged_is_a_usage_error(local: World, enduser: str) -> None:
    result = local.run("lookup", ANNE, *AS_INFINO, "--enduser", enduser)

    assert result.exit_code == 2
    assert local.api.asked == []


@pytest.mark.parametrize("party", ["Infino", "infino", "0685540471"])
def test_a_party_is_named_by_its_key_or_its_kbo_number(local: World, party: str) -> None:
    local.run("lookup", ANNE, "--party", party, "--doel", "audit", "--dossier", "D-1")

    (token,) = local.api.calls("/token")
    assert token.form["client_id"] == "infino"
    assert token.form["scope"] == "jbplus:audit"


def test_wrong_numbers_are_a_usage_error_that_names_places_only(local: World, tmp_path: Path) -> None:
    wrong = f"{ANNE[:9]}{(int(ANNE[9:]) % 97) + 1:02d}"
    (tmp_path / "numbers").write_text(f"# comment\n\n{BOB}\n{wrong}\n")

    result = local.run("lookup", ANNE, "71-68", "--file", tmp_path / "numbers", *AS_INFINO, columns=300)

    assert result.exit_code == 2
    words = re.sub(r"[\s│]+", " ", result.stderr)
    assert "argument 2, line 4 of" in words
    assert wrong not in result.output
    assert local.api.asked == []


def test_no_numbers_at_all_is_a_usage_error(local: World) -> None:
    assert local.run("lookup", *AS_INFINO).exit_code == 2


def test_numbers_from_a_file_may_be_punctuated_and_count_once(local: World, tmp_path: Path) -> None:
    local.api.persons |= {ANNE: nothing_known(ANNE), BOB: nothing_known(BOB)}
    dotted = f"{ANNE[:2]}.{ANNE[2:4]}.{ANNE[4:6]}-{ANNE[6:9]}.{ANNE[9:]}"
    (tmp_path / "numbers").write_text(f"\ufeff{dotted}\r\n{BOB}\r\n{ANNE}\r\n", encoding="utf-8")

    result = local.run("lookup", "--file", tmp_path / "numbers", *AS_INFINO)

    assert result.exit_code == 0
    (asked,) = local.api.calls(QUERY)
    assert asked.json["inszLijst"] == [ANNE, BOB]


def test_a_dash_for_file_is_standard_input(local: World) -> None:
    local.api.persons[ANNE] = nothing_known(ANNE)

    assert local.run("lookup", "--file", "-", *AS_INFINO, stdin=f"{ANNE}\n").exit_code == 0


def test_a_file_that_is_no_text_is_a_usage_error(local: World, tmp_path: Path) -> None:
    (tmp_path / "numbers").write_bytes(b"\xff\xfe\x00")

    result = local.run("lookup", "--file", tmp_path / "numbers", *AS_INFINO)

    assert result.exit_code == 2
    assert local.run("lookup", "--file", tmp_path / "none", *AS_INFINO).exit_code == 2
