"""Kinds of text in requests that several calls share: days and moments."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# No person alive, and no right, lies outside; and every day inside has an anniversary that the calendar knows.
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_NO_DAY = "must be a calendar day, yyyy-MM-dd"

DayText = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
"""A text in the form of a day; `day_of` reads it, where one that is no day refuses its own item alone."""


def day_of(text: str) -> date:
    """Read a calendar day in Brussels, of these centuries.

    Raises:
        ValueError: it is none; the message says what would be right.
    """
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(_NO_DAY)
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise ValueError(f"must be a day from {_FIRST_DAY} to {_LAST_DAY}")
    return day


def _parse_day(value: object) -> date:
    # Pydantic alone would also take a moment at midnight, or epoch seconds.
    try:
        return day_of(value if isinstance(value, str) else "")
    except ValueError as error:
        raise PydanticCustomError("day", "{words}", {"words": str(error)}) from None


Day = Annotated[date, BeforeValidator(_parse_day), Field(json_schema_extra={"pattern": "^(19|20|21)"})]
"""A calendar day in Brussels, of these centuries."""

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)


def _parse_moment(value: object) -> datetime:
    # Pydantic alone would also take a moment without its offset, or epoch seconds.
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and _MOMENT.fullmatch(value) else None
    except ValueError:
        moment = None
    if moment is None:
        raise PydanticCustomError("moment", "must be a moment with its offset, as 2025-03-04T18:30:00+01:00")
    if not _FIRST <= moment <= _LAST:
        words = f"must be a moment from {_FIRST:%Y-%m-%d} to {_LAST:%Y-%m-%d}"
        raise PydanticCustomError("moment", "{words}", {"words": words})
    return moment.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(_parse_moment), Field(json_schema_extra={"pattern": "^2[01]"})]
"""A moment of this time, given with its offset; in UTC once it is read."""
