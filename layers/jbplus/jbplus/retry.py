"""How work is paced: tried again with pauses, within the time that is left, a batch at a time."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Sleep = Callable[[float], None]
_T = TypeVar("_T")

_FIRST_PAUSE = 0.025
_LONGEST_PAUSE = 2.0


def attempts(most: int, sleep: Sleep = time.sleep) -> Iterator[int]:
    """Count the tries from 1 to `most`, and pause before each but the first.

    The pause is drawn from zero to a bound that doubles each time ("full jitter"), so that rivals do not meet again.

    Args:
        most: how many tries there are.
        sleep: pauses for a number of seconds.
    """
    bound = _FIRST_PAUSE
    for attempt in range(1, most + 1):
        yield attempt
        if attempt < most:
            sleep(random.uniform(0, bound))  # noqa: S311 - spreads load, guards nothing
            bound = min(bound * 2, _LONGEST_PAUSE)


TimeLeft = Callable[[], float]
"""Gives the number of seconds that this invocation may still run."""


def chunks(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Divide items into lists of a size; the last may be shorter."""
    chunk: list[_T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
