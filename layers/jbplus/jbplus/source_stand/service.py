"""Making the source's stand: all persons are read once, and what is live of them is sorted on disk."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from tempfile import TemporaryFile
from typing import BinaryIO, Protocol, cast

from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.scanning import PersonScan, each_once
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.parties import WEWIS
from jbplus.source_stand.document import FILE_NAME, SourceStandContext, write
from jbplus.source_stand.rules import Line, lines_of
from jbplus.source_stand.sorting import Sorted


class FileOutbox(Protocol):
    """Keeps files that are put out for a party, encrypted at rest."""

    def put_out(self, party: str, name: str, content: BinaryIO) -> None:
        """Put a file out for a party, by its KBO number; the same name again replaces it."""
        ...


class Outcome(StrEnum):
    """What became of the stand."""

    PUBLISHED = "published"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Puts the source's stand out.

    Nothing tells that it was done: a run that dies is run again, and puts the same file out.

    Attributes:
        scan: reads all persons.
        keys: gives the keys, while each person is there once.
        is_alone: tells whether each person is there now, and once.
        outbox: where it is put out.
        retention_years: the retention term, which the stand tells.
        clock: gives the present moment.
    """

    scan: PersonScan
    keys: Callable[[], Pseudonyms]
    is_alone: Callable[[], bool]
    outbox: FileOutbox
    retention_years: int
    clock: Clock

    def publish(self) -> tuple[Outcome, int]:
        """Put the stand out; give how many verrichtingen it has.

        Raises:
            UnavailableError: nothing was put out; run again.
        """
        if not self.is_alone():
            return Outcome.WAITS, 0
        now = self.clock()
        key, day = self.keys().key_of_source_stand(), brussels_day(now)
        count, highest = 0, 0
        with Sorted() as found, TemporaryFile() as unnamed:
            for stored in each_once(self.scan):
                state = stored.state_at(now)
                highest = max(highest, state.volgnummer or 0)
                for line in lines_of(state, key):
                    found.add(line.text)
                    count += 1
            context = SourceStandContext.of(
                day, retention_years=self.retention_years, key=key, highest=highest, count=count
            )
            file = cast("BinaryIO", unnamed)
            write(file, context, map(Line.read, found))
            file.seek(0)
            self.outbox.put_out(WEWIS.kbo, FILE_NAME, file)
        return Outcome.PUBLISHED, count
