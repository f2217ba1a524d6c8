"""Article 2 b, *anonymous*: all that may have happened is tried and published, and sorted by what is published.

Who knows the rules and every figure ever published can do no more than list all that fits. So, of all that gives
the same figures, nothing about fewer than five persons may be the same throughout.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import combinations, product
from itertools import combinations_with_replacement as twice

import pytest

from jbplus.persons.state import Payment
from jbplus.statistics.cells import Cell, Line, Month, Tally
from jbplus.statistics.disclosure import Figures
from jbplus.statistics.publication import Publication, publish
from tests.statistics.fakes import MARCH, paid

WIDE = "SEARCH" in os.environ
"""Set by `make search`, which tries more, and takes minutes."""
TWELVE = 12
"""A count is told as 10 up to here: with all worlds of up to 12, no world for 0, 5 and 10 is missing."""
SEVEN = 7
"""A count is told as 5 up to here."""
FEWER_THAN_FIVE = {0, 1, 2, 3, 4}

Told = tuple[str, ...]
"""The publications, to the letter."""
Sizes = Mapping[str, int]
"""How many there are of each group in one world."""


def possible_sizes(worlds: Iterable[tuple[Told, Sizes]]) -> dict[Told, dict[str, set[int]]]:
    """Find, for all that may be told, how many there may be of each group."""
    possible: dict[Told, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for told, sizes in worlds:
        for group, size in sizes.items():
            possible[told][group].add(size)
    return possible


def assert_nothing_certain(possible: Mapping[str, set[int]], told: object) -> None:
    """Of no group is it certain that there are some and fewer than five, or that there is nobody."""
    for group, sizes in possible.items():
        assert sizes != {0}, (group, told)
        assert not sizes <= FEWER_THAN_FIVE - {0}, (group, sizes, told)


def cell_of(told: str, instalment: str = "1") -> Figures | None:
    return Publication.model_validate_json(told).cells[instalment]


def tells_recoveries(figures: Figures | None) -> bool:
    return figures is not None and figures.recoveries is not None


# One cell, with all kinds of persons.

LINE = Line(2022, Month.of(MARCH))


def kinds_of_persons(amounts: Sequence[str]) -> dict[str, list[Payment]]:
    """List what may have happened to one person."""
    return {
        **{f"paid {amount}": [paid(amount)] for amount in amounts},
        **{f"paid {one} and {other}": [paid(one), paid(other)] for one, other in twice(amounts, 2)},
        **{f"back {amount}": [paid(f"-{amount}")] for amount in amounts},
        **{f"back {one} and {one}": [paid(f"-{one}"), paid(f"-{one}")] for one in amounts[:1]},
        **{f"paid {amount} and back": [paid(amount), paid(f"-{amount}")] for amount in amounts},
    }


def cells(
    kinds: Mapping[str, list[Payment]], paid_to: int, back_of: int, cell: Cell
) -> Iterator[tuple[Cell, Mapping[str, int]]]:
    """Make each cell of up to so many persons who were paid and who paid back, and tell how many are of each kind."""
    if not kinds:
        yield cell, {}
        return
    (name, one), *others = kinds.items()
    forth, back = (any(payment.is_recovery is is_back for payment in one) for is_back in (False, True))
    number = 0
    while paid_to >= 0 and back_of >= 0:
        for whole, numbers in cells(dict(others), paid_to, back_of, cell):
            yield whole, {name: number, **numbers}
        grown = Cell()
        grown.add(cell)
        grown.add_person(one)
        cell, number, paid_to, back_of = grown, number + 1, paid_to - forth, back_of - back


ONE_AMOUNT = [("600.00",), ("900.00",)]
TWO_AMOUNTS = [("300.00", "600.00"), ("250.00", "600.00"), ("500.00", "600.00"), ("600.00", "900.00")]
ALL_AMOUNTS = ("50.00", "200.00", "250.00", "300.00", "400.00", "500.00", "600.00", "900.00", "1200.00")
MORE_AMOUNTS = [
    (less, more) for less, more in combinations(ALL_AMOUNTS, 2) if Decimal(more) - Decimal(less) <= Decimal(600)
]
"""Which differ by no more than an instalment."""


@pytest.mark.parametrize(
    ("amounts", "paid_to", "back_of"),
    [
        *product(ONE_AMOUNT, [TWELVE], [TWELVE if WIDE else SEVEN]),
        *product(TWO_AMOUNTS, [SEVEN], [SEVEN if WIDE else 0]),
        *product(MORE_AMOUNTS if WIDE else TWO_AMOUNTS[:1], [TWELVE], [0]),
    ],
)
def test_of_one_cell_nothing_about_few_is_certain_to_who_knows_which_amounts_are_paid(
    amounts: Sequence[str], paid_to: int, back_of: int
) -> None:
    def worlds() -> Iterator[tuple[Told, Sizes]]:
        for cell, number in cells(kinds_of_persons(amounts), paid_to, back_of, Cell()):
            told = publish(LINE, {"1": cell}, None, MARCH).model_dump_json()
            persons, both = cell.paid.persons, sum(count for name, count in number.items() if name.endswith("back"))
            sizes = {
                "paid": persons,
                "payments": cell.paid.times,
                "paid twice": persons - cell.paid.once.persons,
                "paid once": cell.paid.once.persons,
            }
            if len(amounts) > 1:
                sizes |= {f"paid {amount}": number[f"paid {amount}"] for amount in amounts}
                sizes |= {f"not paid {amount}": persons - number[f"paid {amount}"] for amount in amounts}
            if back_of:
                sizes |= {
                    "reclaimed of": cell.reclaimed.persons,
                    "recoveries": cell.reclaimed.times,
                    "reclaimed twice": cell.reclaimed.persons - cell.reclaimed.once.persons,
                    "paid and reclaimed of": both,
                    "paid and not reclaimed of": persons - both,
                }
            yield (told,), sizes

    found = possible_sizes(worlds())

    assert len(found) > 2
    for (told,), possible in found.items():
        assert_nothing_certain(possible, told)
        if cell_of(told) is None:
            assert possible["paid"] >= FEWER_THAN_FIVE
        if back_of and not tells_recoveries(cell_of(told)):
            assert possible["reclaimed of"] >= FEWER_THAN_FIVE


# Months together. What is reclaimed was paid before: who knows that can add up.


@cache
def publish_next(before: Told, forth: int, back: int) -> Told:
    """Publish one more month of one instalment: so many were paid, so many others paid back, EUR 600 each."""
    cell = Cell()
    for _ in range(forth):
        cell.add_person([paid()])
    for _ in range(back):
        cell.add_person([paid("-600.00")])
    previous = Publication.model_validate_json(before[-1]) if before else None
    month = Month.read(previous.month).next if previous else LINE.month
    return *before, publish(Line(2022, month), {"1": cell}, previous, MARCH).model_dump_json()


def histories(months: int, most: int) -> Iterator[tuple[Told, Sequence[tuple[int, int]], int]]:
    """Try all numbers of payments and recoveries in successive months, of which each takes one payment back."""
    if not months:
        yield (), (), 0
        return
    for before, counts, kept in histories(months - 1, most):
        for forth in range(most + 1):
            for back in range(min(kept + forth, most) + 1):
                yield publish_next(before, forth, back), (*counts, (forth, back)), kept + forth - back


@pytest.mark.parametrize(("months", "most"), [(2, TWELVE), (3, TWELVE if WIDE else SEVEN)])
def test_of_months_together_nothing_about_few_is_certain(months: int, most: int) -> None:
    def worlds() -> Iterator[tuple[Told, Sizes]]:
        for told, counts, _ in histories(months, most):
            sizes = {"withheld": 0, "recoveries withheld": 0}
            for month, ((forth, back), figures) in enumerate(zip(counts, map(read, told), strict=True)):
                sizes |= {f"paid {month}": forth, f"reclaimed {month}": back}
                sizes["withheld"] += forth if figures is None else 0
                sizes["recoveries withheld"] += 0 if tells_recoveries(figures) else back
            yield told, sizes

    read = cache(cell_of)
    for told, possible in possible_sizes(worlds()).items():
        hidden = [possible.pop("withheld"), possible.pop("recoveries withheld")]
        assert all(0 in sizes for sizes in hidden)
        assert_nothing_certain(possible, told)
        for month, figures in enumerate(map(read, told)):
            if figures is None:
                assert possible[f"paid {month}"] >= FEWER_THAN_FIVE, (told, possible)
            if not tells_recoveries(figures):
                assert possible[f"reclaimed {month}"] >= FEWER_THAN_FIVE, (told, possible)


# Instalments and fiscal years together, with persons who are in several.

LINES = (LINE, Line(2023, LINE.month))


def test_of_instalments_and_fiscal_years_together_nothing_about_few_is_certain() -> None:
    """So many in each cell, of whom so many are in both instalments, and so many in both years."""

    def worlds() -> Iterator[tuple[Told, Sizes]]:
        few = range(TWELVE + 1) if WIDE else (0, 1, 2, 3, 4, 5, 6)
        for first, second, next_year in product(few, repeat=3):
            for both, again in product(range(min(first, second) + 1), range(min(first, next_year) + 1)):
                tally = Tally.of(set(LINES))
                for number in range(first):
                    also = [paid(instalment="2")] * (number < both) + [paid(year=2023)] * (number >= first - again)
                    tally.add_person([paid(), *also])
                for _ in range(second - both):
                    tally.add_person([paid(instalment="2")])
                for _ in range(next_year - again):
                    tally.add_person([paid(year=2023)])
                told = tuple(publish(line, tally.lines[line], None, MARCH).model_dump_json() for line in LINES)
                sizes = {"1": first, "2": second, "next year": next_year, "both": both, "again": again}
                yield told, sizes | {"all": first + second - both, "second alone": second - both}

    for told, possible in possible_sizes(worlds()).items():
        withheld = [cell_of(told[0], "1") is None, cell_of(told[0], "2") is None, cell_of(told[1]) is None]
        for group, is_withheld in zip(("1", "2", "next year"), withheld, strict=True):
            assert possible[group] >= FEWER_THAN_FIVE or not is_withheld
        for group in ("both", "again"):
            assert possible[group] >= FEWER_THAN_FIVE
        assert_nothing_certain(possible, told)
        assert cell_of(told[1], "2") is None
