"""The chart of statistics: an SVG with a bar for each month, in parts by fiscal year and instalment."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Final
from xml.etree import ElementTree as ET  # it only writes here

import pygal
from pygal.style import Style

from jbplus.statistics.wire import StatisticsAnswer
from jbplus_cli.screen.looks import INSTALMENTS
from jbplus_cli.statistics.span import span

TITLE: Final = "Jobbonus plus: payments by month"
_NOTE: Final = "Month of the day on which payments took effect. Counts are rounded to 5. No bar: withheld, or none."
LIGHT: Final = "#ffffff"
DARK: Final = "#15181c"
COLOURS: Final = ("#0f7f88", "#c2611a", "#8465cf", "#8f7412", "#3b7fd0", "#c2497f", "#5a8a2f", "#a86a5a")
"""Of one bar after the other; each stands out from both backgrounds."""
_STYLE: Final = Style(
    background=LIGHT,
    plot_background=LIGHT,
    foreground="#222222",
    foreground_strong="#000000",
    foreground_subtle="#999999",
    colors=COLOURS,
    opacity="1",
    font_family="Helvetica, Arial, sans-serif",
    guide_stroke_color="#cccccc",
    major_guide_stroke_color="#cccccc",
    title_font_size=16,
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=14,
)
_ON_DARK: Final = f"""inline:@media (prefers-color-scheme: dark) {{
  svg.pygal-chart {{ background: {DARK} !important; }}
  svg.pygal-chart .background {{ fill: {DARK} !important; }}
  svg.pygal-chart text {{ fill: #e4e7eb !important; }}
  svg.pygal-chart .axis path {{ stroke: #6b7280 !important; }}
}}"""
_MOST_LABELS: Final = 12


def svg(answer: StatisticsAnswer) -> str:
    """Draw the payments of each month as they were published, for light and dark screens.

    Raises:
        ValueError: nothing was published.
    """
    months = _months(answer)
    if not months:
        raise ValueError("nothing was published, so there is nothing to draw")
    chart = pygal.StackedBar(
        style=_STYLE,
        js=(),  # the library's scripts are fetched from elsewhere
        width=1000,
        height=540,
        title=TITLE,
        x_title=_NOTE,
        x_labels=months,
        # Labels that would touch each other are left out, evenly.
        x_labels_major_every=math.ceil(len(months) / _MOST_LABELS),
        show_minor_x_labels=False,
        truncate_label=-1,
        truncate_legend=-1,
        value_formatter=lambda count: f"{count:,.0f}",
    )
    chart.config.css.append(_ON_DARK)
    for name, payments in _series(answer):
        chart.add(name, [payments.get(month) for month in months])
    chart.add_xml_filter(partial(_described, said=_in_words(answer)))
    return str(chart.render(is_unicode=True))


def _months(answer: StatisticsAnswer) -> list[str]:
    """List all months between the first and the last of which anything was published."""
    spans = [span(year) for year in answer.items if span(year)]
    if not spans:
        return []
    first, last = min(months[0].maand for months in spans), max(months[-1].maand for months in spans)
    return sorted({month.maand for year in answer.items for month in year.maanden if first <= month.maand <= last})


def _series(answer: StatisticsAnswer) -> Iterator[tuple[str, dict[str, int]]]:
    """Give the payments by month, of each fiscal year and instalment of which any were published."""
    for year in answer.items:
        for instalment in [total.bedragtype for total in year.cumulatief.bedragtypes]:
            payments = {
                month.maand: cell.cijfers.betalingen
                for month in year.maanden
                for cell in month.bedragtypes
                if cell.cijfers and cell.bedragtype == instalment
            }
            if payments:
                yield f"{year.fiscaal_jaar}, {INSTALMENTS.get(instalment, instalment)} instalment", payments


def _in_words(answer: StatisticsAnswer) -> str:
    """Say the chart to who does not see it."""
    said = (
        f"{name}: " + ", ".join(f"{month} {count:,}" for month, count in payments.items())
        for name, payments in _series(answer)
    )
    return f"{_NOTE} {'; '.join(said)}."


def _described(root: ET.Element, said: str) -> ET.Element:
    """Make the chart one image to a screen reader, with its title and what it shows; a bar says what it is."""
    parents = {child: parent for parent in root.iter() for child in parent}
    for script in [*root.iter("script")]:
        parents[script].remove(script)
    for bar in [each for each in root.iter("g") if each.get("class") == "bar"]:
        # The library's descriptions are for its scripts, and say 0 of what is withheld.
        said_of_bar = {each.get("class"): each for each in bar.findall("desc")}
        for each in said_of_bar.values():
            bar.remove(each)
        month, payments = (said_of_bar[name].text for name in ("x_label", "value"))
        if payments == "0":
            parents[bar].remove(bar)
        else:
            ET.SubElement(bar, "title").text = f"{month}: {payments} payments"
    title = next(root.iter("title"))
    parents[title].remove(title)
    description = ET.Element("desc", {"id": "chart-description"})
    title.set("id", "chart-title")
    description.text = said
    root[:0] = [title, description]
    root.set("role", "img")
    root.set("aria-labelledby", "chart-title")
    root.set("aria-describedby", "chart-description")
    return root
