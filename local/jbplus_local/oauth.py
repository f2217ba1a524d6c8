"""Client credentials as OAuth 2.0 has them (RFC 6749, sections 2.3.1, 4.4 and 5): what a request for a token asks."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from typing_extensions import override

from jbplus.protocol.parties import PARTIES, Party
from jbplus.protocol.purposes import MATRIX, ROLES_BY_SCOPE
from jbplus_cli.stack.tokens import LOCAL_SECRET

AUTHENTICATION: Final = ("client_secret_basic", "client_secret_post")
SCOPES: Final = tuple(dict.fromkeys([*(rule.scope for rule in MATRIX.values()), *ROLES_BY_SCOPE]))
_FORM = "application/x-www-form-urlencoded"
_GRANT = "client_credentials"
_CLIENTS = {party.key: party for party in PARTIES}


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a token is asked for.

    Attributes:
        kbo: number of the party in the Crossroads Bank for Enterprises.
        client: name of the application.
        scope: scopes, separated by spaces.
    """

    kbo: str
    client: str
    scope: str


class TokenRefusedError(Exception):
    """No token is given (RFC 6749, section 5.2).

    Args:
        error: the code.
        description: what to do about it.
        is_challenged: whether the client tried the header Authorization, and is answered in kind.
    """

    def __init__(self, error: str, description: str, *, is_challenged: bool = False) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.is_challenged = is_challenged

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status: 401 when the client is not known, 400 else."""
        return HTTPStatus.UNAUTHORIZED if self.error == "invalid_client" else HTTPStatus.BAD_REQUEST

    @property
    def headers(self) -> Mapping[str, str]:
        """Further headers of the answer."""
        return {"WWW-Authenticate": 'Basic realm="jbplus"'} if self.is_challenged else {}

    @override
    def __repr__(self) -> str:
        return f"TokenRefusedError({self.error!r})"


def read(content_type: str, authorization: str | None, body: bytes) -> TokenRequest:
    """Read a request for a token. The client is a party's short name; its scopes are any of the API's.

    That a party may ask for scopes that are none of its own is for developers: so they see the exchange refuse them.

    Args:
        content_type: the header of that name.
        authorization: the header of that name, if any.
        body: the form.

    Raises:
        TokenRefusedError: no token is given.
    """
    form = _form(content_type, body)
    party = _client(authorization, form)
    if "grant_type" not in form:
        raise TokenRefusedError("invalid_request", f"Missing form field: grant_type. Send grant_type={_GRANT}.")
    if form["grant_type"] != _GRANT:
        raise TokenRefusedError("unsupported_grant_type", f"Send grant_type={_GRANT}.")
    return TokenRequest(party.kbo, party.key, " ".join(_scopes(form.get("scope"), party)))


def _form(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != _FORM:
        raise TokenRefusedError("invalid_request", f"Send a form: Content-Type: {_FORM}.")
    try:
        # What has no value counts as left out.
        fields = parse_qsl(body.decode(), errors="strict")
    except ValueError:
        raise TokenRefusedError("invalid_request", "The form is not UTF-8.") from None
    form = dict(fields)
    if len(form) < len(fields):
        raise TokenRefusedError("invalid_request", "A form field stands twice.")
    return form


def _client(authorization: str | None, form: Mapping[str, str]) -> Party:
    if authorization is None:
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
    elif "client_secret" in form:
        raise TokenRefusedError("invalid_request", "The client's secret stands in the header and in the form.")
    else:
        client, secret = _basic(authorization)
        if form.get("client_id", client) != client:
            raise TokenRefusedError("invalid_request", "The form names another client than the header.")
    party = _CLIENTS.get(client)
    if party is None or secret != LOCAL_SECRET:
        words = f"The client is one of {', '.join(_CLIENTS)}; its secret here is the word: {LOCAL_SECRET}."
        raise TokenRefusedError("invalid_client", words, is_challenged=authorization is not None)
    return party


def _basic(authorization: str) -> tuple[str, str]:
    """Read the header as the client wrote it: both words encoded as in a form, joined, and in base64."""
    scheme, _, credentials = authorization.partition(" ")
    try:
        client, _, secret = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        client = secret = ""
    return (unquote_plus(client), unquote_plus(secret)) if scheme.lower() == "basic" else ("", "")


def _scopes(asked: str | None, party: Party) -> tuple[str, ...]:
    """Give the scopes that are asked for, or all that are the party's own when none is."""
    if asked is None:
        return tuple(scope for scope in SCOPES if _is_own(scope, party))
    scopes = tuple(asked.split(" "))
    if not set(scopes) <= set(SCOPES):
        words = f"The scopes are {', '.join(SCOPES)}; several with a blank between."
        raise TokenRefusedError("invalid_scope", words)
    return scopes


def _is_own(scope: str, party: Party) -> bool:
    if scope in ROLES_BY_SCOPE:
        return party.role in ROLES_BY_SCOPE[scope]
    return any(party.kbo in rule.parties for rule in MATRIX.values() if rule.scope == scope)
