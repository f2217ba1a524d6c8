"""Article 3 b: until five years after the last payment, and then gone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from jbplus.persons.merging import StoredPerson
from jbplus.persons.retention import NothingToKeepError, expires_at, is_expired, is_written, ttl
from jbplus.persons.state import Entry, Payment, PersonState, Rank

_FILE_DAY = date(2025, 6, 30)


def _paid(day: date, amount: str = "600.00") -> Entry:
    return Entry.live(Rank(1, 0), Payment(2024, "1", Decimal(amount), day))


def _reclaimed(day: date) -> Entry:
    return _paid(day, "-600.00")


def _annulled(day: date | None) -> Entry:
    return Entry.tombstone(Rank(2, 0), file_day=_FILE_DAY, body_day=day)


def _state(*entries: Entry) -> PersonState:
    return PersonState({f"r{number}": entry for number, entry in enumerate(entries)})


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 3, 3), 1898809200),
        (date(2024, 2, 29), 1867014000),
        (date(2025, 10, 26), 1919282400),
        (date(2022, 12, 31), 1830294000),
    ],
    ids=str,
)
def test_the_reference_values_of_the_contract(day: date, expected: int) -> None:
    assert expires_at(_state(_paid(day)), 5) == expected


@pytest.mark.parametrize(("years", "expected"), [(1, 1772578800), (10, 2056575600)])
def test_the_term_is_the_deployments(years: int, expected: int) -> None:
    assert expires_at(_state(_paid(date(2025, 3, 3))), years) == expected


_EARLY, _MIDDLE, _LATE = date(2023, 1, 10), date(2024, 1, 10), date(2025, 1, 10)


@pytest.mark.parametrize(
    ("entries", "anchor"),
    [
        pytest.param([_paid(_EARLY), _paid(_LATE), _paid(_MIDDLE)], _LATE, id="the latest payment"),
        pytest.param([_paid(_EARLY), _reclaimed(_LATE)], _EARLY, id="a recovery does not prolong"),
        pytest.param([_paid(_EARLY), _annulled(_LATE)], _EARLY, id="an annulled payment no longer counts"),
        pytest.param([_reclaimed(_EARLY), _reclaimed(_MIDDLE)], _MIDDLE, id="no payment: the latest recovery"),
        pytest.param([_reclaimed(_EARLY), _annulled(_LATE)], _EARLY, id="a live recovery before any tombstone"),
        pytest.param([_annulled(_EARLY), _annulled(_MIDDLE)], _MIDDLE, id="nothing live: the latest tombstone"),
        pytest.param([_annulled(_EARLY), _annulled(None)], _FILE_DAY, id="a tombstone of unknown date: its file's"),
        pytest.param([_paid(_EARLY, "0.01"), _reclaimed(_LATE)], _EARLY, id="one cent is a payment"),
    ],
)
def test_the_anchor_of_the_term(entries: list[Entry], anchor: date) -> None:
    state = _state(*entries)

    assert state.retention_anchor() == anchor
    assert expires_at(state, 5) == expires_at(_state(_paid(anchor)), 5)


def test_an_old_first_instalment_goes_together_with_the_newest_payment() -> None:
    whole = expires_at(_state(_paid(_EARLY), _paid(_LATE)), 5)

    assert whole == expires_at(_state(_paid(_LATE)), 5) > expires_at(_state(_paid(_EARLY)), 5)


def test_an_empty_state_has_no_term() -> None:
    assert PersonState().retention_anchor() is None
    with pytest.raises(NothingToKeepError):
        expires_at(PersonState(), 5)


_NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
_FOUR_YEARS_AGO = int((_NOW - timedelta(days=4 * 365 + 1)).timestamp())


@pytest.mark.parametrize(
    ("expires", "written"),
    [
        pytest.param(1898809200, 1898809200, id="to come"),
        pytest.param(_FOUR_YEARS_AGO + 1, _FOUR_YEARS_AGO + 1, id="just under four years past"),
        pytest.param(_FOUR_YEARS_AGO, _FOUR_YEARS_AGO, id="four years past"),
        pytest.param(_FOUR_YEARS_AGO - 1, _FOUR_YEARS_AGO, id="just over four years past"),
        pytest.param(0, _FOUR_YEARS_AGO, id="long past"),
    ],
)
def test_what_expired_over_four_years_ago_is_written_so_that_dynamodb_still_deletes_it(
    expires: int, written: int
) -> None:
    assert ttl(expires, _NOW) == written


@pytest.mark.parametrize(
    ("moment", "expired"),
    [
        pytest.param("2030-03-03T23:59:59+01:00", False, id="the last second of the anniversary"),
        pytest.param("2030-03-03T23:59:59.999999+01:00", False, id="the last moment of the anniversary"),
        pytest.param("2030-03-04T00:00:00+01:00", True, id="the first second after it"),
        pytest.param("2030-03-03T23:00:00+00:00", True, id="the same second by another clock"),
    ],
)
def test_a_person_expires_to_the_second(moment: str, *, expired: bool) -> None:
    assert is_expired(1898809200, datetime.fromisoformat(moment)) is expired


def test_an_expired_person_reads_as_absent() -> None:
    text = '{"r1":{"amount":"600.00","body":[1,0],"day":"2025-03-03","instalment":"1","rank":[1,0],"year":2024}}'
    stored = StoredPerson(text, 1898809200)

    assert stored.state_at(datetime.fromisoformat("2030-03-03T23:59:59+01:00")).volgnummer == 1
    assert stored.state_at(datetime.fromisoformat("2030-03-04T00:00:00+01:00")) == PersonState()


@pytest.mark.parametrize(
    ("written", "expires", "stands"),
    [
        pytest.param(1898809200, 1898809200, True, id="as it is"),
        pytest.param(1898809200, 1804114800, False, id="another term"),
        pytest.param(_FOUR_YEARS_AGO, 0, True, id="written as four years past, just now"),
        pytest.param(_FOUR_YEARS_AGO - 100 * 86_400, 0, True, id="written as four years past, months ago"),
        pytest.param(_FOUR_YEARS_AGO - 200 * 86_400, 0, False, id="too long ago for DynamoDB to go on seeing it"),
        pytest.param(_FOUR_YEARS_AGO + 1, 0, False, id="later than it is due"),
    ],
)
def test_a_ttl_stands_while_dynamodb_acts_on_it_at_the_right_moment(
    written: int, expires: int, *, stands: bool
) -> None:
    assert is_written(written, expires, _NOW) is stands
