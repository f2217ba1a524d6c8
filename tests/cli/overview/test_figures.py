"""The month's figures: what day a file counts for, what is late and missing, and that no small group is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jbplus.mutation_file.report import Gap, Status
from jbplus_cli.overview.figures import DayState, FileDay, FilesOfMonth, share, told
from jbplus_cli.overview.files import FilesOfDays
from jbplus_cli.overview.month import Month
from tests.cli.overview.sample import MARCH, NOW, figures, report


def march() -> FilesOfMonth:
    files = figures().files
    assert files is not None
    return files


def on(files: FilesOfMonth, number: int) -> FileDay:
    return next(each for each in files.days if each.day == date(2026, 3, number))


@given(st.integers(0, 10_000))
def test_fewer_than_five_look_the_same_and_more_are_rounded(count: int) -> None:
    said = told(count)

    if count < 5:
        assert said == "<5"
    else:
        assert isinstance(said, int)
        assert said % 5 == 0
        assert abs(said - count) <= 2


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 4, ""), (4, 4, ""), (0, 5, "0%"), (1, 1000, "<1%"), (5, 10, "50%"), (1000, 1000, "100%")],
)
def test_a_share_is_told_in_whole_percents(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


def test_each_day_has_what_came_on_it() -> None:
    files = march()

    assert [day.day.day for day in files.days] == list(range(1, 32))
    assert (on(files, 1).state, on(files, 1).numbers, on(files, 1).records) == (DayState.TAKEN, (41,), 230)
    assert on(files, 12).state == DayState.PARTLY
    assert (on(files, 19).state, on(files, 19).refused) == (DayState.REFUSED, 1)
    assert (on(files, 22).state, on(files, 22).repeated) == (DayState.TAKEN, 1)
    assert (on(files, 8).state, on(files, 27).state, on(files, 28).state) == (
        DayState.NONE,
        DayState.AWAITED,
        DayState.AHEAD,
    )
    assert (files.taken, files.partly, files.refused, files.repeated) == (23, 1, 1, 1)
    assert (files.refused_share, files.records, files.refused_records_share) == ("4%", 5520, "<1%")
    assert files.missing_now == (Gap(van=54, tot=55),)


def test_a_file_is_late_by_the_hours_over_a_day_and_two_since_the_last_good_one() -> None:
    files = march()

    # On the 8th none came; the next one 51 hours after the one before; what was refused on the 19th does not count.
    assert {day.day.day: day.late_hours for day in files.days if day.late_hours} == {9: 25, 20: 22}


def test_a_number_is_missing_on_the_day_a_later_one_came() -> None:
    assert {day.day.day: day.missing for day in march().days if day.missing} == {16: (Gap(van=55, tot=56),)}


def test_a_gap_that_was_there_before_is_not_found_again() -> None:
    begin = datetime(2026, 3, 2, 9, tzinfo=UTC)
    days = FilesOfDays(report(begin - timedelta(days=1), 40))
    days.add(report(begin, 41, ontbrekende_volgnummers=(Gap(van=7, tot=9),)))

    assert all(not day.missing for day in days.of(MARCH, [], NOW).days)


def test_before_the_first_file_ever_nothing_is_missing() -> None:
    days = FilesOfDays(None)
    days.add(report(datetime(2026, 3, 10, 9, tzinfo=UTC), 1))

    files = days.of(MARCH, [], NOW)

    assert {on(files, number).state for number in range(1, 10)} == {DayState.BEFORE}
    assert (on(files, 10).late_hours, on(files, 11).state) == (None, DayState.NONE)


def test_a_day_is_a_day_in_brussels() -> None:
    days = FilesOfDays(None)
    days.add(report(datetime(2026, 3, 9, 23, 30, tzinfo=UTC), 1))

    assert on(days.of(MARCH, [], NOW), 10).numbers == (1,)


def test_a_refused_file_makes_no_share_of_nothing() -> None:
    days = FilesOfDays(None)
    days.add(report(datetime(2026, 3, 9, 9, tzinfo=UTC), None, Status.REFUSED))

    files = days.of(MARCH, [], NOW)

    assert (files.refused_share, files.records, files.refused_records_share) == ("100%", "<5", "")


@given(st.dates(date(2022, 1, 1), date(2100, 1, 1)))
def test_a_month_is_all_its_days(day: date) -> None:
    month = Month.of(day)

    assert day in month.days
    assert Month.read(str(month)) == month
    assert {each.month for each in month.days} == {day.month}
    assert month.end > month.begin
