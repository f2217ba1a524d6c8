"""Every quarter of an hour: how old the last good file is, what is missing, and what is not done with (Article 5)."""

import os
from datetime import UTC, datetime

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.aws.clients import dynamodb, s3
from jbplus.intake.bucket import S3Bucket
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.intake.watch import watch
from jbplus.logs import without_debugging
from jbplus.mutation_file.kinds import Kind
from jbplus.settings import IntakeWatchSettings

without_debugging(os.environ)
settings = IntakeWatchSettings.from_environment(os.environ)
client = dynamodb()
ledger = DynamoLedger(client, settings.ledger_table)
successions = DynamoLedger(client, settings.ledger_table, Kind.SUCCESSIONS)
bucket = S3Bucket(s3(), settings.bucket)
metrics = Metrics()


@metrics.log_metrics
def handler(_event: dict[str, object], _: LambdaContext) -> None:
    """Measure what the alarms watch."""
    seen = watch(ledger, bucket.incoming_names(), datetime.now(UTC), [successions])
    metrics.add_metric("HoursSinceLastFile", MetricUnit.NoUnit, seen.hours_since_last_file)
    metrics.add_metric("MissingFiles", MetricUnit.Count, seen.missing_files)
    metrics.add_metric("HoursUnfinished", MetricUnit.NoUnit, seen.hours_unfinished)
    metrics.add_metric("StrayObjects", MetricUnit.Count, seen.stray_objects)
