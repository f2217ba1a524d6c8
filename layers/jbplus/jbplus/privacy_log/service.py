"""Reading the privacy log: a party's data protection officer asks who looked up whom (Articles 6 and 9).

An answer is one page of records in the order of time. Where it ends is sealed, together with who asked what: the next
question can neither move it to other records nor to another party.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Protocol

from jbplus.persons import retention
from jbplus.persons.pseudonym import Name, Pseudonyms
from jbplus.privacy_log.rules import OUTCOME_OF_REFUSAL, LogEntry, LogOutcome, PrivacyLog, Service
from jbplus.protocol.access import RefusedError, refuse_scope
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Caller
from jbplus.protocol.insz import Accepts
from jbplus.protocol.purposes import SCOPE_PRIVACY_LOG

PAGE = 100
MAX_DAYS = 31
# A search for one end user among many reads much and finds little: it stops in time, and goes on in the next call.
_MAX_READ = 2000


class UnknownPageError(Exception):
    """The end of an earlier page is not one that this party got on this question."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record as it is read back; its words are those it was written with (`jbplus.privacy_log.LogEntry`).

    Attributes:
        place: where it stands: of two records of one party, the one with the lower text was written first.
        reference: the trace of the call.
        moment: when, with its offset.
        service: what was asked.
        application: the party's application.
        end_user: the person at the party who asked.
        correlation: the caller's own reference.
        person: the pseudonym of whom it is about; None when it is about nobody in particular.
        key_version: the version of the key that made the pseudonym.
        outcome: how it ended.
        expires_at: when it must be gone, in epoch seconds.
        purpose: the `doel`, of a lookup.
        file: the `dossier`, when one was named.
        registered_by: KBO number of the party whose registration was the ground, when there was one.
        after_mutation: whether a mutation notice was the ground to ask.
    """

    place: str
    reference: str
    moment: datetime
    service: str
    application: str
    end_user: str
    correlation: str
    person: str | None
    key_version: int
    outcome: str
    expires_at: int
    purpose: str | None = None
    file: str | None = None
    registered_by: str | None = None
    after_mutation: bool = False

    @property
    def position(self) -> int:
        """The person's place in the call, from 0."""
        return int(self.place.rpartition("#")[2])


@dataclass(frozen=True, slots=True)
class Window:
    """From where to where records are wanted.

    Attributes:
        first: first calendar day in Brussels; None for the beginning.
        last: last calendar day, inclusive; None for no end.
        after: the place after which to go on, when a page ended there.
    """

    first: date | None = None
    last: date | None = None
    after: str | None = None


