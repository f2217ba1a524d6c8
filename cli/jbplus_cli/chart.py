"""The chart of statistics: an SVG with a bar for each month, in parts by fiscal year and instalment."""

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET  # it only writes here

import pygal
from pygal.style import Style

from jbplus_cli.render import INSTALMENTS
from jbplus_cli.statistics_answers import Month, Statistics

TITLE: Final = "Jobbonus plus: payments by month"
_NOTE: Final = "Month of the day on which payments took effect. Counts are rounded to 5. No bar: withheld, or none."
# Each stands out from white and from the dark background by three to one.
_COLOURS: Final = ("#0f7f88", "#c2611a", "#8465cf", "#8f7412", "#3b7fd0", "#c2497f", "#5a8a2f", "#a86a5a")
_STYLE: Final = Style(
    background="#ffffff",
    plot_background="#ffffff",
    foreground="#222222",
    foreground_strong="#000000",
    foreground_subtle="#999999",
    colors=_COLOURS,
    opacity="1",
    opacity_hover=".8",
    font_family="Helvetica, Arial, sans-serif",
    title_font_size=20,
    label_font_size=12,
    major_label_font_size=12,
    legend_font_size=13,
)
_DARK: Final = """inline:@media (prefers-color-scheme: dark) {
  {{ id }}, {{ id }}.graph > .background, {{ id }}.plot > .background { background: #15181c; fill: #15181c; }
  {{ id }}.title, {{ id }}.legend text, {{ id }}.axis text { fill: #e4e7eb !important; }
  {{ id }}.axis .line, {{ id }}.axis .guide.line { stroke: #6b7280 !important; }
}"""
_LABELS: Final = 12


def svg(answer: Statistics) -> str:
    """Draw the payments of each month as they were published, for light and dark screens.

    Raises:
        ValueError: nothing was published.
    """
    told = {
        (year.fiscal_year, cell.instalment, month.month): cell.figures.payments
        for year in answer.items
        for month in year.months
        for cell in month.cells
        if cell.figures is not None
    }
    if not told:
        raise ValueError("nothing was published, so there is nothing to draw")
    months = _span([month for year in answer.items for month in year.span])
    chart = pygal.StackedBar(
        style=_STYLE,
        js=(),
        width=1000,
        height=540,
        title=TITLE,
        x_title=_NOTE,
        legend_at_bottom=True,
        legend_at_bottom_columns=4,
        show_minor_x_labels=False,
        value_formatter=lambda count: f"{count:,.0f}",
        range=(0, None),
    )
    return chart
