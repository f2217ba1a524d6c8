"""Article 3 a: what is so of a person now, decided by rank."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from jbplus.persons.state import (
    MAX_ENTRIES,
    Entry,
    Outcome,
    Payment,
    PersonState,
    Rank,
    decode,
    encode,
    totals,
    version_of,
)

_DAY, _LATER_DAY = date(2025, 3, 3), date(2025, 4, 4)
_FILE_DAY, _LATER_FILE_DAY = date(2025, 6, 6), date(2025, 7, 7)
_YEARS = 5
_PAYMENT = Payment(2024, "1", Decimal("600.00"), _DAY)
_CHANGED = Payment(2024, "1", Decimal("650.00"), _LATER_DAY)


def _live(volgnummer: int, payment: Payment = _PAYMENT, position: int = 0) -> Entry:
    return Entry.live(Rank(volgnummer, position), payment)


def _annulled(volgnummer: int, *, file_day: date = _FILE_DAY, body_day: date | None = None) -> Entry:
    return Entry.tombstone(Rank(volgnummer, 0), file_day=file_day, body_day=body_day)


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        pytest.param(Rank(1, 0), Rank(2, 0), id="the later file"),
        pytest.param(Rank(9, 5), Rank(10, 0), id="the later file, whatever the position"),
        pytest.param(Rank(1, 0), Rank(1, 1), id="the later record of one file"),
        pytest.param(Rank(1, 9), Rank(1, 10), id="positions are numbers"),
    ],
)
def test_the_higher_rank_decides(lower: Rank, higher: Rank) -> None:
    before, after = Entry.live(lower, _PAYMENT), Entry.live(higher, _CHANGED)

    assert before.join(after) == after.join(before) == after


def test_time_stamps_order_nothing() -> None:
    paid_later = _live(1, _CHANGED)
    paid_earlier = _live(2, _PAYMENT)

    assert paid_later.join(paid_earlier) == paid_earlier


def test_a_late_older_file_cannot_revive_what_was_annulled() -> None:
    joined = _annulled(3).join(_live(2))

    assert joined.payment is None
    assert joined.rank == Rank(3, 0)


def test_a_newer_file_revives_what_was_annulled() -> None:
    assert _annulled(3).join(_live(4)) == _live(4)


@pytest.mark.parametrize(
    ("entries", "day", "body_rank"),
    [
        pytest.param([_annulled(1)], _FILE_DAY, None, id="no body known: its file's day"),
        pytest.param(
            [_annulled(1), _annulled(2, file_day=_LATER_FILE_DAY)],
            _LATER_FILE_DAY,
            None,
            id="no body known: the day of the highest-ranked file",
        ),
        pytest.param([_annulled(1, body_day=_DAY)], _DAY, Rank(1, 0), id="its own body"),
        pytest.param([_live(1), _annulled(2)], _DAY, Rank(1, 0), id="the body it annuls"),
        pytest.param(
            [_live(1), _annulled(2, body_day=_LATER_DAY)], _LATER_DAY, Rank(2, 0), id="its own body above that"
        ),
        pytest.param(
            [_live(1), _live(2, _CHANGED), _annulled(3)], _LATER_DAY, Rank(2, 0), id="the latest of two bodies"
        ),
        pytest.param(
            [_live(2, _PAYMENT), _live(1, _CHANGED), _annulled(3)], _DAY, Rank(2, 0), id="latest by rank, not by day"
        ),
        pytest.param(
            [_annulled(1, body_day=_DAY), _annulled(2)], _DAY, Rank(1, 0), id="the body of an earlier annulment"
        ),
        pytest.param(
            [_annulled(1), _live(2, _CHANGED), _annulled(3)], _LATER_DAY, Rank(2, 0), id="annulled, revived, annulled"
        ),
    ],
)
@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_the_date_of_a_tombstone(
    entries: list[Entry],
    day: date,
    body_rank: Rank | None,
    *,
    backwards: bool,
) -> None:
    story = [("r", entry) for entry in entries]

    state, _ = PersonState().merge(reversed(story) if backwards else story, _YEARS)

    assert state.entries["r"].payment is None
    assert (state.entries["r"].day, state.entries["r"].body_rank) == (day, body_rank)


def test_a_tombstone_keeps_no_amount_nor_what_else_the_payment_held() -> None:
    state, _ = PersonState().merge([("r", _live(1)), ("r", _annulled(2))], _YEARS)

    assert json.loads(encode(state)) == {"r": {"rank": [2, 0], "day": "2025-03-03", "body": [1, 0]}}


def test_outcomes_come_in_the_order_of_the_records() -> None:
    state, _ = PersonState().merge([("known", _live(5))], _YEARS)

    changes = [("known", _live(4)), ("new", _live(4)), ("known", _live(6)), ("known", _live(5))]
    _, outcomes = state.merge(changes, _YEARS)

    assert outcomes == [Outcome.SUPERSEDED, Outcome.APPLIED, Outcome.APPLIED, Outcome.SUPERSEDED]


def test_an_earlier_record_of_the_same_file_is_not_superseded() -> None:
    _, outcomes = PersonState().merge([("r", _live(1, position=1)), ("r", _live(1, position=0))], _YEARS)

    assert outcomes == [Outcome.APPLIED, Outcome.APPLIED]


def test_merging_leaves_the_former_state_as_it_was() -> None:
    before, _ = PersonState().merge([("r", _live(1))], _YEARS)
    kept = encode(before)

    before.merge([("r", _annulled(2)), ("s", _live(2))], _YEARS)

    assert encode(before) == kept


def _full() -> PersonState:
    half = MAX_ENTRIES // 2
    lives = [(f"live-{number}", _live(1, position=number)) for number in range(half)]
    tombstones = [(f"gone-{number}", _annulled(2)) for number in range(MAX_ENTRIES - half)]
    state, outcomes = PersonState().merge([*lives, *tombstones], _YEARS)
    assert set(outcomes) == {Outcome.APPLIED}
    return state


def test_there_are_two_hundred_refertes_at_most_tombstones_included() -> None:
    full = _full()

    state, outcomes = full.merge([("one-more", _live(3)), ("another", _annulled(3))], _YEARS)

    assert len(full.entries) == 200
    assert outcomes == [Outcome.TOO_MANY, Outcome.TOO_MANY]
    assert state == full


def test_a_full_person_still_takes_changes_and_annulments_of_known_refertes() -> None:
    changes = [("live-0", _live(3, _CHANGED)), ("one-more", _live(3)), ("live-1", _annulled(3))]

    state, outcomes = _full().merge(changes, _YEARS)

    assert outcomes == [Outcome.APPLIED, Outcome.TOO_MANY, Outcome.APPLIED]
    assert state.entries["live-0"].payment == _CHANGED
    assert state.entries["live-1"].payment is None


def test_payments_are_sorted_and_annulled_ones_absent() -> None:
    order = [
        ("z", Payment(2023, "2", Decimal(1), _LATER_DAY)),
        ("y", Payment(2024, "1", Decimal(2), _LATER_DAY)),
        ("a", Payment(2024, "2", Decimal(3), _DAY)),
        ("x", Payment(2024, "2", Decimal(4), _DAY)),
        ("b", Payment(2024, "2", Decimal(5), _LATER_DAY)),
    ]
    state, _ = PersonState().merge([(referte, _live(1, payment)) for referte, payment in reversed(order)], _YEARS)
    state, _ = state.merge([("gone", _annulled(2))], _YEARS)

    assert state.payments == order


def test_the_volgnummer_is_the_highest_that_touched_the_person() -> None:
    state, _ = PersonState().merge([("a", _live(7)), ("b", _annulled(9)), ("c", _live(8))], _YEARS)

    assert state.volgnummer == 9
    assert PersonState().volgnummer is None


def test_totals_are_exact_by_year_and_sign() -> None:
    amounts = [(2024, "600.10"), (2023, "0.01"), (2024, "-600.20"), (2024, "0.20"), (2022, "-999999999999.99")]

    found = totals(Payment(year, "1", Decimal(amount), _DAY) for year, amount in amounts)

    assert [(one.fiscal_year, str(one.paid), str(one.reclaimed), str(one.net)) for one in found] == [
        (2022, "0", "-999999999999.99", "-999999999999.99"),
        (2023, "0.01", "0", "0.01"),
        (2024, "600.30", "-600.20", "0.10"),
    ]
    assert totals([]) == []


def test_the_largest_amounts_add_up_exactly() -> None:
    payments = [Payment(2024, "1", Decimal("999999999999.99"), _DAY)] * MAX_ENTRIES

    assert totals(payments)[0].net == Decimal("199999999999998.00")


def test_the_encoded_state_is_compact_and_sorted() -> None:
    state, _ = PersonState().merge([("c", _live(3)), ("b", _annulled(2)), ("a", _live(1))], _YEARS)

    assert encode(state.without(["c"])) == (
        '{"a":{"amount":"600.00","body":[1,0],"day":"2025-03-03","instalment":"1","rank":[1,0],"year":2024},'
        '"b":{"day":"2025-06-06","rank":[2,0]},'
        '"c":{"body":[3,0],"day":"2025-03-03","ended":true,"rank":[3,0]}}'
    )


def test_the_way_an_amount_was_written_makes_no_other_version() -> None:
    amounts = [Decimal(600), Decimal("600.0"), Decimal("600.00")]

    texts = {encode(PersonState({"r": _live(1, replace(_PAYMENT, amount=amount))})) for amount in amounts}

    assert len(texts) == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"r": _live(2)}, id="rank"),
        pytest.param({"s": _live(1)}, id="referte"),
        pytest.param({"r": _live(1, replace(_PAYMENT, amount=Decimal("600.01")))}, id="amount"),
        pytest.param({"r": _live(1, replace(_PAYMENT, day=_LATER_DAY))}, id="day"),
        pytest.param({"r": _live(1, replace(_PAYMENT, instalment="2"))}, id="instalment"),
        pytest.param({"r": _live(1, replace(_PAYMENT, fiscal_year=2025))}, id="year"),
        pytest.param({"r": _annulled(1, body_day=_DAY)}, id="annulled"),
        pytest.param({}, id="empty"),
    ],
)
def test_another_state_has_another_version(other: dict[str, Entry]) -> None:
    assert version_of(encode(PersonState({"r": _live(1)}))) != version_of(encode(PersonState(other)))


def test_a_decoded_state_is_the_one_that_was_encoded() -> None:
    state, _ = PersonState().merge([("a", _live(1)), ("b", _annulled(2)), ("c", _annulled(3, body_day=_DAY))], _YEARS)

    assert decode(encode(state)) == state


_FIRST, _LAST_DAY_OF_IT = date(2025, 3, 3), date(2030, 3, 3)
_AFTER_IT = date(2030, 3, 4)


def _paid_on(day: date, amount: str = "600.00") -> Payment:
    return Payment(2024, "1", Decimal(amount), day)


@pytest.mark.parametrize("amount", ["600.00", "-600.00"], ids=["payment", "recovery"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_record_dated_after_the_end_starts_the_person_anew(amount: str, *, backwards: bool) -> None:
    story = [("old", _live(1, _paid_on(_FIRST))), ("new", _live(2, _paid_on(_AFTER_IT, amount)))]

    state, _ = PersonState().merge(reversed(story) if backwards else story, _YEARS)

    assert [referte for referte, _ in state.payments] == ["new"]
    assert state.entries["old"] == Entry(Rank(1, 0), None, _FIRST, Rank(1, 0), ended=True)
    assert state.retention_anchor() == _AFTER_IT


def test_a_record_dated_on_the_last_day_keeps_all() -> None:
    story = [("old", _live(1, _paid_on(_FIRST))), ("new", _live(2, _paid_on(_LAST_DAY_OF_IT)))]

    assert [referte for referte, _ in PersonState().merge(story, _YEARS)[0].payments] == ["old", "new"]


def test_what_was_recovered_ends_with_what_was_paid() -> None:
    old = [("old", _live(1, _paid_on(_FIRST))), ("back", _live(2, _paid_on(_LAST_DAY_OF_IT, "-600.00")))]

    kept, _ = PersonState().merge([*old, ("new", _live(3, _paid_on(_AFTER_IT)))], _YEARS)

    assert [referte for referte, _ in kept.payments] == ["new"]


def test_what_ended_does_not_return_when_the_new_is_annulled() -> None:
    story = [("old", _live(1, _paid_on(_FIRST))), ("new", _live(2, _paid_on(_AFTER_IT))), ("new", _annulled(3))]

    state, _ = PersonState().merge([*story, story[0]], _YEARS)

    assert state.payments == []
    assert state.retention_anchor() == _AFTER_IT


def test_a_tombstone_that_no_body_dates_starts_nothing_anew() -> None:
    undated = Entry.tombstone(Rank(2, 0), file_day=_AFTER_IT, body_day=None)
    story = [("old", _live(1, _paid_on(_FIRST))), ("new", undated)]

    assert [referte for referte, _ in PersonState().merge(story, _YEARS)[0].payments] == ["old"]


def test_on_one_day_nothing_ends_what_begins() -> None:
    annulled = Entry.tombstone(Rank(2, 1), file_day=_AFTER_IT, body_day=_AFTER_IT)
    story = [("old", _live(1, _paid_on(_FIRST))), ("back", _live(2, _paid_on(_AFTER_IT, "-1.00"))), ("gone", annulled)]

    assert [referte for referte, _ in PersonState().merge(story, _YEARS)[0].payments] == ["back"]


def _many(prefix: str, number: int, day: date) -> list[tuple[str, Entry]]:
    return [(f"{prefix}{n}", _live(1, _paid_on(day), position=n)) for n in range(number)]


def test_what_has_ended_takes_no_room() -> None:
    full, _ = PersonState().merge(_many("old", MAX_ENTRIES, _FIRST), _YEARS)

    state, outcomes = full.merge(_many("new", MAX_ENTRIES + 1, _AFTER_IT), _YEARS)

    assert outcomes == [Outcome.APPLIED] * MAX_ENTRIES + [Outcome.TOO_MANY]
    assert len(state.payments) == MAX_ENTRIES


def test_what_has_ended_does_not_grow_without_bound() -> None:
    state, _ = PersonState().merge([("new", _live(2, _paid_on(_AFTER_IT)))], _YEARS)

    late, outcomes = state.merge(_many("old", 1001, _FIRST), _YEARS)

    assert outcomes == [Outcome.APPLIED] * 999 + [Outcome.TOO_MANY] * 2
    assert len(encode(late)) < 200_000


def test_the_very_record_revives_nothing_that_has_ended_but_a_newer_one_speaks_again() -> None:
    ended = Entry(Rank(1, 0), None, _DAY, Rank(1, 0), ended=True)

    assert ended.join(_live(1)) == _live(1).join(ended) == ended
    assert ended.join(_live(2)) == _live(2)
