"""Test persons: numbers of month 61 to 72 belong to nobody."""

from jbplus.protocol import insz


def person_number(serial: int, *, year: int = 80, month: int = 61, day: int = 1) -> str:
    """Make the INSZ test number with a serial (1-997)."""
    nine = f"{year:02d}{month:02d}{day:02d}{serial:03d}"
    return nine + insz.check_digits(nine, born_2000=False)


ANNA, BRAM, CELINE = (person_number(serial) for serial in (1, 2, 3))
