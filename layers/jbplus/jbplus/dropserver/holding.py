"""What is not sent now: what tells a party of mutations while it is suspended, and whatever is for one that left.

It stays where it stands (Articles 8 and 12): once the suspension is lifted, the next visit sends it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from jbplus.notices.notice import PREFIX, SUCCESSION_PREFIX
from jbplus.protocol.access import FindParty
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.outbox import STAND_PREFIX
from jbplus.protocol.parties import Role, party_of
from jbplus.suspensions.rules import bars_notices
from jbplus.suspensions.service import SuspensionStore

IsHeld = Callable[[str], bool]
"""Tells of a file, by its name, whether it is held back."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Knows what is held back.

    Attributes:
        suspensions: who is suspended.
        clock: gives the present moment.
        find_party: finds a party by its KBO number; what is for nobody known is held back.
    """

    suspensions: SuspensionStore
    clock: Clock
    find_party: FindParty = party_of

    def of(self, kbo: str) -> IsHeld:
        """Tell which of a party's files are held back at this moment.

        Raises:
            UnavailableError: nobody knows whether the party is suspended; nothing is sent to it.
        """
        now, party = self.clock(), self.find_party(kbo)
        if party is None or not party.takes_part(brussels_day(now)):
            return lambda _name: True
        if party.role is not Role.SOURCE and bars_notices(self.suspensions.read([kbo])[kbo].suspensions, now):
            return lambda name: name.startswith((PREFIX, SUCCESSION_PREFIX, STAND_PREFIX))
        return lambda _name: False
