"""What tests of rounds share."""

import pytest

from tests.dropserver.world import World


@pytest.fixture
def world() -> World:
    return World.new()
