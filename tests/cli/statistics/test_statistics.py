"""`jbplus statistics`: the published figures as tables, and as a chart."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from jbplus_cli.statistics import chart
from tests.cli.world import World, problem

PATH = "/v1/statistieken"
SVG = "{http://www.w3.org/2000/svg}"


def figures(count: int, paid: str, recoveries: int | None = None, net: str = "") -> dict[str, Any]:
    told = {} if recoveries is None else {"terugvorderingen": recoveries, "netto": net}
    return {"personen": count, "betalingen": count, "betaald": paid, **told}


def month(name: str, first: dict[str, Any] | None, second: dict[str, Any] | None) -> dict[str, Any]:
    cells = [
        {"bedragtype": instalment} | ({} if found is None else {"cijfers": found})
        for instalment, found in (("1", first), ("2", second))
    ]
    total = {
        "cijfers": first or second or figures(0, "0.00"),
        "weggelatenCellen": [first, second].count(None),
        "cellenZonderTerugvorderingen": 0,
    }
    return {"maand": name, "gepubliceerdOp": "2026-01-10", "bedragtypes": cells, "totaal": total}


def fiscal_year(*months: dict[str, Any], year: int = 2024) -> dict[str, Any]:
    total = {
        "cijfers": figures(1480, "888000.00", 10, "882000.00"),
        "weggelatenCellen": 5,
        "cellenZonderTerugvorderingen": 2,
    }
    parts = [{"bedragtype": "1", **total}, {"bedragtype": "2", **total, "weggelatenCellen": 0}]
    return {"fiscaalJaar": year, "maanden": list(months), "cumulatief": {"bedragtypes": parts, "totaal": total}}


YEAR = fiscal_year(
    month("2025-01", None, None),
    month("2025-02", figures(480, "288000.00", 5, "285000.00"), None),
    month("2025-03", None, None),
    month("2025-04", figures(1000, "600000.00"), figures(235, "141000.00", 500, "-159000.00")),
    month("2025-05", None, None),
)


def says(local: World, *years: dict[str, Any]) -> dict[str, Any]:
    answer = {"items": list(years)}
    local.api.says_first.append((200, {}, answer))
    return answer


def rows(shown: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in shown.splitlines() if "│" in line]


def test_the_figures_are_shown_from_the_first_month_to_the_last_that_has_any(local: World) -> None:
    says(local, YEAR)

    result = local.run("statistics", columns=120)

    assert result.exit_code == 0
    assert "Fiscal year 2024" in result.stdout
    assert [row[:7] for row in rows(result.stdout) if any(row[:7])] == [
        ["2025-02", "first", "480", "480", "288,000", "5", "285,000"],
        ["2025-02", "second", "·", "·", "·", "·", "·"],
        ["2025-03", "first", "·", "·", "·", "·", "·"],
        ["2025-03", "second", "·", "·", "·", "·", "·"],
        ["2025-04", "first", "1,000", "1,000", "600,000", "·", "·"],
        ["2025-04", "second", "235", "235", "141,000", "500", "-159,000"],
        ["All", "first", "1,480", "1,480", "888,000", "10", "882,000"],
        ["All", "second", "1,480", "1,480", "888,000", "10", "882,000"],
        ["All", "both", "1,480", "1,480", "888,000", "10", "882,000"],
    ]
    assert result.stdout.count("without 5 cells") == 2
    assert result.stdout.count("recoveries of 2 cells withheld") == 3


def test_bars_are_as_long_as_the_payments_are_many(local: World) -> None:
    says(local, YEAR)

    lengths = [row[7].count("█") for row in rows(local.run("statistics", columns=200).stdout)[:6]]

    assert lengths == [14, 0, 0, 0, 30, 7]


def test_it_asks_as_opgroeien_for_one_fiscal_year(local: World) -> None:
    says(local, YEAR)

    assert local.run("statistics", "--fiscaal-jaar", "2024").exit_code == 0

    token, asked = local.api.asked
    assert (token.form["client_id"], token.form["scope"]) == ("opgroeien", "jbplus:statistiek")
    assert (asked.path, asked.body) == (f"{PATH}?fiscaalJaar=2024", b"")
    assert asked.headers["X-Magda-Enduser-ID"] == "jbplus-cli"


def test_json_is_what_was_published(local: World) -> None:
    answer = says(local, YEAR, fiscal_year(year=2025))

    result = local.run("statistics", "--json")

    assert json.loads(result.stdout) == answer
    assert local.api.asked[-1].path == PATH


def test_nothing_published_is_said(local: World, tmp_path: Path) -> None:
    says(local, fiscal_year(month("2025-01", None, None)))
    assert "Nothing was published" in local.run("statistics").stdout

    says(local)
    result = local.run("statistics", "--chart", tmp_path / "a.svg")
    assert result.exit_code == 1
    assert "nothing to draw" in result.stderr
    assert not (tmp_path / "a.svg").exists()


def drawn(local: World, tmp_path: Path, *years: dict[str, Any]) -> ET.Element:
    says(local, *years)
    assert local.run("statistics", "--chart", tmp_path / "chart.svg").exit_code == 0
    return ET.parse(tmp_path / "chart.svg").getroot()  # noqa: S314 - our own chart


def bars(root: ET.Element) -> list[ET.Element]:
    return [bar for bar in root.iter(f"{SVG}g") if bar.get("class") == "bar"]


def test_the_chart_has_a_bar_for_each_cell_that_was_published(local: World, tmp_path: Path) -> None:
    other = fiscal_year(month("2025-06", figures(5, "3000.00"), None), year=2025)
    root = drawn(local, tmp_path, YEAR, other, fiscal_year(year=2026))

    assert [bar.findtext(f"{SVG}title") for bar in bars(root)] == [
        "2025-02: 480 payments",
        "2025-04: 1,000 payments",
        "2025-04: 235 payments",
        "2025-06: 5 payments",
    ]
    heights = [float(box.get("height", "0")) for bar in bars(root) for box in bar.iter(f"{SVG}rect")]
    assert heights[0] / heights[1] == pytest.approx(0.48, abs=0.001)
    assert heights[2] / heights[1] == pytest.approx(0.235, abs=0.001)
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {"2024, first instalment", "2024, second instalment", "2025, first instalment"} <= set(words)
    assert {"2025-02", "2025-03", "2025-04", "2025-05", "2025-06"} <= set(words)
    assert {"2025, second instalment", "2026, first instalment", "2025-01"}.isdisjoint(words)


def test_the_chart_says_in_words_what_it_shows(local: World, tmp_path: Path) -> None:
    root = drawn(local, tmp_path, YEAR)

    title, description = root[0], root[1]
    assert (root.get("role"), root.get("aria-labelledby"), root.get("aria-describedby")) == (
        "img",
        title.get("id"),
        description.get("id"),
    )
    assert title.text == "Jobbonus plus: payments by month"
    assert "2024, first instalment: 2025-02 480, 2025-04 1,000; 2024, second instalment: 2025-04 235." in str(
        description.text
    )


def test_the_chart_is_for_light_and_dark_screens_and_fetches_nothing(local: World, tmp_path: Path) -> None:
    root = drawn(local, tmp_path, YEAR)

    styles = "".join(style.text or "" for style in root.iter(f"{SVG}style"))
    assert "prefers-color-scheme:dark" in styles.replace(" ", "")
    assert not list(root.iter(f"{SVG}script"))
    assert not [key for each in root.iter() for key in each.keys() if key.endswith("href")]  # noqa: SIM118 - an element


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", chart.COLOURS)
@pytest.mark.parametrize("background", [chart.LIGHT, chart.DARK])
def test_a_bar_stands_out_from_its_background(colour: str, background: str) -> None:
    """WCAG 1.4.11: three to one."""
    darker, lighter = sorted(map(luminance, (colour, background)))

    assert (lighter + 0.05) / (darker + 0.05) >= 3


def test_labels_of_many_months_do_not_touch(local: World, tmp_path: Path) -> None:
    names = [f"{2024 + number // 12}-{number % 12 + 1:02d}" for number in range(60)]
    year = fiscal_year(*(month(name, figures(5 * (n + 1), "3000.00"), None) for n, name in enumerate(names)))

    root = drawn(local, tmp_path, year)

    labels = [float(text.get("x", "nan")) for text in root.iter(f"{SVG}text") if text.text in names]
    assert len(labels) == 12
    assert min(right - left for left, right in pairwise(labels)) > 55


@pytest.mark.parametrize("name", ["chart.pdf", "chart", "no-such-folder/chart.svg"])
def test_a_chart_that_cannot_be_written_is_a_usage_error(local: World, tmp_path: Path, name: str) -> None:
    result = local.run("statistics", "--chart", tmp_path / name)

    assert result.exit_code == 2
    assert local.api.asked == []


def test_a_chart_where_a_folder_stands_is_said_in_words(local: World, tmp_path: Path) -> None:
    says(local, YEAR)
    (tmp_path / "a.svg").mkdir()

    result = local.run("statistics", "--chart", tmp_path / "a.svg", columns=300)

    assert result.exit_code == 1
    assert "could not be written" in result.stderr


def test_a_refusal_is_shown(local: World) -> None:
    local.api.says_first.append((403, {}, problem(403, "missingScope", requiredScopes=["jbplus:statistiek"])))

    result = local.run("statistics")

    assert result.exit_code == 1
    assert "missingScope" in result.stderr


@pytest.mark.parametrize("year", ["2021", "2200", "twenty"])
def test_a_year_that_cannot_be_is_a_usage_error(local: World, year: str) -> None:
    assert local.run("statistics", "--fiscaal-jaar", year).exit_code == 2
    assert local.api.asked == []
