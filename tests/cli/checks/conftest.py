"""An exchange to look at, on tables and a bucket in memory."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.cli.checks.world import CheckedWorld, empty_world
from tests.cli.world import BRIEF, REGION

if TYPE_CHECKING:
    from tests.cli.checks.world import Clients


@pytest.fixture(scope="session")
def in_memory() -> "Clients":
    """Clients that moto answers inside `mock_aws`; they take longer to make than most tests."""
    session = boto3.Session("test", "test", region_name=REGION)
    return session.client("dynamodb", config=BRIEF), session.client("s3", config=BRIEF)


@pytest.fixture
def checked(in_memory: "Clients") -> Iterator[CheckedWorld]:
    """An exchange with nothing in it."""
    with empty_world(*in_memory) as world:
        yield world
