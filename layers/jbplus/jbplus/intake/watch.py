"""What is to be watched even when no file comes: the age of the last good file, and open gaps (Article 5)."""

from dataclasses import dataclass
from datetime import datetime

from jbplus.intake.ledger import Ledger, gaps

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Watched:
    """The state of the intake at one moment.

    Attributes:
        hours_since_last_file: since the last file was taken in, wholly or in part; None before the first.
        missing_files: how many volgnummers are missing between the lowest and the highest.
    """

    hours_since_last_file: float | None
    missing_files: int


def watch(ledger: Ledger, now: datetime) -> Watched:
    """Look at the ledger of files."""
    last = ledger.last_finished()
    age = None if last is None else (now - last).total_seconds() / HOUR
    return Watched(age, sum(gap.tot - gap.van + 1 for gap in gaps(ledger.volgnummers())))
