"""How work is paced: tried again with pauses, within the time that is left, a batch at a time."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from jbplus.errors import ConflictError, ThrottledError, UnavailableError

Sleep = Callable[[float], None]

TimeLeft = Callable[[], float]
"""Gives the number of seconds that are left for what is being done."""

_T = TypeVar("_T")
_FIRST_PAUSE = 0.025
_LONGEST_PAUSE = 2.0


def no_deadline() -> float:
    """Leave as much time as it takes."""
    return float("inf")


def attempts(most: int, sleep: Sleep = time.sleep, time_left: TimeLeft = no_deadline) -> Iterator[int]:
    """Count the tries from 1 to `most`, and pause before each but the first; when time runs out there are fewer.

    The pause is drawn from zero to a bound that doubles each time ("full jitter"), so that rivals do not meet again.

    Args:
        most: how many tries there are.
        sleep: pauses for a number of seconds.
        time_left: gives the number of seconds in which another try may begin.
    """
    bound = _FIRST_PAUSE
    for attempt in range(1, most + 1):
        yield attempt
        pause = random.uniform(0, bound)  # noqa: S311 - spreads load, guards nothing
        if attempt == most or time_left() <= pause:
            return
        sleep(pause)
        bound = min(bound * 2, _LONGEST_PAUSE)


def patiently(call: Callable[[], _T], most: int, sleep: Sleep, time_left: TimeLeft = no_deadline, *, what: str) -> _T:
    """Call again while rivals come between or the store asks for fewer requests.

    This is the one layer that waits: the clients below it try once more at most, for a connection that was lost.

    Args:
        call: may be repeated without harm.
        most: how many tries there are.
        sleep: pauses for a number of seconds.
        time_left: gives the number of seconds in which another try may begin.
        what: is named when all is in vain.

    Raises:
        UnavailableError: the last try was turned away too; or the store is out of reach.
    """
    for _ in attempts(most, sleep, time_left):
        try:
            return call()
        except (ConflictError, ThrottledError):
            continue
    raise UnavailableError(f"{what}: throttled, or others kept writing the same items")


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
