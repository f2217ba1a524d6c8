"""The chart of statistics: an SVG with a panel for each fiscal year, and a bar for each month and instalment."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET  # it only writes here

from jbplus.statistics.wire import CellAnswer, FiscalYearAnswer, MonthAnswer, StatisticsAnswer
from jbplus_cli.screen.looks import INSTALMENTS
from jbplus_cli.statistics.span import span

COLOURS: Final = {"1": "#0b6e75", "2": "#c8651b"}
_TEXT, _FAINT, _LINE, _WITHHELD = "#222222", "#666666", "#dddddd", "#999999"

_WIDTH, _PANEL, _TOP, _FOOT = 960, 300, 76, 54
_LEFT, _RIGHT, _ABOVE, _BELOW = 70, 20, 40, 44
_WIDEST, _TICKS = 120, 4


@dataclass(frozen=True, slots=True)
class _Panel:
    """Where one fiscal year is drawn.

    Attributes:
        months: what is drawn.
        top: the height of its upper edge.
        largest: the count that the highest grid line stands for.
    """

    months: Sequence[MonthAnswer]
    top: float
    largest: int

    @property
    def base(self) -> float:
        """The height of the ground line."""
        return self.top + _PANEL - _BELOW

    @property
    def step(self) -> float:
        """The width of a month."""
        return min(_WIDEST, (_WIDTH - _LEFT - _RIGHT) / len(self.months))

    def height(self, count: int) -> float:
        """The height of a bar."""
        return (_PANEL - _ABOVE - _BELOW) * count / self.largest


def svg(answer: StatisticsAnswer) -> str:
    """Draw the payments of each month as they were published; withheld ones as a dotted stub.

    Raises:
        ValueError: nothing was published.
    """
    years = [year for year in answer.items if span(year)]
    if not years:
        raise ValueError("nothing was published, so there is nothing to draw")
    height = _TOP + _PANEL * len(years) + _FOOT
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_WIDTH} {height}",
            "width": str(_WIDTH),
            "height": str(height),
            "font-family": "Helvetica, Arial, sans-serif",
            "role": "img",
        },
    )
    ET.SubElement(root, "title").text = "Jobbonus plus: payments by month and instalment"
    _box(root, 0, 0, _WIDTH, height, fill="#ffffff")
    _text(root, _LEFT, 32, "Jobbonus plus: payments by month", size=20, weight="bold")
    _legend(root, list(dict.fromkeys(total.bedragtype for year in years for total in year.cumulatief.bedragtypes)))
    for number, year in enumerate(years):
        _year(root, year, _TOP + _PANEL * number)
    _text(
        root,
        _LEFT,
        height - 24,
        "Month of the day on which a payment took effect. Counts are rounded to 5; fewer than five persons: withheld. "
        "Published once, never changed.",
        size=11,
        fill=_FAINT,
    )
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _legend(root: ET.Element, instalments: Sequence[str]) -> None:
    x = float(_LEFT)
    for instalment in instalments:
        _box(root, x, 46, 12, 12, fill=COLOURS.get(instalment, _FAINT))
        _text(root, x + 18, 56, f"{INSTALMENTS.get(instalment, instalment)} instalment", size=12)
        x += 140
    _stub(root, x, 58, 12)
    _text(root, x + 18, 56, "withheld", size=12)


def _year(root: ET.Element, year: FiscalYearAnswer, top: float) -> None:
    panel = _Panel(span(year), top, _largest(span(year)))
    net = year.cumulatief.totaal.cijfers.netto
    _text(root, _LEFT, top + 22, f"Fiscal year {year.fiscaal_jaar}", size=15, weight="bold")
    _text(root, _WIDTH - _RIGHT, top + 22, f"published net EUR {net:,.0f}", size=12, anchor="end", fill=_FAINT)
    for tick in range(_TICKS + 1):
        count = panel.largest * tick // _TICKS
        y = panel.base - panel.height(count)
        _line(root, _LEFT, y, _WIDTH - _RIGHT, y, stroke=_LINE if tick else _FAINT)
        _text(root, _LEFT - 8, y + 4, f"{count:,}", size=11, anchor="end", fill=_FAINT)
    # Labels that would touch each other are left out, evenly.
    every = math.ceil(52 / panel.step)
    for number, month in enumerate(panel.months):
        x = _LEFT + panel.step * number
        for instalment, cell in enumerate(month.bedragtypes):
            width = panel.step * 0.8 / len(month.bedragtypes)
            _cell(root, cell, panel, x + panel.step * 0.1 + width * instalment, width)
        if number % every == 0:
            _text(root, x + panel.step / 2, panel.base + 18, month.maand, size=11, anchor="middle", fill=_FAINT)


def _cell(root: ET.Element, cell: CellAnswer, panel: _Panel, x: float, width: float) -> None:
    if cell.cijfers is None:
        _stub(root, x, panel.base, width)
        return
    height = panel.height(cell.cijfers.betalingen)
    bar = _box(root, x, panel.base - height, width, height, fill=COLOURS.get(cell.bedragtype, _FAINT))
    ET.SubElement(bar, "title").text = f"{cell.cijfers.betalingen:,} payments"


def _largest(months: Sequence[MonthAnswer]) -> int:
    """Find a round number that no bar exceeds, and that the grid divides."""
    counts = (cell.cijfers.betalingen for month in months for cell in month.bedragtypes if cell.cijfers)
    most = max(_TICKS, *counts)
    return next(step * _TICKS for step in _round_steps() if step * _TICKS >= most)


def _round_steps() -> Iterator[int]:
    unit = 1
    while True:
        yield from (unit, 2 * unit, 5 * unit)
        unit *= 10


def _stub(root: ET.Element, x: float, base: float, width: float) -> None:
    _line(root, x + 1, base - 3, x + width - 1, base - 3, stroke=_WITHHELD, dotted=True)


def _box(root: ET.Element, x: float, y: float, width: float, height: float, *, fill: str) -> ET.Element:
    return ET.SubElement(root, "rect", {"x": _n(x), "y": _n(y), "width": _n(width), "height": _n(height), "fill": fill})


def _line(root: ET.Element, x1: float, y1: float, x2: float, y2: float, *, stroke: str, dotted: bool = False) -> None:
    said = {"x1": _n(x1), "y1": _n(y1), "x2": _n(x2), "y2": _n(y2), "stroke": stroke}
    ET.SubElement(root, "line", said | ({"stroke-width": "2", "stroke-dasharray": "2 2"} if dotted else {}))


def _text(
    root: ET.Element,
    x: float,
    y: float,
    words: str,
    *,
    size: int,
    anchor: str = "start",
    fill: str = _TEXT,
    weight: str = "normal",
) -> None:
    said = {"x": _n(x), "y": _n(y), "font-size": str(size), "text-anchor": anchor, "fill": fill, "font-weight": weight}
    ET.SubElement(root, "text", said).text = words


def _n(number: float) -> str:
    return f"{number:.1f}"
