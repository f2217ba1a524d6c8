"""An address is logged on every road: a POST takes nothing from it, and a route is what API Gateway matched."""

import io
import json
import uuid
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics
from hypothesis import given
from hypothesis import strategies as st

from jbplus.api.gateway import Gateway
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.api import Answered
from tests.support.every_call import ACTOR, BODIES, calls_of, event_of
from tests.support.fakes import NOW
from tests.support.people import ANNA

POSTS = [route for route in BODIES if route.startswith("POST")]
UNKNOWN = "urn:problem-type:belgif:input-validation:unknownInput"
WITH_ID = "POST /v1/kwaliteitsmeldingen/{id}/antwoord"


class Asking:
    """Every call of the API; the attributes are what operators and the privacy log see."""

    def __init__(self, ignored: tuple[str, ...] = ()) -> None:
        self.log, self.lines = FakePrivacyLog(), io.StringIO()
        self.metrics = Metrics(namespace="jbplus", service="api")
        self.metrics.clear_metrics()
        calls = {call.route: call for calls in calls_of(self.log).values() for call in calls}
        logger = Logger(service=f"api-{uuid.uuid4()}", stream=self.lines)
        self._gateway = Gateway(calls, lambda: NOW, logger, self.metrics, ignored)

    def send(self, event: dict[str, Any]) -> Answered:
        return Answered.by(self._gateway.answer(event))

    def query(self, route: str, query: dict[str, str], body: object = None) -> Answered:
        raw = "&".join(f"{name}={value}" for name, value in query.items())
        return self.send(event_of(route, body) | {"queryStringParameters": query, "rawQueryString": raw})


def issues(answered: Answered) -> list[tuple[str, str | None, str]]:
    return [(issue["in"], issue.get("name"), issue["type"]) for issue in answered.json["issues"]]


def test_every_call_is_answered_as_it_is_sent_here() -> None:
    answers = {route: Asking().send(event_of(route)).status for route in BODIES}

    # Nothing has the id that is in the path.
    assert {route for route, status in answers.items() if status != 404 and status >= 300} == set()
    assert {route for route, status in answers.items() if status == 404} == {
        route for route in BODIES if "{id}" in route
    }


@pytest.mark.parametrize("route", POSTS)
@pytest.mark.parametrize("query", [{"insz": ANNA}, {ANNA: ""}, {"doel": "socialeToeslag"}, {"id": "x"}, {"": ""}])
def test_a_post_with_a_query_is_refused_before_anything_is_read(route: str, query: dict[str, str]) -> None:
    asking = Asking()

    for body in (BODIES[route], {}, {"junk": ANNA}):
        answered = asking.query(route, query, body)

        assert answered.problem == (400, "badRequest", None)
        assert issues(answered) == [("query", None, UNKNOWN)]
        assert ANNA not in answered.body + repr(answered.headers) + asking.lines.getvalue()
    assert asking.log.entries == []


@pytest.mark.parametrize("route", POSTS)
def test_a_query_that_stands_in_the_address_alone_is_refused_too(route: str) -> None:
    for raw in (f"insz={ANNA}", ANNA, "=", "%69nsz=1"):
        answered = Asking().send(event_of(route) | {"rawQueryString": raw})

        assert issues(answered) == [("query", None, UNKNOWN)]


@given(st.sampled_from(POSTS), st.dictionaries(st.text(max_size=8), st.text(max_size=12), min_size=1))
def test_no_name_and_no_value_of_a_query_is_told(route: str, query: dict[str, str]) -> None:
    marked = {f"zq{name}": f"zq{value}" for name, value in query.items()}

    answered = Asking().send(event_of(route) | {"queryStringParameters": marked})

    assert (answered.status, "zq" in answered.body) == (400, False)


@pytest.mark.parametrize("route", BODIES)
def test_what_a_platform_appends_is_ignored_when_it_is_named(route: str) -> None:
    appended = {"trace": ANNA, "hop": "1"}

    expected = Asking().send(event_of(route)).status

    assert Asking(("hop", "trace")).query(route, appended).status == expected
    assert Asking(("hop",)).query(route, appended).status == 400


