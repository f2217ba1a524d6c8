"""Kinds of text in requests that several calls share: days, moments, and free text."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from jbplus.api.problems import BadRequestError, Issue, Place
from jbplus.protocol import insz

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# No person alive, and no right, lies outside; and every day inside has an anniversary that the calendar knows.
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def _parse_day(value: object) -> date:
    # Pydantic alone would also take a moment at midnight, or epoch seconds.
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("day", "must be a calendar day, yyyy-MM-dd")


_IN_THESE_CENTURIES = {"pattern": "^(19|20|21)"}
Day = Annotated[
    date, BeforeValidator(_parse_day), Field(ge=_FIRST_DAY, le=_LAST_DAY, json_schema_extra=_IN_THESE_CENTURIES)
]
"""A calendar day in Brussels, of these centuries."""

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)


def _parse_moment(value: object) -> datetime:
    # Pydantic alone would also take a moment without its offset, or epoch seconds.
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("moment", "must be a moment with its offset, as 2025-03-04T18:30:00+01:00")


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[
    datetime,
    BeforeValidator(_parse_moment),
    Field(ge=_FIRST, le=_LAST, json_schema_extra={"pattern": "^2[01]"}),
    AfterValidator(_to_utc),
]
"""A moment of this time, given with its offset; in UTC once it is read."""


def refuse_insz(text: str | None, name: str, year: int) -> None:
    """Refuse free text that holds a valid INSZ: it would be kept where no number may stand.

    Args:
        text: the text, if there is one.
        name: the name of its field.
        year: the calendar year, in Brussels.

    Raises:
        BadRequestError: it holds one.
    """
    if text is not None and insz.holds_insz(text, year=year):
        detail = "must not hold a person's number: the person is named elsewhere, or not at all"
        raise BadRequestError(Issue(place=Place.BODY, name=name, detail=detail))
