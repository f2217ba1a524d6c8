"""Every hour: the privacy log's new records become a segment, and a signed checkpoint of it goes to every party.

A segment is decided in one write, and so is its checkpoint; each other write follows from these two and may be
repeated. So it may die anywhere, run twice, or twice at once: whoever comes next finishes what stands, and goes on
from there. What belongs to which segment is decided by the segments alone: a record joins the first one that finds it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Protocol

from jbplus.checkpoints import rules
from jbplus.checkpoints.verify import Checkpoint, Record, Segment, canonical, name_of
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.outbox import Outbox
from jbplus.protocol.parties import PARTIES, Party
from jbplus.retry import TimeLeft

_TIME_FOR_A_SEGMENT = 300.0
_SEED_BYTES = 32

DayOf = Callable[[Record], str]


class Log(Protocol):
    """Where the privacy log's records are read."""

    def of_day(self, day: date, since: str | None) -> Iterator[Record]:
        """Read all parties' records of a calendar day in Brussels, from a moment on or from its beginning."""
        ...


class Vault(Protocol):
    """Where segments and checkpoints are kept: each is put once, and never again."""

    def last_finished(self) -> int:
        """Give the number of the last segment that was finished; 0 when none was."""
        ...

    def segment(self, number: int) -> Segment | None:
        """Read a segment, or None when there is none of this number."""
        ...

    def put_segment(self, segment: Segment) -> bool:
        """Put a segment unless there is one of its number; tell whether it was put."""
        ...

    def sealed(self, day: date) -> Mapping[bytes, bytes]:
        """Give the hash of each record of a day that stands in a finished segment, by its key."""
        ...

    def put_sealed(self, day: str, number: int, records: Sequence[Record]) -> None:
        """Note which records of a day a segment holds; once more is fine."""
        ...

    def checkpoint(self, number: int) -> bytes | None:
        """Read a checkpoint, or None when there is none of this number."""
        ...

    def put_checkpoint(self, number: int, content: bytes) -> bytes:
        """Put a checkpoint unless there is one of its number; give the one that stands."""
        ...

    def finish(self, number: int) -> None:
        """Note that all is done for a segment; once more is fine."""
        ...


class Signer(Protocol):
    """Signs with keys that nobody can take out."""

    def keys(self) -> Sequence[bytes]:
        """Give the public keys, as SubjectPublicKeyInfo; the last is the one to use from now on."""
        ...

    def sign(self, message: bytes, key: bytes) -> bytes:
        """Sign with one of the keys: ECDSA on P-256 with SHA-256, in DER."""
        ...


@dataclass(slots=True)
class Made:
    """What a round made.

    Attributes:
        checkpoints: how many checkpoints were put out.
        records: how many records they seal.
        rewritten: records of the log that are not what was sealed: somebody wrote over them.
    """

    checkpoints: int = 0
    records: int = 0
    rewritten: list[Record] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Makes segments and checkpoints.

    Attributes:
        log: the privacy log.
        vault: keeps what is made.
        outbox: takes what goes to the parties.
        signer: signs checkpoints.
        clock: gives the present moment.
        draw: draws a number of random bytes.
        parties: who gets checkpoints, suspended or not, while it takes part.
    """

    log: Log
    vault: Vault
    outbox: Outbox
    signer: Signer
    clock: Clock
    draw: Callable[[int], bytes]
    parties: Sequence[Party] = PARTIES

    def go_round(self, occasion: str, time_left: TimeLeft) -> Made:
        """Finish what stands, and make the segment and the checkpoint that are due.

        Args:
            occasion: what asks for it: the same occasion twice makes one. Empty: make one in any case.
            time_left: gives the number of seconds that this invocation may still run.

        Raises:
            UnavailableError: a store or the key is out of reach; the next round goes on.
        """
        made = Made()
        is_done = False
        while True:
            last = self._finish(made)
            if last is not None and not last.is_full and (is_done or (occasion and last.occasion == occasion)):
                return made
            if time_left() < _TIME_FOR_A_SEGMENT:
                return made
            is_done = self.vault.put_segment(self._segment(last, occasion, made))

    def _finish(self, made: Made) -> Segment | None:
        """Do what is left to do for the segments that stand, and give the last one."""
        number = self.vault.last_finished()
        last = self.vault.segment(number) if number else None
        while (segment := self.vault.segment(number + 1)) is not None:
            self._note_sealed(segment)
            content = self._checkpoint(segment)
            for party in self.parties:
                if party.takes_part(brussels_day(self.clock())):
                    self.outbox.put_out(party.kbo, name_of(segment.number), content)
            self.vault.finish(segment.number)
            made.checkpoints += 1
            made.records += len(segment.records)
            last, number = segment, number + 1
        return last

    def _segment(self, last: Segment | None, occasion: str, made: Made) -> Segment:
        number, before = (1, None) if last is None else (last.number + 1, last.moment)
        now = self.clock()
        records = list(islice(self._new(rules.days_to_look_at(now, before, number), made), rules.MOST_RECORDS))
        return Segment.of(
            number,
            rules.moment_after(now, before),
            records,
            self.draw(_SEED_BYTES),
            occasion=occasion,
            is_full=len(records) == rules.MOST_RECORDS,
        )

    def _new(self, days: rules.Days, made: Made) -> Iterator[Record]:
        for day, since in [*((day, days.since) for day in days.recent), *((day, None) for day in days.whole)]:
            sealed = self.vault.sealed(day)
            for record in self.log.of_day(day, since):
                content = sealed.get(record.key)
                if content is None:
                    yield record
                elif content != record.content:
                    made.rewritten.append(record)

    def _note_sealed(self, segment: Segment) -> None:
        days: defaultdict[str, list[Record]] = defaultdict(list)
        for record in segment.records:
            days[record.day.rpartition("#")[2]].append(record)
        for day, records in days.items():
            self.vault.put_sealed(day, segment.number, records)

    def _checkpoint(self, segment: Segment) -> bytes:
        content = self.vault.checkpoint(segment.number)
        if content is not None:
            return content
        before = self.vault.checkpoint(segment.number - 1)
        previous = None if before is None else Checkpoint.read(before)
        keys = self.signer.keys()
        # The key that the checkpoint before names: so a new key has the old one's word.
        key = previous.next_key if previous is not None and previous.next_key in keys else keys[-1]
        stated = rules.statement(segment, previous, key, keys[-1])
        content = rules.checkpoint(stated, self.signer.sign(canonical(stated), key))
        return self.vault.put_checkpoint(segment.number, content)
