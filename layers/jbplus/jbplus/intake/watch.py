"""What is to be watched even when no file comes: the last good file, gaps, what is not done with (Article 5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jbplus.intake.incoming import is_stray
from jbplus.intake.ledger import Ledger

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Watched:
    """The state of the intake at one moment.

    Attributes:
        hours_since_last_file: since the last file was taken in, wholly or in part; 0 before the first, since nobody
            knows yet when that is due.
        missing_files: how many volgnummers are missing between the lowest and the highest.
        hours_unfinished: since the oldest of the files was claimed that are not done with; 0 when all are.
        stray_objects: how many objects lie under `inkomend/` that nobody will take in.
    """

    hours_since_last_file: float
    missing_files: int
    hours_unfinished: float
    stray_objects: int


def watch(ledger: Ledger, incoming: Iterable[str], now: datetime, others: Sequence[Ledger] = ()) -> Watched:
    """Look at the ledgers of files, and at what came in; what the ledgers keep of their series is put right.

    Args:
        ledger: the ledger of mutation files, which come every day.
        incoming: the names of the objects under `inkomend/`.
        now: the present moment.
        others: the ledgers of files that come when there is something to say.
    """
    last = ledger.last_finished()
    age = 0.0 if last is None else (now - last).total_seconds() / HOUR
    ledgers = (ledger, *others)
    missing = sum(gap.tot - gap.van + 1 for each in ledgers for gap in each.mended().gaps)
    claimed = (file.since for each in ledgers for file in each.unfinished())
    unfinished = max(((now - since).total_seconds() / HOUR for since in claimed), default=0.0)
    return Watched(age, missing, unfinished, sum(map(is_stray, incoming)))
