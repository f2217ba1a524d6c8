"""What may be told of exact figures: nothing about few persons, and nothing exact.

The one rule from which the rest follows: no figure that is told uses what is withheld. So nobody can work it out,
from whatever is told, at whatever time (docs/adr/0009-statistics-published-once.md).
"""

from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from jbplus.statistics.cells import Cell, Flow

FEWEST_PERSONS = 5
COUNT_STEP = 5
AMOUNT_STEP = 3000
"""EUR: what five instalments of EUR 600 come to, so that an amount is no finer than a count."""

Count = Annotated[int, Field(ge=0, multiple_of=COUNT_STEP)]
Amount = Annotated[int, Field(ge=0, multiple_of=AMOUNT_STEP)]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Recoveries(_Told):
    """Recoveries that may be told.

    Attributes:
        count: a multiple of 5.
        amount: what was reclaimed, a multiple of EUR 3,000, without its sign.
    """

    count: Count
    amount: Amount

    def __add__(self, other: Self) -> Self:
        """Add recoveries up."""
        return type(self)(count=self.count + other.count, amount=self.amount + other.amount)


class Figures(_Told):
    """Figures that may be told.

    Attributes:
        persons: who were paid, a multiple of 5.
        payments: a multiple of 5.
        paid: a multiple of EUR 3,000.
        recoveries: None when they are withheld, or there are none: these look the same.
    """

    persons: Count = 0
    payments: Count = 0
    paid: Amount = 0
    recoveries: Recoveries | None = None

    @property
    def net(self) -> int | None:
        """What was paid, less the recoveries that are told; None when none are told."""
        return None if self.recoveries is None else self.paid - self.recoveries.amount

    def __add__(self, other: Self) -> Self:
        """Add figures up: sums of what is told tell nothing more."""
        recoveries = [each.recoveries for each in (self, other) if each.recoveries is not None]
        return type(self)(
            persons=self.persons + other.persons,
            payments=self.payments + other.payments,
            paid=self.paid + other.paid,
            recoveries=sum(recoveries[1:], recoveries[0]) if recoveries else None,
        )

    def after(self, before: Self) -> Self:
        """Leave the recoveries out when the payments that are told, here and before, cannot account for them.

        More recoveries than payments would tell that somebody was paid in a cell that is withheld.
        """
        both = before + self
        if both.recoveries is None or (both.recoveries.count <= both.payments and both.recoveries.amount <= both.paid):
            return self
        return self.model_copy(update={"recoveries": None})


def tell(cell: Cell) -> Figures | None:
    """Give the figures of a cell for telling, or None: it is withheld, with all its measures.

    It is withheld when fewer than five persons were paid, or when half of the money is one person's: then the amount
    would be about that person. Its recoveries are withheld by the same rule.
    """
    if _is_about_few(cell.paid):
        return None
    payments, paid = _rounded(cell.paid)
    recoveries = None
    if not _is_about_few(cell.reclaimed):
        count, amount = _rounded(cell.reclaimed)
        recoveries = Recoveries(count=count, amount=amount)
    return Figures(persons=nearest(cell.paid.persons, COUNT_STEP), payments=payments, paid=paid, recoveries=recoveries)


class Total(_Told):
    """The sum of the cells that are told; the true sum is withheld when a cell is, which it would give away.

    Attributes:
        figures: the sum; a person counts once in each cell.
        left_out: how many cells are withheld, and not in it.
        without_recoveries: how many of the cells in it have their recoveries withheld, or have none.
    """

    figures: Figures = Figures()
    left_out: int = 0
    without_recoveries: int = 0

    @classmethod
    def of(cls, cells: Iterable[Figures | None]) -> Self:
        """Add up cells, told or withheld."""
        return sum(map(cls._of_one, cells), cls())

    @classmethod
    def _of_one(cls, told: Figures | None) -> Self:
        return cls(left_out=1) if told is None else cls(figures=told, without_recoveries=told.recoveries is None)

    def __add__(self, other: Self) -> Self:
        """Add totals up."""
        return type(self)(
            figures=self.figures + other.figures,
            left_out=self.left_out + other.left_out,
            without_recoveries=self.without_recoveries + other.without_recoveries,
        )


def _is_about_few(flow: Flow) -> bool:
    return flow.persons < FEWEST_PERSONS or 2 * flow.largest > flow.total


def _rounded(flow: Flow) -> tuple[int, int]:
    """Round the number of amounts, and the sum that so many amounts of the usual size come to.

    The exact sum would undo the rounding of the number: amounts are few and known. In what fewer than five persons
    differ from the others, they look like the others: that they had more than one amount, or another one.
    """
    once = flow.once
    few_repeat = flow.persons - once.persons < FEWEST_PERSONS
    count = nearest(flow.persons if few_repeat else flow.times, COUNT_STEP)
    return count, nearest(_usual_amount(once if few_repeat else flow) * count, AMOUNT_STEP)


def _usual_amount(flow: Flow) -> Decimal:
    """Find the amount that all had but fewer than five persons, else the average."""
    alike = Counter[Decimal]()
    for amounts, persons in flow.alike.items():
        if amounts[0] == amounts[-1]:
            alike[amounts[0]] += persons
    amount, persons = max(alike.items(), key=lambda item: (item[1], item[0]), default=(Decimal(0), 0))
    return amount if flow.persons - persons < FEWEST_PERSONS else flow.total / flow.times


def nearest(exact: int | Decimal, step: int) -> int:
    """Give the multiple of a step that is nearest to a figure; of two the higher."""
    return int((Decimal(exact) / step).quantize(Decimal(1), ROUND_HALF_UP)) * step
