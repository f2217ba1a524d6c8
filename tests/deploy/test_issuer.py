"""What speaks against an issuer."""

import json
from typing import Any

import pytest
import urllib3
from deploy.issuer import objection
from typing_extensions import override

ISSUER = "https://issuer.example/realm"
PLACE = f"{ISSUER}/.well-known/openid-configuration"
KEYS = "https://issuer.example/keys"
RSA = {"kty": "RSA", "use": "sig", "alg": "RS256"}


class Internet(urllib3.PoolManager):
    """Answers from a list; what is not on it is out of reach."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__()
        self.answers = answers

    @override
    def request(self, method: str, url: str, *_: Any, **more: Any) -> urllib3.BaseHTTPResponse:
        assert (method, more["retries"]) == ("GET", False)
        if url not in self.answers:
            raise urllib3.exceptions.ConnectTimeoutError
        answer = self.answers[url]
        status = answer if isinstance(answer, int) else 200
        return urllib3.HTTPResponse(json.dumps(answer).encode() if answer != "page" else b"<html>", status=status)


def said(issuer: str, *keys: dict[str, str]) -> dict[str, Any]:
    return {PLACE: {"issuer": issuer, "jwks_uri": KEYS, "more": 1}, KEYS: {"keys": list(keys)}}


@pytest.mark.parametrize("issuer", [ISSUER, f"{ISSUER}/"])
@pytest.mark.parametrize("key", [RSA, {"kty": "RSA"}, {**RSA, "alg": "RS512"}])
def test_nothing_speaks_against_a_good_one_with_or_without_a_slash(issuer: str, key: dict[str, str]) -> None:
    assert objection(issuer, Internet(said(issuer, {"kty": "EC"}, key))) is None


@pytest.mark.parametrize(
    ("issuer", "answers", "words"),
    [
        pytest.param("http://issuer.example", {}, "must begin with https://", id="http"),
        pytest.param(ISSUER, {}, "gives no answer", id="out of reach"),
        pytest.param(ISSUER, {PLACE: 404}, "answers 404", id="none there"),
        pytest.param(ISSUER, {PLACE: "page"}, "does not say what OpenID Connect wants", id="a page"),
        pytest.param(ISSUER, {PLACE: {"jwks_uri": KEYS}}, "does not say what OpenID Connect wants", id="no issuer"),
        pytest.param(ISSUER, said(f"{ISSUER}/", RSA), f"the issuer is {ISSUER}/:", id="a slash too few"),
        pytest.param(f"{ISSUER}/", said(ISSUER, RSA), f"the issuer is {ISSUER}:", id="a slash too many"),
        pytest.param(ISSUER, {PLACE: said(ISSUER)[PLACE]}, f"{KEYS} gives no answer", id="keys out of reach"),
        pytest.param(ISSUER, said(ISSUER), "no key for RS256, RS384, RS512", id="no key"),
        pytest.param(ISSUER, said(ISSUER, {"kty": "EC", "alg": "ES256"}), "no key for", id="another kind of key"),
        pytest.param(ISSUER, said(ISSUER, {**RSA, "alg": "PS256"}), "no key for", id="another algorithm"),
        pytest.param(ISSUER, said(ISSUER, {**RSA, "use": "enc"}), "no key for", id="a key for something else"),
    ],
)
def test_what_speaks_against_it_is_said(issuer: str, answers: dict[str, Any], words: str) -> None:
    assert words in str(objection(issuer, Internet(answers)))
