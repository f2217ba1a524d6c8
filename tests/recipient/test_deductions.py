"""What is deducted: exact amounts, never less than nothing, and files that are whole."""

import csv
import json
import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jbplus_recipient.atomic import _FOLDER, sync_folder, written_whole
from jbplus_recipient.deductions import COLUMNS, CSV_NAME, JSON_LINES_NAME, Deduction, deductions, last_day, write
from tests.recipient.fakes import person
from tests.support.people import ANNA, BRAM


@given(st.decimals(min_value="-999999999999.99", max_value="999999999999.99", places=2).filter(bool))
def test_the_net_amount_is_deducted_to_the_cent_and_never_less_than_nothing(net: Decimal) -> None:
    (row,) = deductions(person(ANNA, 17, f"{net:f}"))

    assert row.net == row.paid + row.reclaimed == net
    assert row.deducted == (max(0, net))
    assert row.wire()["netto"] == f"{net:f}"
    assert (row.insz, row.fiscal_year, row.volgnummer) == (ANNA, 2024, 17)


def test_rows_stand_in_the_order_of_the_years() -> None:
    later, sooner = person(ANNA, 1, "600.00"), person(ANNA, 1, "300.00")
    total = sooner.netto_per_fiscaal_jaar[0].model_copy(update={"fiscaal_jaar": 2023})
    both = later.model_copy(update={"netto_per_fiscaal_jaar": (*later.netto_per_fiscaal_jaar, total)})

    assert [row.fiscal_year for row in deductions(both)] == [2023, 2024]


def test_both_files_say_the_same(tmp_path: Path) -> None:
    answers = (person(ANNA, 17, "600.00"), person(BRAM, 4, "-0.10", inOnderzoek=True))
    rows = [row for answer in answers for row in deductions(answer)]

    assert write(rows, tmp_path / "new") == 2

    with (tmp_path / "new" / CSV_NAME).open(newline="") as file:
        table = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (tmp_path / "new" / JSON_LINES_NAME).read_text().splitlines()]
    said = {True: "ja", False: "nee"}
    assert table == [{name: said.get(value, str(value)) for name, value in line.items()} for line in lines]
    assert lines[1] == dict(zip(COLUMNS, (BRAM, 2024, "0.00", "-0.10", "-0.10", "0.00", 4, True), strict=True))
    for path in (tmp_path / "new").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_without_rows_the_table_has_its_header(tmp_path: Path) -> None:
    assert write([], tmp_path) == 0
    assert (tmp_path / CSV_NAME).read_text().strip() == ",".join(COLUMNS)
    assert (tmp_path / JSON_LINES_NAME).read_bytes() == b""


def test_a_failure_midway_leaves_the_earlier_files(tmp_path: Path) -> None:
    write(deductions(person(ANNA, 1, "1.00")), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def failing() -> Iterator[Deduction]:
        yield from deductions(person(BRAM, 2, "2.00"))
        raise OSError(28, "no space left")

    with pytest.raises(OSError, match="no space left"):
        write(failing(), tmp_path)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_a_killed_run_left_half_written_does_no_harm(tmp_path: Path) -> None:
    left = tmp_path / "file.part"
    left.write_bytes(b"half of it, and for everybody to read")
    left.chmod(0o644)

    with written_whole(tmp_path / "file") as file:
        file.write(b"whole")

    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"whole")]
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("net", "day", "last"),
    [
        ("600.00", "2024-02-29", date(2029, 2, 28)),
        ("-600.00", "2025-03-03", date(2030, 3, 3)),
        (None, "", None),
    ],
)
def test_an_answer_may_be_kept_for_five_years_after_the_last_payment(
    net: str | None, day: str, last: date | None
) -> None:
    assert last_day(person(ANNA, 17, net, day=day)) == last


def test_the_exchange_says_how_long_an_answer_may_be_kept() -> None:
    assert last_day(person(ANNA, 17, "600.00", day="2024-02-29", bewaarTot="2026-02-28")) == date(2026, 2, 28)
    assert last_day(person(ANNA, 17, bewaarTot="2026-02-28")) == date(2026, 2, 28)


def test_a_recovery_does_not_prolong() -> None:
    paid, recovered = person(ANNA, 1, "600.00", day="2022-01-01"), person(ANNA, 1, "-600.00", day="2025-01-01")

    both = paid.model_copy(update={"verrichtingen": paid.verrichtingen + recovered.verrichtingen})

    assert last_day(both) == date(2027, 1, 1)


def test_the_last_payment_counts_and_not_the_first() -> None:
    first, last = person(ANNA, 1, "300.00", day="2022-01-01"), person(ANNA, 1, "300.00", day="2025-01-01")

    for payments in (first.verrichtingen + last.verrichtingen, last.verrichtingen + first.verrichtingen):
        assert last_day(first.model_copy(update={"verrichtingen": payments})) == date(2030, 1, 1)


@pytest.mark.parametrize("how", [_FOLDER, None])
def test_a_folder_that_knows_no_syncing_does_no_harm(how: int | None) -> None:
    # That of the kernel's processes answers as file systems do that have no such thing.
    sync_folder(Path("/proc"), how)


def test_another_failure_of_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        sync_folder(tmp_path, os.O_PATH)
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "nowhere")


def test_a_file_that_was_for_everybody_is_for_nobody_else(tmp_path: Path) -> None:
    (tmp_path / CSV_NAME).write_text("for all")
    (tmp_path / CSV_NAME).chmod(0o644)

    write([], tmp_path)

    assert (tmp_path / CSV_NAME).stat().st_mode & 0o777 == 0o600
