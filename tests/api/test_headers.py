"""What every call carries, and every answer: who asks, and by which references the two sides find it again."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from jbplus.protocol.parties import OPGROEIEN
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.api import CALLS, DELETE, FIND, GET, PRIVACY_LOG, QUERY, REGISTER, TOKEN, Answered, Api, Json
from tests.support.events import CORRELATION, END_USER, HEADERS, claims
from tests.support.known import INFINO, registered
from tests.support.out_of_reach import FailingLookupStore, FailingRegistrationStore, throttled
from tests.support.people import ANNA, BRAM

ITEM = {"insz": ANNA, "periode": {"begin": "2026-01-01"}, "recht": "lopend"}
BODIES: dict[str, Json] = {
    GET: {"insz": ANNA, "doel": "socialeToeslag"},
    QUERY: {"inszLijst": [ANNA, BRAM], "doel": "socialeToeslag"},
    REGISTER: {"items": [ITEM]},
    FIND: {"insz": ANNA},
    DELETE: {"insz": ANNA},
    PRIVACY_LOG: {"insz": ANNA},
}
HYPHENATED = f"{ANNA[:6]}-{ANNA[6:9]}.{ANNA[9:]}"
BAD_IDENTIFIERS = [
    pytest.param("", id="empty"),
    pytest.param(" ", id="space"),
    pytest.param("x" * 65, id="65 signs"),
    pytest.param("an peeters", id="space inside"),
    pytest.param("a,b", id="header sent twice"),
    pytest.param("x\n", id="line end"),
    pytest.param("<script>", id="other signs"),
    pytest.param("\N{LATIN SMALL LETTER E WITH ACUTE}", id="accent"),
    pytest.param(ANNA, id="a person's number"),
    pytest.param(HYPHENATED, id="a person's number with punctuation"),
    pytest.param(f"u{ANNA}", id="a person's number after a letter"),
]
GOOD_IDENTIFIERS = ["x", "x" * 64, "AZaz09._-", "0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11", BRAM + "0", "_".join(BRAM)]


class Case(NamedTuple):
    """A call and what stands behind it."""

    api: Api
    path: str
    body: Json
    token: Mapping[str, str] = TOKEN

    def send(self, headers: Mapping[str, str] = HEADERS) -> Answered:
        return self.api.post(self.path, self.body, self.token, headers)


def api() -> Api:
    return Api(lookup_store=registered(ANNA))


def every_status() -> dict[str, Case]:
    """Give a call for each status that our code answers."""
    broken = ValueError(ANNA)
    return {
        "200": Case(api(), GET, BODIES[GET]),
        "200 with problems": Case(api(), QUERY, BODIES[QUERY]),
        "200 registered": Case(api(), REGISTER, BODIES[REGISTER]),
        "200 not registered": Case(api(), FIND, BODIES[FIND]),
        "204": Case(api(), DELETE, BODIES[DELETE]),
        "400": Case(api(), GET, {}),
        "403 scope": Case(api(), GET, BODIES[GET], claims(INFINO)),
        "403 purpose": Case(api(), GET, BODIES[GET], claims(OPGROEIEN.kbo, "jbplus:dossierbeheer")),
        "403 registration": Case(api(), GET, BODIES[GET] | {"insz": BRAM}),
        "413": Case(api(), GET, {"insz": "1" * 300_000}),
        "500": Case(Api(lookup_store=FailingLookupStore(broken)), GET, BODIES[GET]),
        "503": Case(Api(registration_store=FailingRegistrationStore(throttled())), FIND, BODIES[FIND]),
    }


EVERY_STATUS = pytest.mark.parametrize("name", every_status())


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("value", [None, *BAD_IDENTIFIERS])
@pytest.mark.parametrize("header", ["x-correlation-id", "X-Magda-Enduser-ID"])
def test_a_missing_or_bad_header_is_refused_without_its_value(path: str, value: str | None, header: str) -> None:
    headers = {name: content for name, content in HEADERS.items() if name != header.lower()}
    log = FakePrivacyLog()

    answered = Api(lookup_store=registered(ANNA), log=log).post(
        path, BODIES[path], headers=headers if value is None else headers | {header: value}
    )

    assert answered.status == 400
    assert [(issue["in"], issue["name"]) for issue in answered.json["issues"]] == [("header", header)]
    assert not value or len(value) == 1 or value not in answered.body
    assert log.entries == []


def test_both_bad_headers_are_told_at_once() -> None:
    answered = api().post(GET, BODIES[GET], headers={})

    assert [issue["name"] for issue in answered.json["issues"]] == ["x-correlation-id", "X-Magda-Enduser-ID"]


@pytest.mark.parametrize("value", GOOD_IDENTIFIERS)
def test_a_good_identifier_is_taken_and_logged(value: str) -> None:
    log = FakePrivacyLog()
    headers = {"X-Correlation-Id": value, "X-MAGDA-ENDUSER-ID": value}

    answered = Api(lookup_store=registered(ANNA), log=log).post(GET, BODIES[GET], headers=headers)

    assert (answered.status, answered.headers["x-correlation-id"]) == (200, value)
    assert [(entry.caller.correlation, entry.caller.end_user) for entry in log.entries] == [(value, value)]


@EVERY_STATUS
def test_the_callers_correlation_is_on_every_answer(name: str) -> None:
    answered = every_status()[name].send()

    assert name.startswith(str(answered.status))
    assert answered.headers["x-correlation-id"] == CORRELATION


@EVERY_STATUS
@pytest.mark.parametrize("value", [None, *BAD_IDENTIFIERS])
def test_a_bad_correlation_is_on_no_answer(name: str, value: str | None) -> None:
    headers = {"x-magda-enduser-id": END_USER} | ({} if value is None else {"x-correlation-id": value})

    answered = every_status()[name].send(headers)

    assert "x-correlation-id" not in {header.lower() for header in answered.headers}


def test_a_bad_end_user_does_not_cost_the_answer_its_correlation() -> None:
    answered = api().post(GET, BODIES[GET], headers=dict(HEADERS) | {"x-magda-enduser-id": ANNA})

    assert (answered.status, answered.headers["x-correlation-id"]) == (400, CORRELATION)


@EVERY_STATUS
def test_every_answer_has_a_trace_id_of_ours_and_its_problem_names_it(name: str) -> None:
    answered = every_status()[name].send()

    trace = answered.headers["BelGov-Trace-Id"]
    assert re.fullmatch(r"[0-9a-f-]{1,36}", trace)
    if answered.status >= 400:
        assert answered.json["instance"] == f"urn:uuid:{trace}"
        assert answered.json["status"] == answered.status


def test_each_call_has_a_trace_id_of_its_own_and_logs_under_it() -> None:
    log = FakePrivacyLog()
    asked = Api(lookup_store=registered(ANNA), log=log)

    traces = [asked.post(GET, BODIES[GET]).headers["BelGov-Trace-Id"] for _ in range(3)]

    assert len(set(traces)) == 3
    assert [entry.caller.trace for entry in log.entries] == traces


def test_the_problems_of_a_querys_items_name_the_calls_trace_id() -> None:
    answered = api().post(QUERY, {"inszLijst": [BRAM, "1"], "doel": "socialeToeslag"})

    instance = f"urn:uuid:{answered.headers['BelGov-Trace-Id']}"
    assert [item["problem"]["instance"] for item in answered.json["items"]] == [instance, instance]


@EVERY_STATUS
def test_no_answer_holds_a_null_and_none_may_be_kept_by_a_cache(name: str) -> None:
    answered = every_status()[name].send()

    assert "null" not in answered.body
    assert answered.headers["Cache-Control"] == "no-store"


@EVERY_STATUS
def test_a_problem_is_problem_json_and_an_answer_is_json(name: str) -> None:
    answered = every_status()[name].send()

    expected = "application/problem+json" if answered.status >= 400 else "application/json"
    assert answered.headers.get("Content-Type") == (None if answered.status == 204 else expected)
    assert bool(answered.body) is (answered.status != 204)


@EVERY_STATUS
def test_no_header_of_an_answer_holds_a_persons_number(name: str) -> None:
    answered = every_status()[name].send()

    assert [number for number in (ANNA, BRAM) if number in repr(answered.headers)] == []
