"""`jbplus register` and `jbplus token`."""

import json
from typing import Any

import pytest

from jbplus_cli.samples.persons import TestPersons
from tests.cli.world import World, problem
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.calling import Calling
from tests.support.every_call import calls_of
from tests.support.people import ANNA, BRAM

NUMBERS = [TestPersons(8).number(index) for index in range(120)]
PATH = "/v1/inschrijvingen"


def test_a_registration_begins_today_in_brussels_and_stays_open(local: World) -> None:
    result = local.run("register", NUMBERS[0], "--party", "infino")

    (asked,) = local.api.calls(PATH)
    assert result.exit_code == 0
    # 23:30 in UTC on 31 March is 1 April in Brussels.
    assert asked.json == {"items": [{"insz": NUMBERS[0], "periode": {"begin": "2026-04-01"}, "recht": "lopend"}]}
    assert local.api.calls("/token")[0].form["scope"] == "jbplus:inschrijving"
    assert f"│ {NUMBERS[0]} │ geregistreerd" in result.stdout


def test_the_term_and_the_right_are_sent_as_given(local: World) -> None:
    term = ("--begin", "2025-01-01", "--einde", "2025-12-31")
    local.run("register", NUMBERS[0], "--party", "vutg", "--recht", "geschorst", *term)

    (asked,) = local.api.calls(PATH)
    (item,) = asked.json["items"]
    assert item["periode"] == {"begin": "2025-01-01", "einde": "2025-12-31"}
    assert item["recht"] == "geschorst"


def test_many_persons_are_registered_by_the_hundred(local: World) -> None:
    result = local.run("register", "-", "--party", "infino", "--json", stdin="\n".join(NUMBERS))

    asked = [[item["insz"] for item in call.json["items"]] for call in local.api.calls(PATH)]
    assert asked == [NUMBERS[:100], NUMBERS[100:]]
    assert json.loads(result.stdout)["items"] == [{"insz": n, "resultaat": "geregistreerd"} for n in NUMBERS]


def test_a_refused_registration_is_shown_among_the_others(local: World) -> None:
    refused: dict[str, Any] = {
        "insz": NUMBERS[1],
        "problem": {"type": "urn:problem-type:belgif:badRequest", "status": 400, "code": "20002"},
    }
    local.api.says_first.append((200, {}, {"items": [{"insz": NUMBERS[0], "resultaat": "gewijzigd"}, refused]}))

    result = local.run("register", *NUMBERS[:2], "--party", "infino")

    assert result.exit_code == 1
    assert f"│ {NUMBERS[0]} │ gewijzigd" in result.stdout
    assert f"│ {NUMBERS[1]} │ refused: badRequest (400, 20002)" in result.stdout


def test_what_was_registered_before_a_failure_is_shown_too(local: World) -> None:
    done = {"items": [{"insz": number, "resultaat": "geregistreerd"} for number in NUMBERS[:100]]}
    local.api.says_first.extend([(200, {}, done), (502, {}, b"")])

    result = local.run("register", "-", "--party", "infino", stdin="\n".join(NUMBERS))

    assert result.exit_code == 1
    assert result.stdout.count("geregistreerd") == 100
    assert "answered 502" in result.stderr


@pytest.fixture
def room(local: World) -> FakePrivacyLog:
    """The very calls of registrations, with one person registered at Infino until the end of March; their log."""
    log = FakePrivacyLog()
    local.api.room = Calling(calls_of(log)["registrations"])
    local.run("register", ANNA, "--party", "infino", "--begin", "2026-01-01", "--einde", "2026-03-31")
    return log


@pytest.mark.usefixtures("room")
def test_registrations_are_shown(local: World) -> None:
    result = local.run("register", "--show", "-", "--party", "infino", stdin=f"{ANNA}\n{BRAM}\n")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"Person {ANNA}: registered from 2026-01-01, to 2026-03-31; recht lopend.",
        f"Person {BRAM}: not registered.",
    ]


def test_registrations_are_deleted(local: World, room: FakePrivacyLog) -> None:
    result = local.run("register", "--delete", ANNA, "--party", "infino")

    assert result.exit_code == 0
    assert result.stdout == f"Person {ANNA}: not registered any more.\n"
    assert local.read("register", "--show", ANNA, "--party", "infino")["items"] == [{"insz": ANNA}]
    assert local.read("register", "--delete", ANNA, "--party", "infino")["items"] == [{"insz": ANNA, "deleted": True}]
    # Made, deleted and read; what is not there is not deleted.
    assert len(room.entries) == 3


def test_what_was_deleted_before_a_failure_is_shown_too(local: World) -> None:
    local.api.says_first.extend([(204, {}, b""), (500, {}, problem(500, "internalServerError"))])

    result = local.run("register", "--delete", ANNA, BRAM, "--party", "infino", "--json")

    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert said["items"] == [{"insz": ANNA, "deleted": True}]
    assert said["error"]["problem"]["status"] == 500


@pytest.mark.parametrize(
    "options",
    [
        ("--show", "--delete"),
        ("--show", "--begin", "2025-02-01"),
        ("--delete", "--einde", "2025-02-01"),
        ("--begin", "2025-02-30"),
        ("--begin", "tomorrow"),
        ("--begin", "2025-02-01", "--einde", "2025-01-31"),
        ("--recht", "vervallen"),
        ("--party", "nobody"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(local: World, options: tuple[str, ...]) -> None:
    result = local.run("register", NUMBERS[0], "--party", "infino", *options)

    assert result.exit_code == 2
    assert local.api.asked == []


def test_token_prints_the_token_and_nothing_else(local: World) -> None:
    result = local.run(
        "token", "--party", "infino", "--scope", "jbplus:dossierbeheer", "--scope", "jbplus:inschrijving"
    )

    assert result.stdout == "token-of-infino\n"
    assert local.api.calls("/token")[0].form["scope"] == "jbplus:dossierbeheer jbplus:inschrijving"


def test_token_as_json(local: World) -> None:
    result = local.run("token", "--party", "parentia", "--scope", "jbplus:dossierbeheer", "--json")

    assert json.loads(result.stdout) == {"access_token": "token-of-parentia"}


def test_without_a_local_issuer_there_is_no_token(world: World) -> None:
    result = world.run("token", "--party", "infino", "--scope", "jbplus:dossierbeheer", "--json")

    assert result.exit_code == 1
    assert "make run" in json.loads(result.stdout)["error"]["message"]
