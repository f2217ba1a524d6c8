"""Keeps the repertory: which payment actor has a file on which person, from when to when (Article 6)."""

import os
import time
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.api.gateway import Gateway
from jbplus.api.registrations import PersonBody, RegisterBody, RegistrationCalls, scope_of
from jbplus.aws.clients import dynamodb_for_calls, secrets_for_calls
from jbplus.aws.privacy_log import DynamoPrivacyLog
from jbplus.aws.registrations import DynamoRegistrations
from jbplus.aws.secrets import PseudonymSecret
from jbplus.registrations import Registrations
from jbplus.settings import RegistrationsSettings


def clock() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


settings = RegistrationsSettings.from_environment(os.environ)
dynamodb = dynamodb_for_calls()
metrics = Metrics()
app = APIGatewayHttpResolver()
gateway = Gateway(clock, Logger(), metrics)
calls = RegistrationCalls(
    Registrations(
        store=DynamoRegistrations(dynamodb, settings.registrations_table, clock, time.sleep),
        log=DynamoPrivacyLog(dynamodb, settings.privacy_log_table),
        pseudonyms=PseudonymSecret(secrets_for_calls(), settings.pseudonym_secret).current,
        clock=clock,
        test_numbers_allowed=settings.test_numbers_allowed,
    )
)


@app.post("/v1/inschrijvingen")
def register() -> Response[str]:
    """Register persons, or change their registrations."""
    return gateway.answer(app.current_event, RegisterBody, calls.register, scope_of)


@app.post("/v1/inschrijvingen/get")
def find() -> Response[str]:
    """Give the own registration of a person."""
    return gateway.answer(app.current_event, PersonBody, calls.find, scope_of)


@app.post("/v1/inschrijvingen/delete")
def delete() -> Response[str]:
    """Delete the own registration of a person."""
    return gateway.answer(app.current_event, PersonBody, calls.delete, scope_of)


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one call of the API."""
    return app.resolve(event, context)
