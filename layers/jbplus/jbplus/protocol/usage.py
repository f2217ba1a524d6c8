"""What a party makes of the exchange, counted in persons: who takes far more than usual shows."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from jbplus.protocol.purposes import Purpose


class Use(StrEnum):
    """What is counted of each party; values are the names of the metrics."""

    REGISTERED = "PersonsRegistered"
    LOOKED_UP = "PersonsLookedUp"
    REFUSED = "PersonsRefused"


class CountUse(Protocol):
    """Counts what parties make of the exchange."""

    def __call__(self, kbo: str, persons: Mapping[Use, int], purpose: Purpose | None = None) -> None:
        """Count the persons of one call, for the party with this KBO number, and what a lookup was for."""
        ...
