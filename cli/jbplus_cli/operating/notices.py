"""What is to be told to recipients, as the bucket shows it (C2)."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from jbplus.aws.folders import ANNOUNCED, WAITING
from jbplus.aws.objects import Objects
from jbplus.protocol.parties import party_of

# A round of notices comes every five minutes; only a file of millions of records takes several.
_LONGEST_WAIT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NoticesState:
    """What is not told yet.

    Attributes:
        untold: how many files are applied but not told.
        oldest: since when the first of them waits; None when there is none.
        held: how many parts of files wait, by the name of their recipient: it is suspended, or its turn comes.
    """

    untold: int
    oldest: datetime | None
    held: dict[str, int]

    @classmethod
    def of(cls, objects: Objects) -> "NoticesState":
        """Look at the bucket.

        Raises:
            UnavailableError: it is out of reach.
        """
        announced = [written for _, written in objects.dated_names(ANNOUNCED)]
        held = Counter(_recipient(name) for name in objects.names(WAITING))
        oldest = datetime.fromtimestamp(min(announced), UTC) if announced else None
        return cls(len(announced), oldest, dict(sorted(held.items())))

    def is_stuck(self, now: datetime) -> bool:
        """Whether a file should have been told long ago."""
        return self.oldest is not None and now - self.oldest > _LONGEST_WAIT

    @property
    def words(self) -> str:
        """The state in words."""
        untold = f"{self.untold} not told yet" if self.untold else "all told"
        held = ", ".join(f"{name} {count}" for name, count in self.held.items())
        return f"{untold}; waiting: {held}" if held else untold

    def wire(self) -> dict[str, JsonValue]:
        """Give the state ready for JSON."""
        return {"untold": self.untold, "held": dict(self.held)}


def _recipient(name: str) -> str:
    kbo = name.partition("/")[0]
    party = party_of(kbo)
    return kbo if party is None else party.name
