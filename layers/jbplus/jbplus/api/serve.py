"""How a function serves calls of the API."""

import os
from collections.abc import Callable, Collection, Sequence
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from jbplus.api.calls import Call
from jbplus.api.gateway import Gateway, Reply
from jbplus.logs import without_debugging
from jbplus.protocol.calendar import Clock

Handler = Callable[[dict[str, Any], object], Reply]
"""What Lambda calls, with an event and its own context."""


def serve(calls: Sequence[Call], clock: Clock, ignored_parameters: Collection[str]) -> Handler:
    """Make the handler of a function that serves calls; its metrics leave with each answer.

    Args:
        calls: the calls, each with its route.
        clock: gives the present moment.
        ignored_parameters: parameters of the query that a platform in between appends.
    """
    without_debugging(os.environ)
    metrics = Metrics()
    gateway = Gateway({call.route: call for call in calls}, clock, Logger(), metrics, ignored_parameters)

    def handler(event: dict[str, Any], _: object) -> Reply:
        return gateway.answer(event)

    return metrics.log_metrics(handler)
