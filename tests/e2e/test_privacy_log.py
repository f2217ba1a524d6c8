"""The privacy log as a data protection officer reads it, and as nobody can change it (Articles 6 and 9)."""

import csv
import io
import json
import os
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jbplus.protocol.calendar import brussels_day
from tests.e2e.conftest import ROOT
from tests.e2e.exchange import INFINO, KIDSLIFE, OPGROEIEN, Exchange
from tests.support.people import person_number

PATH, SCOPE = "/v1/privacylog/query", "jbplus:privacylog"
WEWIS = "0316380841"
ANNA, BRAM = (person_number(serial, month=70, day=3) for serial in (1, 2))
CROWD = [person_number(serial, month=70, day=4) for serial in range(1, 101)]
RUNBOOK = (ROOT / "docs" / "breach.md").read_text(encoding="utf-8")

Ask = Callable[..., list[dict[str, Any]]]


# A test may run past midnight.
TODAY = brussels_day(datetime.now(UTC))
PERIOD = {"van": (TODAY - timedelta(days=1)).isoformat(), "tot": (TODAY + timedelta(days=1)).isoformat()}


@pytest.fixture(scope="module")
def used(exchange: Exchange) -> Exchange:
    """An exchange with the questions of two parties."""
    exchange.register(ANNA, BRAM)
    exchange.register(ANNA, party=KIDSLIFE)
    exchange.look_up(ANNA, dossier="D-1")
    exchange.look_up(ANNA, party=KIDSLIFE, doel="selectieveParticipatietoeslag", naarAanleidingVanMutatie=True)
    exchange.look_up(BRAM)
    exchange.look_up(BRAM, party=KIDSLIFE)
    exchange.post("/v1/inschrijvingen/delete", {"insz": BRAM}, INFINO, "jbplus:inschrijving")
    return exchange


