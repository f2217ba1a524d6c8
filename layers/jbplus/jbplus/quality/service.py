"""Reporting on the quality of the data, and answering that (Article 7): recipients report, the source answers."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import Protocol

from jbplus.doubts.rules import ReportStatus
from jbplus.errors import ConflictError, UnknownIdError
from jbplus.persons.pseudonym import Name, Pseudonyms
from jbplus.privacy_log.rules import OUTCOME_OF_REFUSAL, LogEntry, LogOutcome, PrivacyLog, Service
from jbplus.protocol.access import Refusal, RefusedError, refuse_scope, require_scope
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Caller
from jbplus.protocol.insz import Accepts
from jbplus.protocol.outbox import Outbox
from jbplus.protocol.parties import RECIPIENTS, WEWIS, Role, party_of
from jbplus.protocol.purposes import SCOPE_REPORT, SCOPE_SOURCE
from jbplus.quality.rules import Answer, Report, Told, report_registrars
from jbplus.registrations.rules import active_registrars, all_numbers
from jbplus.registrations.service import RegistrationReader
from jbplus.successions.rules import LinkReader, NoLinks

PAGE = 50
_RECIPIENTS = tuple(party.kbo for party in RECIPIENTS)


class ReportStore(Protocol):
    """Where reports are kept, by the party that made them."""

    def add(self, report: Report, names: Sequence[Name]) -> None:
        """Add a report, and the doubt that it casts on the person of these names, both or neither.

        Raises:
            ConflictError: it is there already.
        """
        ...

    def find(self, report_id: str, parties: Sequence[str], now: datetime) -> Report | None:
        """Find a report by any of these parties; an expired one is absent."""
        ...

    def newest(self, party: str, *, status: ReportStatus | None, before: str | None, now: datetime) -> Iterator[Report]:
        """Read a party's reports, newest first; expired ones are absent.

        Args:
            party: the KBO number.
            status: only those that have come this far.
            before: only those whose `entry` comes before this one.
            now: the present moment.
        """
        ...

    def answer(self, report: Report, answer: Answer, names: Sequence[Name]) -> None:
        """Keep the answer to a report, and what becomes of the doubt on the person of these names, both or neither.

        Raises:
            ConflictError: the report is not there (any more).
        """
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """One page of reports.

    Attributes:
        reports: newest first.
        next: the `entry` after which the next page begins; None when this is the last.
    """

    reports: tuple[Report, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class QualityReports:
    """Takes, shows and answers reports."""

    store: ReportStore
    registrations: RegistrationReader
    outbox: Outbox
    log: PrivacyLog
    pseudonyms: Callable[[], Pseudonyms]
    clock: Clock
    accepts: Accepts
    links: LinkReader = field(default_factory=NoLinks)

    def report(self, told: Told, caller: Caller) -> Report:
        """Take a report: first it is logged, then the source is told, then it is kept with the doubt that it casts.

        A death in between leaves a message about a report that is not kept; told again, it is the same report and
        the same message.

        Raises:
            RefusedError: the party may not report, or not on this person.
            UnavailableError: a store or the log is out of reach; reporting again the same day is harmless.
        """
        now = self.clock()
        today = brussels_day(now)
        pseudonyms = self.pseudonyms()
        names = pseudonyms.names(told.number)
        decided = self._decide(names, caller, today)
        self._write_log(decided, names[0], caller)
        if isinstance(decided, Refusal):
            raise RefusedError(decided, scope=SCOPE_REPORT)
        reporter = caller.asker.kbo
        report_id = told.id_for(reporter, pseudonyms.for_party(reporter, names[0]), today)
        present = self.store.find(report_id, [reporter], now)
        if present is not None:
            return present
        subject = pseudonyms.oldest_name(told.number)
        report = Report(report_id, reporter, now, told.flaw, told.referte, told.note, subject=subject)
        self.outbox.put_out(WEWIS.kbo, f"kwaliteitsmelding-{report_id}.json", report.message(told.number))
        try:
            self.store.add(report, names)
        except ConflictError:
            return self.store.find(report_id, [reporter], now) or report
        return report

    def page(self, status: ReportStatus | None, before: str | None, caller: Caller) -> Page:
        """Show a page of reports: a payment actor its own, Opgroeien regie and the source all.

        Raises:
            RefusedError: the caller may see none.
            UnavailableError: the store is out of reach.
        """
        now = self.clock()
        parties = _seen_by(caller, brussels_day(now))
        each = [self.store.newest(party, status=status, before=before, now=now) for party in parties]
        merged = heapq.merge(*each, key=lambda report: report.entry, reverse=True)
        found = list(islice(merged, PAGE + 1))
        shown = tuple(found[:PAGE])
        return Page(shown, shown[-1].entry if len(found) > PAGE else None)

    def answer(self, report_id: str, status: ReportStatus, text: str, caller: Caller) -> Report:
        """Answer a report; a later answer replaces an earlier one, the same again changes nothing.

        Raises:
            RefusedError: the caller is not the source.
            UnknownIdError: there is no such report.
            UnavailableError: the store or the secret is out of reach; answering again is harmless.
        """
        now = self.clock()
        require_scope(caller.asker, SCOPE_SOURCE, brussels_day(now))
        report = self.store.find(report_id, _RECIPIENTS, now)
        if report is None:
            raise UnknownIdError
        if report.answer is not None and (report.answer.status, report.answer.text) == (status, text):
            return report
        answer = Answer(status, text, now)
        names = () if report.subject is None else self.pseudonyms().names_of(report.subject)
        try:
            self.store.answer(report, answer, names)
        except ConflictError:
            raise UnknownIdError from None
        return replace(report, answer=answer)

    def _decide(self, names: Sequence[Name], caller: Caller, today: date) -> str | Refusal:
        """Find the party, by KBO number, whose registration of the person, under any number, allows the report."""
        refusal = refuse_scope(caller.asker, SCOPE_REPORT, today)
        if refusal is not None:
            return refusal
        registrars = report_registrars(caller.asker, today)
        links = self.links.read([name.person for name in names])
        persons = all_numbers(names, links)
        read = self.registrations.read_all(persons, registrars) if registrars else {}
        active = active_registrars(names, links, registrars, read, today)
        return active[0] if active else Refusal.NOT_REGISTERED

    def _write_log(self, decided: str | Refusal, name: Name, caller: Caller) -> None:
        refusal, ground = (decided, None) if isinstance(decided, Refusal) else (None, decided)
        self.log.write(
            [
                LogEntry(
                    caller=caller,
                    position=0,
                    service=Service.REPORT,
                    moment=self.clock(),
                    subject=name.person,
                    key_version=name.key_version,
                    outcome=LogOutcome.REPORTED if refusal is None else OUTCOME_OF_REFUSAL[refusal],
                    registered_by=ground,
                )
            ]
        )


def _seen_by(caller: Caller, today: date) -> Sequence[str]:
    """List the parties, by KBO number, whose reports the caller sees."""
    party = party_of(caller.asker.kbo)
    if party is not None and party.role is Role.SOURCE:
        require_scope(caller.asker, SCOPE_SOURCE, today)
        return _RECIPIENTS
    require_scope(caller.asker, SCOPE_REPORT, today)
    is_director = party is not None and party.role is Role.DIRECTOR
    return _RECIPIENTS if is_director else (caller.asker.kbo,)
