"""The call `POST /v1/privacylog/query` (Articles 6 and 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from typing_extensions import override

from jbplus.api import problems
from jbplus.api.bodies import Body, Optional
from jbplus.api.calls import Call, post
from jbplus.api.problems import BadRequestError, Issue, Place
from jbplus.api.scalars import Day
from jbplus.privacy_log.service import MAX_DAYS, LogInquiry, LogQuestion, UnknownPageError
from jbplus.privacy_log.wire import LogItem, PrivacyLogAnswer
from jbplus.protocol.caller import Caller

EndUser = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
PageEnd = Annotated[str, Field(pattern=r"^[A-Za-z0-9_=.-]{1,300}$")]


class PrivacyLogBody(Body):
    """Asks for the party's own records: of one person, or of a period of at most 31 days.

    `na` is the `volgende` of the page before, with the same question; days are days in Brussels, both included.
    """

    insz: Optional[str] = None
    van: Optional[Day] = None
    tot: Optional[Day] = None
    gebruiker: Optional[EndUser] = None
    na: Optional[PageEnd] = None

    @property
    @override
    def numbers(self) -> Sequence[str]:
        return () if self.insz is None else (self.insz,)


@dataclass(frozen=True, slots=True)
class PrivacyLogCalls:
    """Says the records of the privacy log on the wire."""

    inquiry: LogInquiry

    @property
    def all(self) -> tuple[Call, ...]:
        """The call of the privacy log."""
        return (post("/v1/privacylog/query", PrivacyLogBody, self.query),)

    def query(self, body: PrivacyLogBody, caller: Caller) -> PrivacyLogAnswer:
        """Give a page of the party's own records."""
        if body.insz is not None:
            problems.check_insz(body.insz, self.inquiry.accepts)
        _check_period(body)
        question = LogQuestion(body.insz, body.van, body.tot, body.gebruiker)
        try:
            page = self.inquiry.ask(question, caller, body.na)
        except UnknownPageError:
            detail = "must be the volgende of the page before, with the same question"
            raise BadRequestError(_issue("na", detail)) from None
        return PrivacyLogAnswer(
            items=tuple(LogItem.of(record, body.insz) for record in page.records), volgende=page.end
        )


def _check_period(body: PrivacyLogBody) -> None:
    if body.insz is None:
        missing = [name for name, day in (("van", body.van), ("tot", body.tot)) if day is None]
        if missing:
            detail = "is required when there is no insz: a period has a first and a last day"
            raise BadRequestError(*(_issue(name, detail) for name in missing))
    if body.van is None or body.tot is None:
        return
    if body.tot < body.van:
        raise BadRequestError(problems.invalid_period("tot", "van"))
    if body.insz is None and (body.tot - body.van).days >= MAX_DAYS:
        detail = f"must leave a period of at most {MAX_DAYS} days: ask for a longer one in parts"
        raise BadRequestError(_issue("tot", detail))


def _issue(name: str, detail: str) -> Issue:
    return Issue(place=Place.BODY, name=name, detail=detail)
