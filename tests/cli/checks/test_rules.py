"""Whether a record is in a state or outranked there, of any story; and whether it may have ended with its person."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jbplus.persons.state import Entry, PersonState
from jbplus_cli.checks.findings import Kind
from jbplus_cli.checks.rules import judge, last_day_told, may_have_ended
from tests.support.known import annulled, entry
from tests.support.oracles import Told
from tests.support.strategies import STORIES, change

# Longer than any story: nobody starts anew in it.
_YEARS = 10


def merged(story: list[Told]) -> PersonState:
    return PersonState().merge((change(told) for told in story), _YEARS)[0]


@given(STORIES, st.randoms())
def test_what_was_merged_in_any_order_is_there_or_outranked(story: list[Told], random: st.DataObject) -> None:
    state = merged(sorted(story, key=lambda _: random.random()))  # type: ignore[attr-defined]  # a Random

    assert [judge(state, *change(told)) for told in story] == [None] * len(story)


@given(STORIES, st.data())
def test_what_was_not_merged_is_missed_unless_it_is_outranked(story: list[Told], data: st.DataObject) -> None:
    left_out = data.draw(st.sampled_from(story))
    state = merged([told for told in story if told is not left_out])
    referte, told_entry = change(left_out)

    with_it = state.merge([(referte, told_entry)], _YEARS)[0]

    assert (judge(state, referte, told_entry) is None) == (with_it == state)


@given(STORIES, st.data())
def test_any_change_of_what_stands_is_seen(story: list[Told], data: st.DataObject) -> None:
    state = merged(story)
    referte = data.draw(st.sampled_from(sorted(state.entries)))
    known = state.entries[referte]
    changed = data.draw(
        st.sampled_from(
            [
                replace(known, day=date(2031, 1, 1)),
                entry("0.01", rank=(known.rank.volgnummer, known.rank.position), day=known.day)
                if known.payment is None
                else replace(known, payment=replace(known.payment, amount=known.payment.amount + Decimal("0.01"))),
            ]
        )
    )
    damaged = PersonState({**state.entries, referte: changed})

    kinds = {judge(damaged, *change(told)) for told in story}

    assert kinds <= {None, Kind.RECORD_DIFFERS}
    assert Kind.RECORD_DIFFERS in kinds


DAY = date(2025, 3, 3)


@pytest.mark.parametrize(
    ("entries", "until", "ended"),
    [
        pytest.param([entry(day=DAY)], date(2030, 3, 3), False, id="the last day of a payment"),
        pytest.param([entry(day=DAY)], date(2030, 3, 4), True, id="the day after"),
        pytest.param([entry(day=DAY), entry(day=date(2025, 3, 4))], date(2030, 3, 4), False, id="the latest payment"),
        pytest.param([entry("-1.00", day=DAY)], date(2027, 1, 1), False, id="no payment can have ended yet"),
        pytest.param([entry("-1.00", day=DAY)], date(2027, 1, 2), None, id="a recovery may have ended with a payment"),
        pytest.param([annulled(day=DAY)], date(2027, 1, 2), None, id="so may what was annulled"),
    ],
)
def test_whether_records_may_have_ended(entries: list[Entry], until: date, *, ended: bool | None) -> None:
    kept = PersonState({f"R-{number}": each for number, each in enumerate(entries)})

    assert may_have_ended(kept, until, 5) is ended


def test_the_latest_day_is_that_of_a_body() -> None:
    assert last_day_told(PersonState({"R-1": annulled(day=date(2026, 1, 1)), "R-2": entry(day=DAY)})) == DAY
    assert last_day_told(PersonState({"R-1": annulled()})) is None