@pytest.fixture
def ask(used: Exchange) -> Ask:
    def all_pages(party: str = INFINO, **question: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        while True:
            answer = used.post(PATH, question, party, SCOPE)
            assert answer.status == 200, answer
            assert len(answer.body["items"]) <= 100
            items += answer.body["items"]
            if "volgende" not in answer.body:
                # What was asked here before is a record too; it is looked at by itself.
                return [item for item in items if item["dienst"] != "privacylog"]
            question["na"] = answer.body["volgende"]

    return all_pages


def test_a_party_sees_what_it_asked_about_a_person(ask: Ask) -> None:
    anna = ask(insz=ANNA)

    assert [(item["dienst"], item["uitkomst"], item.get("doel"), item.get("dossier")) for item in anna] == [
        ("inschrijving", "geregistreerd", None, None),
        ("consultatie", "leeg", "socialeToeslag", "D-1"),
    ]
    assert {(item["betrokkene"], item["gebruiker"], item["toepassing"]) for item in anna} == {
        (ANNA, "tester", "test-application")
    }
    assert [item.get("inschrijvingVan") for item in anna] == [None, INFINO]
    assert [item["uitkomst"] for item in ask(insz=BRAM)] == ["geregistreerd", "leeg", "verwijderd"]


def test_another_party_sees_its_own_records_alone(ask: Ask) -> None:
    anna = ask(KIDSLIFE, insz=ANNA)

    assert [item["uitkomst"] for item in anna] == ["geregistreerd", "leeg"]
    assert [item["naarAanleidingVanMutatie"] for item in anna] == [False, True]
    assert [item["uitkomst"] for item in ask(KIDSLIFE, insz=BRAM)] == ["geweigerdInschrijving"]
    assert ask(OPGROEIEN, insz=ANNA) == []


def test_a_period_gives_every_record_once_and_in_order(used: Exchange, ask: Ask) -> None:
    headers = {"X-Magda-Enduser-ID": "night.shift"}
    used.query(*CROWD)
    used.post(
        "/v1/verrichtingen/query",
        {"inszLijst": CROWD, "doel": "socialeToeslag"},
        INFINO,
        "jbplus:dossierbeheer",
        **headers,
    )
    used.post(
        "/v1/verrichtingen/get", {"insz": ANNA, "doel": "socialeToeslag"}, INFINO, "jbplus:dossierbeheer", **headers
    )

    every = ask(**PERIOD)
    by_one = ask(**PERIOD, gebruiker="night.shift")

    assert len(every) >= 201
    assert [item["moment"] for item in every] == sorted(item["moment"] for item in every)
    assert len({(item["referte"], item["betrokkene"], item["uitkomst"]) for item in every}) == len(every)
    assert by_one == [item for item in every if item["gebruiker"] == "night.shift"]
    assert len(by_one) == 101
    assert ANNA not in json.dumps(every)


def test_a_question_is_a_record_that_the_next_one_gives(used: Exchange) -> None:
    person = person_number(3, month=70, day=3)

    first, second = (used.post(PATH, {"insz": person}, INFINO, SCOPE).body["items"] for _ in range(2))

    assert first == []
    (record,) = second
    assert (record["dienst"], record["uitkomst"], record["betrokkene"]) == ("privacylog", "leeg", person)


def test_the_end_of_a_page_opens_nothing_else(used: Exchange) -> None:
    used.query(*CROWD)
    used.query(*CROWD, party=KIDSLIFE)
    end = used.post(PATH, PERIOD, INFINO, SCOPE).body["volgende"]

    theirs = used.post(PATH, {**PERIOD, "na": end}, KIDSLIFE, SCOPE)
    another = used.post(PATH, {"insz": ANNA, "na": end}, INFINO, SCOPE)

    for refused in (theirs, another):
        assert (refused.status, [issue["name"] for issue in refused.body["issues"]]) == (400, ["na"])


def test_wewis_has_no_records_and_no_other_scope_will_do(used: Exchange) -> None:
    wewis = used.post(PATH, {"insz": ANNA}, WEWIS, SCOPE)
    without = used.post(PATH, {"insz": ANNA}, INFINO, "jbplus:dossierbeheer")

    assert (wewis.status, wewis.body["code"]) == (403, "40005")
    assert (without.status, without.body["requiredScopes"]) == (403, [SCOPE])


# A function that does with its role's rights whatever it is told.
_PROBE = """
import boto3
from botocore.exceptions import ClientError

client = boto3.client("dynamodb")

def handler(event, _):
    try:
        getattr(client, event["operation"])(**event["arguments"])
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"
"""

Try = Callable[[str, dict[str, Any]], str]
WRITERS = ["ConsultationFunction", "RegistrationsFunction"]
"""Functions that only write to the log; the one of the privacy log reads it too."""


@pytest.fixture(scope="module", params=[*WRITERS, "PrivacyLogFunction"])
def acting_as(request: pytest.FixtureRequest, used: Exchange) -> Iterator[tuple[str, Try]]:
    """Acts with the very role of a deployed function."""
    functions = used.stack.aws.functions()
    real = functions.get_function_configuration(FunctionName=used.stack.outputs[request.param])
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", _PROBE)
    name = f"probe-{request.param}"
    # Without the layer, which can do nothing but what functions call: the runtime has a boto3 of its own.
    functions.create_function(
        FunctionName=name,
        Runtime=real["Runtime"],
        Role=real["Role"],
        Handler="app.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=30,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)

    def attempt(operation: str, arguments: dict[str, Any]) -> str:
        payload = json.dumps({"operation": operation, "arguments": arguments})
        answer = functions.invoke(FunctionName=name, Payload=payload)
        assert not answer.get("FunctionError"), answer["Payload"].read()
        return str(json.loads(answer["Payload"].read()))

    yield request.param, attempt
    functions.delete_function(FunctionName=name)


def attempts(table: str, key: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """List every way to change or take away a record."""
    named = {"TableName": table, "Key": key}
    change = {
        "UpdateExpression": "SET outcome = :nothing",
        "ExpressionAttributeValues": {":nothing": {"S": "nothing"}},
    }
    where = f"WHERE subject = '{key['subject']['S']}' AND entry = '{key['entry']['S']}'"
    return {
        "update": ("update_item", named | change),
        "delete": ("delete_item", named),
        "batch put": ("batch_write_item", {"RequestItems": {table: [{"PutRequest": {"Item": key}}]}}),
        "batch delete": ("batch_write_item", {"RequestItems": {table: [{"DeleteRequest": {"Key": key}}]}}),
        "update in a transaction": ("transact_write_items", {"TransactItems": [{"Update": named | change}]}),
        "delete in a transaction": ("transact_write_items", {"TransactItems": [{"Delete": named}]}),
        "update in PartiQL": (
            "execute_statement",
            {"Statement": f"UPDATE \"{table}\" SET outcome = 'nothing' {where}"},  # noqa: S608 - all our own
        ),
        "delete in PartiQL": ("execute_statement", {"Statement": f'DELETE FROM "{table}" {where}'}),  # noqa: S608 - all our own
        "another end": (
            "update_time_to_live",
            {"TableName": table, "TimeToLiveSpecification": {"Enabled": False, "AttributeName": "expiresAt"}},
        ),
        "delete the table": ("delete_table", {"TableName": table}),
    }


def test_no_function_can_change_or_take_away_a_record(used: Exchange, acting_as: tuple[str, Try]) -> None:
    function, attempt = acting_as
    dynamodb, table = used.stack.aws.dynamodb(), used.stack.outputs["PrivacyLogTable"]
    item = dynamodb.scan(TableName=table, Limit=1)["Items"][0]
    key = {name: item[name] for name in ("subject", "entry")}
    new = {"subject": {"S": f"probe#{function}"}, "entry": {"S": "0"}, "day": {"S": "probe"}}

    refused = {name: attempt(*words) for name, words in attempts(table, key).items()}

    assert set(refused.values()) == {"AccessDeniedException"}, refused
    assert dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"] == item
    # What each may do shows that the probe acts as it should.
    read = {
        "TableName": table,
        "KeyConditionExpression": "subject = :s",
        "ExpressionAttributeValues": {":s": item["subject"]},
    }
    put, query = attempt("put_item", {"TableName": table, "Item": new}), attempt("query", read)
    dynamodb.delete_item(TableName=table, Key={name: new[name] for name in ("subject", "entry")})
    # A question to the log is a record itself.
    assert (put, query) == ("done", "AccessDeniedException" if function in WRITERS else "done")


def test_the_runbook_s_commands_show_who_saw_what(used: Exchange, tmp_path: Path) -> None:
    """Article 9; GDPR, Article 33: the page's commands that tell who saw whom run as they stand there."""
    used.look_up(ANNA, dossier="breach")
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "endpoints.json").write_text(json.dumps(asdict(used.stack.endpoints)))
    (tmp_path / "number.txt").write_text(f"{ANNA}\n")
    blocks = re.findall(r"```sh\n(.*?)```", RUNBOOK, re.DOTALL)
    (variables,) = (block for block in blocks if "FROM=" in block)
    commands = [block for block in blocks if block.startswith("jbplus privacylog") and "--answer" not in block]
    assert len(commands) == 3
    set_to = {"FROM": PERIOD["van"], "UNTIL": PERIOD["tot"], "ENDUSER": "tester"}
    assert set(set_to) | {"PARTY"} == set(re.findall(r"\$([A-Z]+)", "".join(commands)))
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    said = variables + "".join(f"{name}={value}\n" for name, value in set_to.items())

    outputs = [
        subprocess.run(
            ["sh", "-ec", said + command],
            cwd=tmp_path,
            env={"PATH": path, "COLUMNS": "300", "NO_COLOR": "1", "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        for command in commands
    ]

    assert [(output.returncode, output.stderr) for output in outputs] == [(0, "")] * 3
    whom, citizen = (
        list(csv.DictReader(io.StringIO((tmp_path / name).read_text(encoding="utf-8-sig")), delimiter=";"))
        for name in ("who-saw-whom.csv", "citizen.csv")
    )
    assert [row["uitkomst"] for row in whom if row["dossier"] == "breach"] == ["leeg"]
    assert len(whom) > len(citizen) >= 3
    # A spreadsheet shows it as it is.
    assert {row["betrokkene"] for row in citizen} == {f'="{ANNA}"'}
    assert [row["uitkomst"] for row in citizen if row["dossier"] == "breach"] == ["leeg"]
    assert "tester" in outputs[1].stdout
    assert "breach" in outputs[1].stdout
    assert "night.shift" not in outputs[1].stdout
