"""What a party makes of the exchange, counted in persons: who takes far more than usual shows."""

from collections.abc import Callable, Mapping
from enum import StrEnum


class Use(StrEnum):
    """What is counted of each party; values are the names of the metrics."""

    REGISTERED = "PersonsRegistered"
    LOOKED_UP = "PersonsLookedUp"
    REFUSED = "PersonsRefused"


CountUse = Callable[[str, Mapping[Use, int]], None]
"""Counts persons, for the party with this KBO number."""
