"""Whether API Gateway will take the tokens of an issuer: what it says of itself (OpenID Connect Discovery 1.0)."""

from http import HTTPStatus
from typing import Final, TypeVar

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
    try:
        _check(issuer, http)
    except _ObjectionError as error:
        return str(error)
    return None


class _ObjectionError(Exception):
    """Something speaks against the issuer; the text says what."""


def _check(issuer: str, http: urllib3.PoolManager) -> None:
    if not issuer.startswith("https://"):
        raise _ObjectionError(f"The issuer must begin with https://, and it is {issuer}.")
    place = issuer.rstrip("/") + _DISCOVERY
    said = _fetched(_Said, place, http)
    if said.issuer != issuer:
        raise _ObjectionError(
            f"{place} says that the issuer is {said.issuer}: give exactly that, with or without a slash."
        )
    if not any(key.is_usable for key in _fetched(_Keys, said.jwks_uri, http).keys):
        raise _ObjectionError(
            f"{said.jwks_uri} has no key for {', '.join(sorted(_ALGORITHMS))}: API Gateway takes no others."
        )


_Document = TypeVar("_Document", bound=BaseModel)


def _fetched(model: type[_Document], url: str, http: urllib3.PoolManager) -> _Document:
    try:
        answer = http.request("GET", url, retries=False, timeout=10)
    except urllib3.exceptions.HTTPError:
        raise _ObjectionError(f"{url} gives no answer. API Gateway must reach it, from the internet.") from None
    if answer.status != HTTPStatus.OK:
        raise _ObjectionError(f"{url} answers {answer.status}: check the issuer's URL.")
    try:
        return model.model_validate_json(answer.data)
    except ValidationError:
        raise _ObjectionError(f"{url} does not say what OpenID Connect wants: check the issuer's URL.") from None
