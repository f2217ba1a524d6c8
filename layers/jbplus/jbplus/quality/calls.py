"""The calls `POST /v1/kwaliteitsmeldingen`, `/query` and `/{id}/antwoord` (Article 7)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from pydantic import Field
from typing_extensions import override

from jbplus.api import problems
from jbplus.api.bodies import Body, Optional
from jbplus.api.calls import Call, post, post_to
from jbplus.api.problems import BadRequestError, Issue, Place
from jbplus.doubts.rules import ReportStatus
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.caller import Caller
from jbplus.protocol.identifiers import bare, is_number
from jbplus.quality.rules import Flaw, Told
from jbplus.quality.service import QualityReports
from jbplus.quality.wire import ReportedAnswer, ReportItem, ReportsAnswer

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Referte = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class AnswerStatus(StrEnum):
    """What the source can make of a report; values as on the wire (`status`)."""

    INVESTIGATED = "inOnderzoek"
    CORRECTED = "gecorrigeerd"
    UNFOUNDED = "ongegrond"


class ReportBody(Body):
    """Reports that the data of a person are not as they should be."""

    kept = ("toelichting",)

    insz: str
    aard: Flaw
    referte: Optional[Referte] = None
    toelichting: Optional[Text] = None

    @property
    @override
    def numbers(self) -> Sequence[str]:
        return (self.insz,)


class ReportsBody(Body):
    """Asks for a page of reports, newest first; `na` is the `volgende` of the page before."""

    status: Optional[ReportStatus] = None
    na: Optional[Annotated[str, Field(pattern=r"^[A-Za-z0-9_=-]{1,200}$")]] = None


class AnswerBody(Body):
    """Answers a report; its id stands in the path."""

    kept = ("antwoord",)

    status: AnswerStatus
    antwoord: Text


@dataclass(frozen=True, slots=True)
class QualityCalls:
    """Says quality reports on the wire."""

    reports: QualityReports

    @property
    def all(self) -> tuple[Call, ...]:
        """The calls of quality reports."""
        return (
            post("/v1/kwaliteitsmeldingen", ReportBody, self.report, HTTPStatus.CREATED),
            post("/v1/kwaliteitsmeldingen/query", ReportsBody, self.page),
            post_to("/v1/kwaliteitsmeldingen/{id}/antwoord", AnswerBody, self.answer),
        )

    def report(self, body: ReportBody, caller: Caller) -> ReportedAnswer:
        """Take a report."""
        problems.check_insz(body.insz, self.reports.accepts)
        self._check_referte(body)
        report = self.reports.report(Told(body.insz, body.aard, body.referte, body.toelichting), caller)
        return ReportedAnswer(id=report.id, status=report.status)

    def page(self, body: ReportsBody, caller: Caller) -> ReportsAnswer:
        """Show a page of reports."""
        page = self.reports.page(body.status, None if body.na is None else _entry(body.na), caller)
        items = tuple(ReportItem.of(report) for report in page.reports)
        return ReportsAnswer(items=items, volgende=None if page.next is None else _mark(page.next))

    def answer(self, body: AnswerBody, caller: Caller, report_id: str) -> ReportItem:
        """Answer a report."""
        return ReportItem.of(self.reports.answer(report_id, ReportStatus(body.status.value), body.antwoord, caller))

    def _check_referte(self, body: ReportBody) -> None:
        """Take what a mutation file may hold (contract §2), so that every payment can be reported on."""
        year = brussels_day(self.reports.clock()).year
        if body.referte is not None and (is_number(body.referte, year=year) or body.insz in bare(body.referte)):
            detail = "must not be or hold the person's number"
            raise BadRequestError(Issue(place=Place.BODY, name="referte", detail=detail))


def _mark(entry: str) -> str:
    return base64.urlsafe_b64encode(entry.encode()).decode()


def _entry(mark: str) -> str:
    try:
        # The pattern of the field leaves no empty text.
        return base64.b64decode(mark, altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        detail = "must be the volgende of the page before"
        raise BadRequestError(Issue(place=Place.BODY, name="na", detail=detail)) from None
