"""API Gateway's events (HTTP API, payload format 2.0), made for the occasion."""

import base64
from collections.abc import Mapping
from typing import Any

CORRELATION = "correlation-1"
END_USER = "an.peeters"
HEADERS: Mapping[str, str] = {"x-correlation-id": CORRELATION, "x-magda-enduser-id": END_USER}


def claims(kbo: str, *scopes: str) -> dict[str, str]:
    """Make the claims of a token; API Gateway hands all of them over as texts."""
    return {"kbo": kbo, "client_id": "application-1", "scope": " ".join(scopes), "exp": "1772704800"}


def api_event(
    path: str, body: str | bytes | None, token: Mapping[str, str] | None, headers: Mapping[str, str] = HEADERS
) -> dict[str, Any]:
    """Make the event of a POST; API Gateway hands a body of bytes over in base64."""
    text = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    context: dict[str, Any] = {
        "accountId": "000000000000",
        "apiId": "api",
        "http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
        "requestId": "request-1",
        "routeKey": f"POST {path}",
        "stage": "$default",
    }
    if token is not None:
        context["authorizer"] = {"jwt": {"claims": dict(token), "scopes": None}}
    return {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        "rawQueryString": "",
        # API Gateway writes the names of headers in lower case.
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": context,
        "isBase64Encoded": isinstance(body, bytes),
    } | ({} if text is None else {"body": text})
