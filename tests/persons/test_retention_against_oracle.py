"""Article 3 b, against an oracle that knows neither zoneinfo nor the order of records."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from jbplus.persons import retention
from jbplus.persons.state import Payment, PersonState
from jbplus.protocol.calendar import end_of_day
from tests.support.oracles import Told, anchor_of, brussels_midnight, decide, retention_end
from tests.support.strategies import DAYS, RECOVERIES, STORIES, change

# Longer than any story: nobody starts anew in it.
_YEARS = 10
_NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


def _state(story: list[Told]) -> PersonState:
    return PersonState().merge((change(told) for told in story), _YEARS)[0]


@given(st.dates(date(1997, 1, 1), date(2090, 12, 31)))
def test_any_day_ends_when_the_directive_on_summer_time_says(day: date) -> None:
    assert end_of_day(day) == brussels_midnight(day + timedelta(days=1))


@given(STORIES, st.integers(1, 12))
def test_any_story_expires_when_the_oracle_says(story: list[Told], years: int) -> None:
    assert retention.expires_at(_state(story), years) == retention_end(anchor_of(decide(story)), years)


@given(STORIES, DAYS, RECOVERIES)
def test_a_recovery_never_prolongs_what_payments_keep(story: list[Told], paid_on: date, recovery: Payment) -> None:
    payment = Payment(2024, "1", Decimal(600), paid_on)
    paid = Told("paid", (8, 0), annuls=False, body=payment, file_day=date(2025, 1, 1))
    before = _state([*story, paid])

    reclaimed = Told("reclaimed", (9, 0), annuls=False, body=recovery, file_day=date(2025, 1, 1))
    after = before.merge([change(reclaimed)], _YEARS)[0]

    assert retention.expires_at(after, 5) == retention.expires_at(before, 5)


@given(STORIES, st.data())
def test_a_replay_prolongs_nothing(story: list[Told], data: st.DataObject) -> None:
    state = _state(story)
    again = data.draw(st.lists(st.sampled_from(story)))

    replayed = state.merge((change(told) for told in again), _YEARS)[0]

    assert retention.expires_at(replayed, 5) == retention.expires_at(state, 5)


@given(DAYS, st.integers(-(10**9), 10**9))
def test_what_is_written_is_the_expiry_but_never_over_four_years_past(day: date, seconds: int) -> None:
    now = _NOW + timedelta(seconds=seconds)
    expires = end_of_day(day)

    written = retention.ttl(expires, now)

    past = int(now.timestamp()) - written
    assert written == expires or (past == (4 * 365 + 1) * 86_400 and expires < written)
    assert retention.is_expired(written, now) == retention.is_expired(expires, now)
