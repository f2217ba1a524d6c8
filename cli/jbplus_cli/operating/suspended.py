"""Which parties are suspended, as it stands in the table (Article 8)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import JsonValue

from jbplus.protocol.parties import RECIPIENTS, party_of
from jbplus.suspensions.rules import Suspension
from jbplus.suspensions.service import SuspensionStore
from jbplus_cli.screen.looks import span


@dataclass(frozen=True, slots=True)
class SuspendedState:
    """The suspensions that are not lifted.

    Attributes:
        suspensions: the one that begins first first.
    """

    suspensions: tuple[Suspension, ...]

    @classmethod
    def of(cls, store: SuspensionStore) -> Self:
        """Look at the table.

        Raises:
            UnavailableError: it is out of reach.
        """
        stored = store.read([party.kbo for party in RECIPIENTS])
        found = [each for party in stored.values() for each in party.suspensions if each.lifted is None]
        return cls(tuple(sorted(found, key=lambda each: (each.begin, each.id))))

    def words(self, now: datetime) -> str:
        """Say them in words, each on a line with what `jbplus lift` takes."""
        return "\n".join(_words(each, now) for each in self.suspensions) or "none"

    def wire(self) -> list[JsonValue]:
        """Give them ready for JSON."""
        return [
            {
                "id": each.id,
                "partij": each.party,
                "stromen": [stream.value for stream in each.streams],
                "doelen": [purpose.value for purpose in each.purposes],
                "vanaf": each.begin.isoformat(),
            }
            for each in self.suspensions
        ]


def _words(suspension: Suspension, now: datetime) -> str:
    party = party_of(suspension.party)
    purposes = f" ({', '.join(suspension.purposes)})" if suspension.purposes else ""
    streams = ", ".join(suspension.streams) + purposes
    begin = f"for {span(now - suspension.begin)}" if suspension.works_at(now) else f"in {span(suspension.begin - now)}"
    return f"{party.name if party else suspension.party}: {streams}, {begin}; {suspension.id}"
