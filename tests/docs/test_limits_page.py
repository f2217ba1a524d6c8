"""The page of limits says what the code and the template do."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jbplus.api.bodies import MAX_BODY, MAX_ISSUES
from jbplus.api.problems import RETRY_AFTER_SECONDS
from jbplus.aws.clients import _FOR_CALLS
from jbplus.privacy_log.service import MAX_DAYS
from jbplus.quality.calls import ReportBody
from jbplus.suspensions.calls import MAX_REASON
from jbplus_local import template
from tests.support.api import GET, PRIVACY_LOG, QUERY, REGISTER, Answered, Api
from tests.support.events import HEADERS
from tests.support.people import ANNA, person_number

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
ROWS = {name: cells.strip(" |") for name, cells in re.findall(r"^\| `([^`]+)` \|(.+)$", PAGE, re.MULTILINE)}
QUESTION = {"insz": ANNA, "doel": "socialeToeslag"}


def stated(name: str) -> int:
    """Give the first number of a row."""
    found = re.match(r"-?[0-9,]+", ROWS[name])
    assert found is not None, name
    return int(found[0].replace(",", ""))


def body_of(size: int) -> str:
    text = json.dumps(QUESTION)
    return text + " " * (size - len(text))


def registrations(count: int) -> dict[str, Any]:
    item = {"periode": {"begin": "2026-01-01"}, "recht": "lopend"}
    return {"items": [{"insz": person_number(serial + 1), **item} for serial in range(count)]}


def lookups(count: int) -> dict[str, Any]:
    return {"inszLijst": [person_number(serial + 1) for serial in range(count)], "doel": "socialeToeslag"}


def with_dossier(length: int) -> dict[str, Any]:
    return {**QUESTION, "dossier": "x" * length}


def period(days: int) -> dict[str, Any]:
    # July and August have enough days.
    last = f"2025-07-{days:02d}" if days <= 31 else f"2025-08-{days - 31:02d}"
    return {"van": "2025-07-01", "tot": last}


class Case(NamedTuple):
    """A limit as it is enforced."""

    send: Callable[[Api, int], Answered]
    refusal: tuple[int, str]


CASES = {
    "body": Case(lambda api, size: api.post_raw(GET, body_of(size)), (413, "payloadTooLarge")),
    "persons in a lookup": Case(lambda api, count: api.post(QUERY, lookups(count)), (400, "badRequest")),
    "persons in a registration": Case(lambda api, count: api.post(REGISTER, registrations(count)), (400, "badRequest")),
    "header": Case(
        lambda api, length: api.post(GET, QUESTION, headers={**HEADERS, "x-magda-enduser-id": "x" * length}),
        (400, "badRequest"),
    ),
    "dossier": Case(lambda api, length: api.post(GET, with_dossier(length)), (400, "badRequest")),
    "period of the privacy log": Case(lambda api, days: api.post(PRIVACY_LOG, period(days)), (400, "badRequest")),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_at_the_limit_is_taken_and_what_is_over_gets_its_problem(name: str) -> None:
    case, limit = CASES[name], stated(name)

    at, over = case.send(Api(), limit), case.send(Api(), limit + 1)

    # Refusals of step 4 and later are another matter.
    assert at.status in (200, 403), at.body
    assert over.problem[:2] == case.refusal
    assert f"{case.refusal[0]} `{case.refusal[1]}`" in ROWS[name]


def test_the_other_numbers_are_those_of_the_code() -> None:
    assert stated("body") == MAX_BODY
    assert stated("issues in a problem") == MAX_ISSUES
    assert stated("period of the privacy log") == MAX_DAYS
    assert stated("reason of a suspension") == MAX_REASON
    note = ReportBody.model_json_schema()["properties"]["toelichting"]["anyOf"][0]
    assert stated("text of a report on quality") == note["maxLength"]


def test_a_problem_names_no_more_issues_than_stated() -> None:
    many = {f"field{number}": 1 for number in range(stated("issues in a problem") + 1)}

    answer = Api().post(GET, {**QUESTION, **many})

    assert len(answer.json["issues"]) == stated("issues in a problem")


@pytest.mark.parametrize("name", ["ThrottlingRate", "ThrottlingBurst", "IntakeConcurrency", "RegistrationsPerDay"])
def test_throttling_is_that_of_the_template(name: str) -> None:
    assert stated(name) == template.read(ROOT / "template.yaml")["Parameters"][name]["Default"]


def test_the_time_of_each_function_of_the_api_is_that_of_the_template() -> None:
    resources = template.read(ROOT / "template.yaml")["Resources"]
    of_api = {
        name: resource["Properties"]["Timeout"]
        for name, resource in resources.items()
        if resource["Type"] == template.FUNCTION
        and any(event["Type"] == "HttpApi" for event in resource["Properties"].get("Events", {}).values())
    }

    assert {name: stated(name) for name in ROWS if name.endswith("Function")} == of_api


def test_a_store_is_given_up_as_stated() -> None:
    tries = _FOR_CALLS.retries["total_max_attempts"]  # type: ignore[attr-defined]  # set by name in its constructor

    assert f"at most {_FOR_CALLS.connect_timeout} second to connect" in PAGE  # type: ignore[attr-defined]  # as above
    assert f"and {_FOR_CALLS.read_timeout} to answer, and there are {tries} tries" in PAGE  # type: ignore[attr-defined]  # as above
    assert f"`Retry-After: {RETRY_AFTER_SECONDS}`" in PAGE
