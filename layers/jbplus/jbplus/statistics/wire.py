"""The published figures as the API says them (Article 2 b)."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from jbplus.statistics.disclosure import Figures, Total
from jbplus.statistics.publication import Publication
from jbplus.wire import Euro, Wire, euro


class FiguresAnswer(Wire):
    """Figures: counts rounded to 5, amounts in EUR rounded to 3,000, with two decimals.

    `terugvorderingen` and `netto` are left out when recoveries are withheld (fewer than five persons), or none.
    """

    personen: int
    betalingen: int
    betaald: Euro
    terugvorderingen: int | None = None
    netto: Euro | None = None

    @classmethod
    def of(cls, figures: Figures) -> Self:
        """Say figures on the wire."""
        return cls(
            personen=figures.persons,
            betalingen=figures.payments,
            betaald=euro(figures.paid),
            terugvorderingen=figures.recoveries and figures.recoveries.count,
            netto=None if figures.net is None else euro(figures.net),
        )


class CellAnswer(Wire):
    """The figures of one instalment; `cijfers` is left out when they are withheld (fewer than five persons)."""

    bedragtype: str
    cijfers: FiguresAnswer | None = None


class TotalAnswer(Wire):
    """The sum of the published cells alone; a person counts once in each month and instalment."""

    cijfers: FiguresAnswer
    weggelaten_cellen: int
    cellen_zonder_terugvorderingen: int

    @classmethod
    def of(cls, total: Total) -> Self:
        """Say a total on the wire."""
        return cls(
            cijfers=FiguresAnswer.of(total.figures),
            weggelaten_cellen=total.left_out,
            cellen_zonder_terugvorderingen=total.without_recoveries,
        )


class MonthAnswer(Wire):
    """The figures of one month, of the day on which payments took effect."""

    maand: str
    gepubliceerd_op: date
    bedragtypes: tuple[CellAnswer, ...]
    totaal: TotalAnswer

    @property
    def is_withheld(self) -> bool:
        """Whether nothing was published of it."""
        return all(cell.cijfers is None for cell in self.bedragtypes)

    @classmethod
    def of(cls, publication: Publication) -> Self:
        """Say a publication's month on the wire."""
        return cls(
            maand=publication.month,
            gepubliceerd_op=publication.published_on,
            bedragtypes=tuple(
                CellAnswer(bedragtype=instalment, cijfers=None if figures is None else FiguresAnswer.of(figures))
                for instalment, figures in publication.cells.items()
            ),
            totaal=TotalAnswer.of(publication.month_total),
        )


class InstalmentTotalAnswer(TotalAnswer):
    """The sum of one instalment's published months."""

    bedragtype: str


class CumulativeAnswer(Wire):
    """The sums from the first month to the last one published."""

    bedragtypes: tuple[InstalmentTotalAnswer, ...]
    totaal: TotalAnswer


class FiscalYearAnswer(Wire):
    """The figures of one fiscal year."""

    fiscaal_jaar: int
    maanden: tuple[MonthAnswer, ...]
    cumulatief: CumulativeAnswer

    @classmethod
    def of(cls, publications: Sequence[Publication]) -> Self:
        """Say the publications of one fiscal year, at least one, on the wire."""
        last = publications[-1]
        return cls(
            fiscaal_jaar=last.fiscal_year,
            maanden=tuple(MonthAnswer.of(publication) for publication in publications),
            cumulatief=CumulativeAnswer(
                bedragtypes=tuple(
                    InstalmentTotalAnswer(bedragtype=instalment, **dict(TotalAnswer.of(total)))
                    for instalment, total in last.cumulative.items()
                ),
                totaal=TotalAnswer.of(last.cumulative_total),
            ),
        )


class StatisticsAnswer(Wire):
    """The fiscal years that have figures, in their order."""

    items: tuple[FiscalYearAnswer, ...]
