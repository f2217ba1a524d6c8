"""A token issuer for the local stack: OpenID Connect discovery, keys, and client credentials for whoever asks."""

import functools
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import RSAKey
from typing_extensions import override

from jbplus_local.emulator import HOST, free_port

ALGORITHM = "RS256"
TOKEN_SECONDS = 3600
_LARGEST_BODY = 8192

Claims = Mapping[str, str | int]


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


class Mint:
    """Signs tokens with a key of its own.

    Args:
        issuer: URL of the issuer.
        audience: claim `aud` of the tokens.
        now: gives the moment in epoch seconds.
    """

    def __init__(self, issuer: str, audience: str, now: Callable[[], float] = time.time) -> None:
        self.issuer = issuer
        self.audience = audience
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        self._now = now

    def claims(self, request: TokenRequest) -> dict[str, str | int]:
        """Give the claims of a good token."""
        moment = int(self._now())
        return {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": request.client,
            "client_id": request.client,
            "kbo": request.kbo,
            "scope": request.scope,
            "iat": moment,
            "exp": moment + TOKEN_SECONDS,
        }

    def sign(self, claims: Claims, key: RSAKey | None = None) -> str:
        """Make a token of any claims; another key under the same name makes a forged one."""
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": self.key.kid}
        return jwt.encode(header, dict(claims), key or self.key)

    def token(self, request: TokenRequest) -> str:
        """Make a good token."""
        return self.sign(self.claims(request))


class Issuer:
    """Serves tokens on the loopback interface, from its making until `stop`.

    Args:
        audience: claim `aud` of the tokens.
        port: where it listens; any free port when it is 0.
    """

    def __init__(self, audience: str, port: int = 0) -> None:
        # The server listens before it serves: its port is part of what it signs.
        self._server = ThreadingHTTPServer((HOST, free_port(port)), BaseHTTPRequestHandler)
        self.mint = Mint(f"http://{HOST}:{self._server.server_port}", audience)
        self._server.RequestHandlerClass = functools.partial(_Handler, self.mint)
        self._thread = threading.Thread(target=self._server.serve_forever, name="issuer", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The issuer's URL, claim `iss` of the tokens."""
        return self.mint.issuer

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    timeout = 10  # seconds that a silent client may hold a connection

    def __init__(self, mint: Mint, *connection: Any) -> None:  # noqa: ANN401 - what socketserver hands over
        self._mint = mint
        super().__init__(*connection)

    def do_GET(self) -> None:
        issuer = self._mint.issuer
        match self.path:
            case "/.well-known/openid-configuration":
                self._answer(
                    HTTPStatus.OK,
                    {
                        "issuer": issuer,
                        "jwks_uri": f"{issuer}/jwks.json",
                        "token_endpoint": f"{issuer}/token",
                        "grant_types_supported": ["client_credentials"],
                        "id_token_signing_alg_values_supported": [ALGORITHM],
                    },
                )
            case "/jwks.json":
                self._answer(HTTPStatus.OK, {"keys": [self._mint.key.as_dict(private=False)]})
            case _:
                self._answer(HTTPStatus.NOT_FOUND, {"error": "not_found"})

    def do_POST(self) -> None:
        if self.path != "/token":
            self._answer(HTTPStatus.NOT_FOUND, {"error": "not_found"})
            return
        form = self._form()
        if form.get("grant_type") != "client_credentials":
            self._answer(HTTPStatus.BAD_REQUEST, {"error": "unsupported_grant_type"})
            return
        missing = [field for field in ("kbo", "client_id", "scope") if not form.get(field)]
        if missing:
            words = f"Missing form field: {', '.join(missing)}"
            self._answer(HTTPStatus.BAD_REQUEST, {"error": "invalid_request", "error_description": words})
            return
        token = self._mint.token(TokenRequest(form["kbo"], form["client_id"], form["scope"]))
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": form["scope"]}
        self._answer(HTTPStatus.OK, answer)

    def _form(self) -> dict[str, str]:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            return {}
        fields = parse_qs(self.rfile.read(int(length)).decode("utf-8", "replace"))
        return {name: values[0] for name, values in fields.items()}

    def _answer(self, status: HTTPStatus, content: Mapping[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the screen belongs to the local stack."""
