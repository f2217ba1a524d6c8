"""Every quarter of an hour: how old the last good file is, and which files are missing (Article 5)."""

import os
from datetime import UTC, datetime

import boto3
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.intake.ledger_table import DynamoLedger
from jbplus.intake.watch import watch
from jbplus.settings import IntakeWatchSettings

settings = IntakeWatchSettings.from_environment(os.environ)
ledger = DynamoLedger(boto3.client("dynamodb"), settings.ledger_table)
metrics = Metrics()


@metrics.log_metrics
def handler(_event: dict[str, object], _: LambdaContext) -> None:
    """Measure what the alarms watch."""
    seen = watch(ledger, datetime.now(UTC))
    metrics.add_metric("MissingFiles", MetricUnit.Count, seen.missing_files)
    if seen.hours_since_last_file is not None:
        metrics.add_metric("HoursSinceLastFile", MetricUnit.NoUnit, seen.hours_since_last_file)
