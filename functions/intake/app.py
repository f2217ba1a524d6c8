"""Takes in the files of WEWIS: S3 tells of a file under `inkomend/`, the intake does the rest (Article 5)."""

import os
import time
from datetime import UTC, datetime

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus import starting
from jbplus.aws.clients import dynamodb_for_batches, invoking, secrets
from jbplus.intake.bucket import Invocations, S3Bucket
from jbplus.intake.events import IntakeEvents
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.intake.service import Intake, IntakeRules
from jbplus.logs import without_debugging
from jbplus.mutation_file.kinds import Kind
from jbplus.notices.bucket import S3Applied
from jbplus.persons.secret import keys_in_use
from jbplus.persons.table import DynamoPersons, StandingItem
from jbplus.settings import IntakeSettings

without_debugging(os.environ)
settings = IntakeSettings.from_environment(os.environ)
dynamodb = dynamodb_for_batches()
keys = keys_in_use(secrets(), settings.pseudonym_secret, dynamodb, StandingItem.of_persons(settings.persons_table))
bucket = S3Bucket(boto3.client("s3"), settings.bucket)
metrics = Metrics()
events = IntakeEvents(
    Intake(
        bucket=bucket,
        applied=S3Applied(bucket.objects),
        persons=DynamoPersons(
            dynamodb,
            settings.persons_table,
            time.sleep,
            keys.version,
            succession_allowed=settings.succession_allowed,
        ),
        ledger=DynamoLedger(dynamodb, settings.ledger_table),
        pseudonyms=keys.settled,
        rules=IntakeRules(settings.retention_years, settings.test_numbers_allowed),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        successions=(
            DynamoLedger(dynamodb, settings.ledger_table, Kind.SUCCESSIONS) if settings.succession_allowed else None
        ),
    ),
    find=bucket.incoming,
    go_on=Invocations(invoking(), settings.function_name).deliver,
    logger=Logger(),
    metrics=metrics,
)
starting.done()


@metrics.log_metrics
def handler(event: dict[str, object], context: LambdaContext) -> None:
    """Take in each file that the event tells of; an error makes Lambda deliver the event again."""
    events.take_in(event, lambda: context.get_remaining_time_in_millis() / 1000)
