"""Answers with the anonymous figures that were published, to those who may have them (Article 2 b)."""

import os
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.api.gateway import Gateway, resolver
from jbplus.aws.clients import dynamodb_for_calls
from jbplus.settings import StatisticsSettings
from jbplus.statistics.calls import StatisticsCalls
from jbplus.statistics.table import DynamoStatistics


def clock() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


settings = StatisticsSettings.from_environment(os.environ)
metrics = Metrics()
calls = StatisticsCalls(DynamoStatistics(dynamodb_for_calls(), settings.statistics_table), clock)
app = resolver(Gateway(clock, Logger(), metrics), calls.all)


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one call of the API."""
    return app.resolve(event, context)
