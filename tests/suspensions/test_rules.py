"""Article 8: what a suspension bars, from when, and how it is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jbplus.persons.state import version_of
from jbplus.protocol.purposes import Purpose
from jbplus.suspensions.rules import (
    MOST_KEPT,
    Stream,
    Suspension,
    TooManySuspensionsError,
    add,
    bars_lookup,
    bars_notices,
    decode,
    encode,
    kept,
    subject_of,
)
from tests.support.fakes import NOW
from tests.support.known import INFINO

SECOND = timedelta(seconds=1)
WHOLLY = Suspension("s-1", INFINO, (Stream.MUTATIONS, Stream.CONSULTATION), (), "misuse", NOW)

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
SUSPENSIONS = st.builds(
    Suspension,
    id=st.uuids().map(str),
    party=st.just(INFINO),
    streams=st.lists(st.sampled_from(Stream), min_size=1, unique=True).map(tuple),
    purposes=st.lists(st.sampled_from(Purpose), unique=True).map(tuple),
    reason=st.text(min_size=1, max_size=500).filter(lambda text: text.isprintable()),
    begin=MOMENTS,
    lifted=st.none() | MOMENTS,
)


@pytest.mark.parametrize(
    ("suspension", "barred"),
    [
        pytest.param(WHOLLY, True, id="from this moment"),
        pytest.param(replace(WHOLLY, begin=NOW - SECOND), True, id="from a second ago"),
        pytest.param(replace(WHOLLY, begin=NOW + SECOND), False, id="from the next second"),
        pytest.param(replace(WHOLLY, lifted=NOW), False, id="lifted"),
        pytest.param(replace(WHOLLY, lifted=NOW + SECOND), False, id="lifted by a clock that is a second ahead"),
        pytest.param(replace(WHOLLY, streams=(Stream.CONSULTATION,)), True, id="lookups only"),
        pytest.param(replace(WHOLLY, streams=(Stream.MUTATIONS,)), False, id="notices only"),
        pytest.param(replace(WHOLLY, purposes=(Purpose.AUDIT,)), True, id="this purpose"),
        pytest.param(replace(WHOLLY, purposes=(Purpose.INSPECTION, Purpose.COMPLAINTS)), False, id="other purposes"),
    ],
)
def test_what_bars_an_audit(suspension: Suspension, *, barred: bool) -> None:
    assert bars_lookup([suspension], Purpose.AUDIT, NOW) is barred


def test_one_suspension_among_others_is_enough() -> None:
    lifted = replace(WHOLLY, lifted=NOW)

    assert bars_lookup([lifted, WHOLLY, lifted], Purpose.AUDIT, NOW)
    assert not bars_lookup([lifted, lifted], Purpose.AUDIT, NOW)
    assert not bars_lookup([], Purpose.AUDIT, NOW)


@pytest.mark.parametrize(
    ("suspension", "barred"),
    [
        pytest.param(WHOLLY, True, id="from this moment"),
        pytest.param(replace(WHOLLY, begin=NOW + SECOND), False, id="from the next second"),
        pytest.param(replace(WHOLLY, lifted=NOW), False, id="lifted"),
        pytest.param(replace(WHOLLY, streams=(Stream.CONSULTATION,)), False, id="lookups only"),
        pytest.param(replace(WHOLLY, streams=(Stream.MUTATIONS,)), True, id="notices only"),
        pytest.param(replace(WHOLLY, purposes=(Purpose.AUDIT,)), True, id="whatever the purposes"),
    ],
)
def test_what_holds_notices_back(suspension: Suspension, *, barred: bool) -> None:
    assert bars_notices([suspension], NOW) is barred


def test_one_suspension_among_others_holds_notices_back() -> None:
    lifted = replace(WHOLLY, lifted=NOW)

    assert bars_notices([lifted, WHOLLY, lifted], NOW)
    assert not bars_notices([lifted, lifted], NOW)
    assert not bars_notices([], NOW)


def test_the_streams_in_the_words_of_the_wire() -> None:
    assert [str(stream) for stream in Stream] == ["mutaties", "consultatie"]


def test_lifting_twice_keeps_the_first_moment() -> None:
    once = WHOLLY.lift(NOW)

    assert once.lifted == NOW
    assert once.lift(NOW + SECOND) == once


def test_a_party_does_not_escape_by_another_number_of_its_own() -> None:
    assert subject_of("2199323857") == subject_of("0316380841") == "0316380841"
    assert subject_of("0123456749") == "0123456749"


def test_a_suspension_goes_ten_years_after_the_day_it_was_lifted_and_never_before() -> None:
    lifted = WHOLLY.lift(datetime(2026, 3, 5, 22, 59, tzinfo=UTC))
    end = datetime(2036, 3, 5, 23, 0, tzinfo=UTC)

    assert lifted.expires_at == int(end.timestamp())
    assert kept([WHOLLY, lifted], end - SECOND) == (WHOLLY, lifted)
    assert kept([WHOLLY, lifted], end) == (WHOLLY,)
    assert kept([WHOLLY], end + timedelta(days=36500)) == (WHOLLY,)


def test_with_no_room_left_the_one_lifted_first_gives_way_and_an_open_one_never() -> None:
    open_ones = tuple(replace(WHOLLY, id=f"open-{n}") for n in range(MOST_KEPT - 2))
    late, early = replace(WHOLLY, id="late", lifted=NOW), replace(WHOLLY, id="early", lifted=NOW - SECOND)

    added = add((late, *open_ones, early), WHOLLY)

    assert added == (late, *open_ones, WHOLLY)
    with pytest.raises(TooManySuspensionsError):
        add((WHOLLY,) * MOST_KEPT, WHOLLY)


@given(st.lists(SUSPENSIONS, max_size=4))
def test_what_is_written_is_read_again(suspensions: list[Suspension]) -> None:
    assert decode(encode(suspensions)) == tuple(suspensions)


@given(SUSPENSIONS, SUSPENSIONS)
def test_a_version_names_one_content(one: Suspension, other: Suspension) -> None:
    assert (version_of(encode([one])) == version_of(encode([other]))) == (one == other)


def test_a_full_item_fits_in_dynamodb_and_in_a_lookup() -> None:
    longest = replace(WHOLLY, id="0" * 36, reason="\U0001f600" * 500, purposes=tuple(Purpose), lifted=NOW)

    assert len(encode([longest] * MOST_KEPT).encode()) < 400_000 - 1000
