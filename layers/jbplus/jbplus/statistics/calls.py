"""The call `GET /v1/statistieken` (Article 2 b): frozen, anonymous figures; nothing is computed about persons here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from jbplus.api.bodies import Body, Optional
from jbplus.api.calls import Call, get
from jbplus.protocol.access import RefusedError, refuse_scope
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Caller
from jbplus.protocol.purposes import SCOPE_STATISTICS
from jbplus.statistics.disclosure import Figures, Total
from jbplus.statistics.publication import Publication, fiscal_years
from jbplus.statistics.service import StatisticsStore

PATH = "/v1/statistieken"
_YEAR = re.compile(r"[0-9]{4}", re.ASCII)


def _parse_year(value: object) -> int:
    if isinstance(value, str) and _YEAR.fullmatch(value):
        return int(value)
    raise PydanticCustomError("year", "must be a year, yyyy")


Year = Annotated[int, BeforeValidator(_parse_year), Field(ge=2022, le=2199)]


class StatisticsQuery(Body):
    """Asks for the figures of one fiscal year, or of all."""

    fiscaal_jaar: Optional[Year] = None


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class FiguresAnswer(_Wire):
    """Figures: counts rounded to 5, `netto` in EUR rounded to 1,000, with two decimals."""

    personen: int
    betalingen: int
    terugvorderingen: int
    netto: str

    @classmethod
    def of(cls, figures: Figures) -> Self:
        """Say figures on the wire."""
        return cls(
            personen=figures.persons,
            betalingen=figures.payments,
            terugvorderingen=figures.recoveries,
            netto=f"{figures.net}.00",
        )


class CellAnswer(_Wire):
    """The figures of one instalment; `cijfers` is left out when they are withheld (fewer than five persons)."""

    bedragtype: str
    cijfers: FiguresAnswer | None = None


class TotalAnswer(_Wire):
    """The sum of the published cells alone; a person counts once in each month and instalment."""

    cijfers: FiguresAnswer
    weggelaten_cellen: int

    @classmethod
    def of(cls, total: Total) -> Self:
        """Say a total on the wire."""
        return cls(cijfers=FiguresAnswer.of(total.figures), weggelaten_cellen=total.left_out)


class MonthAnswer(_Wire):
    """The figures of one month, of the day on which payments took effect."""

    maand: str
    gepubliceerd_op: date
    bedragtypes: tuple[CellAnswer, ...]
    totaal: TotalAnswer

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


class CumulativeAnswer(_Wire):
    """The sums from the first month to the last one published."""

    bedragtypes: tuple[InstalmentTotalAnswer, ...]
    totaal: TotalAnswer


class FiscalYearAnswer(_Wire):
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


class StatisticsAnswer(_Wire):
    """The fiscal years that have figures, in their order."""

    items: tuple[FiscalYearAnswer, ...]


def _scope_of(_: Body) -> str:
    """Tell which scope statistics take."""
    return SCOPE_STATISTICS


@dataclass(frozen=True, slots=True)
class StatisticsCalls:
    """Says publications on the wire."""

    store: StatisticsStore
    clock: Clock

    @property
    def all(self) -> tuple[Call, ...]:
        """The call of statistics."""
        return (get(PATH, StatisticsQuery, self.read, _scope_of),)

    def read(self, query: StatisticsQuery, caller: Caller) -> StatisticsAnswer:
        """Give what was published."""
        today = brussels_day(self.clock())
        refusal = refuse_scope(caller.asker, SCOPE_STATISTICS, today)
        if refusal is not None:
            raise RefusedError(refusal)
        years = fiscal_years(today) if query.fiscaal_jaar is None else [query.fiscaal_jaar]
        found = (self.store.read(year) for year in years)
        return StatisticsAnswer(
            items=tuple(FiscalYearAnswer.of(publications) for publications in found if publications)
        )
