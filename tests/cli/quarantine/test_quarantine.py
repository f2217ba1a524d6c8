"""`jbplus quarantine list` and `show`: what was refused, without personal data unless asked for."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.world import NAMED_AFTER_A_PERSON, USUAL, ZERO, World, with_part
from tests.support.files import mutation_file, record
from tests.support.people import ANNA, BRAM


def test_nothing_is_in_quarantine(here: World) -> None:
    result = here.run("quarantine", "list")

    assert result.exit_code == 0
    assert result.stdout == "Nothing is in quarantine.\n"


def test_files_and_parts_are_listed_with_what_is_wrong(here: World) -> None:
    with_part(here)
    here.behind.drop(mutation_file([record(BRAM)], 2, aantal=9))

    said = here.read("quarantine", "list")

    assert (said["files"], said["parts"]) == (1, 1)
    by_kind = {item["kind"]: item for item in said["items"]}
    assert by_kind["part"]["name"].startswith(USUAL.removesuffix(".json"))
    assert by_kind["part"]["name"].endswith(".00000000.ndjson")
    assert (by_kind["part"]["records"], by_kind["part"]["codes"]) == (2, ["bedragNul", "referteBevatInsz"])
    assert (by_kind["file"]["records"], by_kind["file"]["codes"]) == (1, ["aantalKloptNiet"])


def test_the_list_tells_ages_and_gives_names_that_can_be_copied(here: World) -> None:
    name = with_part(here)
    here.surroundings = replace(here.surroundings, now=lambda: datetime.now(UTC) + timedelta(hours=3, seconds=30))

    shown = here.run("quarantine", "list", columns=80).stdout

    assert [line.rstrip() for line in shown.splitlines()] == [
        name,
        f"    2 records of {USUAL},",
        "    3 h 0 min ago: bedragNul, referteBevatInsz",
    ]


def test_only_the_newest_are_read_and_the_others_counted(here: World) -> None:
    for number in range(3):
        here.behind.drop(f"not JSON {number}".encode())

    assert len(here.read("quarantine", "list", "--last", "2")["items"]) == 2
    assert "… and 1 older; name more with --last." in here.run("quarantine", "list", "--last", "2").stdout


def test_a_file_that_was_taken_in_since_is_listed_as_such(here: World) -> None:
    early = mutation_file([], 5000)
    here.behind.drop(mutation_file([], 1))
    here.behind.drop(early, USUAL)
    here.behind.drop(mutation_file([], 1000))
    here.behind.drop(mutation_file([], 2000))
    here.behind.drop(mutation_file([], 3000))
    here.behind.drop(mutation_file([], 4000))
    here.behind.drop(early, USUAL)

    result = here.run("quarantine", "list", columns=200)

    assert "taken in since: verwerkt" in result.stdout


def test_what_is_not_ours_is_neither_listed_nor_shown(here: World) -> None:
    for key in ("quarantaine/", "quarantaine/notes.txt", "quarantaine/other.00000000.json"):
        here.s3.put_object(Bucket="exchange", Key=key, Body=b"x")

    assert here.run("quarantine", "list").stdout == "Nothing is in quarantine.\n"
    assert here.run("quarantine", "show", "other.00000000.json").exit_code == 1


def test_the_records_of_a_part_are_shown_without_number_and_amount(here: World) -> None:
    name = with_part(here)

    plain, document = here.run("quarantine", "show", name), here.run("quarantine", "show", name, "--json")

    assert json.loads(document.stdout) == {
        "name": name,
        "kind": "part",
        "volgnummer": 1,
        "findings": [
            {"index": 1, "code": "bedragNul", "pad": "/mutaties/1/verrichting/verrichtingbedrag", "referte": "JBP-2"},
            {"index": 2, "code": "referteBevatInsz", "pad": "/mutaties/2/referte"},
        ],
    }
    row = next(line for line in plain.stdout.splitlines() if "bedragNul" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "1",
        "bedragNul",
        "/mutaties/1/verrichting/verrichtingbedrag",
        "JBP-2",
    ]
    for output in (plain.output, document.output):
        assert ANNA not in output
        assert BRAM not in output
        assert "123.45" not in output


def test_a_long_part_is_cut_on_the_screen_and_whole_in_json(here: World) -> None:
    here.behind.drop(mutation_file([ZERO] * 60))
    name = here.quarantined()

    shown = here.run("quarantine", "show", name).stdout

    assert shown.count("bedragNul") == 50
    assert "… and 10 more" in shown
    assert len(here.read("quarantine", "show", name)["findings"]) == 60


def test_a_whole_file_is_shown_by_its_report(here: World) -> None:
    here.behind.drop(mutation_file([record(ANNA)], aantal=2), USUAL)
    name = here.quarantined()

    result = here.run("quarantine", "show", name)

    assert result.exit_code == 0
    assert "aantalKloptNiet" in result.stdout
    assert ANNA not in result.output
    assert here.read("quarantine", "show", name)["report"]["status"] == "geweigerd"


def test_a_report_that_is_gone_is_said(here: World) -> None:
    here.behind.drop(b"not JSON", USUAL)
    name = here.quarantined()
    here.s3.delete_object(Bucket="exchange", Key=here.keys("verslagen/")[0])

    result = here.run("quarantine", "show", name, columns=200)

    assert result.exit_code == 1
    assert "is gone: reports are kept for a year" in result.stderr
    assert here.read("quarantine", "list")["items"][0]["codes"] == []


def test_records_are_revealed_as_they_came_with_a_warning(here: World) -> None:
    name = with_part(here)

    plain, document = (here.run("quarantine", "show", name, "--reveal", *more) for more in ((), ("--json",)))

    lines = [json.loads(line) for line in plain.stdout.splitlines()]
    assert [line["record"] for line in lines] == [ZERO, NAMED_AFTER_A_PERSON]
    assert [line["code"] for line in lines] == ["bedragNul", "referteBevatInsz"]
    assert json.loads(document.stdout) == {"items": lines}
    for result in (plain, document):
        assert "personal data" in result.stderr
        assert ANNA not in result.stderr


@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress], ids=["plain", "compressed"])
def test_a_file_is_revealed_as_it_came(here: World, pack: Callable[[bytes], bytes]) -> None:
    content = mutation_file([record(ANNA)], aantal=2)
    here.behind.drop(pack(content), f"{USUAL}.gz" if pack is gzip.compress else USUAL)

    result = here.run("quarantine", "show", here.quarantined(), "--reveal")

    assert result.exit_code == 0
    assert result.stdout == content.decode()
    assert "personal data" in result.stderr


def test_a_revealed_file_cannot_steer_the_terminal(here: World) -> None:
    here.behind.drop(b'\x1b[2J {"a":\t\xc3\xa9\xff\r\n', USUAL)

    result = here.run("quarantine", "show", here.quarantined(), "--reveal")

    assert result.stdout_bytes == '\\x1b[2J {"a":\té\\xff\r\n'.encode()


def test_a_file_that_cannot_be_unpacked_is_revealed_as_far_as_it_goes(here: World) -> None:
    here.behind.drop(gzip.compress(b"{" * 100_000)[:-4], f"{USUAL}.gz")

    result = here.run("quarantine", "show", here.quarantined(), "--reveal", columns=200)

    assert result.exit_code == 1
    assert result.stdout.startswith("{{{")
    assert "cannot be unpacked to its end" in result.stderr


def test_a_whole_file_is_not_revealed_as_json(here: World) -> None:
    here.behind.drop(b"not JSON", USUAL)

    result = here.run("quarantine", "show", here.quarantined(), "--reveal", "--json")

    assert result.exit_code == 1
    assert "leave out --json" in json.loads(result.stdout)["error"]["message"]


def test_what_is_not_there_is_said(here: World) -> None:
    result = here.run("quarantine", "show", "nothing.json", columns=200)

    assert result.exit_code == 1
    assert "See the names with: jbplus quarantine list" in result.stderr


@pytest.mark.parametrize("words", [("show",), ("list", "--last", "0")])
def test_what_cannot_be_meant_is_a_usage_error(here: World, words: tuple[str, ...]) -> None:
    assert here.run("quarantine", *words).exit_code == 2
