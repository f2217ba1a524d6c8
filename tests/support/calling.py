"""Calls of any method and path, through the very gateway that the functions use."""

import io
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aws_lambda_powertools import Logger, Metrics

from jbplus.api.calls import Call
from jbplus.api.gateway import Gateway
from jbplus.protocol.calendar import Clock
from tests.support.api import Answered
from tests.support.events import api_event
from tests.support.fakes import NOW


@dataclass
class Calling:
    """Sends calls to the functions' gateway.

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
        return self.send("POST", path, token, None if body is None else json.dumps(body))

    def get(self, path: str, token: Mapping[str, str], **query: str) -> Answered:
        """Send a GET."""
        return self.send("GET", path, token, None, query)

    def send(
        self,
        method: str,
        path: str,
        token: Mapping[str, str],
        body: str | None,
        query: Mapping[str, str] | None = None,
    ) -> Answered:
        """Send any call."""
        event = api_event(path, body, token)
        event["routeKey"], event["pathParameters"] = self._match(method, path)
        event["requestContext"] |= {"routeKey": event["routeKey"]}
        event["requestContext"]["http"] |= {"method": method}
        event["queryStringParameters"] = dict(query or {})
        event["rawQueryString"] = urlencode(query or {})
        metrics = Metrics(namespace="jbplus", service="api")
        metrics.clear_metrics()
        logger = Logger(service=f"api-{uuid.uuid4()}", stream=self.lines)
        gateway = Gateway({call.route: call for call in self.calls}, self.clock, logger, metrics)
        return Answered.by(gateway.answer(event))

    def _match(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """Find the route and the parameters of a path, as API Gateway does."""
        given = path.split("/")
        for call in self.calls:
            names = call.path.split("/")
            pairs = list(zip(names, given, strict=False))
            if call.method == method and len(names) == len(given) and all(n == g or n[:1] == "{" for n, g in pairs):
                return call.route, {name.strip("{}"): value for name, value in pairs if name[:1] == "{"}
        return "$default", {}
