"""The API of a running stack, as a recipient's application calls it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Api:
    """Calls the API as a recipient's application does."""

    url: str
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False, timeout=60))

    def post(self, path: str, body: object, token: str | None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a body with a token (None: without), and the required headers unless others are given."""
        if headers is None:
            headers = {"x-correlation-id": "test-1", "X-Magda-Enduser-ID": "tester"}
        authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
        response = self.http.request("POST", f"{self.url}{path}", json=body, headers={**headers, **authorization})
        return Answer(response.status, response.headers, json.loads(response.data) if response.data else None)
