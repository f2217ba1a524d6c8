"""How many new persons a party may register a day: who would register everybody, to look everybody up, is stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from jbplus.errors import ConflictError, ThrottledError, UnavailableError
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.registrations.rules import Allowance, most_on
from jbplus.retry import Sleep, attempts

_MOST_ATTEMPTS = 6


class QuotaStore(Protocol):
    """Where registrations are counted, by party and day, and allowances are kept."""

    def read_quota(self, party: str, day: date) -> tuple[int, Sequence[Allowance]]:
        """Read how many new persons a party registered on a day, and its allowances."""
        ...

    def count(self, party: str, day: date, more: int, *, most: int) -> None:
        """Count new persons of a party, on condition that the day's number stays within the most.

        Raises:
            ConflictError: it would not; nothing was counted.
        """
        ...


@dataclass(frozen=True, slots=True)
class Quota:
    """Hands out a day's registrations.

    They are counted before they are made: a death in between, or a retry, counts them twice, and none is made
    uncounted.

    Attributes:
        store: where they are counted.
        per_day: how many a party may register without an allowance.
        clock: gives the present moment.
        sleep: pauses for a number of seconds.
    """

    store: QuotaStore
    per_day: int
    clock: Clock
    sleep: Sleep

    def take(self, party: str, wanted: int) -> int:
        """Count new persons of a party.

        Args:
            party: KBO number.
            wanted: how many it would register.

        Returns:
            How many of these it may register today.

        Raises:
            UnavailableError: the store is out of reach, or others kept counting.
        """
        today = brussels_day(self.clock())
        for _ in attempts(_MOST_ATTEMPTS, self.sleep):
            try:
                counted, allowances = self.store.read_quota(party, today)
                most = most_on(today, self.per_day, allowances)
                granted = max(0, min(wanted, most - counted))
                if granted:
                    self.store.count(party, today, granted, most=most)
            except (ConflictError, ThrottledError):
                continue
            return granted
        raise UnavailableError("registrations: throttled, or others kept counting")
