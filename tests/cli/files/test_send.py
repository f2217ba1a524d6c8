"""`jbplus send`: deliver a file, wait for its report, show it."""

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.report import ReportedError, Status
from jbplus_cli.stack.aws import StackClients
from tests.cli.world import USUAL, World

BAD_AMOUNT = ReportedError.of(
    Finding(Code.AMOUNT_ZERO, "/mutaties/3/verrichting/verrichtingbedrag"), index=3, referte="JBP-1"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / USUAL
    path.write_bytes(b'{"context": {}, "mutaties": []}')
    return path


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [
        (Status.PROCESSED, 0),
        (Status.ALREADY_PROCESSED, 0),
        (Status.PARTLY_PROCESSED, 1),
        (Status.REFUSED, 1),
    ],
)
def test_the_exit_code_tells_whether_the_whole_file_is_processed(
    local: World, file: Path, status: Status, exit_code: int
) -> None:
    local.while_sleeping = local.report(file, status)

    result = local.run("send", file)

    assert result.exit_code == exit_code
    assert status.value in result.stdout
    assert "before" not in result.stdout
    assert local.delivered[f"inkomend/{USUAL}"].content == file.read_bytes()


def test_the_report_lists_what_is_wrong_and_where(local: World, file: Path) -> None:
    local.while_sleeping = local.report(file, Status.PARTLY_PROCESSED, BAD_AMOUNT)

    shown = local.run("send", file).stdout

    assert "5 read: 4 applied, 0 superseded, 1 refused" in shown
    row = next(line for line in shown.splitlines() if "bedragNul" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "3",
        "bedragNul",
        "/mutaties/3/verrichting/verrichtingbedrag",
        "Het bedrag is nul.",
    ]


def test_json_is_the_report_as_the_exchange_wrote_it(local: World, file: Path) -> None:
    local.while_sleeping = local.report(file, Status.PARTLY_PROCESSED, BAD_AMOUNT)

    result = local.run("send", file, "--json")

    said = json.loads(result.stdout)
    assert result.exit_code == 1
    assert said["report"] == json.loads(local.object(said["reportKey"]))
    assert said["key"] == f"inkomend/{USUAL}"


def test_without_a_report_in_time_it_says_where_the_file_and_the_report_are(local: World, file: Path) -> None:
    result = local.run("send", file, "--timeout", 3, "--json")

    assert result.exit_code == 1
    message = json.loads(result.stdout)["error"]["message"]
    assert message.startswith("No report after 3 seconds.")
    assert f"inkomend/{USUAL}" in message
    assert re.search(r"verslagen/werk\.\S+_20250304183000000\.[0-9a-f]{8}\.json", message)
    assert sum(local.slept) == pytest.approx(3)


def test_the_wait_ends_when_the_file_is_gone_not_when_there_is_a_report(local: World, file: Path) -> None:
    # GIVEN an intake that reports at once, and puts the file away only at the third look
    delivered = f"inkomend/{USUAL}"
    put_away = local.report(file, Status.PROCESSED)
    local.report(file, Status.PROCESSED)()
    local.while_sleeping = lambda: put_away() if len(local.slept) == 3 else None

    result = local.run("send", file)

    assert result.exit_code == 0
    assert len(local.slept) == 3
    assert list(local.delivered) == [delivered]


def test_the_same_content_again_is_waited_for_and_has_an_answer_of_its_own(local: World, file: Path) -> None:
    local.report(file, Status.PROCESSED)()
    local.while_sleeping = local.report(file, Status.ALREADY_PROCESSED)

    result = local.run("send", file, "--json")

    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["report"]["status"] == "reedsVerwerkt"
    assert said["reportKey"].endswith(".2.json")
    assert said["report"] == json.loads(local.object(said["reportKey"]))
    assert local.keys("inkomend/") == []


@pytest.mark.parametrize("at_once", [False, True], ids=["later", "before the first look"])
def test_an_older_file_of_the_same_name_that_is_stuck_does_not_hold_it_up(
    local: World, file: Path, *, at_once: bool
) -> None:
    stuck = local.s3.put_object(Bucket="exchange", Key=f"inkomend/{USUAL}", Body=b"stuck")["VersionId"]
    take_in = local.report(file, Status.PROCESSED)
    local.while_sleeping = take_in
    if at_once:
        local.before_the_next_answer(take_in)

    result = local.run("send", file)

    assert result.exit_code == 0
    assert len(local.slept) == (0 if at_once else 1)
    assert local.object(f"inkomend/{USUAL}") == b"stuck"
    assert local.s3.head_object(Bucket="exchange", Key=f"inkomend/{USUAL}")["VersionId"] == stuck


