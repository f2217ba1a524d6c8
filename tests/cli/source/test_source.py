"""`jbplus source`: from WEWIS's table of payments to a mutation file on the dropserver."""

import json
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from typing_extensions import override

from jbplus.ftps.server import DropserverError
from jbplus.mutation_file.reader import Limits, inspect
from jbplus.mutation_file.report import usual_stem
from tests.cli.source.world import HEADER, NOW, Source
from tests.recipient.folder_server import FolderServer
from tests.support import fakes
from tests.support.exchange import Exchange
from tests.support.people import ANNA, BRAM

PAID = f"JBP-1,{ANNA},2024,1,600.00,2025-03-03"
BODY = [("fiscaalJaar", "fiscaalJaar"), ("bedragtype", "bedragtype"), ("bedrag", "bedrag"), ("datum", "datum")]
RECLAIMED = f"JBP-2,{BRAM},2024,2,-12.5,2025-03-04"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def only_file(source: Source) -> Any:
    (path,) = source.made()
    return json.loads(path.read_bytes())


def wrong(source: Source, csv: Path, *words: object) -> list[dict[str, Any]]:
    """Make a file of a CSV with mistakes; give what is said about them."""
    result = source.make(csv, "--json", *words)
    assert result.exit_code == 1
    assert source.made() == []
    said = json.loads(result.stdout)
    assert "mistakes" in said["error"]["message"]
    found: list[dict[str, Any]] = said["wrong"]
    return found


def places(found: list[dict[str, Any]]) -> list[tuple[int, str | None, str | None]]:
    return [(one["line"], one.get("column"), one.get("code")) for one in found]


def test_the_next_mutation_file_is_made_as_the_exchange_wants_it(source: Source) -> None:
    result = source.make(source.csv(PAID, RECLAIMED))

    (path,) = source.made()
    assert result.exit_code == 0
    assert path.name == "werk.publiceermutatiejobbonusplus-0100_20260305133015123.json"
    assert usual_stem(path.name) is not None
    document = json.loads(path.read_bytes())
    assert document["context"] | {"referte": ""} == {
        "naam": "PubliceerMutatieJobbonusPlus",
        "versie": "01.00.0000",
        "referte": "",
        "volgnummer": 1,
        "tijdstip": "2026-03-05T13:30:15.123+01:00",
        "afzender": "0316380841",
        "aantal": 2,
    }
    assert document["mutaties"][1] == {
        "referte": "JBP-2",
        "type": "01",
        "insz": BRAM,
        "verrichting": {
            "maatregel": "Jobbonus plus",
            "fiscaalJaar": 2024,
            "bedragtype": "2",
            "verrichtingbedrag": "-12.5",
            "effectieveVerrichtingsdatum": "2025-03-04",
        },
    }


def test_the_exchange_takes_all_of_it(source: Source) -> None:
    source.now = fakes.NOW
    source.make(source.csv(PAID + ",01", f"JBP-2,{BRAM},,,,,03", header=HEADER + ",type"))
    (path,) = source.made()

    report = Exchange().take_in(path.read_bytes())

    assert (report.status, report.aantallen.toegepast) == ("verwerkt", 2)


def test_numbers_follow_each_other_through_sending(source: Source) -> None:
    for day in range(3):
        assert source.make(source.csv(f"JBP-{day},{ANNA},2024,1,1.00,2025-03-03")).exit_code == 0
        if day == 1:
            assert source.run("send").exit_code == 0
    source.run("send")

    # Made within the same millisecond, yet each has a name of its own.
    assert [file["context"]["volgnummer"] for file in source.arrived().values()] == [1, 2, 3]
    assert len({file["context"]["referte"] for file in source.arrived().values()}) == 3
    assert source.made() == []
    assert sorted(path.name for path in (source.state / "sent").iterdir()) == list(source.arrived())


def test_what_it_keeps_is_for_nobody_else_to_read(source: Source) -> None:
    source.make(source.csv(PAID))

    assert source.state.stat().st_mode & 0o077 == 0
    for path in (*source.made(), source.state / "state.json"):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_semicolons_a_mark_and_the_order_of_columns_are_all_the_same(source: Source, encoding: str, end: str) -> None:
    csv = source.csv()
    header, row = "datum;bedrag;insz;type;fiscaalJaar;bedragtype;referte", f'2025-03-03;"600.00";{ANNA};;2024; 1 ;JBP-1'
    csv.write_text(f"{header}{end}{row}{end}{end}", encoding=encoding, newline="")

    assert source.make(csv).exit_code == 0
    (record,) = only_file(source)["mutaties"]
    assert (record["type"], record["insz"], record["verrichting"]["bedragtype"]) == ("01", ANNA, "1")


