"""The page: one file with all that it needs, for screens, light and dark, and for paper."""

import calendar
from datetime import datetime
from decimal import Decimal
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from typing_extensions import override

from jbplus.protocol.calendar import BRUSSELS
from jbplus_cli.overview.figures import Figures, Told
from jbplus_cli.overview.month import Month
from jbplus_cli.overview.words import PAYMENTS, WORDS, Language, word
from jbplus_cli.statistics import chart
from jbplus_recipient import dutch
from jbplus_recipient.dutch import MONTHS

_ENVIRONMENT = Environment(
    loader=PackageLoader("jbplus_cli.overview", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(figures: Figures, month: Month, language: Language) -> str:
    """Write the page.

    Args:
        figures: of the month.
        month: the month.
        language: of its words.
    """
    style = _STYLES[language]
    return _ENVIRONMENT.get_template("page.html.j2").render(
        f=figures,
        w=WORDS[language],
        language=language.value,
        month_name=style.month(month),
        running=figures.at < month.end,
        first_column=month.first.isoweekday(),
        charts={"lookups": _lookups(figures, language), "statistics": _payments(figures, language)},
        instalments=PAYMENTS[language].instalments,
        day=style.day,
        moment=style.moment,
        number=style.number,
    )


class _Dutch:
    """How Dutch writes figures."""

    def month(self, month: Month) -> str:
        """Name a month."""
        return f"{MONTHS[month.first.month - 1]} {month.first.year}"

    def day(self, at: datetime) -> str:
        """Write the day of a moment, in Brussels."""
        return dutch.day(at.astimezone(BRUSSELS))

    def moment(self, at: datetime) -> str:
        """Write a moment, by the clocks in Brussels."""
        return dutch.moment(at)

    def number(self, figure: Told | Decimal | None) -> str:
        """Write a figure; one that is withheld is a dot."""
        return _WITHHELD if figure is None else figure if isinstance(figure, str) else dutch.number(figure)


class _English(_Dutch):
    """How English writes them."""

    @override
    def month(self, month: Month) -> str:
        return f"{calendar.month_name[month.first.month]} {month.first.year}"

    @override
    def day(self, at: datetime) -> str:
        there = at.astimezone(BRUSSELS)
        return f"{there.day} {calendar.month_name[there.month]} {there.year}"

    @override
    def moment(self, at: datetime) -> str:
        return f"{self.day(at)} at {at.astimezone(BRUSSELS):%H:%M}"

    @override
    def number(self, figure: Told | Decimal | None) -> str:
        return _WITHHELD if figure is None else figure if isinstance(figure, str) else f"{figure:,}"


_WITHHELD: Final = "·"
_STYLES: Final = {Language.DUTCH: _Dutch(), Language.ENGLISH: _English()}


def _lookups(figures: Figures, language: Language) -> Markup | None:
    told = [(row.party, row.purpose, row.answered) for row in figures.lookups or () if isinstance(row.answered, int)]
    if not told:
        return None
    parties = list(dict.fromkeys(party for party, _, _ in told))
    series = [
        (
            word(language, "purposes", purpose).replace("\N{SOFT HYPHEN}", ""),
            {party: answered for party, each, answered in told if each == purpose},
        )
        for purpose in dict.fromkeys(purpose for _, purpose, _ in told)
    ]
    drawing = chart.Drawing(
        id="lookups-chart",
        title=word(language, "lookups_chart"),
        note="",
        labels=parties[::-1],
        series=series,
        unit=word(language, "answered").lower(),
        height=180 + 45 * len(parties),
        lying=True,
        number=PAYMENTS[language].number,
    )
    return _inline(drawing)


def _payments(figures: Figures, language: Language) -> Markup | None:
    if figures.statistics is None:
        return None
    try:
        return _inline(chart.payments(figures.statistics, PAYMENTS[language]))
    except ValueError:
        return None  # nothing was published


def _inline(drawing: chart.Drawing) -> Markup:
    svg = chart.svg(drawing)
    return Markup(svg[svg.index("<svg") :])  # noqa: S704 - made by the library of charts, which escapes what it is given
