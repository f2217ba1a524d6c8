"""Tokens as an attacker or a mistaken application would send them, beside good ones."""

from dataclasses import dataclass

from joserfc.jwk import RSAKey

from jbplus_local.issuer import Mint
from jbplus_local.oauth import TokenRequest

HOUR = 3600


@dataclass(frozen=True)
class Tokens:
    """Makes tokens with the stack's own mint."""

    mint: Mint

    def good(self, kbo: str, scope: str, client: str = "test-application") -> str:
        """Make the token that a party's application gets."""
        return self.mint.token(TokenRequest(kbo, client, scope))

    def expired(self, kbo: str, scope: str) -> str:
        """Make a token that was good until an hour ago."""
        claims = self._claims(kbo, scope)
        moment = int(claims["iat"])
        return self.mint.sign({**claims, "iat": moment - 2 * HOUR, "exp": moment - HOUR})

    def not_yet_valid(self, kbo: str, scope: str) -> str:
        """Make a token that will be good in an hour."""
        claims = self._claims(kbo, scope)
        return self.mint.sign({**claims, "nbf": int(claims["iat"]) + HOUR})

    def for_another_audience(self, kbo: str, scope: str) -> str:
        """Make a token meant for another API."""
        return self.mint.sign({**self._claims(kbo, scope), "aud": "another-api"})

    def of_another_issuer(self, kbo: str, scope: str) -> str:
        """Make a token whose issuer is another, signed with our key."""
        return self.mint.sign({**self._claims(kbo, scope), "iss": "http://127.0.0.1:1"})

    def forged(self, kbo: str, scope: str) -> str:
        """Make a token signed with a key that only calls itself the issuer's."""
        return self.mint.sign(self._claims(kbo, scope), RSAKey.generate_key(2048))

    def altered(self, kbo: str, scope: str) -> str:
        """Make a good token and put other claims into it under the old signature."""
        header, _claims, signature = self.good(kbo, scope).split(".")
        _header, claims, _signature = self.good("0692793497", scope).split(".")
        return f"{header}.{claims}.{signature}"

    def unsigned(self, kbo: str, scope: str) -> str:
        """Make a token without a signature."""
        return self.good(kbo, scope).rpartition(".")[0] + "."

    def _claims(self, kbo: str, scope: str) -> dict[str, str | int]:
        return self.mint.claims(TokenRequest(kbo, "test-application", scope))
