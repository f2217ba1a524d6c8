"""Moments and calendar days: the protocol's days are days in Brussels."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")

Clock = Callable[[], datetime]
"""Gives the present moment, with its offset."""


def now() -> datetime:
    """Give the present moment, by this machine's clock."""
    return datetime.now(UTC)


def brussels_day(moment: datetime) -> date:
    """Give the calendar day in Brussels of a moment."""
    return moment.astimezone(BRUSSELS).date()


def start_of_day(day: date) -> datetime:
    """Give the first moment of a calendar day in Brussels."""
    return datetime.combine(day, datetime.min.time(), tzinfo=BRUSSELS)


@lru_cache(maxsize=4096)  # ten years of days: asking the time zone each time takes 2 % of an intake
def end_of_day(day: date) -> int:
    """Give the end of a calendar day in Brussels: the first second after it, as epoch seconds."""
    return int(start_of_day(day + timedelta(days=1)).timestamp())


def anniversary(day: date, years: int) -> date:
    """Give the day a number of years later; 29 February becomes 28 February in a common year.

    Source: Regulation (EEC, Euratom) 1182/71, Article 3(2)(c).
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
