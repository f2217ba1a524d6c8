"""INSZ: the Belgian person number (national register number or BIS number), eleven digits.

Digits 1-6 are the date of birth (yymmdd), 7-9 a serial number, 10-11 the check digits: 97 minus the first
nine digits modulo 97, with a `2` put before the nine for people born from 2000 on. The month tells the kind:
0-12 national register, 20-32 and 40-52 BIS, 60-72 and 80-92 a test number that belongs to nobody. Unknown birth dates
are allowed (month or day 0, and days past the month's end when the counter of a day ran out).
Source: Royal Decree of 3 April 1984 on the number of the national register; KSZ on BIS numbers.
"""

import re
from collections.abc import Callable
from enum import StrEnum

from jbplus.protocol.calendar import Clock, brussels_day

_ELEVEN_DIGITS = re.compile(r"[0-9]{11}", re.ASCII)
# The `2` that is put before the nine.
_BORN_2000 = 2_000_000_000


class InszKind(StrEnum):
    """Whose number it is."""

    NATIONAL_REGISTER = "national register"
    BIS = "bis"
    TEST = "test"


_KIND_BY_MONTH = (
    dict.fromkeys(range(13), InszKind.NATIONAL_REGISTER)
    | dict.fromkeys((*range(20, 33), *range(40, 53)), InszKind.BIS)
    | dict.fromkeys((*range(60, 73), *range(80, 93)), InszKind.TEST)
)


def check_digits(first_nine: str, *, born_2000: bool) -> str:
    """Compute the two check digits that belong to the first nine digits.

    Args:
        first_nine: nine decimal digits.
        born_2000: whether the person was born in 2000 or later.
    """
    return f"{_check_number(int(first_nine) + (_BORN_2000 if born_2000 else 0)):02d}"


def _check_number(nine: int) -> int:
    return 97 - nine % 97


def kind(number: str, *, year: int) -> InszKind | None:
    """Tell what kind of INSZ a text is, or None when it is none.

    Args:
        number: the candidate; only eleven plain digits can be an INSZ.
        year: the calendar year in which the number must have existed: nobody is born after it.
    """
    if not _ELEVEN_DIGITS.fullmatch(number):
        return None
    nine, given = int(number[:9]), int(number[9:])
    if given != _check_number(nine) and not (
        2000 + int(number[:2]) <= year and given == _check_number(_BORN_2000 + nine)
    ):
        return None
    return _KIND_BY_MONTH.get(int(number[2:4]))


def is_accepted(number: str, *, year: int, test_numbers_allowed: bool) -> bool:
    """Tell whether a text is an INSZ that this deployment takes: test numbers only where they are allowed."""
    found = kind(number, year=year)
    return found is not None and (test_numbers_allowed or found is not InszKind.TEST)


Accepts = Callable[[str], bool]
"""Tells whether a text is an INSZ that may be named to this deployment today."""


def accepting(clock: Clock, *, test_numbers_allowed: bool) -> Accepts:
    """Make the test of the numbers that a call may name; the year is that of the present moment in Brussels."""

    def accepts(number: str) -> bool:
        return is_accepted(number, year=brussels_day(clock()).year, test_numbers_allowed=test_numbers_allowed)

    return accepts
