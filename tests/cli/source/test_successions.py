"""`jbplus source succession`: from WEWIS's table of numbers to a succession file, in a series of its own."""

import json
from pathlib import Path

import pytest

from jbplus.mutation_file.report import usual_stem
from tests.cli.source.world import Source
from tests.intake.fakes import FakeLedger
from tests.support.exchange import Exchange
from tests.support.people import ANNA, BRAM, CELINE

NAME = "werk.publiceernummeropvolging-0100_20260305133015123.json"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def numbers(source: Source, *lines: str, header: str = "oud;nieuw") -> Path:
    return source.csv(*lines, name="numbers.csv", header=header)


def make(source: Source, *words: object) -> tuple[int, str]:
    result = source.run("succession", *words, "--allow-test-numbers", "--json")
    return result.exit_code, result.stdout


def test_a_table_of_numbers_becomes_a_file_that_the_exchange_takes(source: Source) -> None:
    assert make(source, numbers(source, f"{ANNA};{BRAM}"))[0] == 0

    path = source.state / "outbox" / NAME
    document = json.loads(path.read_bytes())
    assert usual_stem(path.name) is not None
    assert (document["context"]["naam"], document["context"]["volgnummer"]) == ("PubliceerNummeropvolging", 1)
    ((record),) = document["opvolgingen"]
    assert (record["type"], record["oud"], record["nieuw"]) == ("01", ANNA, BRAM)
    assert Exchange(successions=FakeLedger()).take_in(path.read_bytes()).status == "verwerkt"


def test_its_numbers_are_a_series_of_their_own(source: Source) -> None:
    source.make(source.csv(f"JBP-1,{ANNA},2024,1,600.00,2025-03-03"))
    make(source, numbers(source, f"{ANNA};{BRAM}"))
    _, said = make(source, numbers(source, f"{BRAM};{CELINE};n-1;03", header="oud;nieuw;referte;type"))

    assert json.loads(said)["volgnummer"] == 2
    result = source.run("number", "--successions", "--json")
    assert json.loads(result.stdout)["next"] == 3
    assert json.loads(source.run("number", "--json").stdout)["next"] == 2


def test_a_mistake_is_said_by_line_and_column_and_nothing_is_made(source: Source) -> None:
    code, said = make(source, numbers(source, f"{ANNA};{BRAM}", f"{ANNA};{ANNA}", f"{ANNA[1:]};{BRAM}"))

    assert code == 1
    assert [(one["line"], one["column"], one["code"]) for one in json.loads(said)["wrong"]] == [
        (3, "nieuw", "nummersGelijk"),
        (4, "oud", "inszOngeldig"),
    ]
    assert not (source.state / "outbox" / NAME).exists()
    assert ANNA not in said


def test_the_same_table_is_not_made_into_a_file_twice_unless_told(source: Source) -> None:
    table = numbers(source, f"{ANNA};{BRAM}")

    assert [make(source, table)[0], make(source, table)[0], make(source, table, "--again")[0]] == [0, 1, 0]
