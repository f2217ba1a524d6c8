"""Whether API Gateway will take the tokens of an issuer: what it says of itself (OpenID Connect Discovery 1.0)."""

import json
from http import HTTPStatus
from typing import Final

import urllib3
from pydantic import BaseModel, ValidationError

_DISCOVERY: Final = "/.well-known/openid-configuration"
_ALGORITHMS: Final = frozenset({"RS256", "RS384", "RS512"})
"""What API Gateway's JWT authorizers verify."""


class _Said(BaseModel):
    issuer: str
    jwks_uri: str


class _Key(BaseModel):
    kty: str
    use: str = "sig"
    alg: str | None = None

    @property
    def is_usable(self) -> bool:
        return self.kty == "RSA" and self.use == "sig" and (self.alg is None or self.alg in _ALGORITHMS)


class _Keys(BaseModel):
    keys: list[_Key]


def objection(issuer: str, http: urllib3.PoolManager) -> str | None:
    """Say why API Gateway would not take the issuer's tokens; None when nothing speaks against it.

    Args:
        issuer: URL of the issuer, exactly as the claim `iss` of its tokens has it.
        http: where the requests go through.
    """
    if not issuer.startswith("https://"):
        return f"The issuer must begin with https://, and it is {issuer}."
    place = issuer.rstrip("/") + _DISCOVERY
    try:
        said = _Said.model_validate(_fetched(place, http))
        if said.issuer != issuer:
            return f"{place} says that the issuer is {said.issuer}: give exactly that, with or without a slash."
        place = said.jwks_uri
        keys = _Keys.model_validate(_fetched(place, http)).keys
    except urllib3.exceptions.HTTPError:
        return f"{place} gives no answer. API Gateway must reach it, from the internet."
    except _AnswerError as error:
        return f"{place} answers {error}."
    except ValidationError:
        return f"{place} does not say what OpenID Connect wants: check the issuer's URL."
    if not any(key.is_usable for key in keys):
        return f"{place} has no key for {', '.join(sorted(_ALGORITHMS))}: API Gateway verifies no other signatures."
    return None


class _AnswerError(Exception):
    """An answer that is not the document."""


def _fetched(url: str, http: urllib3.PoolManager) -> object:
    answer = http.request("GET", url, retries=False, timeout=10)
    if answer.status != HTTPStatus.OK:
        raise _AnswerError(str(answer.status))
    try:
        document: object = json.loads(answer.data)
    except ValueError:
        raise _AnswerError("with something else than JSON") from None
    return document
