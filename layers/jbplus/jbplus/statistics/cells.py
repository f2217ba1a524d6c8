"""Counting: what persons received and paid back, by fiscal year, month and instalment.

These are exact figures about few people. They stay in memory, and leave it only through `disclosure`.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Self

from jbplus.persons.state import Payment

INSTALMENTS = ("1", "2")


class Month(NamedTuple):
    """A calendar month in Brussels."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Give the month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a month that was written as yyyy-MM."""
        year, number = text.split("-")
        return cls(int(year), int(number))

    @property
    def next(self) -> Self:
        """The month after it."""
        return type(self)(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def text(self) -> str:
        """The month as yyyy-MM."""
        return f"{self.year:04d}-{self.number:02d}"


class Line(NamedTuple):
    """What is published together: one month of one fiscal year."""

    fiscal_year: int
    month: Month


@dataclass(slots=True)
class Cell:
    """The exact figures of some payments; amounts in EUR.

    Attributes:
        persons: who received or paid back something, each counted once.
        payments: how many amounts were paid.
        recoveries: how many were reclaimed.
        net: what was paid, less what was reclaimed.
        turnover: the same amounts without their signs.
        largest: the turnover of the one person who has most of it.
    """

    persons: int = 0
    payments: int = 0
    recoveries: int = 0
    net: Decimal = Decimal(0)
    turnover: Decimal = Decimal(0)
    largest: Decimal = Decimal(0)

    def add_person(self, payments: Iterable[Payment]) -> None:
        """Count one person, with at least one payment or recovery."""
        turnover = Decimal(0)
        for payment in payments:
            self.payments += not payment.is_recovery
            self.recoveries += payment.is_recovery
            self.net += payment.amount
            turnover += abs(payment.amount)
        self.persons += 1
        self.turnover += turnover
        self.largest = max(self.largest, turnover)

    def add(self, other: Self) -> None:
        """Count what was counted elsewhere about other persons."""
        self.persons += other.persons
        self.payments += other.payments
        self.recoveries += other.recoveries
        self.net += other.net
        self.turnover += other.turnover
        self.largest = max(self.largest, other.largest)


def empty_line() -> dict[str, Cell]:
    """Begin to count a line, by instalment."""
    return {instalment: Cell() for instalment in INSTALMENTS}


@dataclass(slots=True)
class Tally:
    """The exact figures of the lines that are to be published; the rest is not counted.

    Attributes:
        lines: by line and instalment.
    """

    lines: dict[Line, dict[str, Cell]]

    @classmethod
    def of(cls, lines: AbstractSet[Line]) -> Self:
        """Begin to count some lines."""
        return cls({line: empty_line() for line in lines})

    def add_person(self, payments: Iterable[Payment]) -> None:
        """Count all payments and recoveries of one person."""
        found: dict[tuple[Line, str], list[Payment]] = {}
        for payment in payments:
            line = Line(payment.fiscal_year, Month.of(payment.day))
            if line in self.lines:
                found.setdefault((line, payment.instalment), []).append(payment)
        for (line, instalment), own in found.items():
            self.lines[line][instalment].add_person(own)

    def add(self, other: Self) -> None:
        """Count what was counted elsewhere about other persons."""
        for line, cells in self.lines.items():
            for instalment, cell in cells.items():
                cell.add(other.lines[line][instalment])
