"""What nobody but the caller may see: log lines and metrics hold no person, no amount, nothing that was sent."""

import base64
import json
from collections.abc import Callable

import pytest

from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.api import DELETE, FIND, GET, QUERY, REGISTER, Api, Json
from tests.support.events import claims
from tests.support.fakes import PSEUDONYMS
from tests.support.known import INFINO, entry, registered, stored
from tests.support.out_of_reach import FailingLookupStore, FailingRegistrationStore, no_keys
from tests.support.people import ANNA, BRAM

AMOUNT = "613.37"
DOSSIER, REFERTE, CORRELATION, END_USER = "dossier-77", "JBP-77", "correlation-77", "end.user-77"
SENT = (ANNA, BRAM, AMOUNT, DOSSIER, REFERTE, END_USER, "junk-77", "1987-01-07")
PSEUDONYMOUS = (PSEUDONYMS(ANNA), PSEUDONYMS(BRAM))
HEADERS = {"x-correlation-id": CORRELATION, "x-magda-enduser-id": END_USER}

QUESTION = {"doel": "socialeToeslag", "dossier": DOSSIER}
BODIES: list[tuple[str, Json]] = [
    (GET, {"insz": ANNA, **QUESTION}),
    (GET, {"insz": BRAM, **QUESTION}),
    (GET, {"insz": ANNA, "doel": "junk-77", "junk-77": "junk-77"}),
    (GET, {"insz": "junk-77", **QUESTION}),
    (QUERY, {"inszLijst": [ANNA, BRAM, "junk-77"], **QUESTION}),
    (REGISTER, {"items": [{"insz": ANNA, "periode": {"begin": "1987-01-07"}, "recht": "lopend"}]}),
    (REGISTER, {"items": [{"insz": "junk-77", "periode": {"begin": "1987-01-07"}, "recht": "lopend"}]}),
    (REGISTER, {"items": [{"insz": ANNA, "periode": {"begin": "junk-77"}, "recht": ANNA}]}),
    (FIND, {"insz": ANNA}),
    (DELETE, {"insz": ANNA}),
]


def all_well() -> Api:
    store = registered(ANNA)
    store.persons[PSEUDONYMS(ANNA)] = stored({REFERTE: entry(AMOUNT)})
    return Api(lookup_store=store)


def broken() -> Api:
    error = RuntimeError(f"{ANNA} {AMOUNT} {END_USER}")
    return Api(lookup_store=FailingLookupStore(error), registration_store=FailingRegistrationStore(error))


def throttled() -> Api:
    return Api(lookup_store=FailingLookupStore(), registration_store=FailingRegistrationStore())


def without_keys() -> Api:
    return Api(keys=no_keys)


def without_log() -> Api:
    return Api(lookup_store=registered(ANNA), log=FakePrivacyLog(out_of_reach=True))


def lines(api: Api) -> list[Json]:
    return [json.loads(line) for line in api.lines.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("api", "status"), [(all_well, 200), (broken, 500), (throttled, 503), (without_keys, 503), (without_log, 503)]
)
def test_operators_see_nothing_that_the_caller_sent_and_nothing_of_a_person(
    api: Callable[[], Api], status: int
) -> None:
    asked = api()

    answers = [asked.post(path, body, headers=HEADERS) for path, body in BODIES]

    assert answers[0].status == status
    assert len(lines(asked)) >= len(BODIES)
    assert [shown for shown in (*SENT, *PSEUDONYMOUS) if shown in asked.emitted] == []
    assert CORRELATION not in str(asked.metrics.serialize_metric_set())
    assert all(line["correlation"] == CORRELATION for line in lines(asked))


def test_a_refused_header_is_not_logged_either() -> None:
    asked = all_well()

    asked.post(GET, BODIES[0][1], headers={"x-correlation-id": BRAM, "x-magda-enduser-id": f"{BRAM[:6]}-{BRAM[6:]}"})

    assert [shown for shown in (ANNA, BRAM, f"{BRAM[:6]}-{BRAM[6:]}") if shown in asked.emitted] == []
    assert [(line["status"], "correlation" in line) for line in lines(asked)] == [(400, False)]


def test_a_call_leaves_one_line_with_its_trace_route_party_and_status() -> None:
    asked = all_well()

    answered = asked.post(GET, BODIES[0][1], headers=HEADERS)

    (line,) = lines(asked)
    assert {name: line[name] for name in ("level", "message", "trace", "correlation", "route", "party", "status")} == {
        "level": "INFO",
        "message": "CALL001 call answered",
        "trace": answered.headers["BelGov-Trace-Id"],
        "correlation": CORRELATION,
        "route": "POST /v1/verrichtingen/get",
        "party": INFINO,
        "status": 200,
    }


def test_an_unexpected_error_leaves_its_type_and_its_place() -> None:
    asked = broken()

    answered = asked.post(GET, BODIES[0][1], headers=HEADERS)

    failed, answered_line = lines(asked)
    assert (failed["level"], failed["message"], failed["error"]) == (
        "ERROR",
        "CALL003 unexpected error",
        "RuntimeError",
    )
    assert any("out_of_reach.py" in place for place in failed["at"])
    assert failed["trace"] == answered_line["trace"] == answered.headers["BelGov-Trace-Id"]
    assert failed["correlation"] == answered_line["correlation"] == answered.headers["x-correlation-id"]


def test_what_is_out_of_reach_is_named_to_operators_and_not_to_the_caller() -> None:
    asked = throttled()

    answered = asked.post(GET, BODIES[0][1], headers=HEADERS)

    assert lines(asked)[0]["reason"] == "dynamodb:Anything: ThrottlingException"
    assert lines(asked)[0]["message"] == "CALL002 store, secret or privacy log out of reach"
    assert "dynamodb" not in answered.body
    assert "Throttling" not in answered.body


def test_calls_are_counted_by_class_of_status_and_nothing_else() -> None:
    asked = all_well()

    for path, body in BODIES:
        asked.post(path, body, headers=HEADERS)
    asked.post(GET, BODIES[0][1], claims(INFINO), HEADERS)
    asked.lookup_store = FailingLookupStore()
    asked.post(GET, BODIES[0][1], headers=HEADERS)

    counted = {name: values for name, values in asked.metrics.serialize_metric_set().items() if name.startswith("C")}
    assert {name: sum(map(float, str(values).strip("[]").split(","))) for name, values in counted.items()} == {
        "Calls2xx": 6.0,
        "Calls4xx": 5.0,
        "Calls5xx": 1.0,
    }


def test_a_body_in_base64_is_not_logged() -> None:
    asked = all_well()
    body = json.dumps(BODIES[0][1]).encode()

    asked.post_raw(GET, body, headers=HEADERS)
    asked.post_raw(GET, body[:-1], headers=HEADERS)

    assert base64.b64encode(body)[:20].decode() not in asked.emitted
    assert ANNA not in asked.emitted
