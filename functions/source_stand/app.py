"""Every night: puts WEWIS's stand out, by which it sees that the exchange is in step with its books."""

import os
import time

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.aws.clients import dynamodb_for_scans, s3, secrets
from jbplus.aws.objects import Objects
from jbplus.aws.outgoing import Outgoing
from jbplus.logs import LogCode, without_debugging
from jbplus.persons.secret import keys_in_use
from jbplus.persons.table import DynamoPersonScan, DynamoStanding, StandingItem
from jbplus.protocol.calendar import now
from jbplus.settings import SourceStandSettings
from jbplus.source_stand.service import Outcome, Publisher

without_debugging(os.environ)
settings = SourceStandSettings.from_environment(os.environ)
dynamodb = dynamodb_for_scans()
at_version = StandingItem.of_persons(settings.persons_table)
keys = keys_in_use(secrets(), settings.pseudonym_secret, dynamodb, at_version)
standing = DynamoStanding(dynamodb, [at_version], time.sleep)
publisher = Publisher(
    DynamoPersonScan(dynamodb, settings.persons_table, standing.read, succession_allowed=settings.succession_allowed),
    keys.alone,
    keys.is_alone,
    Outgoing(Objects(s3(), settings.bucket)),
    settings.retention_years,
    now,
)
logger = Logger()
CODES = {Outcome.PUBLISHED: LogCode.SOURCE_STAND_PUBLISHED, Outcome.WAITS: LogCode.STAND_WAITS}


def handler(_event: dict[str, object], _: LambdaContext) -> None:
    """Put the stand out; an error makes Lambda try again."""
    outcome, live = publisher.publish()
    logger.info(CODES[outcome], extra={"counts": {"verrichtingen": live}})
