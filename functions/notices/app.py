"""Tells recipients which persons to look up again, after each file (C2 and Article 6)."""

import os
import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.aws.clients import dynamodb_for_batches, s3, secrets
from jbplus.aws.objects import Objects
from jbplus.aws.outgoing import Outgoing
from jbplus.logs import without_debugging
from jbplus.notices.audience import Audience
from jbplus.notices.bucket import S3Announced, S3Waiting
from jbplus.notices.delivery import Delivery
from jbplus.notices.round import Notices, NoticesRounds
from jbplus.notices.table import DynamoQueues
from jbplus.notices.telling import Telling
from jbplus.persons.secret import keys_in_use
from jbplus.persons.table import StandingItem
from jbplus.protocol.calendar import now
from jbplus.registrations.table import DynamoRegistrations
from jbplus.settings import NoticesSettings
from jbplus.successions.table import links_of
from jbplus.suspensions.table import DynamoSuspensions

without_debugging(os.environ)
settings = NoticesSettings.from_environment(os.environ)
dynamodb = dynamodb_for_batches()
keys = keys_in_use(
    secrets(),
    settings.pseudonym_secret,
    dynamodb,
    StandingItem.of_registrations(settings.registrations_table),
)
objects = Objects(s3(), settings.bucket)
queues, waiting = DynamoQueues(dynamodb, settings.notices_table), S3Waiting(objects)
audience = Audience(
    DynamoRegistrations(dynamodb, settings.registrations_table, now, time.sleep),
    keys.current,
    now,
    links=links_of(dynamodb, settings.persons_table, now, time.sleep, succession_allowed=settings.succession_allowed),
)
suspensions = DynamoSuspensions(dynamodb, settings.suspensions_table, time.sleep)
metrics = Metrics()
rounds = NoticesRounds(
    Notices(
        Telling(S3Announced(objects), audience, queues, waiting, time.sleep),
        Delivery(queues, waiting, Outgoing(objects), suspensions, audience, now, time.sleep),
    ),
    logger=Logger(),
    metrics=metrics,
)


@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    """Make all notices that can be made: an announced file and the clock both only wake it."""
    rounds.go_round(lambda: context.get_remaining_time_in_millis() / 1000)
