"""Objects of which the first one holds, while rivals put theirs; and how long a client waits by itself."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from mypy_boto3_s3 import S3Client

from jbplus.aws.clients import dynamodb_for_batches
from jbplus.aws.objects import JSON, Objects
from jbplus.errors import UnavailableError


@pytest.fixture
def client() -> Iterator[S3Client]:
    unconnected = boto3.client("s3", "eu-west-1", aws_access_key_id="none", aws_secret_access_key="none")
    yield unconnected
    unconnected.close()


def busy(stub: Stubber, times: int) -> None:
    for _ in range(times):
        stub.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)


@pytest.mark.parametrize("times", [1, 5])
def test_a_rival_that_is_busy_with_the_same_key_is_waited_for(client: S3Client, times: int) -> None:
    pauses: list[float] = []
    with Stubber(client) as stub:
        busy(stub, times)
        stub.add_client_error("put_object", "PreconditionFailed", http_status_code=412)

        assert not Objects(client, "bucket", pauses.append).put_new("key", b"", JSON)

    assert len(pauses) == times


def test_a_key_that_rivals_keep_busy_is_out_of_reach(client: S3Client) -> None:
    with Stubber(client) as stub:
        busy(stub, 6)

        with pytest.raises(UnavailableError):
            Objects(client, "bucket", lambda _: None).put_new("key", b"", JSON)


def test_the_client_of_batches_leaves_the_waiting_to_who_has_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    client = dynamodb_for_batches()

    config: Any = client.meta.config
    client.close()

    assert config.retries == {"mode": "standard", "total_max_attempts": 2}
    # Two tries that hang to their end leave the intake its time to tell.
    assert 2 * (config.connect_timeout + config.read_timeout) + 1 < 30
