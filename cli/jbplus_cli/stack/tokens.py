"""Access tokens: made by the local issuer, or brought along by the operator for a stack on AWS."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Protocol

import urllib3
from pydantic import BaseModel, ValidationError

from jbplus.protocol.parties import Party, party_of
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.transport import ask

VARIABLE = "JBPLUS_TOKEN"
LOCAL_SECRET = "sandbox"  # noqa: S105 - it guards nothing
"""The secret of every client of the local issuer."""


class TokenSource(Protocol):
    """Gives tokens."""

    def token(self, party: Party, scopes: Sequence[str]) -> str:
        """Give an access token for a party with these scopes.

        Raises:
            ExchangeError: there is none to be had; the text says how to get one.
        """

    @property
    def advice_when_refused(self) -> str:
        """What to do when the exchange does not accept the token."""


class _Granted(BaseModel):
    access_token: str


class LocalIssuer:
    """The token issuer of the local stack, which grants every party every scope.

    Args:
        target: the local stack.
        http: where the request goes through.
    """

    advice_when_refused = "The local stack was probably started anew in the meantime: try again."

    def __init__(self, target: Target, http: urllib3.PoolManager) -> None:
        self._target = target
        self._http = http

    def token(self, party: Party, scopes: Sequence[str]) -> str:
        """Have a token made (OAuth 2 client credentials, as with the real issuer)."""
        response = ask(
            self._http,
            f"{self._target.issuer}/token",
            advice=self._target.advice_when_unreachable,
            fields={
                "grant_type": "client_credentials",
                "client_id": party.key,
                "client_secret": LOCAL_SECRET,
                "scope": " ".join(scopes),
            },
        )
        try:
            if response.status == HTTPStatus.OK:
                return _Granted.model_validate_json(response.data).access_token
        except ValidationError:
            pass
        raise ExchangeError(
            f"The local token issuer gave no token (it answered {response.status}). "
            "Check the scope; else stop the local stack and start it with: make run"
        )


class EnvironmentToken:
    """The token that the operator brings along in an environment variable, for a stack on AWS.

    Args:
        target: the stack.
        environment: the process's environment.
    """

    def __init__(self, target: Target, environment: Mapping[str, str]) -> None:
        self._how = (
            f"Get an access token for the party from {target.issuer} (OAuth 2 client credentials, with the party's "
            f"own client) and put it in the environment variable {VARIABLE}."
        )
        self._environment = environment

    @property
    def advice_when_refused(self) -> str:
        """What to do when the exchange does not accept the token."""
        return f"It may have run out, or be meant for another stack. {self._how}"

    def token(self, party: Party, scopes: Sequence[str]) -> str:
        """Give the operator's token, unless it plainly is another party's."""
        token = self._environment.get(VARIABLE, "").strip()
        if not token:
            raise ExchangeError(f"There is no token. {self._how} It needs scope {' '.join(scopes)}.")
        holder = party_of(_kbo_in(token) or party.kbo)
        # The lookup would stand in the privacy log of a party that the operator did not mean.
        if holder != party:
            raise ExchangeError(
                f"The token in {VARIABLE} is {holder.name if holder else 'another party'}'s, "
                f"and --party says {party.name}. {self._how}"
            )
        return token


def _kbo_in(token: str) -> str | None:
    """Read the claim `kbo` without checking anything: that is the exchange's work."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return None
    kbo = claims.get("kbo") if isinstance(claims, dict) else None
    return kbo if isinstance(kbo, str) else None
