"""Hands quarantined records in again, through the stack's release function (Article 7)."""

from dataclasses import dataclass
from typing import Self

from pydantic import ValidationError

from jbplus.errors import ObjectMissingError, UnavailableError
from jbplus.intake.wire import Released, ReleaseOrder
from jbplus_cli.quarantine.kept import Part
from jbplus_cli.stack.functions import BUSY, Function, FunctionFailedError
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

_HARMLESS = "Releasing again does no harm."
_ADVICE = {
    ObjectMissingError.__name__: "it is no longer in quarantine: it was released in the meantime.",
    UnavailableError.__name__: f"a store or the secret is throttled or out of reach. Try again later. {_HARMLESS}",
    BUSY: f"too much is going on at once. Try again later. {_HARMLESS}",
    "Sandbox.Timedout": f"it took too long. {_HARMLESS}",
}


@dataclass(frozen=True, slots=True)
class ReleaseFunction:
    """The release function of a stack."""

    function: Function

    @classmethod
    def of(cls, world: Surroundings, target: Target) -> Self:
        """Give the release function of a stack.

        Raises:
            ExchangeError: the stack cannot be read.
        """
        name = world.resources(target).intake_release_function
        return cls(Function(world.aws(target).functions(), name, f"{_HARMLESS} {target.advice_when_unreachable}"))

    def release(self, part: Part) -> Released:
        """Hand the records of a part in again; those that are still bad stay in quarantine.

        Raises:
            ExchangeError: the function failed, or Lambda is out of reach.
        """
        try:
            order = ReleaseOrder(name=part.release_name).model_dump_json()
            return Released.read(self.function.run(order.encode(), f"release {part.name}"))
        except FunctionFailedError as error:
            raise ExchangeError(f"Could not release {part.name}: {_why(error.kind)}") from error
        except ValidationError as error:
            raise ExchangeError(
                "The release function's answer is not as agreed. Does this jbplus belong to the stack's version?"
            ) from error


def _why(kind: str) -> str:
    return _ADVICE.get(kind, f"the release function failed ({kind}). Read why in its log. {_HARMLESS}")
