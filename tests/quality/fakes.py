"""Quality reports with fakes at their edges."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from jbplus.doubts.rules import Doubt, ReportStatus, with_doubt
from jbplus.errors import ConflictError, UnavailableError
from jbplus.persons.pseudonym import Name
from jbplus.protocol.parties import WEWIS
from jbplus.quality.rules import Answer, Report
from jbplus.quality.service import QualityReports
from jbplus.registrations.rules import Registration
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS
from tests.support.known import INFINO, OPEN


@dataclass
class FakeReportStore:
    """Keeps reports by party and id.

    Attributes:
        items: the reports.
        doubts: by pseudonym.
        out_of_reach: whether adding fails.
        blind: whether it finds nothing until something is added, as when a rival adds in between.
    """

    items: dict[tuple[str, str], Report] = field(default_factory=dict)
    doubts: dict[str, tuple[Doubt, ...]] = field(default_factory=dict)
    out_of_reach: bool = False
    blind: bool = False

    def add(self, report: Report, names: Sequence[Name]) -> None:
        if self.out_of_reach:
            raise UnavailableError("reports")
        self.blind = False
        if (report.reporter, report.id) in self.items:
            raise ConflictError("reports")
        self.items[report.reporter, report.id] = report
        self._doubt(report, names, report.moment)

    def find(self, report_id: str, parties: Sequence[str], now: datetime) -> Report | None:
        found = [self.items[party, report_id] for party in parties if (party, report_id) in self.items]
        present = [report for report in found if report.expires_at > now.timestamp()]
        return present[0] if present and not self.blind else None

    def newest(self, party: str, *, status: ReportStatus | None, before: str | None, now: datetime) -> Iterator[Report]:
        reports = sorted(self.items.values(), key=lambda report: report.entry, reverse=True)
        for report in reports:
            wanted = report.reporter == party and (status is None or report.status is status)
            if wanted and (before is None or report.entry < before) and report.expires_at > now.timestamp():
                yield report

    def answer(self, report: Report, answer: Answer, names: Sequence[Name]) -> None:
        if (report.reporter, report.id) not in self.items:
            raise ConflictError("reports")
        self.items[report.reporter, report.id] = answered = replace(report, answer=answer)
        self._doubt(answered, names, answer.moment)

    def _doubt(self, report: Report, names: Sequence[Name], now: datetime) -> None:
        before = next((self.doubts[name.person] for name in names if name.person in self.doubts), ())
        for name in names:
            self.doubts[name.person] = with_doubt(before, report.doubt, now)


@dataclass
class FakeRegistrationReader:
    """Knows registrations by pseudonym and party."""

    items: dict[tuple[str, str], Registration] = field(default_factory=dict)

    def read_all(self, persons: Sequence[str], parties: Sequence[str]) -> Mapping[tuple[str, str], Registration]:
        return {pair: found for pair, found in self.items.items() if pair[0] in persons and pair[1] in parties}


@dataclass
class FakeOutbox:
    """Keeps messages by name; can be out of reach."""

    messages: dict[str, bytes] = field(default_factory=dict)
    puts: int = 0
    out_of_reach: bool = False

    def put_out(self, party: str, name: str, content: bytes) -> None:
        assert party == WEWIS.kbo
        if self.out_of_reach:
            raise UnavailableError("outbox")
        self.puts += 1
        self.messages[name] = content

    @property
    def json(self) -> list[dict[str, Any]]:
        """The messages, read."""
        return [json.loads(content) for content in self.messages.values()]


@dataclass
class Reporting:
    """Quality reports over fakes, with a clock that can be set."""

    store: FakeReportStore = field(default_factory=FakeReportStore)
    registrations: FakeRegistrationReader = field(default_factory=FakeRegistrationReader)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    log: FakePrivacyLog = field(default_factory=FakePrivacyLog)
    now: datetime = NOW

    def register(self, number: str, kbo: str = INFINO, registration: Registration = OPEN) -> None:
        """Register a person at a party."""
        self.registrations.items[PSEUDONYMS(number), kbo] = registration

    @property
    def reports(self) -> QualityReports:
        return QualityReports(
            self.store,
            self.registrations,
            self.outbox,
            self.log,
            lambda: PSEUDONYMS,
            lambda: self.now,
            ACCEPTS,
        )
