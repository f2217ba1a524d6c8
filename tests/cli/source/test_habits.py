"""`jbplus source`: tables as spreadsheets write them, and hints for what they spoil."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.source.world import HEADER, Source
from tests.support.people import ANNA

SEMICOLONS = HEADER.replace(",", ";")


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def body(source: Source) -> Any:
    (path,) = source.made()
    (record,) = json.loads(path.read_bytes())["mutaties"]
    return record["verrichting"]


@pytest.mark.parametrize("said", ["sep=;", '"sep=;"'])
def test_a_table_out_of_a_belgian_spreadsheet_is_read(source: Source, said: str) -> None:
    csv = source.csv(SEMICOLONS, f"JBP-1;{ANNA};2024;1;-600,5;3/03/2025", header=said)

    assert source.make(csv, "--decimal-comma", "--day-first").exit_code == 0
    assert (body(source)["verrichtingbedrag"], body(source)["effectieveVerrichtingsdatum"]) == ("-600.5", "2025-03-03")


def test_options_leave_other_ways_of_writing_as_they_are(source: Source) -> None:
    csv = source.csv(f"JBP-1,{ANNA},2024,1,600.50,2025-03-03")

    assert source.make(csv, "--decimal-comma", "--day-first").exit_code == 0
    assert (body(source)["verrichtingbedrag"], body(source)["effectieveVerrichtingsdatum"]) == ("600.50", "2025-03-03")


@pytest.mark.parametrize("amount", ["1.600,50", "1,600", "600,501", "600,"])
def test_thousands_and_other_commas_are_not_guessed_at(source: Source, amount: str) -> None:
    csv = source.csv(f"JBP-1;{ANNA};2024;1;{amount};2025-03-03", header=SEMICOLONS)

    result = source.make(csv, "--decimal-comma", "--json")

    assert [wrong["code"] for wrong in json.loads(result.stdout)["wrong"]] == ["bedragOngeldig"]


@pytest.mark.parametrize(
    ("row", "column", "hint"),
    [
        ("JBP-1;5691199737;2024;1;600;2025-03-03", "insz", "dropped its zeros"),
        ("JBP-1;1,26E+10;2024;1;600;2025-03-03", "insz", "shortened it"),
        (f"JBP-1;{ANNA};2024;1;600,00;2025-03-03", "bedrag", "--decimal-comma"),
        (f"JBP-1;{ANNA};2024;1;600;3/03/2025", "datum", "--day-first"),
    ],
)
def test_what_a_spreadsheet_did_is_hinted_at(source: Source, row: str, column: str, hint: str) -> None:
    csv = source.csv(row, header=SEMICOLONS)

    (wrong,) = json.loads(source.make(csv, "--json").stdout)["wrong"]

    assert (wrong["column"], wrong["line"], hint in wrong["hint"]) == (column, 2, True)
    assert "".join(source.make(csv).stdout.split()).count("".join(hint.split())) == 1


def test_a_type_that_lost_its_zero_is_hinted_at(source: Source) -> None:
    csv = source.csv(f"JBP-1,{ANNA},2024,1,600,2025-03-03,1", header=HEADER + ",type")

    (wrong,) = json.loads(source.make(csv, "--json").stdout)["wrong"]

    assert (wrong["column"], "dropped its zero" in wrong["hint"]) == ("type", True)


def test_all_mistakes_of_a_line_are_told_at_once_by_its_number_in_the_file(source: Source) -> None:
    csv = source.csv(SEMICOLONS, "JBP 1;1;1999;3;0;2025-02-30", header="sep=;")

    found = json.loads(source.make(csv, "--json").stdout)["wrong"]

    assert [one["line"] for one in found] == [3] * 6
    assert [one["column"] for one in found] == ["referte", "insz", "fiscaalJaar", "bedragtype", "bedrag", "datum"]
