"""Every hour: seals the privacy log's new records, and gives every party a checkpoint of them (Article 6)."""

import os
import secrets
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from jbplus.aws.clients import dynamodb_for_scans, s3, signing
from jbplus.aws.objects import Objects
from jbplus.aws.outgoing import Outgoing
from jbplus.checkpoints.bucket import S3Vault
from jbplus.checkpoints.secret import KmsSigner
from jbplus.checkpoints.service import Checkpoints
from jbplus.checkpoints.table import DynamoLog
from jbplus.logs import LogCode, without_debugging
from jbplus.protocol.calendar import now
from jbplus.settings import CheckpointsSettings

without_debugging(os.environ)
settings = CheckpointsSettings.from_environment(os.environ)
objects = s3()
checkpoints = Checkpoints(
    log=DynamoLog(dynamodb_for_scans(), settings.privacy_log_table),
    vault=S3Vault(Objects(objects, settings.segments_bucket)),
    outbox=Outgoing(Objects(objects, settings.bucket)),
    signer=KmsSigner(signing(), settings.signing_keys),
    clock=now,
    draw=secrets.token_bytes,
)
logger = Logger()
metrics = Metrics()


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Make the checkpoint of an hour: the clock's event tells which, and without one it is made in any case."""
    made = checkpoints.go_round(str(event.get("time", "")), lambda: context.get_remaining_time_in_millis() / 1000)
    logger.info(LogCode.CHECKPOINTS_MADE, extra={"counts": {"checkpoints": made.checkpoints, "records": made.records}})
    for record in made.rewritten:
        logger.error(LogCode.RECORD_REWRITTEN, extra={"record": record.place})
    metrics.add_metric("CheckpointsMade", MetricUnit.Count, made.checkpoints)
    metrics.add_metric("RecordsRewritten", MetricUnit.Count, len(made.rewritten))
