"""Tells a party's data protection officer who looked up whom, from the privacy log (Articles 6 and 9)."""

import os
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.api.gateway import Gateway, resolver
from jbplus.aws.clients import dynamodb_for_calls, secrets_for_calls
from jbplus.persons.secret import PseudonymSecret
from jbplus.privacy_log.archive import DynamoLogArchive
from jbplus.privacy_log.calls import PrivacyLogCalls
from jbplus.privacy_log.service import LogInquiry
from jbplus.settings import PrivacyLogSettings


def clock() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


settings = PrivacyLogSettings.from_environment(os.environ)
metrics = Metrics()
calls = PrivacyLogCalls(
    LogInquiry(
        archive=DynamoLogArchive(dynamodb_for_calls(), settings.privacy_log_table),
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
