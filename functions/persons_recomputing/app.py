"""Has a changed retention term reach what is stored, when an operator asks for it (Article 3 b)."""

import os
import time
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.aws.clients import dynamodb_for_batches, dynamodb_for_scans, s3
from jbplus.aws.objects import Objects
from jbplus.persons.bucket import S3RecomputingProgress
from jbplus.persons.recomputing import Recomputing
from jbplus.persons.table import DynamoPersons, DynamoPersonScan, DynamoStanding, StandingItem
from jbplus.settings import PersonsRecomputingSettings

settings = PersonsRecomputingSettings.from_environment(os.environ)
dynamodb = dynamodb_for_batches()
standing = DynamoStanding(dynamodb, [StandingItem.of_persons(settings.persons_table)], time.sleep)
recomputing = Recomputing(
    pages=DynamoPersonScan(dynamodb_for_scans(), settings.persons_table, standing.read),
    persons=DynamoPersons(
        dynamodb,
        settings.persons_table,
        time.sleep,
        lambda: standing.read().settled_version,
        succession_allowed=settings.succession_allowed,
    ),
    progress=S3RecomputingProgress(Objects(s3(), settings.bucket)),
    years=settings.retention_years,
    clock=lambda: datetime.now(UTC),
    sleep=time.sleep,
)


def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Go on for as long as there is time, and tell how far it has come; no person is named."""
    return recomputing.go_on(lambda: context.get_remaining_time_in_millis() / 1000).step.wire()
