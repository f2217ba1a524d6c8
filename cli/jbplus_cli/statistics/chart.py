"""Charts of bars in parts, as SVG; the one of statistics has a bar for each month, in parts by year and instalment."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from xml.etree import ElementTree as ET  # it only writes here

import pygal
from pygal.style import Style

from jbplus.statistics.wire import StatisticsAnswer
from jbplus_cli.screen.looks import INSTALMENTS
from jbplus_cli.statistics.span import span


@dataclass(frozen=True, slots=True)
class PaymentWords:
    """The words of the chart of payments, in one language.

    Attributes:
        title: what it is about.
        note: what its numbers are.
        unit: what is counted.
        instalments: how people call each `bedragtype`.
        number: writes a number.
    """

    title: str
    note: str
    unit: str
    instalments: Mapping[str, str]
    number: Callable[[int], str] = "{:,}".format


ENGLISH: Final = PaymentWords(
    title="Jobbonus plus: payments by month",
    note="Month of the day on which payments took effect. Counts are rounded to 5. No bar: withheld, or none.",
    unit="payments",
    instalments={number: f"{name} instalment" for number, name in INSTALMENTS.items()},
)
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
_ON_DARK: Final = f"""inline:@media screen and (prefers-color-scheme: dark) {{
  svg.pygal-chart {{ background: {DARK} !important; }}
  svg.pygal-chart .background {{ fill: {DARK} !important; }}
  svg.pygal-chart text {{ fill: #e4e7eb !important; }}
  svg.pygal-chart .axis path {{ stroke: #6b7280 !important; }}
}}"""
_MOST_LABELS: Final = 12


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a chart of stacked bars shows.

    Attributes:
        id: names it among the charts of one page.
        title: what it is about.
        note: what its numbers are, below it.
        labels: the bars, from the first to the last.
        series: the parts of bars: a name, and its number by bar.
        unit: what is counted.
        height: in pixels.
        lying: whether the bars lie: for labels that are long.
        number: writes a number.
    """

    id: str
    title: str
    note: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Mapping[str, int]]]
    unit: str
    height: int = 540
    lying: bool = False
    number: Callable[[int], str] = "{:,}".format


def payments(answer: StatisticsAnswer, words: PaymentWords = ENGLISH) -> Drawing:
    """Put the payments of each month as they were published in a drawing.

    Raises:
        ValueError: nothing was published.
    """
    months = _months(answer)
    if not months:
        raise ValueError("nothing was published, so there is nothing to draw")
    series = list(_series(answer, words))
    return Drawing("payments", words.title, words.note, months, series, words.unit, number=words.number)


def svg(drawing: Drawing) -> str:
    """Draw bars, for light and dark screens and for paper."""
    kind = pygal.HorizontalStackedBar if drawing.lying else pygal.StackedBar
    chart = kind(
        style=_STYLE,
        js=(),  # the library's scripts are fetched from elsewhere
        width=1000,
        height=drawing.height,
        title=drawing.title,
        x_title=drawing.note,
        x_labels=drawing.labels,
        # Labels that would touch each other are left out, evenly.
        x_labels_major_every=1 if drawing.lying else math.ceil(len(drawing.labels) / _MOST_LABELS),
        show_minor_x_labels=False,
        truncate_label=-1,
        truncate_legend=-1,
        value_formatter=lambda count: drawing.number(round(count)),
        legend_at_bottom=True,
    )
    chart.config.css.append(_ON_DARK)
    for name, numbers in drawing.series:
        chart.add(name, [numbers.get(label) for label in drawing.labels])
    chart.add_xml_filter(partial(_described, drawing=drawing))
    return str(chart.render(is_unicode=True))


def _months(answer: StatisticsAnswer) -> list[str]:
    """List all months between the first and the last of which anything was published."""
    spans = [span(year) for year in answer.items if span(year)]
    if not spans:
        return []
    first, last = min(months[0].maand for months in spans), max(months[-1].maand for months in spans)
    return sorted({month.maand for year in answer.items for month in year.maanden if first <= month.maand <= last})


def _series(answer: StatisticsAnswer, words: PaymentWords) -> Iterator[tuple[str, dict[str, int]]]:
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
                yield f"{year.fiscaal_jaar}, {words.instalments.get(instalment, instalment)}", payments


def _in_words(drawing: Drawing) -> str:
    """Say the chart to who does not see it."""
    said = (
        f"{name}: " + ", ".join(f"{label} {drawing.number(count)}" for label, count in numbers.items())
        for name, numbers in drawing.series
    )
    return f"{drawing.note} {'; '.join(said)}.".strip()


def _described(root: ET.Element, drawing: Drawing) -> ET.Element:
    """Make the chart one image to a screen reader, with its title and what it shows; a bar says what it is."""
    parents = {child: parent for parent in root.iter() for child in parent}
    for script in [*root.iter("script")]:
        parents[script].remove(script)
    for bar in [each for each in root.iter("g") if each.get("class") == "bar"]:
        # The library's descriptions are for its scripts, and say 0 of what is withheld.
        said_of_bar = {each.get("class"): each for each in bar.findall("desc")}
        for each in said_of_bar.values():
            bar.remove(each)
        label, count = (said_of_bar[name].text for name in ("x_label", "value"))
        if count == "0":
            parents[bar].remove(bar)
        else:
            ET.SubElement(bar, "title").text = f"{label}: {count} {drawing.unit}"
    for each in root.iter("g"):
        # For its scripts too, and the same in every chart of a page.
        if each.get("id", "").startswith("activate-serie"):
            del each.attrib["id"]
    title = next(root.iter("title"))
    parents[title].remove(title)
    description = ET.Element("desc", {"id": f"{drawing.id}-description"})
    title.set("id", f"{drawing.id}-title")
    description.text = _in_words(drawing)
    root[:0] = [title, description]
    root.set("role", "img")
    root.set("aria-labelledby", f"{drawing.id}-title")
    root.set("aria-describedby", f"{drawing.id}-description")
    return root
