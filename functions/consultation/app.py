"""Answers lookups: who received which jobbonus plus for which year, to those who may know (Articles 2, 4, 6)."""

import os
import time
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.api.gateway import Gateway, resolver
from jbplus.aws.clients import dynamodb_for_calls, secrets_for_calls
from jbplus.consultation.calls import LookupCalls
from jbplus.consultation.service import Lookups
from jbplus.consultation.table import DynamoLookupStore
from jbplus.persons.secret import PseudonymSecret
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.settings import ConsultationSettings


def clock() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


settings = ConsultationSettings.from_environment(os.environ)
dynamodb = dynamodb_for_calls()
metrics = Metrics()
calls = LookupCalls(
    Lookups(
        store=DynamoLookupStore(
            dynamodb, settings.persons_table, settings.registrations_table, settings.suspensions_table, time.sleep
        ),
        log=DynamoPrivacyLog(dynamodb, settings.privacy_log_table),
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
