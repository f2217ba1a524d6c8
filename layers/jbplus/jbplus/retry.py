"""Trying again, with growing pauses of random length, so that rivals do not meet again at the next try."""

import random
import time
from collections.abc import Callable, Iterator

Sleep = Callable[[float], None]

_FIRST_PAUSE = 0.025
_LONGEST_PAUSE = 2.0


def attempts(most: int, sleep: Sleep = time.sleep) -> Iterator[int]:
    """Count the tries from 1 to `most`, and pause before each but the first.

    The pause is drawn from zero to a bound that doubles each time ("full jitter").

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
