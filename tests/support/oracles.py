"""Second opinions: rules of the protocol written another way, to hold the real ones against."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from jbplus.persons.state import Payment

_EPOCH = date(1970, 1, 1)


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=last.isoweekday() % 7)


def brussels_midnight(day: date) -> int:
    """Give the first second of a day in Brussels, as epoch seconds, from the rule of Directive 2000/84/EC.

    Summer time begins on the last Sunday of March and ends on the last of October, both times after midnight.
    """
    summer = _last_sunday(day.year, 3) < day <= _last_sunday(day.year, 10)
    return (day - _EPOCH).days * 86_400 - (7_200 if summer else 3_600)


def end_of_next_day(now: float) -> int:
    """Give the end of the day after a moment's in Brussels, as epoch seconds."""
    day = _EPOCH + timedelta(days=int(now // 86_400))
    if brussels_midnight(day + timedelta(days=1)) <= now:
        day += timedelta(days=1)
    return brussels_midnight(day + timedelta(days=2))


def retention_end(anchor: date, years: int) -> int:
    """Give the end of the anniversary day in Brussels, as epoch seconds (contract, Article 3 b)."""
    year, month, day = anchor.year + years, anchor.month, anchor.day
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if (month, day) == (2, 29) and not leap:
        day = 28
    return brussels_midnight(date(year, month, day) + timedelta(days=1))


@dataclass(frozen=True)
class Told:
    """One good record, as a file told it.

    Attributes:
        referte: which verrichting it speaks of.
        rank: the volgnummer of its file and its position in it.
        annuls: whether its type is 03.
        body: its verrichting, when it has one.
        file_day: the calendar day of its file.
    """

    referte: str
    rank: tuple[int, int]
    annuls: bool
    body: Payment | None
    file_day: date


@dataclass(frozen=True)
class Decided:
    """What is so of one referte, once all records are known."""

    rank: tuple[int, int]
    payment: Payment | None
    day: date


def decide(records: Collection[Told]) -> dict[str, Decided]:
    """Decide the state of one person with all records at hand at once."""
    decided = {}
    for referte in {told.referte for told in records}:
        story = sorted((told for told in records if told.referte == referte), key=lambda told: told.rank)
        bodies = [told.body for told in story if told.body is not None]
        payment = None if story[-1].annuls else story[-1].body
        decided[referte] = Decided(story[-1].rank, payment, bodies[-1].day if bodies else story[-1].file_day)
    return decided


def anchor_of(decided: dict[str, Decided]) -> date:
    """Give the day from which the retention runs."""
    live = [one.payment for one in decided.values() if one.payment is not None]
    for days in (
        [payment.day for payment in live if payment.amount > 0],
        [payment.day for payment in live if payment.amount < 0],
        [one.day for one in decided.values()],
    ):
        if days:
            return max(days)
    raise ValueError("nobody is known")
