"""What an operator sees and mends with `jbplus`, on the deployed template with IAM enforced (Article 7)."""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from jbplus_cli.stack.surroundings import Surroundings
from jbplus_local.stack import LocalStack
from tests.e2e.exchange import INFINO, Exchange
from tests.e2e.rights import Keys, Limited, user_with
from tests.support import command
from tests.support.files import mutation_file, record
from tests.support.people import person_number
from tests.support.waiting import wait_for


@dataclass(frozen=True)
class Operator:
    """Runs `jbplus` against the running stack."""

    surroundings: Surroundings

    def run(self, *words: str) -> Result:
        return command.run(words, self.surroundings)

    def read(self, *words: str) -> dict[str, Any]:
        """Run a command, and read what it tells programs."""
        said: dict[str, Any] = json.loads(self.run(*words, "--json").stdout)
        return said

    def logged(self, function: str, *words: str) -> list[dict[str, Any]]:
        """Give what a function logged today: it is there a moment after its answer."""
        return list(self.read("logs", function, "--since", "1d", *words).get("items", []))

    def quarantined(self, own_name: str) -> str:
        """Give the full name of the one thing in quarantine that begins with a name."""
        (name,) = (item["name"] for item in self.read("quarantine", "list")["items"] if own_name in item["name"])
        return str(name)


@pytest.fixture(scope="module")
def rights(stack: LocalStack) -> Keys:
    """The keys of who has the operator's rights, and no others."""
    return user_with(stack, "operator")


@pytest.fixture
def operator(exchange: Exchange, rights: Keys, tmp_path: Path) -> Operator:
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "endpoints.json").write_text(json.dumps(asdict(exchange.stack.endpoints)))
    return Operator(replace(Surroundings.real(), folder=tmp_path, aws=lambda target: Limited(target, rights)))


def test_the_status_tells_each_outcome_and_what_needs_a_person(exchange: Exchange, operator: Operator) -> None:
    person = person_number(301)
    before = operator.read("status")
    good = exchange.next_file([record(person)])
    exchange.drop(good)
    exchange.drop(good)
    exchange.drop(exchange.next_file([record(person, "JBP-2"), record(person, "JBP-3", verrichtingbedrag="0.00")]))
    exchange.drop(exchange.next_file([record(person)], aantal=7))
    exchange.volgnummer += 1  # the last one was refused, and one more does not come
    exchange.drop(exchange.next_file([]))

    result = operator.run("status")
    after = operator.read("status", "--last", "20")

    assert result.exit_code == 1
    assert {(file["volgnummer"], file["status"]) for file in after["files"]} >= {
        (exchange.volgnummer - 4, "verwerkt"),
        (exchange.volgnummer - 4, "reedsVerwerkt"),
        (exchange.volgnummer - 3, "gedeeltelijkVerwerkt"),
        (exchange.volgnummer - 2, "geweigerd"),
        (exchange.volgnummer, "verwerkt"),
    }
    assert all(0 <= file["seconds"] < 120 for file in after["files"])
    assert {"van": exchange.volgnummer - 2, "tot": exchange.volgnummer - 1} in after["missing"]
    assert after["quarantine"]["files"] == before["quarantine"]["files"] + 1
    assert after["quarantine"]["parts"] == before["quarantine"]["parts"] + 1
    assert "Files are missing: " in result.stdout
    assert "in quarantine: release or discard each" in result.stdout
    assert person not in result.output


def test_a_party_is_allowed_more_registrations(operator: Operator) -> None:
    words = ("--party", "kidslife", "--per-day", "60000", "--until", "2099-12-31", "--reason", "first load")

    said = operator.read("allow", *words)

    assert said["allowances"][-1]["perDay"] == 60_000
    assert operator.read("allow", *words)["allowances"][:-1] == said["allowances"]


def test_the_status_says_that_nobody_watches_here(operator: Operator) -> None:
    assert operator.read("status")["alarms"] is None


