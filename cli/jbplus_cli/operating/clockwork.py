"""What the clock does every few minutes, done now: visit the dropserver, and make the notices (C2)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Self

from pydantic import ValidationError

from jbplus.dropserver.bucket import recall
from jbplus.dropserver.visits import LastVisit
from jbplus.errors import UnavailableError
from jbplus.wire import Wire
from jbplus_cli.stack.functions import BUSY, Function, FunctionFailedError
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

_FAILED: Final = {
    BUSY: "a visit is going on already.",
    "Sandbox.Timedout": "it took too long; the next round goes on.",
}


class Visited(Wire):
    """What a visit to the dropserver brought.

    Attributes:
        taken: files that were taken from it.
        sent: files that were put on it.
        waiting: files that wait for the next visit: they still grow, or time was up.
    """

    taken: int
    sent: int
    waiting: int

    def __add__(self, other: "Visited") -> "Visited":
        """Give what two visits brought together; what waits is what the second left."""
        return Visited(taken=self.taken + other.taken, sent=self.sent + other.sent, waiting=other.waiting)


@dataclass(frozen=True, slots=True)
class Clockwork:
    """The functions that the clock runs.

    Attributes:
        notices: tells recipients.
        last_visit: gives the word that the last visit to the dropserver left.
        dropserver: visits the dropserver; None when the stack has none.
    """

    notices: Function
    last_visit: Callable[[], LastVisit | None]
    dropserver: Function | None = None

    @classmethod
    def of(cls, world: Surroundings, target: Target) -> Self:
        """Give the functions of a stack that the clock runs every few minutes.

        Raises:
            ExchangeError: the stack cannot be read.
        """
        resources, functions = world.resources(target), world.aws(target).functions()
        advice = f"Running it again does no harm. {target.advice_when_unreachable}"
        dropserver = resources.dropserver_function
        return cls(
            notices=Function(functions, resources.notices_function, advice),
            last_visit=partial(recall, world.aws(target).s3(), target.bucket),
            dropserver=None if dropserver is None else Function(functions, dropserver, advice),
        )

    def visit(self) -> Visited:
        """Visit the dropserver.

        Raises:
            ExchangeError: the stack has none, or the visit failed.
        """
        if self.dropserver is None:
            raise ExchangeError(
                "The stack visits no dropserver. Deploy it with DropserverHost and DropserverSecret to have one."
            )
        before = self._word()
        try:
            body = _run(self.dropserver, "visit the dropserver")
        except ExchangeError as error:
            after = self._word()
            # A visit that could not leave word left none: what stands there is of an earlier one.
            if after is None or after == before or not after.reasons:
                raise
            raise ExchangeError(f"Could not visit the dropserver: {'; '.join(after.reasons)}.") from error
        try:
            return Visited.read(body)
        except ValidationError as error:
            raise ExchangeError(
                "The dropserver function's answer is not as agreed. Does this jbplus belong to the stack's version?"
            ) from error

    def _word(self) -> LastVisit | None:
        with suppress(UnavailableError):
            return self.last_visit()
        return None

    def tell(self) -> None:
        """Make the notices that can be made.

        Raises:
            ExchangeError: not all could be made.
        """
        _run(self.notices, "make the notices")


def _run(function: Function, doing: str) -> bytes:
    try:
        return function.run(b"{}", doing)
    except FunctionFailedError as error:
        why = _FAILED.get(error.kind, f"the function failed ({error.kind}). Read why in its log, and try again.")
        raise ExchangeError(f"Could not {doing}: {why}") from error
