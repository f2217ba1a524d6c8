"""Waiting for what a running stack does a moment later: logs, reports and queues."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_PATIENCE = 60.0


def wait_for(find: Callable[[], T], what: str) -> T:
    """Ask again and again until something is there.

    Args:
        find: what to ask; nothing is there while it gives what is false.
        what: said when it does not come.

    Returns:
        What was found.

    Raises:
        AssertionError: it is not there within a minute.
    """
    until = time.monotonic() + _PATIENCE
    while not (found := find()):
        assert time.monotonic() < until, f"not there within {_PATIENCE:.0f} seconds: {what}"
        time.sleep(0.1)
    return found
