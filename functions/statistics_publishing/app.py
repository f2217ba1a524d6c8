"""Every month: publishes the anonymous figures of the months that have closed, once and for all (Article 2 b).

The clock calls it every hour of a day: each run goes on counting from where the last one ended.
"""

import os
import time
from datetime import UTC, datetime

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.aws.clients import dynamodb_for_scans, s3
from jbplus.aws.objects import Objects
from jbplus.logs import LogCode
from jbplus.persons.table import DynamoPersonScan, DynamoStanding, StandingItem
from jbplus.settings import StatisticsPublishingSettings
from jbplus.statistics.bucket import S3CountingProgress
from jbplus.statistics.service import Publisher
from jbplus.statistics.table import DynamoStatistics

settings = StatisticsPublishingSettings.from_environment(os.environ)
dynamodb = dynamodb_for_scans()
standing = DynamoStanding(dynamodb, [StandingItem.of_persons(settings.persons_table)], time.sleep)
logger = Logger()
publisher = Publisher(
    DynamoPersonScan(dynamodb, settings.persons_table, standing.read, succession_allowed=settings.succession_allowed),
    DynamoStatistics(dynamodb, settings.statistics_table),
    S3CountingProgress(Objects(s3(), settings.bucket)),
    lambda: datetime.now(UTC),
)


def handler(_event: dict[str, object], context: LambdaContext) -> None:
    """Publish what is not published yet; an error makes Lambda try again."""
    publications = publisher.publish(lambda: context.get_remaining_time_in_millis() / 1000)
    if publications is not None:
        logger.info(LogCode.STATISTICS_PUBLISHED, extra={"publications": publications})
