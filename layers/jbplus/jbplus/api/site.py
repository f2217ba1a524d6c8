"""The open part of the API: health, the document and its page. Only the standard library, for a quick start."""

import base64
import gzip
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

_ZERO = re.compile(r"q\s*=\s*0(\.0*)?")
_HOUR, _DAY = 3600, 86400
# The page runs its own scripts alone, and asks nothing of anybody but this API.
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


SAFE_HEADERS: Mapping[str, str] = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer of ours tells a browser: keep to TLS, and guess no kinds."""


class Answer(TypedDict, total=False):
    """An answer as API Gateway takes it (payload format 2.0)."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    kind: str
    seconds: int


_DOCUMENT = _File("openapi.json", "application/json", _HOUR)
_PAGE = _File("index.html", "text/html; charset=utf-8", _HOUR)
_PARTS = {
    name: _File(name, kind, _DAY)
    for name, kind in {
        "page.css": "text/css; charset=utf-8",
        "page.js": "text/javascript; charset=utf-8",
        "swagger-ui.css": "text/css; charset=utf-8",
        "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "licence.txt": "text/plain; charset=utf-8",
        "icon.svg": "image/svg+xml",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Site:
    """Serves files that are packed as `NAME.gz` in a folder.

    Attributes:
        folder: where they are.
    """

    folder: Path

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """Answer an event of API Gateway.

        Args:
            event: the event, in payload format 2.0; its route is one of the template's.
        """
        match event["routeKey"]:
            case "GET /v1/health":
                return _answer(200, "application/json", "no-store", '{"status":"UP"}')
            case "GET /v1/doc":
                return self._give(_PAGE, event)
            case "GET /v1/doc/openapi.json":
                return self._give(_DOCUMENT, event)
            case _:
                part = _PARTS.get((event.get("pathParameters") or {}).get("file", ""))
                return self._give(part, event) if part else _missing()

    def _give(self, file: _File, event: Mapping[str, Any]) -> Answer:
        packed = (self.folder / f"{file.name}.gz").read_bytes()
        answer = _answer(200, file.kind, f"public, max-age={file.seconds}", "")
        answer["headers"]["Vary"] = "Accept-Encoding"
        if not _takes_gzip(event.get("headers", {}).get("accept-encoding", "")):
            return {**answer, "body": gzip.decompress(packed).decode()}
        answer["headers"]["Content-Encoding"] = "gzip"
        return {**answer, "body": base64.b64encode(packed).decode(), "isBase64Encoded": True}


def _takes_gzip(accept_encoding: str) -> bool:
    """Tell whether a header Accept-Encoding wants gzip (RFC 9110): named itself, or by `*`, and not with `q=0`."""
    wishes = {}
    for wish in accept_encoding.lower().split(","):
        coding, *parameters = (part.strip() for part in wish.split(";"))
        wishes[coding] = not any(_ZERO.fullmatch(parameter) for parameter in parameters)
    return wishes.get("gzip", wishes.get("*", False))


def _missing() -> Answer:
    problem = {
        "type": "urn:problem-type:belgif:resourceNotFound",
        "title": "Resource Not Found",
        "status": 404,
        "detail": "There is no such file. Start at /v1/doc.",
        "instance": f"urn:uuid:{uuid.uuid4()}",
    }
    return _answer(404, "application/problem+json", "no-store", json.dumps(problem))


def _answer(status: int, kind: str, cache: str, body: str) -> Answer:
    headers = {
        "Content-Type": kind,
        "Cache-Control": cache,
        "Content-Security-Policy": _POLICY,
        "Referrer-Policy": "no-referrer",
        **SAFE_HEADERS,
    }
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}
