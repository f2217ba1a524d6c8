"""What tests of rounds share."""

from collections.abc import Iterator

import pytest
from aws_lambda_powertools import Metrics

from tests.dropserver.world import World


@pytest.fixture(autouse=True)
def counts_of_its_own() -> Iterator[None]:
    """All metrics of a process share what they counted: a test leaves nothing of it to the next."""
    metrics = Metrics(namespace="test", service="dropserver")
    metrics.clear_metrics()
    yield
    metrics.clear_metrics()


@pytest.fixture
def world() -> World:
    return World.new()