def test_mistakes_are_told_by_line_and_column_and_never_by_value(source: Source) -> None:
    csv = source.csv(
        f"JBP 1,{ANNA},2024,1,600.00,2025-03-03",
        "JBP-2,12345678901,2024,1,600.00,2025-03-03",
        f"JBP-3,{ANNA},1999,1,600.00,2025-03-03",
        f"JBP-4,{ANNA},twenty,1,600.00,2025-03-03",
        PAID,
        f"JBP-5,{ANNA},2024,3,600.00,2025-03-03",
        f'JBP-6,{ANNA},2024,1,"1234,56",2025-03-03',
        f"JBP-7,{ANNA},2024,1,0.00,2025-03-03",
        f"JBP-8,{ANNA},2024,1,600.00,2026-03-06",
        f"{ANNA},{ANNA},2024,1,600.00,2025-03-03",
        f"JBP-9,{ANNA},2024,1,600.00",
    )

    found = wrong(source, csv)

    assert places(found) == [
        (2, "referte", "referteOngeldig"),
        (3, "insz", "inszOngeldig"),
        (4, "fiscaalJaar", "fiscaalJaarOngeldig"),
        (5, "fiscaalJaar", "fiscaalJaarOngeldig"),
        (7, "bedragtype", "bedragtypeOngeldig"),
        (8, "bedrag", "bedragOngeldig"),
        (9, "bedrag", "bedragNul"),
        (10, "datum", "datumInToekomst"),
        (11, "referte", "referteBevatInsz"),
        (12, None, None),
    ]
    shown = source.make(csv)
    for value in (ANNA, "12345678901", "1234,56", "twenty", "1999"):
        assert value not in json.dumps(found)
        assert value not in shown.output
    assert "bedragOngeldig" in shown.stdout


def test_types_are_checked_too(source: Source) -> None:
    csv = source.csv(PAID + ",04", f"JBP-2,{ANNA},,,,,01", f"JBP-3,{ANNA},2024,,,,03", header=HEADER + ",type")

    assert places(wrong(source, csv)) == [
        (2, "type", "typeOngeldig"),
        *((3, column, f"{code}Ongeldig") for column, code in BODY),
        *((4, column, f"{code}Ongeldig") for column, code in BODY[1:]),
    ]


def test_test_persons_are_taken_only_when_allowed(source: Source) -> None:
    result = source.run("make", source.csv(PAID), "--json")

    assert places(json.loads(result.stdout)["wrong"]) == [(2, "insz", "testnummerNietToegelaten")]


@pytest.mark.parametrize(
    "header",
    ["", "referte,insz", HEADER + ",munt", HEADER + ",datum", HEADER.replace("bedrag,", "Bedrag,")],
)
def test_another_header_is_not_guessed_at(source: Source, header: str) -> None:
    assert places(wrong(source, source.csv(PAID, header=header))) == [(1, None, None)]


def test_quotes_that_do_not_match_are_told(source: Source) -> None:
    assert places(wrong(source, source.csv(PAID, f'"JBP-2,{ANNA},2024,1,1.00,2025-03-03'))) == [(3, None, None)]


def test_another_encoding_is_told(source: Source) -> None:
    csv = source.csv()
    csv.write_bytes(b"\xff\xfe")

    assert "cannot be read as text in UTF-8" in source.make(csv).stderr


def test_a_csv_is_not_made_into_a_file_twice_by_accident(source: Source) -> None:
    csv = source.csv(PAID)
    source.make(csv)

    refused, meant = source.make(csv), source.make(csv, "--again")

    assert (refused.exit_code, meant.exit_code) == (1, 0)
    assert "volgnummer 1, was made of this CSV" in refused.stderr
    assert [json.loads(path.read_bytes())["context"]["volgnummer"] for path in source.made()] == [1, 2]


def test_days_without_payments_are_alike_and_each_has_its_file(source: Source) -> None:
    for _ in range(2):
        assert source.make(source.csv()).exit_code == 0

    assert [json.loads(path.read_bytes())["mutaties"] for path in source.made()] == [[], []]


