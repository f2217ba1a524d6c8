"""Test persons by the million: numbers that keep INSZ's rules, yet can never be a citizen's.

The month of birth of a test number lies between 61 and 72, where neither the national register (0-12) nor the
BIS register (20-32, 40-52) ever gives one out.
"""

import random
from math import gcd
from typing import Final

from jbplus.protocol.insz import check_digits

_BIRTH_YEARS: Final = range(1960, 2007)
_TEST_MONTHS: Final = range(61, 73)
# Every month has these days, so that a number needs no calendar.
_DAYS: Final = range(1, 29)
_SERIALS: Final = range(1, 998)

CAPACITY: Final = len(_BIRTH_YEARS) * len(_TEST_MONTHS) * len(_DAYS) * len(_SERIALS)
"""How many different test persons there are."""


class TestPersons:
    """The test persons in an order of their own for each seed, without ever listing them.

    Files made with the same seed are about the same persons, so that a later file touches those of an earlier one.

    Args:
        seed: decides the order.
    """

    __test__ = False  # pytest collects whatever is named Test

    def __init__(self, seed: int) -> None:
        rng = random.Random(f"test persons {seed}")  # noqa: S311 - sample data, no secret
        self._start = rng.randrange(CAPACITY)
        self._step = rng.randrange(1, CAPACITY)
        # A step that shares no factor with the capacity visits every person once before it comes back.
        while gcd(self._step, CAPACITY) != 1:
            self._step = rng.randrange(1, CAPACITY)

    def number(self, index: int) -> str:
        """Give a person's INSZ.

        Args:
            index: which person, from 0; different below `CAPACITY`.
        """
        place = (self._start + index * self._step) % CAPACITY
        place, serial = divmod(place, len(_SERIALS))
        place, day = divmod(place, len(_DAYS))
        year, month = divmod(place, len(_TEST_MONTHS))
        born = _BIRTH_YEARS[year]
        nine = f"{born % 100:02d}{_TEST_MONTHS[month]:02d}{_DAYS[day]:02d}{_SERIALS[serial]:03d}"
        return nine + check_digits(nine, born_2000=born >= 2000)  # noqa: PLR2004 - a century, not a setting
