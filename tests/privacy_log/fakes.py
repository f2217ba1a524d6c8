"""The privacy log as it is read: entries made for the occasion, and an archive in memory."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from jbplus.errors import LogUnavailableError
from jbplus.privacy_log.rules import LogEntry, LogOutcome, Service
from jbplus.privacy_log.service import LogRecord, Window
from jbplus.protocol.calendar import brussels_day
from tests.support.fakes import NOW, PSEUDONYMS, caller
from tests.support.known import INFINO
from tests.support.people import ANNA


def log_entry(
    trace: str,
    moment: datetime = NOW,
    *,
    party: str = INFINO,
    number: str = ANNA,
    end_user: str = "an.peeters",
    position: int = 0,
) -> LogEntry:
    """Make the record of an answered lookup; the trace tells records apart."""
    asking = replace(caller(party, "jbplus:dossierbeheer", end_user=end_user), trace=trace)
    return LogEntry(
        caller=asking,
        position=position,
        service=Service.LOOKUP,
        moment=moment,
        subject=PSEUDONYMS(number),
        key_version=1,
        outcome=LogOutcome.ANSWERED,
        purpose="socialeToeslag",
        registered_by=party,
    )


def as_read(entry: LogEntry) -> LogRecord:
    """Give the record that reads back as this entry."""
    return LogRecord(
        place=f"{entry.moment.timestamp():020.6f}#{entry.caller.trace}#{entry.position:03d}",
        reference=entry.caller.trace,
        moment=entry.moment,
        service=entry.service,
        application=entry.caller.asker.application,
        end_user=entry.caller.end_user,
        correlation=entry.caller.correlation,
        person=entry.subject,
        key_version=entry.key_version,
        outcome=entry.outcome,
        expires_at=entry.expires_at,
        purpose=entry.purpose,
        file=entry.file,
        registered_by=entry.registered_by,
        after_mutation=entry.after_mutation,
    )


@dataclass
class FakeLogArchive:
    """Gives records from memory, one at a time; counts how many were taken from it."""

    entries: list[LogEntry] = field(default_factory=list)
    taken: int = 0

    def of_person(self, party: str, persons: Sequence[str], window: Window) -> Iterator[LogRecord]:
        """Give a party's records of one person."""
        first, last = window.first or date.min, window.last or date.max
        wanted = [
            [e for e in self.entries if e.subject == person and first <= brussels_day(e.moment) <= last]
            for person in persons
        ]
        return heapq.merge(*(self._of(party, part, window.after) for part in wanted), key=lambda record: record.place)

    def of_days(self, party: str, days: Sequence[date], after: str | None) -> Iterator[LogRecord]:
        """Give a party's records of these days."""
        return self._of(party, [e for e in self.entries if brussels_day(e.moment) in days], after)

    def _of(self, party: str, entries: Sequence[LogEntry], after: str | None) -> Iterator[LogRecord]:
        own = [as_read(entry) for entry in entries if entry.caller.asker.kbo == party]
        for record in sorted(own, key=lambda record: record.place):
            if after is None or record.place > after:
                self.taken += 1
                yield record


@dataclass
class FakePrivacyLog:
    """Keeps records; can be out of reach."""

    entries: list[LogEntry] = field(default_factory=list)
    out_of_reach: bool = False
    calls: int = 0

    def write(self, entries: Sequence[LogEntry]) -> None:
        assert 0 < len(entries) <= 100
        if self.out_of_reach:
            raise LogUnavailableError("privacy log")
        self.calls += 1
        self.entries.extend(entries)
