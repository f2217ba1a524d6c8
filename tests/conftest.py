"""What all tests share: hypothesis without deadlines, little collecting of garbage, and DynamoDB as it is.

The embedded emulator's DynamoDB checks keys, conditions and limits as AWS does.
"""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from jbplus_local.aws import Aws
from jbplus_local.emulator import Emulator
from tests.support.engine import CountingClient, Tables, new_tables
from tests.support.scheduling import END_TO_END, Scheduling

# No deadline: a slow machine must not fail a test that found nothing wrong.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")

ROOT = Path(__file__).parents[1]

# Half of the time that tests took to be collected, and a tenth of their own, went to looking for garbage in what stays.
gc.disable()


def pytest_collection_finish() -> None:
    """Leave what was collected out of all later looks for garbage, of which there are fewer than usual."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    return Scheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest: the process that runs it is not waited for at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(END_TO_END))


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """A running emulator."""
    python = ROOT / ".venv-emulator" / "bin" / "python"
    emulator = Emulator(python, tmp_path_factory.mktemp("emulator"), lasting=False)
    emulator.start()
    yield emulator.aws
    emulator.stop()


@pytest.fixture(scope="session")
def dynamodb(aws: Aws) -> Iterator[DynamoDBClient]:
    """A client of the emulator's DynamoDB."""
    client = aws.dynamodb()
    yield client
    client.close()


@pytest.fixture(scope="session")
def s3(aws: Aws) -> Iterator[S3Client]:
    """A client of the emulator's S3."""
    client = aws.s3()
    yield client
    client.close()


@pytest.fixture
def counting(aws: Aws) -> Iterator[CountingClient]:
    """A client that counts its requests."""
    client = aws.dynamodb()
    yield CountingClient.around(client)
    client.close()


@pytest.fixture
def make_tables(dynamodb: DynamoDBClient) -> Callable[[], Tables]:
    """Makes new, empty tables."""
    return lambda: new_tables(dynamodb)


@pytest.fixture
def tables(make_tables: Callable[[], Tables]) -> Tables:
    """New, empty tables."""
    return make_tables()
