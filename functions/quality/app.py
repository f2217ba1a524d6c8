"""Takes reports on the quality of the data, shows them, and takes the source's answers (Article 7)."""

import os
import time
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.api.gateway import Gateway, resolver
from jbplus.aws.clients import dynamodb_for_calls, s3_for_calls, secrets_for_calls
from jbplus.persons.secret import PseudonymSecret
from jbplus.quality.calls import QualityCalls
from jbplus.quality.service import QualityReports
from jbplus.quality.table import DynamoReports, S3Outbox
from jbplus.registrations.table import DynamoRegistrations
from jbplus.settings import QualitySettings


def clock() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


settings = QualitySettings.from_environment(os.environ)
dynamodb = dynamodb_for_calls()
metrics = Metrics()
calls = QualityCalls(
    QualityReports(
        store=DynamoReports(dynamodb, settings.quality_table, time.sleep),
        registrations=DynamoRegistrations(dynamodb, settings.registrations_table, clock, time.sleep),
        outbox=S3Outbox(s3_for_calls(), settings.bucket),
        pseudonyms=PseudonymSecret(secrets_for_calls(), settings.pseudonym_secret).current,
        clock=clock,
        test_numbers_allowed=settings.test_numbers_allowed,
    )
)
app = resolver(Gateway(clock, Logger(), metrics), calls.all)


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one call of the API."""
    return app.resolve(event, context)
