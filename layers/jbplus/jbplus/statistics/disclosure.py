"""What may be told of exact figures: nothing about few persons, and nothing exact.

The one rule from which the rest follows: no figure that is told uses the data of a cell that is withheld. So
nobody can work one out, from whatever is told, at whatever time (docs/adr/0009-statistics-published-once.md).
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from jbplus.statistics.cells import Cell

FEWEST_PERSONS = 5
COUNT_STEP = 5
NET_STEP = 1000


class Figures(BaseModel):
    """Figures that may be told.

    Attributes:
        persons: a multiple of 5.
        payments: a multiple of 5.
        recoveries: a multiple of 5.
        net: a multiple of EUR 1,000.
    """

    model_config = ConfigDict(frozen=True)

    persons: Annotated[int, Field(ge=0, multiple_of=COUNT_STEP)] = 0
    payments: Annotated[int, Field(ge=0, multiple_of=COUNT_STEP)] = 0
    recoveries: Annotated[int, Field(ge=0, multiple_of=COUNT_STEP)] = 0
    net: Annotated[int, Field(multiple_of=NET_STEP)] = 0

    def __add__(self, other: Self) -> Self:
        """Add figures up: sums of what is told tell nothing more."""
        return type(self)(
            persons=self.persons + other.persons,
            payments=self.payments + other.payments,
            recoveries=self.recoveries + other.recoveries,
            net=self.net + other.net,
        )


def tell(cell: Cell) -> Figures | None:
    """Give the figures of a cell for telling, or None: it is withheld, with all its measures.

    It is withheld when it has fewer than five persons, or when half of its money is one person's: then the net
    would be about that person. Counts are rounded to the nearest 5, the net to the nearest EUR 1,000.
    """
    if cell.persons < FEWEST_PERSONS or 2 * cell.largest > cell.turnover:
        return None
    return Figures(
        persons=_rounded(cell.persons),
        payments=_rounded(cell.payments),
        recoveries=_rounded(cell.recoveries),
        net=_rounded(cell.net, NET_STEP),
    )


class Total(BaseModel):
    """The sum of the cells that are told; the true sum is withheld when a cell is, which it would give away.

    Attributes:
        figures: the sum; a person counts once in each cell.
        left_out: how many cells are withheld, and not in it.
    """

    model_config = ConfigDict(frozen=True)

    figures: Figures = Figures()
    left_out: int = 0

    @classmethod
    def of(cls, cells: Iterable[Figures | None]) -> Self:
        """Add up cells, told or withheld."""
        return sum((cls(left_out=1) if told is None else cls(figures=told) for told in cells), cls())

    def __add__(self, other: Self) -> Self:
        """Add totals up."""
        return type(self)(figures=self.figures + other.figures, left_out=self.left_out + other.left_out)


def _rounded(exact: int | Decimal, step: int = COUNT_STEP) -> int:
    return int((Decimal(exact) / step).quantize(Decimal(1), ROUND_HALF_EVEN)) * step
