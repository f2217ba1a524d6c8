"""Signals that end a process, as an ordinary end: what is running is stopped in order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit, and SIGINT into KeyboardInterrupt; for the main thread."""
    before = {number: signal.signal(number, _end) for number in _ENDING}
    # A shell starts what it puts in the background with SIGINT ignored; asked to stop, we stop all the same.
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
