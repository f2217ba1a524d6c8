"""Test persons: numbers of month 61 to 72 belong to nobody."""

from jbplus import insz


def test_number(serial: int, *, year: int = 80, month: int = 61, day: int = 1) -> str:
    """Make the INSZ test number with a serial (1-997)."""
    nine = f"{year:02d}{month:02d}{day:02d}{serial:03d}"
    return nine + insz.check_digits(nine, born_2000=False)


test_number.__test__ = False  # type: ignore[attr-defined] # its name is no test's
ANNA, BRAM, CELINE = (test_number(serial) for serial in (1, 2, 3))
