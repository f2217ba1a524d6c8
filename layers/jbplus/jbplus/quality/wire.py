"""What is answered about quality reports (Article 7)."""

from datetime import datetime

from jbplus.doubts.rules import ReportStatus
from jbplus.quality.rules import Flaw, Report
from jbplus.wire import Wire


class ReportedAnswer(Wire):
    """The report that was made."""

    id: str
    status: ReportStatus


class ReportItem(Wire):
    """A report; the person it is about is not named."""

    id: str
    aard: Flaw
    referte: str | None = None
    toelichting: str | None = None
    melder: str
    moment: datetime
    status: ReportStatus
    antwoord: str | None = None
    beantwoord_op: datetime | None = None

    @classmethod
    def of(cls, report: Report) -> "ReportItem":
        """Say a report on the wire."""
        return cls(
            id=report.id,
            aard=report.flaw,
            referte=report.referte,
            toelichting=report.note,
            melder=report.reporter,
            moment=report.moment,
            status=report.status,
            antwoord=None if report.answer is None else report.answer.text,
            beantwoord_op=None if report.answer is None else report.answer.moment,
        )


class ReportsAnswer(Wire):
    """A page of reports; more follow when there is a `volgende`."""

    items: tuple[ReportItem, ...]
    volgende: str | None = None
