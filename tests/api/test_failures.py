"""What the API answers when something behind it fails: try again, or a problem that tells nothing."""

from collections.abc import Callable

import pytest

from jbplus.protocol.parties import OPGROEIEN
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.api import DELETE, FIND, GET, QUERY, REGISTER, TOKEN, Api, Json
from tests.support.events import claims
from tests.support.known import INFINO, registered
from tests.support.out_of_reach import FailingLookupStore, FailingRegistrationStore, no_keys
from tests.support.people import ANNA

BAD = ANNA[:-1] + str((int(ANNA[-1]) + 1) % 10)
PERIOD = {"begin": "2026-01-01"}


def throttled_store() -> Api:
    return Api(lookup_store=FailingLookupStore(), registration_store=FailingRegistrationStore())


def log_out_of_reach() -> Api:
    return Api(lookup_store=registered(ANNA), log=FakePrivacyLog(out_of_reach=True))


def secret_out_of_reach() -> Api:
    return Api(lookup_store=registered(ANNA), keys=no_keys)


LOOKUPS = [
    pytest.param(GET, {"insz": ANNA, "doel": "socialeToeslag"}, id="get"),
    pytest.param(QUERY, {"inszLijst": [ANNA, BAD], "doel": "socialeToeslag"}, id="query"),
]
REGISTERING = pytest.param(REGISTER, {"items": [{"insz": ANNA, "periode": PERIOD, "recht": "lopend"}]}, id="register")
KEEPING = [
    REGISTERING,
    pytest.param(FIND, {"insz": ANNA}, id="find"),
    pytest.param(DELETE, {"insz": ANNA}, id="delete"),
]


@pytest.mark.parametrize("api", [throttled_store, secret_out_of_reach])
@pytest.mark.parametrize(("path", "body"), LOOKUPS + KEEPING)
def test_what_is_out_of_reach_is_503_and_says_when_to_try_again(api: Callable[[], Api], path: str, body: Json) -> None:
    answered = api().post(path, body)

    assert answered.problem == (503, "serviceUnavailable", None)
    assert int(answered.headers["Retry-After"]) > 0


@pytest.mark.parametrize(("path", "body"), [*LOOKUPS, REGISTERING])
def test_a_log_out_of_reach_is_503_for_the_whole_call(path: str, body: Json) -> None:
    answered = log_out_of_reach().post(path, body)

    assert answered.problem == (503, "serviceUnavailable", None)
    assert "Retry-After" in answered.headers
    assert "items" not in answered.json


@pytest.mark.parametrize(("path", "body"), LOOKUPS)
@pytest.mark.parametrize("token", [claims(INFINO), claims(OPGROEIEN.kbo, "jbplus:dossierbeheer")])
def test_a_refusal_that_cannot_be_logged_is_503_too(path: str, body: Json, token: dict[str, str]) -> None:
    assert log_out_of_reach().post(path, body, token).status == 503


def test_only_503_asks_to_try_again() -> None:
    api = Api(lookup_store=registered(ANNA))
    asked = {"insz": ANNA, "doel": "socialeToeslag"}

    answers = [api.post(GET, asked), api.post(GET, {}), api.post(GET, asked, claims(INFINO)), api.post_raw(GET, None)]

    assert [answered.status for answered in answers] == [200, 400, 403, 400]
    assert ["Retry-After" in answered.headers for answered in answers] == [False] * 4


def test_a_bad_request_is_answered_though_all_is_out_of_reach() -> None:
    api = Api(lookup_store=FailingLookupStore(), log=FakePrivacyLog(out_of_reach=True), keys=no_keys)

    assert api.post(GET, {"insz": BAD, "doel": "socialeToeslag"}).status == 400


@pytest.mark.parametrize(("path", "body"), LOOKUPS + KEEPING)
def test_an_unexpected_error_is_500_without_its_message(path: str, body: Json) -> None:
    error = KeyError(f"{ANNA} received 613.37")
    api = Api(lookup_store=FailingLookupStore(error), registration_store=FailingRegistrationStore(error))

    answered = api.post(path, body, TOKEN)

    assert answered.problem == (500, "internalServerError", None)
    seen = answered.body + api.emitted
    assert [shown for shown in (ANNA, "613.37", "received") if shown in seen] == []
    assert "KeyError" not in answered.body
    assert "KeyError" in api.emitted
