"""Counting: what persons received and paid back, by fiscal year, month and instalment.

These are exact figures about few people. They stay in memory, and leave it only through `disclosure`.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Self

from jbplus.persons.state import Payment

INSTALMENTS = ("1", "2")


Amounts = tuple[Decimal, ...]
"""The amounts of one person."""


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
class Flow:
    """Money that went one way in a cell; amounts in EUR, without their signs.

    Attributes:
        alike: how many persons had exactly these amounts, in ascending order.
    """

    alike: Counter[Amounts] = field(default_factory=Counter)

    def add_person(self, amounts: Collection[Decimal]) -> None:
        """Count what went to or came from one person; nobody, when there is no amount."""
        if amounts:
            self.alike[tuple(sorted(amounts))] += 1

    def add(self, other: Self) -> None:
        """Count what was counted elsewhere about other persons."""
        self.alike += other.alike

    @property
    def persons(self) -> int:
        """Who it went to or came from, each counted once."""
        return self.alike.total()

    @property
    def times(self) -> int:
        """How many amounts there were."""
        return sum(len(amounts) * persons for amounts, persons in self.alike.items())

    @property
    def total(self) -> Decimal:
        """The sum of all amounts."""
        return sum((sum(amounts, Decimal(0)) * persons for amounts, persons in self.alike.items()), Decimal(0))

    @property
    def largest(self) -> Decimal:
        """The sum of the one person who has most of it."""
        return max((sum(amounts, Decimal(0)) for amounts in self.alike), default=Decimal(0))

    @property
    def once(self) -> Self:
        """What went to or came from persons who had one amount."""
        return type(self)(Counter({amounts: persons for amounts, persons in self.alike.items() if len(amounts) == 1}))


@dataclass(slots=True)
class Cell:
    """The exact figures of one instalment in one month.

    Attributes:
        paid: what was paid, and to how many.
        reclaimed: what was reclaimed, and of how many; they need not be paid here.
    """

    paid: Flow = field(default_factory=Flow)
    reclaimed: Flow = field(default_factory=Flow)

    def add_person(self, payments: Collection[Payment]) -> None:
        """Count the payments and recoveries of one person."""
        self.paid.add_person([payment.amount for payment in payments if not payment.is_recovery])
        self.reclaimed.add_person([-payment.amount for payment in payments if payment.is_recovery])

    def add(self, other: Self) -> None:
        """Count what was counted elsewhere about other persons."""
        self.paid.add(other.paid)
        self.reclaimed.add(other.reclaimed)


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
