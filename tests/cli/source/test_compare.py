"""`jbplus source compare`: what the exchange lacks, has too much, or has otherwise than WEWIS's books."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from jbplus.ftps.server import DropserverError
from jbplus.persons.merging import merge
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.source_stand.document import FILE_NAME
from tests.cli.source.stood import KEY, Stood
from tests.cli.source.world import HEADER, Source
from tests.recipient.folder_server import FolderServer
from tests.support import fakes
from tests.support.files import annulment, mutation_file, record, succession, succession_file
from tests.support.known import entry
from tests.support.people import ANNA, BRAM, CELINE

A = f"a,{ANNA},2024,1,600.00,2025-03-03"
B = f"b,{BRAM},2024,1,600.00,2025-03-03"
WITH_TYPE = HEADER + ",type"


@pytest.fixture
def stood(tmp_path: Path) -> Stood:
    made = Stood(Source(tmp_path, now=fakes.NOW))
    made.exchange.take_in(mutation_file([record(ANNA, "a"), record(BRAM, "b")], 7))
    return made


def compare(stood: Stood, *rows: str, header: str = HEADER, words: tuple[object, ...] = ()) -> tuple[int, Any]:
    csv = stood.source.csv(*rows, header=header)
    result = stood.source.run("compare", csv, "--allow-test-numbers", "--json", *words)
    assert result.exit_code in {0, 1}, result.output
    return result.exit_code, json.loads(result.stdout)


def test_what_is_the_same_is_in_step(stood: Stood) -> None:
    stood.put_out()

    assert compare(stood, A, B) == (
        0,
        {
            "stand": {"dag": "2026-03-05", "aantal": 2, "volgnummer": 7},
            "same": 2,
            "missing": 0,
            "superfluous": 0,
            "different": 0,
        },
    )


def test_each_difference_is_named_by_referte_with_where_it_stands_at_both_ends(stood: Stood) -> None:
    stood.put_out()

    code, said = compare(stood, f"c,{CELINE},2024,1,600.00,2025-03-03", B.replace("600.00", "600.01"))

    assert code == 1
    assert said["items"] == [
        {"kind": "superfluous", "referte": "a", "volgnummer": 7, "index": 0},
        {"kind": "different", "referte": "b", "line": 3, "volgnummer": 7, "index": 1},
        {"kind": "missing", "referte": "c", "line": 2},
    ]
    assert [said[kind] for kind in ("same", "missing", "superfluous", "different")] == [0, 1, 1, 1]


@pytest.mark.parametrize(
    "row",
    [
        f"a,{ANNA},2023,1,600.00,2025-03-03",
        f"a,{ANNA},2024,2,600.00,2025-03-03",
        f"a,{ANNA},2024,1,-600.00,2025-03-03",
        f"a,{ANNA},2024,1,600.00,2025-03-02",
    ],
)
def test_every_field_counts(stood: Stood, row: str) -> None:
    stood.put_out()

    code, said = compare(stood, row, B)

    assert (code, said["items"][0]["kind"], said["same"]) == (1, "different", 1)


def test_people_are_shown_a_table_without_numbers_or_amounts(stood: Stood) -> None:
    stood.put_out()
    csv = stood.source.csv(A, f"c,{CELINE},2024,1,271828.18,2025-03-03")

    result = stood.source.run("compare", csv, "--allow-test-numbers")

    assert result.exit_code == 1
    (row,) = (line for line in result.stdout.splitlines() if "superfluous" in line)
    assert [cell.strip() for cell in row.split("│")[1:6]] == ["superfluous", "b", "", "7", "1"]
    assert not any(told in result.output for told in (ANNA, BRAM, CELINE, "271828"))


def test_in_step_is_said_in_words(stood: Stood) -> None:
    stood.put_out()

    result = stood.source.run("compare", stood.source.csv(A, B), "--allow-test-numbers")

    assert (result.exit_code, "in step" in result.stdout) == (0, True)


def test_what_is_written_otherwise_is_the_same(stood: Stood) -> None:
    stood.put_out()
    rows = (f"a;{ANNA};2024;1;600,0;3/03/2025", f"b;{BRAM};2024;1;600,00;03/03/2025")

    code, _ = compare(stood, *rows, header=HEADER.replace(",", ";"), words=("--decimal-comma", "--day-first"))

    assert code == 0


def test_the_last_row_of_a_referte_counts_and_an_annulment_takes_it_away(stood: Stood) -> None:
    stood.exchange.take_in(
        mutation_file([record(ANNA, "a", "02", verrichtingbedrag="300.00"), annulment(BRAM, "b")], 8)
    )
    stood.put_out()
    rows = (f"{A},01", f"{B},", f"a,{ANNA},2024,1,300.00,2025-03-03,02", f"b,{BRAM},,,,,03")

    code, said = compare(stood, *rows, header=WITH_TYPE)

    assert (code, said["same"]) == (0, 1)


def test_a_payment_that_was_moved_to_another_person_stands_there_once(stood: Stood) -> None:
    stood.exchange.take_in(mutation_file([annulment(ANNA, "a"), record(CELINE, "a")], 8))
    stood.put_out()
    moved = A.replace(ANNA, CELINE)

    assert compare(stood, f"{A},01", f"a,{ANNA},,,,,03", f"{moved},01", f"{B},01", header=WITH_TYPE)[0] == 0
    code, said = compare(stood, A, moved, B)
    assert (code, said["items"]) == (1, [{"kind": "missing", "referte": "a", "line": 3}])


def test_what_has_ended_is_not_looked_for(stood: Stood) -> None:
    stood.put_out(fakes.NOW.replace(year=2030))
    stood.source.now = fakes.NOW.replace(year=2030)

    code, said = compare(stood, A, B)

    assert (code, said["stand"]["aantal"], said["same"]) == (0, 0, 0)


def test_a_later_payment_keeps_an_earlier_one_and_one_after_the_end_does_not(stood: Stood) -> None:
    stood.source.now = fakes.NOW.replace(year=2030)
    later = {
        fakes.PSEUDONYMS(ANNA): [("a2", entry(rank=(8, 0), year=2029, day=date(2030, 3, 3)))],
        fakes.PSEUDONYMS(BRAM): [("b2", entry(rank=(8, 1), year=2029, day=date(2030, 3, 4)))],
    }
    merge(stood.exchange.persons, later, retention_years=5, clock=lambda: stood.source.now, sleep=fakes.no_sleep)
    stood.put_out(stood.source.now)

    code, said = compare(stood, A, B, f"a2,{ANNA},2029,1,600.00,2030-03-03", f"b2,{BRAM},2029,1,600.00,2030-03-04")

    assert (code, said["same"]) == (0, 3)


def test_a_person_with_two_numbers_is_one_where_the_numbers_are_told(stood: Stood) -> None:
    # Before the numbers are linked each end has the payment twice, and after it once.
    stood.exchange.take_in(mutation_file([record(CELINE, "a")], 8))
    stood.exchange.take_in(succession_file([succession(ANNA, CELINE)], 1))
    stood.put_out()
    rows = (A, A.replace(ANNA, CELINE), B)
    numbers = stood.source.csv(f"{ANNA},{CELINE}", name="numbers.csv", header="oud,nieuw")

    code, said = compare(stood, *rows, words=("--numbers", numbers))

    assert (code, said["same"]) == (0, 2)
    code, said = compare(stood, *rows)
    assert [(one["kind"], one["referte"]) for one in said["items"]] == [("missing", "a")]


def test_a_rotation_makes_no_difference(stood: Stood) -> None:
    stood.put_out(keys=Pseudonyms((*fakes.PSEUDONYMS.keys, b"2" * 32)))

    assert compare(stood, A, B)[0] == 0


def test_the_newest_stand_is_kept_here_and_what_else_lies_there_stays(stood: Stood) -> None:
    stand = stood.put_out()
    stranger = stood.folder / "werk.publiceermutatiejobbonusplus-0100_20260305133015123.json.00000000.json"
    stranger.write_text("{}", encoding="utf-8")
    kept = stood.source.state / stand.name

    assert compare(stood, A, B, words=("--keep",))[0] == 0
    assert stand.exists()
    assert compare(stood, A, B)[0] == 0
    assert list(stood.folder.iterdir()) == [stranger]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert compare(stood, A, B)[0] == 0, "the one that is kept is compared again"
    stood.source.now += timedelta(days=1)
    stood.put_out(stood.source.now)
    assert compare(stood, A, B)[1]["stand"]["dag"] == "2026-03-06"


class Stubborn(FolderServer):
    """A dropserver that removes nothing."""

    @override
    def remove(self, folder: str, name: str) -> None:
        raise DropserverError("It is not allowed.")


def test_a_stand_that_could_not_be_removed_is_fetched_and_removed_again(stood: Stood) -> None:
    stand, works = stood.put_out(), stood.source.server
    stood.source.server = Stubborn(works.root)
    assert compare(stood, A, B)[0] == 1
    assert stand.exists()
    stood.source.server = works

    assert compare(stood, A, B)[0] == 0
    assert not stand.exists()


def test_a_stand_that_was_made_again_takes_the_place_of_the_one_that_is_here(stood: Stood) -> None:
    stood.put_out()
    assert compare(stood, A)[0] == 1
    stood.exchange.take_in(mutation_file([annulment(BRAM, "b")], 8))
    stood.put_out()

    assert compare(stood, A)[0] == 0


def test_an_old_stand_proves_nothing_of_today(stood: Stood) -> None:
    stood.put_out(fakes.NOW - timedelta(days=3))

    code, said = compare(stood, A, B)

    assert (code, said["same"]) == (1, 2)
    assert "2026-03-02" in said["unfinished"][0]


def test_a_file_that_the_stand_may_not_know_is_pointed_at(stood: Stood) -> None:
    stood.put_out()
    stood.source.make(stood.source.csv(f"c,{CELINE},2024,1,600.00,2025-03-03"), "--first-volgnummer", 8)

    shown = stood.source.run("compare", stood.source.csv(A), "--allow-test-numbers")

    assert "after volgnummer 7" in " ".join(shown.stderr.split())


def test_a_stand_in_a_file_needs_no_dropserver(stood: Stood) -> None:
    stand = stood.put_out(fakes.NOW - timedelta(days=300))
    (stood.source.root / ".local" / "endpoints.json").unlink()

    code, said = compare(stood, A, B, words=("--stand", stand))

    assert (code, said["same"]) == (1, 2)
    assert stand.exists()


@pytest.mark.parametrize("spoilt", ["none", "another", "text"])
def test_without_the_right_key_nothing_is_compared(stood: Stood, spoilt: str) -> None:
    stood.put_out()
    key = stood.source.state / "stand.key"
    if spoilt == "none":
        key.unlink()
    else:
        key.write_text(b"2".hex() * 32 if spoilt == "another" else "no key", encoding="ascii")

    code, said = compare(stood, A, B)

    assert code == 1
    assert "jbplus stand-key" in said["error"]["message"]
    assert KEY.hex() not in said["error"]["message"]
    assert "same" not in said


def test_a_key_elsewhere_is_named(stood: Stood) -> None:
    stood.put_out()
    there = stood.source.root / "key"
    (stood.source.state / "stand.key").rename(there)

    assert compare(stood, A, B, words=("--stand-key", there))[0] == 0


def test_no_stand_is_no_step(stood: Stood) -> None:
    code, said = compare(stood, A, B)

    assert (code, "no stand yet" in said["error"]["message"]) == (1, True)


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ('"aantal":2', '"aantal":3'),
        ('"referte":"a"', '"referte":"c"'),
        ('"referte":"a"', '"referte":"ë"'),
        ('"kenmerk"', '"mark"'),
        ("01.00.0000", "02.00.0000"),
        ("\n]}", "\n]"),
    ],
)
def test_a_stand_that_is_not_as_agreed_is_told(stood: Stood, said: str, becomes: str) -> None:
    stood.spoil(stood.put_out(), said, becomes)

    code, document = compare(stood, A, B)

    assert code == 1
    assert "no stand as agreed" in document["error"]["message"]
    assert "same" not in document


def test_a_stand_that_did_not_come_whole_stays_where_it_is(stood: Stood) -> None:
    stand = stood.put_out()
    whole = stand.read_bytes()
    stand.write_bytes(whole[:-9])

    assert compare(stood, A, B)[0] == 1
    assert stand.exists()
    assert not list(stood.source.state.glob("*bronstand*"))
    stand.write_bytes(whole)
    assert compare(stood, A, B)[0] == 0
    # Nor does it take the place of one that did.
    stand.write_bytes(whole[:-9])
    assert compare(stood, A, B)[0] == 1
    stand.unlink()
    assert compare(stood, A, B)[0] == 0


def test_a_table_with_mistakes_is_not_compared(stood: Stood) -> None:
    stood.put_out()

    code, said = compare(stood, A, B.replace("600.00", "0"), "c,1")

    assert code == 1
    assert [(one["line"], one.get("column")) for one in said["wrong"]] == [(3, "bedrag"), (4, None)]
    assert "same" not in said
    assert "items" not in said


def test_a_table_that_is_no_text_is_told(stood: Stood) -> None:
    stood.put_out()
    csv = stood.source.csv(A)
    csv.write_bytes(csv.read_bytes() + b"\xff")

    result = stood.source.run("compare", csv, "--allow-test-numbers")

    assert (result.exit_code, "UTF-8" in result.stderr) == (1, True)


def test_nothing_is_left_on_the_disk(stood: Stood) -> None:
    stood.put_out()
    compare(stood, A, B)

    assert {path.name for path in stood.source.state.iterdir()} == {
        "lines", "lock", "outbox", "reports", "sent", "stand.key", FILE_NAME
    }  # fmt: skip
