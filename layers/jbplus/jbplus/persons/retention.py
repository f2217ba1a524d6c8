"""How long a person's data are kept (Article 3 b): until five years after the last payment, and then gone."""

from datetime import UTC, date, datetime, timedelta

from jbplus.persons.state import PersonState
from jbplus.protocol.calendar import anniversary, brussels_day, end_of_day

# DynamoDB never deletes an item whose TTL lies more than five years in the past; a year is left as margin.
_FOUR_YEARS = timedelta(days=4 * 365 + 1)
_HALF_YEAR = 183 * 86_400


class NothingToKeepError(ValueError):
    """An empty state has no payment to count the retention from, and is never written."""


def expires_at(state: PersonState, years: int) -> int:
    """Compute when a person's data must be gone (Article 3 b), from the data alone.

    Args:
        state: the person's state; it lives and dies as a whole.
        years: the retention term.

    Returns:
        Epoch seconds: the end, in Brussels, of the anniversary of the retention's anchor day.

    Raises:
        NothingToKeepError: the state is empty.
    """
    anchor = state.retention_anchor()
    if anchor is None:
        raise NothingToKeepError
    return end_of_day(anniversary(anchor, years))


def ttl(expires: int, now: datetime) -> int:
    """Give the TTL to write for an expiry, both epoch seconds.

    One that lies over four years in the past is written as four years past: DynamoDB would never act on it.
    """
    return max(expires, int((now - _FOUR_YEARS).timestamp()))


def last_day(expires: int) -> date:
    """Give the last calendar day in Brussels that data are kept, by their expiry in epoch seconds."""
    return brussels_day(datetime.fromtimestamp(expires - 1, UTC))


def is_written(written: int, expires: int, now: datetime) -> bool:
    """Tell whether a TTL that was written, perhaps long ago, still stands for an expiry; all epoch seconds.

    One that was written as four years past goes on doing its work for half a year.
    """
    due = ttl(expires, now)
    return written == expires if due == expires else due - _HALF_YEAR <= written <= due


def is_expired(expires: int, now: datetime) -> bool:
    """Tell whether data have expired; DynamoDB deletes late, so reads treat an expired person as absent."""
    return expires <= now.timestamp()
