"""The local issuer as any OAuth 2.0 client meets it (RFC 6749; discovery by RFC 8414)."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from joserfc import jwt
from joserfc.jwk import KeySet

from jbplus.protocol.purposes import MATRIX, ROLES_BY_SCOPE
from jbplus_local.issuer import Issuer

ASKED = {"grant_type": "client_credentials", "scope": "jbplus:dossierbeheer"}
IN_FORM = {"client_id": "infino", "client_secret": "sandbox"}
FORM = "application/x-www-form-urlencoded"
HTTP = urllib3.PoolManager(retries=False, timeout=10)

Answer = tuple[int, Mapping[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    running = Issuer("jbplus")
    yield running
    running.stop()
    HTTP.clear()


def basic(client: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()


def ask(issuer: Issuer, body: str | bytes, *, authorization: str | None = None, content_type: str = FORM) -> Answer:
    headers = {"Content-Type": content_type} | ({} if authorization is None else {"Authorization": authorization})
    answer = HTTP.request("POST", f"{issuer.url}/token", body=body, headers=headers)
    return answer.status, answer.headers, answer.json()


def claims_of(issuer: Issuer, token: str) -> dict[str, Any]:
    """Check a token with the keys that discovery leads to, and read it."""
    keys = HTTP.request("GET", metadata(issuer)["jwks_uri"]).json()
    claims: dict[str, Any] = jwt.decode(token, KeySet.import_key_set(keys)).claims
    return claims


def metadata(issuer: Issuer) -> dict[str, Any]:
    found: dict[str, Any] = HTTP.request("GET", f"{issuer.url}/.well-known/openid-configuration").json()
    return found


@pytest.mark.parametrize("where", ["header", "form"])
def test_a_client_shows_who_it_is_in_a_header_or_in_the_form(issuer: Issuer, where: str) -> None:
    if where == "header":
        status, headers, granted = ask(issuer, urlencode(ASKED), authorization=basic("infino", "sandbox"))
    else:
        status, headers, granted = ask(issuer, urlencode(ASKED | IN_FORM))

    assert status == 200
    assert (headers["Cache-Control"], headers["Pragma"]) == ("no-store", "no-cache")
    assert {key: value for key, value in granted.items() if key != "access_token"} == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "jbplus:dossierbeheer",
    }
    claims = claims_of(issuer, granted["access_token"])
    assert (claims["iss"], claims["aud"], claims["scope"]) == (issuer.url, "jbplus", "jbplus:dossierbeheer")
    assert (claims["kbo"], claims["client_id"], claims["sub"]) == ("0685540471", "infino", "infino")


def test_words_in_the_header_are_encoded_as_in_a_form(issuer: Issuer) -> None:
    """RFC 6749, section 2.3.1, which libraries follow."""
    assert ask(issuer, urlencode(ASKED), authorization=basic("%69nfino", "s%61ndbox"))[0] == 200


def test_without_a_scope_a_client_gets_all_that_are_its_own(issuer: Issuer) -> None:
    granted = {
        client: ask(issuer, urlencode({"grant_type": ASKED["grant_type"]}), authorization=basic(client, "sandbox"))[2]
        for client in ("wewis", "opgroeien", "infino")
    }

    assert {client: answer["scope"].replace("jbplus:", "") for client, answer in granted.items()} == {
        "wewis": "bron",
        "opgroeien": "geschillen melding statistiek privacylog",
        "infino": "dossierbeheer inschrijving melding privacylog",
    }


def test_a_client_may_ask_for_what_is_another_partys(issuer: Issuer) -> None:
    """The exchange refuses it then: that is what there is to see."""
    status, _, granted = ask(issuer, urlencode(IN_FORM | ASKED | {"scope": "jbplus:audit jbplus:melding"}))

    assert (status, granted["scope"]) == (200, "jbplus:audit jbplus:melding")


@pytest.mark.parametrize(
    ("body", "authorization", "status", "error"),
    [
        (urlencode(IN_FORM), None, 400, "invalid_request"),
        (urlencode(IN_FORM | {"grant_type": ""}), None, 400, "invalid_request"),
        (urlencode(IN_FORM | {"grant_type": "password"}), None, 400, "unsupported_grant_type"),
        (urlencode(IN_FORM | ASKED) + "&scope=jbplus:bron", None, 400, "invalid_request"),
        (urlencode(IN_FORM | ASKED | {"scope": "jbplus:all"}), None, 400, "invalid_scope"),
        (urlencode(IN_FORM | ASKED | {"scope": "jbplus:audit  jbplus:melding"}), None, 400, "invalid_scope"),
        (urlencode(ASKED), None, 401, "invalid_client"),
        (urlencode(IN_FORM | ASKED | {"client_secret": "x"}), None, 401, "invalid_client"),
        (urlencode(IN_FORM | ASKED | {"client_id": "nobody"}), None, 401, "invalid_client"),
        (urlencode(ASKED), basic("infino", "x"), 401, "invalid_client"),
        (urlencode(ASKED), "Basic ***", 401, "invalid_client"),
        (urlencode(ASKED), "Bearer x", 401, "invalid_client"),
        (urlencode(ASKED | IN_FORM), basic("infino", "sandbox"), 400, "invalid_request"),
        (urlencode(ASKED | {"client_id": "vutg"}), basic("infino", "sandbox"), 400, "invalid_request"),
        (b"grant_type=%ff", None, 400, "invalid_request"),
        (b"\xff", None, 400, "invalid_request"),
        ("x" * 9000, None, 400, "invalid_request"),
    ],
)
def test_what_is_no_good_request_has_its_code(
    issuer: Issuer, body: str | bytes, authorization: str | None, status: int, error: str
) -> None:
    answered, headers, content = ask(issuer, body, authorization=authorization)

    assert (answered, content["error"]) == (status, error)
    assert content["error_description"]
    assert ("WWW-Authenticate" in headers) is (status == 401 and authorization is not None)


def test_json_is_no_form(issuer: Issuer) -> None:
    status, _, content = ask(issuer, json.dumps(IN_FORM | ASKED), content_type="application/json")

    assert (status, content["error"]) == (400, "invalid_request")


def test_discovery_tells_what_there_is(issuer: Issuer) -> None:
    found = metadata(issuer)

    assert found == HTTP.request("GET", f"{issuer.url}/.well-known/oauth-authorization-server").json()
    assert (found["issuer"], found["token_endpoint"]) == (issuer.url, f"{issuer.url}/token")
    assert found["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post"]
    assert set(found["scopes_supported"]) == {rule.scope for rule in MATRIX.values()} | set(ROLES_BY_SCOPE)
    assert HTTP.request("GET", f"{issuer.url}/token").status == 404