def test_one_call_is_found_by_each_of_its_names(exchange: Exchange, operator: Operator) -> None:
    """The caller's own reference, ours, X-Ray's, and the reference of its record in the privacy log."""
    person = person_number(310)
    exchange.register(person)
    own = f"case-{uuid.uuid4()}"
    body = {"insz": person, "doel": "socialeToeslag"}
    answered = exchange.post("/v1/verrichtingen/get", body, INFINO, "jbplus:dossierbeheer", **{"x-correlation-id": own})
    trace = answered.headers["BelGov-Trace-Id"]

    (line,) = wait_for(lambda: operator.logged("consultation", "--correlation", own), "the line of the call")
    asked = exchange.post("/v1/privacylog/query", {"insz": person}, INFINO, "jbplus:privacylog").body["items"]
    (record_,) = (item for item in asked if item["referte"] == trace)

    assert operator.logged("consultation", "--trace", trace) == [line]
    assert (line["trace"], line["correlation"], line["status"]) == (trace, own, 200)
    assert re.fullmatch("1-[0-9a-f]{8}-[0-9a-f]{24}", line["xray_trace_id"])
    assert record_["correlatie"] == answered.headers["x-correlation-id"] == own
    assert person not in json.dumps(line)


def test_what_a_function_logged_is_shown(exchange: Exchange, operator: Operator) -> None:
    report = exchange.drop(exchange.next_file([record(person_number(309))]))

    def shown() -> set[str]:
        return {line["sha256"] for line in operator.logged("intake", "--code", "INTAKE001")}

    # A report is there a moment before its function's log.
    wait_for(lambda: report["sha256"] in shown(), "the line of the file")


def test_a_party_is_suspended_and_the_suspension_lifted(operator: Operator) -> None:
    made = operator.read("suspend", "vutg", "--stroom", "consultatie", "--reden", "proef")

    shown = [each["id"] for each in operator.read("status")["suspensions"]]
    lifted = operator.read("lift", made["id"])

    assert made["id"] in shown
    assert lifted["opgehevenOp"]
    assert made["id"] not in [each["id"] for each in operator.read("status")["suspensions"]]


def test_records_are_shown_mended_and_released(exchange: Exchange, operator: Operator) -> None:
    person = person_number(302)
    bad = [record(person, f"JBP-{n}", verrichtingbedrag="0.00") for n in (1, 2)]
    report = exchange.drop(exchange.next_file([record(person), *bad]))
    name = operator.quarantined(report["sha256"][:8])

    shown = operator.run("quarantine", "show", name)
    revealed = operator.run("quarantine", "show", name, "--reveal")
    first = operator.read("quarantine", "release", name)
    key = f"quarantaine/{name}"
    mended = exchange.read(key).replace(b'"verrichtingbedrag": "0.00"', b'"verrichtingbedrag": "75.00"')
    exchange.stack.aws.s3().put_object(Bucket=exchange.stack.endpoints.bucket, Key=key, Body=mended)
    second = operator.run("quarantine", "release", name)
    again = operator.run("quarantine", "release", name)

    assert "JBP-2" in shown.stdout
    assert "bedragNul" in shown.stdout
    assert person not in shown.output
    assert [json.loads(line)["record"] for line in revealed.stdout.splitlines()] == bad
    assert first["items"] == [{"name": name, "toegepast": 0, "verouderd": 0, "geweigerd": 2}]
    assert second.exit_code == 0, second.output
    assert "2 applied, 0 superseded, 0 refused; out of quarantine." in second.stdout
    assert again.exit_code == 1
    assert "Nothing in quarantine is called" in again.stdout
    exchange.register(person)
    assert [paid["referte"] for paid in exchange.look_up(person).body["verrichtingen"]] == [
        "JBP-1",
        "JBP-2",
        "JBP-2025-000001",
    ]


def test_a_file_that_came_too_early_is_released_when_the_numbers_before_it_came(
    exchange: Exchange, operator: Operator
) -> None:
    person = person_number(303)
    exchange.drop(exchange.next_file([]))
    early = mutation_file([record(person)], exchange.volgnummer + 1500, referte="00000000-0000-4000-8000-000000000303")
    report = exchange.drop(early)
    name = operator.quarantined(report["sha256"][:8])

    too_early = operator.run("quarantine", "release", name)
    exchange.volgnummer += 600
    exchange.drop(exchange.next_file([]))
    released = operator.run("quarantine", "release", name)
    exchange.volgnummer += 899  # to the number of the released file

    assert report["fouten"][0]["code"] == "volgnummerTeHoog"
    assert too_early.exit_code == 1
    assert "It was refused again, and stays in quarantine." in too_early.stdout
    assert released.exit_code == 0, released.output
    assert "It was taken in, and is out of quarantine." in released.stdout
    assert name not in operator.run("quarantine", "list").stdout
    exchange.register(person)
    assert exchange.look_up(person).body["volgnummer"] == exchange.volgnummer


