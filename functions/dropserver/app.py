"""On a schedule: sends what waits for the parties to the dropserver, and takes new files from it (Articles 5 and 6)."""

import os
import time
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import timedelta

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.aws.clients import dynamodb_for_batches
from jbplus.dropserver.bucket import DropserverBucket
from jbplus.dropserver.holding import Holding
from jbplus.dropserver.round import Round
from jbplus.dropserver.secret import DropserverSecret
from jbplus.dropserver.sending import Sending
from jbplus.dropserver.taking import Taking
from jbplus.ftps.client import connect
from jbplus.ftps.server import Server
from jbplus.logs import without_debugging
from jbplus.protocol.calendar import now
from jbplus.settings import DropserverSettings
from jbplus.suspensions.table import DynamoSuspensions

without_debugging(os.environ)
settings = DropserverSettings.from_environment(os.environ)
bucket = DropserverBucket(boto3.client("s3"), settings.bucket)
secret = DropserverSecret(
    boto3.client("secretsmanager"),
    settings.dropserver_secret,
    settings.dropserver_host,
    settings.dropserver_port,
    settings.dropserver_timeout,
    settings.dropserver_patience,
    implicit=settings.dropserver_tls == "implicit",
)
metrics = Metrics()


def connected() -> AbstractContextManager[Server]:
    """Connect to the dropserver, with what the secret holds now."""
    return connect(secret.access())


work = Round(
    connected,
    Taking(
        inbox=bucket,
        memory=bucket,
        folder=settings.dropserver_incoming,
        pattern=settings.dropserver_pattern,
        after_taking=settings.dropserver_after_taking,
        settle=settings.dropserver_settle,
        broken_after=timedelta(minutes=settings.dropserver_broken_after),
        sleep=time.sleep,
        now=now,
    ),
    Sending(
        bucket,
        settings.dropserver_outgoing,
        Holding(DynamoSuspensions(dynamodb_for_batches(), settings.suspensions_table, time.sleep), now),
    ),
    Logger(),
    metrics,
    settings.dropserver_file_seconds,
    lambda: secret.access().expires(),
)


@metrics.log_metrics
def handler(_event: dict[str, object], context: LambdaContext) -> dict[str, int]:
    """Go to the dropserver and back, and give the counts of what came and went."""
    return asdict(work.run(lambda: context.get_remaining_time_in_millis() / 1000))
