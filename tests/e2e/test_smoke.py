"""The deployed API answers those with a good token, and nobody else."""

from collections.abc import Callable

import pytest
import urllib3

from jbplus_local.stack import LocalStack
from tests.e2e.api import Answer, Api
from tests.e2e.tokens import Tokens
from tests.support.people import person_number

INFINO = "0685540471"
VUTG = "0692793497"
LOOKUP = "jbplus:dossierbeheer"
REGISTRATION = "jbplus:inschrijving"
TEST_PERSON = person_number(901)  # no other test pays or registers this one
QUESTION = {"insz": TEST_PERSON, "doel": "socialeToeslag"}
ITEM = {"insz": TEST_PERSON, "periode": {"begin": "2025-01-01"}, "recht": "lopend"}

PROTECTED = [
    "/v1/verrichtingen/get",
    "/v1/verrichtingen/query",
    "/v1/inschrijvingen",
    "/v1/inschrijvingen/get",
    "/v1/inschrijvingen/delete",
    "/v1/schorsingen",
    "/v1/schorsingen/x/opheffing",
    "/v1/kwaliteitsmeldingen",
    "/v1/kwaliteitsmeldingen/query",
    "/v1/kwaliteitsmeldingen/x/antwoord",
    "/v1/privacylog/query",
]
BAD_TOKENS: dict[str, Callable[[Tokens, str, str], str | None]] = {
    "missing": lambda _tokens, _kbo, _scope: None,
    "nonsense": lambda _tokens, _kbo, _scope: "nonsense",
    "expired": Tokens.expired,
    "not yet valid": Tokens.not_yet_valid,
    "another audience": Tokens.for_another_audience,
    "another issuer": Tokens.of_another_issuer,
    "forged": Tokens.forged,
    "altered": Tokens.altered,
    "unsigned": Tokens.unsigned,
}


def register(api: Api, tokens: Tokens) -> Answer:
    return api.post("/v1/inschrijvingen", {"items": [ITEM]}, tokens.good(INFINO, REGISTRATION))


def test_a_registered_person_is_looked_up_with_a_good_token(api: Api, tokens: Tokens) -> None:
    registered = register(api, tokens)
    assert registered.status == 200, registered
    assert [item["insz"] for item in registered.body["items"]] == [TEST_PERSON]
    assert "problem" not in registered.body["items"][0]

    answer = api.post("/v1/verrichtingen/get", QUESTION, tokens.good(INFINO, LOOKUP))
    assert answer.status == 200, answer
    said = {name: value for name, value in answer.body.items() if name != "versie"}
    assert said == {"insz": TEST_PERSON, "verrichtingen": [], "nettoPerFiscaalJaar": []}
    assert answer.headers["x-correlation-id"] == "test-1"


def test_the_party_is_the_one_in_the_token(api: Api, tokens: Tokens) -> None:
    """Infino's registration does not help VUTG."""
    register(api, tokens)
    answer = api.post("/v1/verrichtingen/get", QUESTION, tokens.good(VUTG, LOOKUP))
    assert (answer.status, answer.body["code"]) == (403, "40003"), answer


@pytest.mark.parametrize("bad", BAD_TOKENS)
@pytest.mark.parametrize("path", PROTECTED)
def test_no_route_answers_a_bad_token(api: Api, tokens: Tokens, path: str, bad: str) -> None:
    answer = api.post(path, QUESTION, BAD_TOKENS[bad](tokens, INFINO, LOOKUP))
    assert (answer.status, answer.body) == (401, {"message": "Unauthorized"})


def test_a_token_of_the_issuer_s_own_address_is_good(api: Api, stack: LocalStack, tokens: Tokens) -> None:
    register(api, tokens)
    form = {"grant_type": "client_credentials", "client_id": "infino", "client_secret": "sandbox", "scope": LOOKUP}
    with urllib3.PoolManager() as http:
        response = http.request("POST", f"{stack.endpoints.issuer}/token", fields=form, encode_multipart=False)
    granted = response.json()
    assert response.status == 200
    assert (granted["token_type"], granted["scope"]) == ("Bearer", LOOKUP)
    assert api.post("/v1/verrichtingen/get", QUESTION, granted["access_token"]).status == 200
