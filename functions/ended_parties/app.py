"""Every six hours: deletes what is left of parties that left the protocol (Article 12)."""

import os
import time

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.aws.clients import dynamodb_for_scans, s3
from jbplus.aws.objects import Objects
from jbplus.ended_parties.service import EndedParties
from jbplus.logs import LogCode
from jbplus.notices.bucket import S3Waiting
from jbplus.notices.table import DynamoQueues
from jbplus.persons.table import DynamoStanding, StandingItem
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.calendar import now
from jbplus.registrations.table import DynamoRegistrations
from jbplus.settings import EndedPartiesSettings

settings = EndedPartiesSettings.from_environment(os.environ)
dynamodb = dynamodb_for_scans()
logger = Logger()
ended = EndedParties(
    registrations=DynamoRegistrations(dynamodb, settings.registrations_table, now, time.sleep),
    log=DynamoPrivacyLog(dynamodb, settings.privacy_log_table),
    queues=DynamoQueues(dynamodb, settings.notices_table),
    contents=S3Waiting(Objects(s3(), settings.bucket)),
    standing=DynamoStanding(dynamodb, [StandingItem.of_registrations(settings.registrations_table)], time.sleep).read,
    clock=now,
)


def handler(_event: dict[str, object], context: LambdaContext) -> None:
    """Delete what there is time for; the next round goes on."""
    gone = ended.go_round(lambda: context.get_remaining_time_in_millis() / 1000)
    counts = {"registrations": gone.registrations, "parts": gone.parts, "complete": gone.is_complete}
    logger.info(LogCode.PARTIES_ENDED, extra={"counts": counts})
