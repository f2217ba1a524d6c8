"""Generated data for properties: payments, and stories of one person told by several files."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from jbplus.persons.state import Entry, Payment, Rank
from tests.support.oracles import Told

DAYS = st.dates(date(2022, 1, 1), date(2030, 12, 31))
AMOUNTS = st.integers(-(10**14) + 1, 10**14 - 1).filter(bool).map(lambda cents: Decimal(cents).scaleb(-2))
PAYMENTS = st.builds(Payment, st.integers(2022, 2027), st.sampled_from("12"), AMOUNTS, DAYS)
RECOVERIES = PAYMENTS.map(lambda payment: replace(payment, amount=-abs(payment.amount)))

_FIRST_FILE = date(2025, 1, 1)


def _told(place: tuple[int, int], content: tuple[str, bool, Payment | None, Payment]) -> Told:
    referte, annuls, body_of_annulment, body = content
    file_day = _FIRST_FILE + timedelta(days=37 * place[0])
    return Told(referte, place, annuls, body_of_annulment if annuls else body, file_day)


_PLACES = st.tuples(st.integers(1, 5), st.integers(0, 3))
_CONTENTS = st.tuples(st.sampled_from("abc"), st.booleans(), st.none() | PAYMENTS, PAYMENTS)

STORIES = st.dictionaries(_PLACES, _CONTENTS, min_size=1, max_size=12).map(
    lambda places: [_told(place, content) for place, content in places.items()]
)
"""Records about one person: each place in a file holds one record; annulments come with and without a body."""


def change(told: Told) -> tuple[str, Entry]:
    """Say a record in the terms of the person's state."""
    rank = Rank(*told.rank)
    if told.annuls or told.body is None:
        body_day = None if told.body is None else told.body.day
        return told.referte, Entry.tombstone(rank, file_day=told.file_day, body_day=body_day)
    return told.referte, Entry.live(rank, told.body)