class LogArchive(Protocol):
    """Where the records are read. Both give them lazily, in the order of their places, expired ones too."""

    def of_person(self, party: str, persons: Sequence[str], window: Window) -> Iterator[LogRecord]:
        """Read a party's records of one person, under all the person's pseudonyms."""
        ...

    def of_days(self, party: str, days: Sequence[date], after: str | None) -> Iterator[LogRecord]:
        """Read a party's records of these calendar days in Brussels, which are in order."""
        ...


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """What the data protection officer asks: about one person, or about a period with both ends.

    Attributes:
        number: the INSZ, or None.
        first: first calendar day in Brussels, or None.
        last: last calendar day, inclusive, or None.
        end_user: the person at the party whose questions are wanted, or None for everybody's.
    """

    number: str | None = None
    first: date | None = None
    last: date | None = None
    end_user: str | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of the answer.

    Attributes:
        records: at most `PAGE`, in the order of time; there may be few while more follow. Their `person` is the
            pseudonym by which the asking party alone knows the person.
        end: what to ask the next page with; None on the last one.
    """

    records: tuple[LogRecord, ...]
    end: str | None


@dataclass(frozen=True, slots=True)
class LogInquiry:
    """Answers a party about its own records."""

    archive: LogArchive
    log: PrivacyLog
    pseudonyms: Callable[[], Pseudonyms]
    clock: Clock
    accepts: Accepts

    def ask(self, question: LogQuestion, caller: Caller, end: str | None = None) -> LogPage:
        """Give a page of the records, of which the question is one when the next is asked.

        Args:
            question: what is asked.
            caller: who asks; only its own party's records are read.
            end: what the page before ended with; None for the first page.

        Raises:
            RefusedError: the party may not read the log.
            UnknownPageError: `end` does not belong to this party and this question.
            UnavailableError: the log or the secret is out of reach.
        """
        now = self.clock()
        pseudonyms = self.pseudonyms()
        refusal = refuse_scope(caller.asker, SCOPE_PRIVACY_LOG, brussels_day(now))
        if refusal is not None:
            self._write_log(OUTCOME_OF_REFUSAL[refusal], question, caller, pseudonyms)
            raise RefusedError(refusal, scope=SCOPE_PRIVACY_LOG)
        bookmark = _Bookmark(pseudonyms, caller.asker.kbo, question)
        after = None if end is None else bookmark.place(end)
        records = self._records(question, caller.asker.kbo, pseudonyms, after)
        found, place = _page(records, lambda record: _is_wanted(record, question, now))
        self._write_log(LogOutcome.ANSWERED if found else LogOutcome.EMPTY, question, caller, pseudonyms)
        shown = tuple(_for_party(record, caller.asker.kbo, pseudonyms) for record in found)
        return LogPage(shown, None if place is None else bookmark.end(place))

    def _write_log(self, outcome: LogOutcome, question: LogQuestion, caller: Caller, pseudonyms: Pseudonyms) -> None:
        self.log.write(
            [
                LogEntry(
                    caller=caller,
                    position=0,
                    service=Service.PRIVACY_LOG,
                    moment=self.clock(),
                    subject=None if question.number is None else pseudonyms(question.number),
                    key_version=pseudonyms.version,
                    outcome=outcome,
                )
            ]
        )

    def _records(
        self, question: LogQuestion, party: str, pseudonyms: Pseudonyms, after: str | None
    ) -> Iterator[LogRecord]:
        if question.number is not None:
            window = Window(question.first, question.last, after)
            return self.archive.of_person(party, pseudonyms.of_every_version(question.number), window)
        if question.first is None or question.last is None:
            raise ValueError("a question about nobody needs both ends of its period")
        return self.archive.of_days(party, days_of(question.first, question.last), after)


def days_of(first: date, last: date) -> list[date]:
    """List the calendar days from the first to the last, both included."""
    return [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]


def _is_wanted(record: LogRecord, question: LogQuestion, now: datetime) -> bool:
    return not retention.is_expired(record.expires_at, now) and question.end_user in {None, record.end_user}


def _for_party(record: LogRecord, party: str, pseudonyms: Pseudonyms) -> LogRecord:
    if record.person is None:
        return record
    return replace(record, person=pseudonyms.for_party(party, Name(record.person, record.key_version)))


def _page(
    records: Iterable[LogRecord], is_wanted: Callable[[LogRecord], bool]
) -> tuple[tuple[LogRecord, ...], str | None]:
    """Take the wanted ones of the records until the page is full; give its last place too when more may follow."""
    coming = iter(records)
    found: list[LogRecord] = []
    place = None
    for record in islice(coming, _MAX_READ):
        place = record.place
        if is_wanted(record):
            found.append(record)
        if len(found) == PAGE:
            break
    more_follow = next(coming, None) is not None
    return tuple(found), place if more_follow else None


@dataclass(frozen=True, slots=True)
class _Bookmark:
    """Says where a page ended, sealed for one party and one question."""

    pseudonyms: Pseudonyms
    party: str
    question: LogQuestion

    def end(self, place: str) -> str:
        """Write where a page ended."""
        written = base64.urlsafe_b64encode(place.encode()).decode()
        return f"{written}.{self.pseudonyms.seal(self._sealed(written))}"

    def place(self, end: str) -> str:
        """Read where a page ended."""
        written, _, seal = end.partition(".")
        if not self.pseudonyms.is_seal(seal, self._sealed(written)):
            raise UnknownPageError
        return base64.urlsafe_b64decode(written).decode()

    def _sealed(self, written: str) -> str:
        asked = self.question
        days = [None if day is None else day.isoformat() for day in (asked.first, asked.last)]
        return json.dumps([self.party, asked.number, *days, asked.end_user, written])
