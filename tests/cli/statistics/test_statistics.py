"""`jbplus statistics`: the published figures as tables, and as a chart."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.cli.world import World, problem

PATH = "/v1/statistieken"
SVG = "{http://www.w3.org/2000/svg}"


def figures(count: int, net: str, recoveries: int = 0) -> dict[str, Any]:
    return {"personen": count, "betalingen": count, "terugvorderingen": recoveries, "netto": net}


def month(name: str, first: dict[str, Any] | None, second: dict[str, Any] | None) -> dict[str, Any]:
    cells = [
        {"bedragtype": instalment} | ({} if found is None else {"cijfers": found})
        for instalment, found in (("1", first), ("2", second))
    ]
    total = {"cijfers": first or second or figures(0, "0.00"), "weggelatenCellen": [first, second].count(None)}
    return {"maand": name, "gepubliceerdOp": "2026-01-10", "bedragtypes": cells, "totaal": total}


def fiscal_year(*months: dict[str, Any], year: int = 2024) -> dict[str, Any]:
    total = {"cijfers": figures(1480, "888000.00", 10), "weggelatenCellen": 5}
    parts = [{"bedragtype": "1", **total}, {"bedragtype": "2", **total, "weggelatenCellen": 0}]
    return {"fiscaalJaar": year, "maanden": list(months), "cumulatief": {"bedragtypes": parts, "totaal": total}}


YEAR = fiscal_year(
    month("2025-01", None, None),
    month("2025-02", figures(480, "288000.00", 5), None),
    month("2025-03", None, None),
    month("2025-04", figures(1000, "600000.00"), figures(235, "-141000.00")),
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
    assert [row[:6] for row in rows(result.stdout)] == [
        ["2025-02", "first", "480", "480", "5", "288,000"],
        ["", "second", "·", "·", "·", "·"],
        ["2025-03", "first", "·", "·", "·", "·"],
        ["", "second", "·", "·", "·", "·"],
        ["2025-04", "first", "1,000", "1,000", "0", "600,000"],
        ["", "second", "235", "235", "0", "-141,000"],
        ["All", "first", "1,480", "1,480", "10", "888,000"],
        ["All", "second", "1,480", "1,480", "10", "888,000"],
        ["All", "both", "1,480", "1,480", "10", "888,000"],
    ]
    assert result.stdout.count("without 5 cells") == 2


def test_bars_are_as_long_as_the_payments_are_many(local: World) -> None:
    says(local, YEAR)

    lengths = [row[6].count("█") for row in rows(local.run("statistics", columns=200).stdout)[:6]]

    assert lengths == [14, 0, 0, 0, 30, 7]


def test_it_asks_as_opgroeien_for_one_fiscal_year(local: World) -> None:
    says(local, YEAR)

    assert local.run("statistics", "--fiscaal-jaar", "2024").exit_code == 0

    token, asked = local.api.asked
    assert (token.form["kbo"], token.form["scope"]) == ("0886886638", "jbplus:statistiek")
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


def test_the_chart_has_a_bar_for_each_cell_that_was_published(local: World, tmp_path: Path) -> None:
    says(local, YEAR, fiscal_year(month("2026-01", figures(5, "3000.00"), None), year=2025), fiscal_year(year=2026))
    chart = tmp_path / "chart.svg"

    result = local.run("statistics", "--chart", chart, columns=200)

    assert result.exit_code == 0
    assert str(chart) in result.stdout
    root = ET.parse(chart).getroot()  # noqa: S314 - our own chart
    bars = [bar for bar in root.iter(f"{SVG}rect") if bar.find(f"{SVG}title") is not None]
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert [bar.findtext(f"{SVG}title") for bar in bars] == [
        "480 payments",
        "1,000 payments",
        "235 payments",
        "5 payments",
    ]
    heights = [float(bar.get("height", "0")) for bar in bars[:3]]
    assert heights[0] / heights[1] == pytest.approx(0.48, abs=0.001)
    assert heights[2] / heights[1] == pytest.approx(0.235, abs=0.001)
    assert {"Fiscal year 2024", "Fiscal year 2025", "2025-02", "2025-03", "2025-04", "2026-01"} <= set(words)
    assert {"Fiscal year 2026", "2025-01", "2025-05"}.isdisjoint(words)


def test_everything_of_the_chart_is_inside_it(local: World, tmp_path: Path) -> None:
    names = [f"{2024 + number // 12}-{number % 12 + 1:02d}" for number in range(60)]
    says(local, fiscal_year(*(month(name, figures(5 * (n + 1), "3000.00"), None) for n, name in enumerate(names))))
    chart = tmp_path / "chart.svg"

    local.run("statistics", "--chart", chart)

    root = ET.parse(chart).getroot()  # noqa: S314 - our own chart
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    for box in root.iter(f"{SVG}rect"):
        x, y, wide, high = (float(box.get(name, "nan")) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + wide <= width
        assert 0 <= y <= y + high <= height
    labels = [float(t.get("x", "nan")) for t in root.iter(f"{SVG}text") if t.text in names]
    assert min(right - left for left, right in pairwise(labels)) > 40


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
