"""Every night: puts a payment actor's stand out, by which it sees that it is in step (Article 6)."""

import os
import time
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.aws.clients import dynamodb_for_batches, s3, secrets
from jbplus.aws.objects import Objects
from jbplus.aws.outgoing import Outgoing
from jbplus.consultation.table import DynamoLookupStore
from jbplus.logs import LogCode, without_debugging
from jbplus.persons.secret import keys_in_use
from jbplus.persons.table import StandingItem
from jbplus.protocol.calendar import now
from jbplus.settings import StandPublishingSettings
from jbplus.stand.service import Outcome, Pairs, Publisher
from jbplus.stand.table import DynamoHandles
from jbplus.suspensions.table import DynamoSuspensions

without_debugging(os.environ)
settings = StandPublishingSettings.from_environment(os.environ)
dynamodb = dynamodb_for_batches()
keys = keys_in_use(
    secrets(),
    settings.pseudonym_secret,
    dynamodb,
    StandingItem.of_persons(settings.persons_table),
    StandingItem.of_registrations(settings.registrations_table),
)
store = DynamoLookupStore(
    dynamodb,
    settings.persons_table,
    settings.registrations_table,
    settings.suspensions_table,
    time.sleep,
    succession_allowed=settings.succession_allowed,
)
publisher = Publisher(
    Pairs(DynamoHandles(dynamodb, settings.registrations_table), store, keys.alone, now),
    DynamoSuspensions(dynamodb, settings.suspensions_table, time.sleep),
    Outgoing(Objects(s3(), settings.bucket)),
    keys.is_alone,
    now,
)
logger = Logger()
CODES = {
    Outcome.PUBLISHED: LogCode.STAND_PUBLISHED,
    Outcome.HELD_BACK: LogCode.STAND_HELD_BACK,
    Outcome.WAITS: LogCode.STAND_WAITS,
}


def handler(event: dict[str, Any], _: LambdaContext) -> None:
    """Put the stand of one party out, which the clock's event names; an error makes Lambda try again."""
    party = str(event["party"])
    outcome, registrations = publisher.publish(party)
    logger.info(CODES[outcome], extra={"party": party, "counts": {"registrations": registrations}})
