"""The INSZ against python-stdnum, which knows national register and BIS numbers but no test numbers."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from stdnum.be import ssn

from jbplus.protocol import insz
from jbplus.protocol.insz import InszKind

# python-stdnum takes the present year, and no other, for the latest possible birth.
_YEAR = datetime.now(UTC).year

_TEST_MONTHS = (*range(60, 73), *range(80, 93))
_MONTHS = st.sampled_from((*range(13), *range(20, 33), *range(40, 53), *_TEST_MONTHS)) | st.integers(0, 99)
_NINES = st.builds(
    "{:02d}{:02d}{:02d}{:03d}".format, st.integers(0, 99), _MONTHS, st.integers(0, 40), st.integers(0, 999)
)
_CHECKED = st.builds(lambda nine, late: nine + insz.check_digits(nine, born_2000=late), _NINES, st.booleans())
_UNCHECKED = st.builds("{}{:02d}".format, _NINES, st.integers(0, 99))
_DIGITS = st.text("0123456789", min_size=9, max_size=13)


def _kind_by_stdnum(number: str) -> InszKind | None:
    if not ssn.is_valid(number):
        return None
    return InszKind.BIS if ssn.guess_type(number) == "bis" else InszKind.NATIONAL_REGISTER


def _month(number: str) -> int:
    return int(number[2:4])


@given(_CHECKED | _UNCHECKED | _DIGITS)
def test_any_number_is_what_stdnum_says_or_a_test_number(number: str) -> None:
    kind = insz.kind(number, year=_YEAR)

    if kind is InszKind.TEST:
        assert _month(number) in _TEST_MONTHS
    else:
        assert kind == _kind_by_stdnum(number)


@given((_CHECKED | _UNCHECKED).filter(lambda number: _month(number) in _TEST_MONTHS))
def test_a_test_number_adds_up_to_a_multiple_of_97(number: str) -> None:
    nine, check = int(number[:9]), int(number[9:])
    before_2000, since_2000 = nine + check, 2 * 10**9 + nine + check
    sums = [before_2000, since_2000] if 2000 + int(number[:2]) <= _YEAR else [before_2000]

    is_test = insz.kind(number, year=_YEAR) is InszKind.TEST

    assert is_test == (1 <= check <= 97 and any(total % 97 == 0 for total in sums))
