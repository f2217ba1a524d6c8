"""A stack whose privacy log was sealed, and what the API tells of its records."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws

from jbplus.aws.objects import Objects
from jbplus.checkpoints.bucket import S3Vault
from jbplus.checkpoints.service import Checkpoints
from tests.checkpoints.fakes import HOUR, Sealing
from tests.cli.backstage import Json
from tests.cli.world import REGION, World
from tests.privacy_log.fakes import log_entry
from tests.support.fakes import NOW, no_sleep
from tests.support.known import INFINO
from tests.support.people import ANNA

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@contextmanager
def sealed_stack(local: World) -> Iterator[Sealing]:
    """Seal the log of a stack: its table and its bucket."""
    with mock_aws():
        sealing = Sealing()
        sealing.log.put(log_entry("trace-1"), log_entry("trace-2"))
        aws: dict[str, Any] = {"region_name": REGION, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        s3, dynamodb = boto3.client("s3", **aws), boto3.client("dynamodb", **aws)
        s3.create_bucket(Bucket="segments", CreateBucketConfiguration={"LocationConstraint": REGION})
        dynamodb.create_table(
            TableName="log",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("subject", "entry")],
            KeySchema=[
                {"AttributeName": "subject", "KeyType": "HASH"},
                {"AttributeName": "entry", "KeyType": "RANGE"},
            ],
        )
        for item in sealing.log.items.values():
            dynamodb.put_item(TableName="log", Item=item)
        seal(sealing, s3, "segments")
        local.behind.s3, local.behind.dynamodb = s3, dynamodb
        local.behind.further_outputs = {"SegmentsBucket": "segments", "PrivacyLogTable": "log"}
        yield sealing


def seal(sealing: Sealing, s3: "S3Client", bucket: str) -> None:
    """Seal a log an hour after its records, into a bucket."""
    vault = S3Vault(Objects(s3, bucket, no_sleep))
    made = Checkpoints(sealing.log, vault, sealing, sealing.signer, lambda: NOW + HOUR, sealing.draw)
    made.go_round("hour", lambda: 900.0)


def log_item(trace: str) -> Json:
    """Give a record of the stack's log as the API does; only `trace-1` and `trace-2` are sealed."""
    return {
        "referte": trace,
        "positie": 0,
        "moment": "2026-03-05T09:00:00Z",
        "dienst": "consultatie",
        "toepassing": "application-1",
        "gebruiker": "an.peeters",
        "correlatie": "correlation-1",
        "doel": "socialeToeslag",
        "inschrijvingVan": INFINO,
        "naarAanleidingVanMutatie": False,
        "betrokkene": ANNA,
        "uitkomst": "beantwoord",
    }
