"""Calls of any method and path, through the very resolver that the functions use."""

import io
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.api.calls import Call
from jbplus.api.gateway import Gateway, resolver
from jbplus.protocol.calendar import Clock
from tests.support.api import Answered
from tests.support.events import api_event
from tests.support.fakes import NOW


@dataclass
class Calling:
    """Sends calls to the functions' resolver.

    Attributes:
        calls: the calls that it knows.
        clock: gives the present moment.
        lines: what operators see.
    """

    calls: Sequence[Call]
    clock: Clock = lambda: NOW
    lines: io.StringIO = field(default_factory=io.StringIO)

    def post(self, path: str, token: Mapping[str, str], body: object = None) -> Answered:
        """Send a POST, with an object as JSON or without a body."""
        return self._send("POST", path, token, None if body is None else json.dumps(body))

    def get(self, path: str, token: Mapping[str, str], **query: str) -> Answered:
        """Send a GET."""
        return self._send("GET", path, token, None, query)

    def _send(
        self,
        method: str,
        path: str,
        token: Mapping[str, str],
        body: str | None,
        query: Mapping[str, str] | None = None,
    ) -> Answered:
        event: dict[str, Any] = dict(api_event(path, body, token).raw_event)
        event["requestContext"] |= {"routeKey": f"{method} {path}"}
        event["requestContext"]["http"] |= {"method": method}
        event["pathParameters"] = self._path_parameters(method, path)
        event["queryStringParameters"] = dict(query or {})
        metrics = Metrics(namespace="jbplus", service="api")
        metrics.clear_metrics()
        gateway = Gateway(self.clock, Logger(service=f"api-{uuid.uuid4()}", stream=self.lines), metrics)
        answer = resolver(gateway, self.calls).resolve(event, LambdaContext())
        return Answered(answer["statusCode"], answer["headers"], answer["body"])

    def _path_parameters(self, method: str, path: str) -> dict[str, str]:
        """Take the parameters out of a path, as API Gateway does."""
        given = path.split("/")
        for call in self.calls:
            names = call.path.split("/")
            pairs = list(zip(names, given, strict=False))
            if call.method == method and len(names) == len(given) and all(n == g or n[:1] == "{" for n, g in pairs):
                return {name.strip("{}"): value for name, value in pairs if name[:1] == "{"}
        return {}
