"""The call `GET /v1/statistieken` (Article 2 b): frozen, anonymous figures; nothing is computed about persons here."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from jbplus.api.bodies import Body, Optional
from jbplus.api.calls import Call, get
from jbplus.protocol.access import require_scope
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Caller
from jbplus.protocol.purposes import SCOPE_STATISTICS
from jbplus.statistics.publication import fiscal_years
from jbplus.statistics.service import StatisticsStore
from jbplus.statistics.wire import FiscalYearAnswer, StatisticsAnswer

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


@dataclass(frozen=True, slots=True)
class StatisticsCalls:
    """Says publications on the wire."""

    store: StatisticsStore
    clock: Clock

    @property
    def all(self) -> tuple[Call, ...]:
        """The call of statistics."""
        return (get(PATH, StatisticsQuery, self.read),)

    def read(self, query: StatisticsQuery, caller: Caller) -> StatisticsAnswer:
        """Give what was published."""
        today = brussels_day(self.clock())
        require_scope(caller.asker, SCOPE_STATISTICS, today)
        years = fiscal_years(today) if query.fiscaal_jaar is None else [query.fiscaal_jaar]
        found = (self.store.read(year) for year in years)
        return StatisticsAnswer(
            items=tuple(FiscalYearAnswer.of(publications) for publications in found if publications)
        )
