"""Has a changed retention term reach what is stored, through the stack's own function (Article 3 b)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from pydantic import ValidationError

from jbplus.errors import UnavailableError
from jbplus.persons.recomputing import Step
from jbplus_cli.stack.functions import BUSY, Function, FunctionFailedError
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

_GOES_ON: Final = "Run it again: it goes on from where it stopped."
_ADVICE: Final = {
    UnavailableError.__name__: f"a store is throttled or out of reach. {_GOES_ON}",
    BUSY: f"too much is going on at once. {_GOES_ON}",
    "Sandbox.Timedout": f"it took too long. {_GOES_ON}",
}


@dataclass(frozen=True, slots=True)
class RecomputingFunction:
    """The function of a stack that recomputes the ends."""

    function: Function

    @classmethod
    def of(cls, world: Surroundings, target: Target) -> Self:
        """Give the function of a stack.

        Raises:
            ExchangeError: the stack cannot be read.
        """
        name = world.resources(target).persons_recomputing_function
        return cls(Function(world.aws(target).functions(), name, f"{_GOES_ON} {target.advice_when_unreachable}"))

    def steps(self) -> Iterator[Step]:
        """Go on until all persons were looked at; tell after each step how far it has come.

        Raises:
            ExchangeError: the function failed, or Lambda is out of reach.
        """
        while True:
            step = self._go_on()
            yield step
            if step.complete:
                return

    def _go_on(self) -> Step:
        try:
            return Step.read(self.function.run(b"{}", "recompute"))
        except FunctionFailedError as error:
            why = _ADVICE.get(error.kind, f"the function failed ({error.kind}). Read why in its log. {_GOES_ON}")
            raise ExchangeError(f"Could not recompute all: {why}") from error
        except ValidationError as error:
            raise ExchangeError(
                "The recomputing function's answer is not as agreed. Does this jbplus belong to the stack's version?"
            ) from error