def test_a_file_that_was_refused_before_may_be_taken_now(local: World, file: Path) -> None:
    local.report(file, Status.REFUSED)()
    local.while_sleeping = local.report(file, Status.PROCESSED)

    result = local.run("send", file)

    assert result.exit_code == 0
    assert "verwerkt" in result.stdout
    assert "before" not in result.stdout


@pytest.mark.parametrize("before", [1, 2, 10])
def test_a_file_that_is_refused_again_is_told_the_reason_of_this_time(local: World, file: Path, before: int) -> None:
    for _ in range(before):
        local.report(file, Status.REFUSED, ReportedError.of(Finding(Code.NOT_JSON)))()
    local.while_sleeping = local.report(file, Status.REFUSED, ReportedError.of(Finding(Code.EMPTY_FILE)))

    result = local.run("send", file)

    assert result.exit_code == 1
    assert "leegBestand" in result.stdout
    assert "geenGeldigeJson" not in result.stdout
    assert len(local.slept) == 1


def test_a_refusal_alone_is_no_answer_to_a_new_delivery(local: World, file: Path) -> None:
    local.report(file, Status.REFUSED)()

    result = local.run("send", file, "--timeout", 2)

    assert result.exit_code == 1
    assert "No report after 2 seconds" in result.stderr


def test_a_compressed_file_is_known_by_its_decompressed_content(local: World, file: Path, tmp_path: Path) -> None:
    packed = tmp_path / f"{USUAL}.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    local.while_sleeping = local.report(file, Status.PROCESSED)

    assert local.run("send", packed).exit_code == 0
    assert list(local.delivered) == [f"inkomend/{USUAL}.gz"]


def test_a_large_file_goes_up_in_parts(local: World, tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    large.write_bytes(b" " * (9 * 1024 * 1024))
    local.while_sleeping = local.report(large, Status.REFUSED)

    result = local.run("send", large, "--json")

    assert json.loads(result.stdout)["key"] == "inkomend/large.json"
    assert local.delivered["inkomend/large.json"].tag.endswith('-2"')


def test_more_errors_than_a_screen_holds_are_counted(local: World, file: Path) -> None:
    errors = [ReportedError.of(Finding(Code.NOT_AN_OBJECT, f"/mutaties/{i}"), index=i) for i in range(60)]
    local.while_sleeping = local.report(file, Status.PARTLY_PROCESSED, *errors)

    shown = local.run("send", file).stdout

    assert shown.count("geenObject") == 50
    assert "and 10 more" in shown


def test_a_name_in_which_a_person_number_may_hide_is_not_used(local: World, tmp_path: Path) -> None:
    file = tmp_path / "export-71.68.03-021.13.json"
    file.write_bytes(b"{}")
    local.while_sleeping = local.report(file, Status.REFUSED, name="bestand")

    result = local.run("send", file, "--json")

    assert re.fullmatch(r"inkomend/bestand-[0-9a-f]{8}\.json", json.loads(result.stdout)["key"])


def test_a_missing_file_is_a_usage_error(local: World, tmp_path: Path) -> None:
    assert local.run("send", tmp_path / "nothing.json").exit_code == 2


def test_without_a_local_stack_it_says_how_to_start_one(world: World, file: Path) -> None:
    result = world.run("send", file)

    assert result.exit_code == 1
    assert "make run" in result.stderr
    assert result.stdout == ""


def test_a_local_stack_that_is_gone_is_said_plainly_whatever_the_users_own_aws_settings(
    local: World, file: Path
) -> None:
    # GIVEN endpoints of a stack that was killed, and a profile that would stop botocore at once
    local.surroundings = replace(local.surroundings, aws=StackClients)

    result = local.run("send", file, columns=300, AWS_PROFILE="no-such-profile", AWS_ENDPOINT_URL="http://127.0.0.1:2")

    assert result.exit_code == 1
    assert "no answer. Is the local stack running? Start it with: make run" in result.stderr
    assert "Traceback" not in result.output


def test_what_aws_refuses_is_said_with_its_code(local: World, file: Path) -> None:
    local.s3.delete_bucket(Bucket="exchange")

    result = local.run("send", file, columns=300)

    assert result.exit_code == 1
    assert "AWS says" in result.stderr
