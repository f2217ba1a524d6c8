"""A token issuer for the local stack: discovery, keys, and tokens by OAuth 2.0 client credentials."""

import functools
import json
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from typing_extensions import override

from jbplus_local import oauth
from jbplus_local.emulator import HOST, free_port
from jbplus_local.oauth import TokenRefusedError, TokenRequest

ALGORITHM = "RS256"
TOKEN_SECONDS = 3600
_LARGEST_BODY = 8192
_NONE: Mapping[str, str] = {}

Claims = Mapping[str, str | int]


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
        match self.path:
            case "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server":
                self._answer(HTTPStatus.OK, _metadata(self._mint.issuer))
            case "/jwks.json":
                self._answer(HTTPStatus.OK, {"keys": [self._mint.key.as_dict(private=False)]})
            case _:
                self._answer(HTTPStatus.NOT_FOUND, {"error": "not_found"})

    def do_POST(self) -> None:
        if self.path != "/token":
            self._answer(HTTPStatus.NOT_FOUND, {"error": "not_found"})
            return
        try:
            request = oauth.read(self.headers.get("Content-Type", ""), self.headers.get("Authorization"), self._body())
        except TokenRefusedError as refused:
            said = {"error": refused.error, "error_description": refused.description}
            self._answer(refused.status, said, refused.headers)
            return
        token = self._mint.token(request)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": request.scope}
        self._answer(HTTPStatus.OK, answer)

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            raise TokenRefusedError(
                "invalid_request", f"Send a form of at most {_LARGEST_BODY} bytes, with its length."
            )
        return self.rfile.read(int(length))

    def _answer(self, status: HTTPStatus, content: Mapping[str, object], headers: Mapping[str, str] = _NONE) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in {"Cache-Control": "no-store", "Pragma": "no-cache", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the screen belongs to the local stack."""


def _metadata(issuer: str) -> dict[str, object]:
    """Say what the issuer does (RFC 8414, and OpenID Connect Discovery, which API Gateway reads)."""
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/jwks.json",
        "token_endpoint": f"{issuer}/token",
        "token_endpoint_auth_methods_supported": oauth.AUTHENTICATION,
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "scopes_supported": oauth.SCOPES,
    }