def test_a_get_takes_its_named_parameters_only() -> None:
    one, other, both = ({"fiscaalJaar": "2024"}, {"insz": ANNA}, {"fiscaalJaar": "2024", "x": "1"})

    answers = [Asking().query("GET /v1/statistieken", query) for query in (one, other, both)]

    assert [answered.status for answered in answers] == [200, 400, 400]
    assert [issues(answered) for answered in answers[1:]] == [[("query", None, UNKNOWN)]] * 2
    assert ANNA not in answers[1].body
    assert issues(Asking().query("GET /v1/statistieken", {"fiscaalJaar": ANNA}))[0][:2] == ("query", "fiscaalJaar")
    assert Asking().query("GET /v1/schorsingen", {"fiscaalJaar": "2024"}).status == 400


def test_no_parameter_of_the_path_becomes_a_field_of_a_body() -> None:
    lookup = event_of("POST /v1/verrichtingen/get", {"doel": "socialeToeslag"}) | {"pathParameters": {"insz": ANNA}}
    answer = event_of(WITH_ID, {"status": "ongegrond"}) | {"pathParameters": {"id": "x", "antwoord": "Zo is het."}}

    answers = [Asking().send(event) for event in (lookup, answer)]

    assert [(answered.status, answered.json["issues"][0]["name"]) for answered in answers] == [
        (400, "insz"),
        (400, "antwoord"),
    ]


@pytest.mark.parametrize("route", [route for route in BODIES if "{id}" in route])
def test_no_field_of_a_body_becomes_a_parameter_of_the_path(route: str) -> None:
    event = event_of(route, (BODIES[route] or {}) | {"id": "x"})

    assert issues(Asking().send(event)) == [("body", None, UNKNOWN)]


@pytest.mark.parametrize("given", [{}, {"id": ""}, {"id": "x" * 65}])
def test_a_bad_parameter_of_the_path_is_named(given: dict[str, str]) -> None:
    answered = Asking().send(event_of(WITH_ID) | {"pathParameters": given})

    assert (answered.status, issues(answered)[0][:2]) == (400, ("path", "id"))


@pytest.mark.parametrize("path", ["/jbplus/v1/verrichtingen/get", "//v1/verrichtingen/get", "/v1/verrichtingen/get/"])
def test_the_route_chooses_the_call_whatever_the_address_looks_like(path: str) -> None:
    event = event_of("POST /v1/verrichtingen/get") | {"rawPath": path}
    event["requestContext"]["http"]["path"] = path

    assert Asking().send(event).status == 200


@pytest.mark.parametrize("report", ["\x00", "%00", "a\nb", "\udcff", "../x", ANNA])
def test_any_text_in_the_path_is_an_id_that_names_nothing(report: str) -> None:
    asking = Asking()

    answered = asking.send(event_of(WITH_ID) | {"pathParameters": {"id": report}})

    assert answered.problem == (404, "resourceNotFound", None)
    assert ANNA not in asking.lines.getvalue()


@pytest.mark.parametrize("route", ["$default", "", f"POST /v1/{ANNA}", None])
def test_a_route_that_no_call_has_is_a_problem_with_a_line_and_a_metric(route: str | None) -> None:
    asking, event = Asking(), event_of("POST /v1/verrichtingen/get")
    if route is None:
        del event["routeKey"]
    else:
        event["routeKey"] = route

    answered = asking.send(event)

    assert answered.problem == (404, "resourceNotFound", None)
    assert answered.headers["x-correlation-id"] == "correlation-1"
    (line,) = map(json.loads, asking.lines.getvalue().splitlines())
    assert (line["route"], line["status"]) == ("unknown", 404)
    assert dict(asking.metrics.serialize_metric_set())["Calls4xx"] == [1.0]
    assert ANNA not in asking.lines.getvalue() + answered.body


@pytest.mark.parametrize("route", BODIES)
def test_every_answer_tells_browsers_to_guess_nothing_and_to_keep_to_tls(route: str) -> None:
    answers = [Asking().send(event_of(route)), Asking().query(route, {"x": "1"}), Asking().send({"routeKey": route})]

    for answered in answers:
        assert answered.headers["X-Content-Type-Options"] == "nosniff"
        assert answered.headers["Strict-Transport-Security"].startswith("max-age=")


def test_the_token_of_a_call_decides_and_not_a_query_beside_it() -> None:
    assert ACTOR["kbo"] not in Asking().query("POST /v1/verrichtingen/get", {"kbo": "0692793497"}).body
