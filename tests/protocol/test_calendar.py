from datetime import UTC, date, datetime

import pytest

from jbplus.protocol.calendar import anniversary, brussels_day, end_of_day


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        pytest.param("2025-03-04T22:59:59", date(2025, 3, 4), id="last second of a winter day"),
        pytest.param("2025-03-04T23:00:00", date(2025, 3, 5), id="first second of a winter day"),
        pytest.param("2025-07-01T21:59:59", date(2025, 7, 1), id="last second of a summer day"),
        pytest.param("2025-07-01T22:00:00", date(2025, 7, 2), id="first second of a summer day"),
        pytest.param("2025-12-31T23:00:00", date(2026, 1, 1), id="the year turns in Brussels first"),
    ],
)
def test_a_moment_belongs_to_its_day_in_brussels(moment: str, day: date) -> None:
    assert brussels_day(_utc(moment)) == day


def test_the_offset_of_a_moment_does_not_change_its_day() -> None:
    assert brussels_day(datetime.fromisoformat("2025-03-04T18:30:00-06:00")) == date(2025, 3, 5)


@pytest.mark.parametrize(
    ("day", "end"),
    [
        pytest.param(date(2025, 3, 29), "2025-03-29T23:00:00", id="eve of summer time"),
        pytest.param(date(2025, 3, 30), "2025-03-30T22:00:00", id="the day of 23 hours"),
        pytest.param(date(2025, 10, 25), "2025-10-25T22:00:00", id="eve of winter time"),
        pytest.param(date(2025, 10, 26), "2025-10-26T23:00:00", id="the day of 25 hours"),
        pytest.param(date(2024, 2, 29), "2024-02-29T23:00:00", id="29 February"),
        pytest.param(date(2025, 12, 31), "2025-12-31T23:00:00", id="the year's last day"),
    ],
)
def test_a_day_ends_at_the_next_midnight_in_brussels(day: date, end: str) -> None:
    assert end_of_day(day) == _utc(end).timestamp()


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [
        pytest.param(date(2025, 3, 3), 5, date(2030, 3, 3), id="an ordinary day"),
        pytest.param(date(2024, 2, 29), 5, date(2029, 2, 28), id="29 February to a common year"),
        pytest.param(date(2024, 2, 29), 4, date(2028, 2, 29), id="29 February to a leap year"),
        pytest.param(date(2096, 2, 29), 4, date(2100, 2, 28), id="2100 is no leap year"),
        pytest.param(date(2023, 2, 28), 5, date(2028, 2, 28), id="28 February to a leap year"),
    ],
)
def test_an_anniversary_falls_on_the_same_day_or_on_28_february(day: date, years: int, then: date) -> None:
    assert anniversary(day, years) == then
