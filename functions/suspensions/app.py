"""Suspends parties, wholly or in part, and lifts that again (Article 8)."""

import os
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.api.gateway import Gateway, resolver
from jbplus.aws.clients import dynamodb_for_calls
from jbplus.settings import SuspensionsSettings
from jbplus.suspensions.calls import SuspensionCalls
from jbplus.suspensions.service import Suspensions
from jbplus.suspensions.table import DynamoSuspensions


def clock() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


settings = SuspensionsSettings.from_environment(os.environ)
metrics = Metrics()
calls = SuspensionCalls(
    Suspensions(
        store=DynamoSuspensions(dynamodb_for_calls(), settings.suspensions_table, time.sleep),
        clock=clock,
        new_id=lambda: str(uuid.uuid4()),
        sleep=time.sleep,
    )
)
app = resolver(Gateway(clock, Logger(), metrics), calls.all)


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one call of the API."""
    return app.resolve(event, context)