def wait_for_the_failure_queue(exchange: Exchange) -> None:
    """Wait until an event came into the failure queue."""
    sqs, url = exchange.stack.aws.sqs(), exchange.stack.outputs["FailureQueue"]

    def is_there() -> bool:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return found["Attributes"]["ApproximateNumberOfMessages"] == "1"

    wait_for(is_there, "the event in the failure queue")


@contextmanager
def incoming_out_of_reach(exchange: Exchange) -> Iterator[None]:
    """Take away the right to read incoming files, and give it back."""
    s3, bucket = exchange.stack.aws.s3(), exchange.stack.endpoints.bucket
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
        "Resource": f"arn:aws:s3:::{bucket}/inkomend/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denial]}))
    try:
        yield
    finally:
        s3.delete_bucket_policy(Bucket=bucket)


def test_a_file_whose_intake_failed_for_good_is_replayed(exchange: Exchange, operator: Operator) -> None:
    person = person_number(304)
    s3, bucket = exchange.stack.aws.s3(), exchange.stack.endpoints.bucket
    content = exchange.next_file([record(person)])
    name = "werk.publiceermutatiejobbonusplus-0100_20250304000000304.json"
    with incoming_out_of_reach(exchange):
        s3.put_object(Bucket=bucket, Key=f"inkomend/{name}", Body=content)
        wait_for_the_failure_queue(exchange)
        too_early = operator.read("replay", "--dry-run")
    status = operator.run("status")

    replayed = operator.run("replay")
    wait_for(lambda: not exchange.object_keys(f"inkomend/{name}"), "the file is taken in")

    (item,) = too_early["items"]
    assert (item["files"][0]["name"], item["tried"], item["replayed"]) == (name, 3, False)
    assert "INTAKE003" in item["error"]
    assert "1 event failed for good" in status.stdout
    assert replayed.exit_code == 0, replayed.output
    assert operator.read("status")["failureQueue"] == {"waiting": 0, "inHand": 0}
    exchange.register(person)
    assert exchange.look_up(person).body["volgnummer"] == exchange.volgnummer


def test_a_month_is_told_with_the_operators_rights(exchange: Exchange, operator: Operator, tmp_path: Path) -> None:
    person = person_number(305)
    exchange.drop(exchange.next_file([record(person)]))
    exchange.register(person)
    for _ in range(5):
        exchange.look_up(person)
    page = tmp_path / "overview.html"

    wait_for(lambda: looked_up(operator) != "<5", "the lookups are counted")
    result = operator.run("overview", "-o", str(page))

    assert result.exit_code == 0, result.output
    shown = page.read_text(encoding="utf-8")
    assert person not in shown
    for part in ("files", "notices", "lookups", "suspensions", "quality", "statistics"):
        assert f'<h2 id="{part}">' in shown


def looked_up(operator: Operator) -> int | str:
    """Tell how many persons Infino looked up for the social supplement in this month."""
    (row,) = (
        each
        for each in operator.read("overview")["lookups"]
        if (each["party"], each["purpose"]) == ("Infino Vlaanderen", "socialeToeslag")
    )
    answered: int | str = row["answered"]
    return answered


def test_the_payments_of_a_person_are_told_with_rights_of_their_own_and_that_is_logged(
    exchange: Exchange, operator: Operator, tmp_path: Path
) -> None:
    person = person_number(306)
    exchange.drop(exchange.next_file([record(person)]))
    exchange.register(person)
    allowed = user_with(exchange.stack, "access")
    teller = Operator(replace(operator.surroundings, aws=lambda target: Limited(target, allowed)))

    refused = operator.run("access", person, "--party", "infino", "-o", str(tmp_path / "a.html"), "--payments")
    answered = teller.run("access", person, "--party", "infino", "--payments", "--enduser", "op.1", "--json")

    assert refused.exit_code == 1
    assert answered.exit_code == 0, answered.stderr
    told = json.loads(answered.stdout)
    assert not (tmp_path / "a.html").exists()
    assert [paid["verrichtingbedrag"] for paid in told["payments"]["verrichtingen"]] == ["600.00"]
    assert ("inzage", "op.1", "beantwoord") in [
        (each["dienst"], each["gebruiker"], each["uitkomst"]) for each in told["log"]
    ]
