"""Hands quarantined records in again, when an operator asks for it after a mistake of ours was mended (Article 7)."""

import os
import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.aws.clients import dynamodb_for_batches, s3, secrets
from jbplus.intake.applying import Merger
from jbplus.intake.bucket import S3Bucket
from jbplus.intake.linking import Linker
from jbplus.intake.release import Release
from jbplus.intake.wire import ReleaseOrder
from jbplus.notices.bucket import S3Applied
from jbplus.persons.secret import keys_in_use
from jbplus.persons.table import DynamoPersons, StandingItem
from jbplus.protocol.calendar import now
from jbplus.settings import IntakeReleaseSettings

TIME_TO_TELL = 30.0
"""Seconds for one more call of every client, and to tell that a store is out of reach."""

settings = IntakeReleaseSettings.from_environment(os.environ)
dynamodb = dynamodb_for_batches()
keys = keys_in_use(secrets(), settings.pseudonym_secret, dynamodb, StandingItem.of_persons(settings.persons_table))
bucket = S3Bucket(s3(), settings.bucket)
persons = DynamoPersons(
    dynamodb, settings.persons_table, time.sleep, keys.version, succession_allowed=settings.succession_allowed
)
edges = (persons, settings.retention_years, now, time.sleep)
release = Release(
    store=bucket,
    applied=S3Applied(bucket.objects),
    merger=Merger(*edges),
    pseudonyms=keys.settled,
    test_numbers_allowed=settings.test_numbers_allowed,
    linker=Linker(*edges) if settings.succession_allowed else None,
)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Hand in the records of one part of the quarantine, and tell what became of them."""
    order = ReleaseOrder.model_validate(event)
    return release.release(
        order.name, lambda: context.get_remaining_time_in_millis() / 1000 - TIME_TO_TELL
    ).model_dump()
