"""The INSZ. Numbers of the national register and BIS numbers here have serial numbers that are never issued."""

import pytest

from jbplus.protocol import insz
from jbplus.protocol.insz import InszKind
from tests.support.people import ANNA, person_number

_YEAR = 2026


def _number(nine: str, *, born_2000: bool = False) -> str:
    return nine + insz.check_digits(nine, born_2000=born_2000)


def test_the_samples_of_the_contract_are_test_numbers() -> None:
    assert insz.kind("12642599819", year=_YEAR) is InszKind.TEST
    assert insz.kind("05691199737", year=_YEAR) is InszKind.TEST


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        *[(month, InszKind.NATIONAL_REGISTER) for month in range(13)],
        *[(month, InszKind.BIS) for month in (*range(20, 33), *range(40, 53))],
        *[(month, InszKind.TEST) for month in (*range(60, 73), *range(80, 93))],
        *[(month, None) for month in (*range(13, 20), *range(33, 40), *range(53, 60), *range(73, 80), *range(93, 100))],
    ],
)
def test_the_month_tells_the_kind(month: int, expected: InszKind | None) -> None:
    assert insz.kind(_number(f"80{month:02d}15999"), year=_YEAR) is expected


@pytest.mark.parametrize(
    "nine",
    [
        pytest.param("800000999", id="month and day unknown"),
        pytest.param("000001999", id="nothing known"),
        pytest.param("800500999", id="day unknown"),
        pytest.param("800532999", id="counter of the day ran out"),
        pytest.param("800001000", id="counter ran out twice"),
        pytest.param("800230999", id="30 February"),
    ],
)
def test_unknown_birth_dates_are_allowed(nine: str) -> None:
    assert insz.kind(_number(nine), year=_YEAR) is InszKind.NATIONAL_REGISTER


def test_check_digits_run_from_1_to_97() -> None:
    assert insz.check_digits("000000096", born_2000=False) == "01"
    assert insz.check_digits("000000097", born_2000=False) == "97"


@pytest.mark.parametrize(
    ("nine", "year", "expected"),
    [
        pytest.param("260115999", 2026, InszKind.NATIONAL_REGISTER, id="born this year"),
        pytest.param("270115999", 2026, None, id="born next year"),
        pytest.param("270115999", 2027, InszKind.NATIONAL_REGISTER, id="a year later"),
        pytest.param("990115999", 2026, None, id="born in 2099"),
    ],
)
def test_the_rule_of_2000_holds_for_those_who_may_be_born(nine: str, year: int, expected: InszKind | None) -> None:
    assert insz.kind(_number(nine, born_2000=True), year=year) is expected


def test_the_rule_before_2000_holds_for_all() -> None:
    assert insz.kind(_number("990115999"), year=_YEAR) is InszKind.NATIONAL_REGISTER
    assert insz.kind(_number("050115999"), year=_YEAR) is InszKind.NATIONAL_REGISTER


@pytest.mark.parametrize("wrong", range(1, 97))
def test_any_other_check_digits_are_wrong(wrong: int) -> None:
    nine, right = ANNA[:9], int(ANNA[9:])
    other = (right + wrong - 1) % 97 + 1

    assert insz.kind(f"{nine}{other:02d}", year=_YEAR) is None


@pytest.mark.parametrize("digits", ["00", "98", "99"])
def test_check_digits_outside_1_to_97_are_wrong(digits: str) -> None:
    assert insz.kind(ANNA[:9] + digits, year=_YEAR) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(ANNA[:10], id="ten digits"),
        pytest.param(ANNA + "0", id="twelve digits"),
        pytest.param(f"{ANNA}\n", id="a line end"),
        pytest.param(f" {ANNA[:10]}", id="a space"),
        pytest.param(f"{ANNA[:2]}.{ANNA[2:]}", id="punctuation"),
        pytest.param(ANNA.translate({ord("0") + n: 0x0660 + n for n in range(10)}), id="Arabic-Indic digits"),
        pytest.param(ANNA.translate({ord("0") + n: 0xFF10 + n for n in range(10)}), id="full-width digits"),
        pytest.param(ANNA[:8].translate({ord("0") + n: 0x0660 + n for n in range(10)}) + ANNA[8:], id="mixed digits"),
        pytest.param("-" + ANNA[1:], id="a sign"),
        pytest.param("00000000000", id="zeroes"),
    ],
)
def test_only_eleven_plain_digits_are_an_insz(text: str) -> None:
    assert insz.kind(text, year=_YEAR) is None
    assert not insz.is_accepted(text, year=_YEAR, test_numbers_allowed=True)


@pytest.mark.parametrize(
    ("month", "where_allowed", "elsewhere"),
    [(1, True, True), (21, True, True), (41, True, True), (60, True, False), (92, True, False)],
)
def test_test_numbers_are_taken_only_where_allowed(
    month: int,
    *,
    where_allowed: bool,
    elsewhere: bool,
) -> None:
    number = person_number(999, month=month)

    assert insz.is_accepted(number, year=_YEAR, test_numbers_allowed=True) is where_allowed
    assert insz.is_accepted(number, year=_YEAR, test_numbers_allowed=False) is elsewhere
