"""Days, moments and amounts as people in Flanders write them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from jbplus.protocol.calendar import BRUSSELS

MONTHS: Final = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip


def number(figure: int | Decimal) -> str:
    """Write a number with points between thousands, and a comma before what is less than one."""
    return f"{figure:,}".translate(str.maketrans(",.", ".,"))


def euro(amount: Decimal) -> str:
    """Write an amount in EUR."""
    return f"{'-' if amount < 0 else ''}€\N{NO-BREAK SPACE}{number(round(abs(amount), 2))}"


def day(on: date) -> str:
    """Write a calendar day."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def moment(at: datetime) -> str:
    """Write a moment, as the clocks in Brussels show it."""
    there = at.astimezone(BRUSSELS)
    return f"{day(there)} om {there:%H.%M} uur"