def test_a_run_that_died_before_it_said_so_is_finished_by_the_same_command(source: Source) -> None:
    csv = source.csv(PAID)
    source.make(csv)
    (source.state / "state.json").unlink()

    result = source.make(csv, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["volgnummer"] == 1
    assert len(source.made()) == 1
    assert json.loads((source.state / "state.json").read_bytes())["volgnummer"] == 1
    assert source.make(csv).exit_code == 1


def test_a_series_is_taken_over(source: Source) -> None:
    csv = source.csv(PAID)
    assert source.make(csv, "--first-volgnummer", 41).exit_code == 0

    refused = source.make(source.csv(RECLAIMED), "--first-volgnummer", 50)
    assert (refused.exit_code, "next volgnummer of this series is 42" in refused.stderr) == (1, True)
    source.make(source.csv(RECLAIMED))

    assert [json.loads(path.read_bytes())["context"]["volgnummer"] for path in source.made()] == [41, 42]


def test_a_lost_state_is_not_begun_anew(source: Source) -> None:
    source.make(source.csv(PAID))
    source.run("send")
    (source.state / "state.json").unlink()

    assert "--first-volgnummer" in source.make(source.csv(RECLAIMED)).stderr
    assert source.make(source.csv(RECLAIMED), "--first-volgnummer", 2).exit_code == 0
    assert only_file(source)["context"]["volgnummer"] == 2


@pytest.mark.parametrize("content", [b"", b"{}", b'{"volgnummer": "1", "referte": ""}'])
def test_a_damaged_state_is_not_guessed_at(source: Source, content: bytes) -> None:
    source.make(source.csv(PAID))
    (source.state / "state.json").write_bytes(content)

    result = source.make(source.csv(RECLAIMED))

    assert (result.exit_code, "is damaged" in result.stderr, len(source.made())) == (1, True, 1)


def test_something_else_in_the_outbox_is_not_sent(source: Source) -> None:
    source.make(source.csv(PAID))
    (path,) = source.made()
    path.write_bytes(path.read_bytes()[:-5])

    result = source.run("send")

    assert (result.exit_code, "no file that the exchange takes" in result.stderr) == (1, True)
    assert source.arrived() == {}


def test_an_empty_outbox_needs_no_dropserver(source: Source) -> None:
    result = source.run("send", "--json", environment={}, dropserver=None)

    assert (result.exit_code, json.loads(result.stdout)) == (0, {"items": []})


def test_what_cannot_be_sent_waits_in_its_order(source: Source) -> None:
    for day in range(3):
        source.make(source.csv(f"JBP-{day},{ANNA},2024,1,1.00,2025-03-03"))
    second = source.made()[1].name

    class Full(FolderServer):
        @override
        def store(self, folder: str, name: str, content: BinaryIO) -> None:
            if name.startswith(second):
                raise DropserverError("The dropserver is full. Try again later.")
            super().store(folder, name, content)

    result = source.run("send", "--json", dropserver=Full(source.server.root).connect)

    said = json.loads(result.stdout)
    assert (result.exit_code, said["error"]["message"]) == (1, "The dropserver is full. Try again later.")
    assert [item["volgnummer"] for item in said["items"]] == [1]
    assert source.made()[0].name == second
    assert source.run("send").exit_code == 0
    assert [file["context"]["volgnummer"] for file in source.arrived().values()] == [1, 2, 3]


def test_two_runs_at_once_are_not_possible(source: Source) -> None:
    source.make(source.csv(PAID))
    seen: list[Any] = []

    def meanwhile(_access: object) -> Any:
        seen.append(source.make(source.csv(RECLAIMED)))
        return source.server.connect(None)

    assert source.run("send", dropserver=meanwhile).exit_code == 0
    assert [(result.exit_code, "in use by another run" in result.stderr) for result in seen] == [(1, True)]


def test_the_clock_may_go_back(source: Source) -> None:
    source.make(source.csv(PAID))
    source.now = NOW.replace(hour=11)
    source.make(source.csv(RECLAIMED))

    source.run("send")

    assert sorted(file["context"]["volgnummer"] for file in source.arrived().values()) == [1, 2]


def test_a_made_file_passes_the_reader_of_the_exchange(source: Source) -> None:
    source.make(source.csv(PAID, RECLAIMED))
    (path,) = source.made()

    found = inspect([path.read_bytes()], received=NOW, limits=Limits())

    assert (found.refusal, found.count) == (None, 2)
