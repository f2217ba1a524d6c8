"""An exchange to set back, and other clients for who sets it back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.cli.checks.world import CheckedWorld, empty_world
from tests.cli.world import BRIEF, REGION
from tests.support.files import annulment, record
from tests.support.people import ANNA, BRAM, CELINE

if TYPE_CHECKING:
    from tests.cli.checks.world import Clients


def _clients() -> "Clients":
    session = boto3.Session("test", "test", region_name=REGION)
    return session.client("dynamodb", config=BRIEF), session.client("s3", config=BRIEF)


@pytest.fixture(scope="session")
def of_calls() -> "Clients":
    """The clients of the functions."""
    return _clients()


@pytest.fixture(scope="session")
def of_operators() -> "Clients":
    """The clients of the command."""
    return _clients()


@pytest.fixture
def world(of_calls: "Clients", of_operators: "Clients") -> Iterator[CheckedWorld]:
    """An exchange that took in two files ten minutes ago."""
    with empty_world(*of_calls) as made:
        made.operators = of_operators
        made.register(ANNA, BRAM)
        made.behind = timedelta(minutes=10)
        made.take_in([record(ANNA), record(BRAM, "R-2"), record(CELINE, "R-3")], 1)
        made.take_in([record(ANNA, "R-4"), annulment(BRAM, "R-2")], 2)
        made.behind = timedelta(0)
        made.tell()
        yield made
