"""A stack for the operator's command: a fake API and token issuer on loopback, and a bucket in memory."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
import urllib3
from moto import mock_aws

from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.transport import RETRIES, TIMEOUT
from tests.checkpoints.fakes import Sealing
from tests.cli.backstage import BUCKET, Backstage, FakeAws
from tests.cli.sealed import sealed_stack
from tests.cli.world import BRIEF, NOW, REGION, FakeApi, World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    Clients = tuple[S3Client, SQSClient, DynamoDBClient, CloudWatchLogsClient]


@pytest.fixture
def api() -> Iterator[FakeApi]:
    fake = FakeApi()
    yield fake
    fake.stop()


@pytest.fixture(scope="session")
def clients() -> "Clients":
    """Clients that moto answers inside `mock_aws`; they take longer to make than most tests."""
    session = boto3.Session("test", "test", region_name=REGION)
    return (
        session.client("s3", config=BRIEF),
        session.client("sqs", config=BRIEF),
        session.client("dynamodb", config=BRIEF),
        session.client("logs", config=BRIEF),
    )


@pytest.fixture
def world(api: FakeApi, clients: "Clients", tmp_path: Path) -> Iterator[World]:
    slept: list[float] = []
    pools: list[urllib3.PoolManager] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        there.while_sleeping()

    def no_stack(name: str) -> Target:
        raise KeyError(name)

    def http(_url: str) -> urllib3.PoolManager:
        pools.append(urllib3.PoolManager(retries=RETRIES.new(backoff_factor=0), timeout=TIMEOUT))
        return pools[-1]

    with mock_aws():
        s3, sqs, dynamodb, logs = clients
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        behind = Backstage(s3, sqs, dynamodb, logs, lambda: there.surroundings.now())  # noqa: PLW0108 - a test may set another clock
        there = World(
            Surroundings(
                folder=tmp_path,
                environment={},
                now=lambda: NOW,
                clock=lambda: sum(slept),
                sleep=sleep,
                http=http,
                aws=lambda _target: FakeAws(behind),
                find_stack=no_stack,
                queue_patience=0,
            ),
            api,
            behind,
            slept,
        )
        yield there
    for pool in pools:
        pool.clear()


@pytest.fixture
def local(world: World, tmp_path: Path) -> World:
    """The fake stack as the local one: `.local/endpoints.json` points at it, two folders up."""
    endpoints = {"api": f"{world.api.url}/", "aws": "http://127.0.0.1:1", "issuer": world.api.url, "bucket": BUCKET}
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "endpoints.json").write_text(json.dumps(endpoints | {"region": REGION, "stack": "jbplus"}))
    world.surroundings = replace(world.surroundings, folder=tmp_path / "deep" / "down")
    return world


@pytest.fixture
def here(local: World) -> World:
    """The local stack by the real clock, which what stands in the bucket came by."""
    local.surroundings = replace(local.surroundings, now=lambda: datetime.now(UTC))
    return local


@pytest.fixture
def sealed(local: World) -> Iterator[Sealing]:
    """The stack, with a log that was sealed."""
    with sealed_stack(local) as sealing:
        yield sealing
