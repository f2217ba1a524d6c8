"""The published statistics, typed (Article 2 b). Counts are rounded to 5, amounts to EUR 3,000."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from jbplus_cli.answers import Answer


class Figures(Answer):
    """Figures that were published, amounts in EUR; recoveries and net are None when they are withheld, or none."""

    persons: Annotated[int, Field(alias="personen")]
    payments: Annotated[int, Field(alias="betalingen")]
    paid: Annotated[Decimal, Field(alias="betaald")]
    recoveries: Annotated[int | None, Field(alias="terugvorderingen")] = None
    net: Annotated[Decimal | None, Field(alias="netto")] = None


class Cell(Answer):
    """The figures of one instalment; None when they are withheld: too few persons."""

    instalment: Annotated[str, Field(alias="bedragtype")]
    figures: Annotated[Figures | None, Field(alias="cijfers")] = None


class Total(Answer):
    """The sum of what was published, how many cells it leaves out, and how many of the rest tell no recoveries."""

    figures: Annotated[Figures, Field(alias="cijfers")]
    left_out: Annotated[int, Field(alias="weggelatenCellen")]
    without_recoveries: Annotated[int, Field(alias="cellenZonderTerugvorderingen")]


class InstalmentTotal(Total):
    """The sum of one instalment."""

    instalment: Annotated[str, Field(alias="bedragtype")]


class Month(Answer):
    """The figures of one month, written as yyyy-MM."""

    month: Annotated[str, Field(alias="maand")]
    cells: Annotated[tuple[Cell, ...], Field(alias="bedragtypes")]
    total: Annotated[Total, Field(alias="totaal")]

    @property
    def is_withheld(self) -> bool:
        """Whether nothing was published of it."""
        return all(cell.figures is None for cell in self.cells)


class Cumulative(Answer):
    """The sums over all months."""

    instalments: Annotated[tuple[InstalmentTotal, ...], Field(alias="bedragtypes")]
    total: Annotated[Total, Field(alias="totaal")]


class FiscalYear(Answer):
    """The figures of one fiscal year."""

    fiscal_year: Annotated[int, Field(alias="fiscaalJaar")]
    months: Annotated[tuple[Month, ...], Field(alias="maanden")]
    cumulative: Annotated[Cumulative, Field(alias="cumulatief")]

    @property
    def instalments(self) -> tuple[str, ...]:
        """The instalments, in their order."""
        return tuple(total.instalment for total in self.cumulative.instalments)

    @property
    def span(self) -> tuple[Month, ...]:
        """The months from the first to the last of which anything was published."""
        shown = [number for number, month in enumerate(self.months) if not month.is_withheld]
        return self.months[shown[0] : shown[-1] + 1] if shown else ()


class Statistics(Answer):
    """All that was published, by fiscal year."""

    items: tuple[FiscalYear, ...]
