"""What the statistics must say and must withhold, said again from their rules (docs/adr/0009), and no code of theirs.

Of a cell: fewer than five persons, or one with more than half of the money, and it is withheld. What fewer than five
persons have otherwise than the rest looks as with the rest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from tests.decade.oracle import Body

_FEWEST = 5
_STEP = 3_000_00


class Cell(NamedTuple):
    """A month of a fiscal year, and an instalment."""

    year: int
    month: tuple[int, int]
    instalment: str


class Told(NamedTuple):
    """What is told of money that went one way: how many persons and amounts, and how much, in cents."""

    persons: int
    times: int
    cents: int


Figures = tuple[Told, Told | None] | None
"""Of a cell what was paid and what was reclaimed; None for what is withheld."""


def closed(today: date) -> Iterator[tuple[int, tuple[int, int]]]:
    """List the months that have closed, ten days into the next, of every fiscal year that can have them."""
    for year in range(2022, today.year + 2):
        for month in range(max(2022, year - 1) * 12, today.year * 12 + today.month):
            if date((month + 1) // 12, (month + 1) % 12 + 1, 10) <= today:
                yield year, (month // 12, month % 12 + 1)


def figures(persons: Iterable[Sequence[Body]], cells: Iterable[Cell]) -> dict[Cell, Figures]:
    """Count what persons received and paid back, and say what of it may be told."""
    wanted = set(cells)
    found: dict[Cell, tuple[list[list[int]], list[list[int]]]] = {cell: ([], []) for cell in wanted}
    for bodies in persons:
        own: dict[Cell, tuple[list[int], list[int]]] = {}
        for body in bodies:
            cell = Cell(body.year, (body.day.year, body.day.month), body.instalment)
            if cell in wanted:
                own.setdefault(cell, ([], []))[body.cents < 0].append(abs(body.cents))
        for cell, ways in own.items():
            for amounts, all_amounts in zip(ways, found[cell], strict=True):
                if amounts:
                    all_amounts.append(sorted(amounts))
    return {cell: _of_cell(*found[cell]) for cell in sorted(wanted)}


def _of_cell(paid: list[list[int]], back: list[list[int]]) -> Figures:
    told = _tell(paid)
    return None if told is None else (told, _tell(back))


def _tell(amounts: list[list[int]]) -> Told | None:
    total = sum(map(sum, amounts))
    if len(amounts) < _FEWEST or 2 * max(map(sum, amounts)) > total:
        return None
    once = [each for each in amounts if len(each) == 1]
    if len(amounts) - len(once) < _FEWEST:
        count, usual = _nearest(Fraction(len(amounts)), 5), _usual(once)
    else:
        count, usual = _nearest(Fraction(sum(map(len, amounts))), 5), _usual(amounts)
    return Told(_nearest(Fraction(len(amounts)), 5), count, _nearest(usual * count, _STEP))


def _usual(amounts: list[list[int]]) -> Fraction:
    """Give the amount that all had but fewer than five persons, else the average; in cents."""
    alike: dict[int, int] = {}
    for each in amounts:
        if each[0] == each[-1]:
            alike[each[0]] = alike.get(each[0], 0) + 1
    persons, amount = max(((count, amount) for amount, count in alike.items()), default=(0, 0))
    if len(amounts) - persons < _FEWEST:
        return Fraction(amount)
    return Fraction(sum(map(sum, amounts)), sum(map(len, amounts)))


def _nearest(exact: Fraction, step: int) -> int:
    return int((exact + Fraction(step, 2)) // step) * step


@dataclass
class Telling:
    """Remembers what was told of each fiscal year and instalment: recoveries never exceed it."""

    before: dict[tuple[int, str], list[int]] = field(default_factory=dict)

    def agrees(self, cell: Cell, told: Figures, found: Any) -> bool:
        """Tell whether what was published of a cell is what may be told of it; cells come month by month."""
        if told is None:
            return found is None
        if found is None:
            return False
        paid, back = told
        count, cents, times, more = self.before.setdefault((cell.year, cell.instalment), [0, 0, 0, 0])
        count, cents = count + paid.times, cents + paid.cents
        if back is not None and times + back.times <= count and more + back.cents <= cents:
            times, more = times + back.times, more + back.cents
        else:
            back = None
        self.before[cell.year, cell.instalment] = [count, cents, times, more]
        recoveries = None if found.recoveries is None else (found.recoveries.count, found.recoveries.amount * 100)
        is_same = (found.persons, found.payments, found.paid * 100) == paid
        return is_same and recoveries == (None if back is None else (back.times, back.cents))
