"""`jbplus status`: one screen that tells whether all is well, and an exit code that says it too."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jbplus.intake.ledger import FileId
from jbplus.intake.standing import Progress
from jbplus.mutation_file.records import Context
from jbplus.protocol.purposes import Purpose
from jbplus.suspensions.rules import Stream, Suspension
from jbplus.suspensions.table import DynamoSuspensions
from jbplus_cli.screen.looks import span
from tests.cli.backstage import s3_event
from tests.cli.world import USUAL, World
from tests.support.files import context, mutation_file, record
from tests.support.people import ANNA, person_number

GOOD = record(ANNA)
BAD = record(ANNA, "JBP-2", verrichtingbedrag="0.00")


def later(world: World, passed: timedelta) -> World:
    """Let time pass: what is in the bucket came by the real clock."""
    world.surroundings = replace(world.surroundings, now=lambda: datetime.now(UTC) + passed)
    return world


def test_all_is_well_after_a_good_file(here: World) -> None:
    here.behind.drop(mutation_file([GOOD], 7), USUAL)

    result = here.run("status")

    assert result.exit_code == 0
    assert "All is well." in result.stdout
    (row,) = (line for line in result.stdout.splitlines() if "verwerkt" in line)
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells[:4] == ["…20250304183000000", "7", "verwerkt", "1: 1 applied"]
    assert cells[5].endswith(" s")


def test_a_file_is_told_with_all_that_its_report_knows(here: World) -> None:
    here.behind.drop(mutation_file([GOOD, BAD], 7), USUAL)

    (file,) = here.read("status")["files"]

    assert file["file"] == USUAL
    assert file["volgnummer"] == 7
    assert file["status"] == "gedeeltelijkVerwerkt"
    assert file["aantallen"] == {"gelezen": 2, "toegepast": 1, "verouderd": 0, "geweigerd": 1}
    assert 0 <= file["seconds"] < 60
    assert datetime.now(UTC) - datetime.fromisoformat(file["received"]) < timedelta(minutes=1)


def test_the_moment_of_arrival_is_shown_as_the_clocks_in_brussels_show_it(here: World) -> None:
    here.behind.drop(mutation_file([GOOD], 7), USUAL)
    key = here.keys("verslagen/")[0]
    here.s3.put_object(
        Bucket="exchange", Key=key, Body=here.object(key), Metadata={"received": "2025-07-01T22:15:30+00:00"}
    )

    assert "2025-07-02 00:15:30" in here.run("status").stdout


def test_only_the_newest_files_are_read(here: World) -> None:
    for number in range(1, 6):
        here.behind.drop(mutation_file([], number))
    read: list[str] = []
    here.s3.meta.events.register("before-call.s3.GetObject", lambda params, **_: read.append(params["url"]), "reads")

    try:
        numbers = [file["volgnummer"] for file in here.read("status", "--last", "2")["files"]]
    finally:
        here.s3.meta.events.unregister("before-call.s3.GetObject", unique_id="reads")

    # S3 keeps moments by the second: which of those of one second comes first is not known.
    assert len(set(numbers)) == 2
    assert len([url for url in read if "/verslagen/" in url]) == 2


@pytest.mark.parametrize(("passed", "exit_code"), [(timedelta(hours=25), 0), (timedelta(hours=27), 1)])
def test_a_day_without_a_good_file_needs_a_person(here: World, passed: timedelta, exit_code: int) -> None:
    here.behind.drop(mutation_file([GOOD]))
    here.behind.tell()
    later(here, passed)

    result = here.run("status")

    assert result.exit_code == exit_code
    assert ("ask WEWIS whether it sent one" in result.stdout) == bool(exit_code)
    assert f"{passed.total_seconds() / 3600:.0f} h" in result.stdout


@pytest.mark.parametrize(("passed", "exit_code"), [(timedelta(minutes=55), 0), (timedelta(minutes=65), 1)])
def test_a_file_that_is_applied_but_not_told_needs_a_person(here: World, passed: timedelta, exit_code: int) -> None:
    here.behind.drop(mutation_file([GOOD]))
    later(here, passed)

    result = here.run("status")

    assert result.exit_code == exit_code
    assert "1 not told yet" in result.stdout
    assert ("1 file is applied but not told: read the notices' log." in result.stdout) == bool(exit_code)


def test_what_waits_for_a_suspended_recipient_is_shown_and_needs_nobody(here: World) -> None:
    here.behind.drop(mutation_file([]))
    for key in ("wachtend/0685540471/a.000000.ndjson", "wachtend/0685540471/b.000000.ndjson", "wachtend/0/c.ndjson"):
        here.s3.put_object(Bucket="exchange", Key=key, Body=b"")

    result = here.run("status")
    said = here.read("status")

    assert result.exit_code == 0
    assert "all told; waiting: 0 1, Infino Vlaanderen 2" in result.stdout
    assert said["notices"] == {"untold": 0, "held": {"0": 1, "Infino Vlaanderen": 2}}


def test_before_the_first_file_something_is_missing(here: World) -> None:
    result = here.run("status")

    assert result.exit_code == 1
    assert "No file was taken in yet." in result.stdout


def test_missing_files_are_named(here: World) -> None:
    for number in (1, 3, 8):
        here.behind.drop(mutation_file([], number))

    said = here.read("status")

    assert said["missing"] == [{"van": 2, "tot": 2}, {"van": 4, "tot": 7}]
    assert said["needsPerson"] == ["Files are missing: 2, 4 to 7. Ask WEWIS to send them."]


def test_many_gaps_are_counted(here: World) -> None:
    for number in range(1, 16, 2):
        here.behind.drop(mutation_file([], number))

    assert "2, 4, 6, 8, 10 and 2 more" in here.run("status").stdout


def test_what_was_refused_needs_a_person_until_it_is_dealt_with(here: World) -> None:
    here.behind.drop(mutation_file([GOOD, BAD], 7), USUAL)
    here.behind.drop(mutation_file([GOOD, GOOD], 8, aantal=9))
    here.behind.tell()
    later(here, timedelta(hours=25))

    said = here.read("status")

    assert (said["quarantine"]["files"], said["quarantine"]["parts"]) == (1, 1)
    assert sorted((item["kind"], item["records"]) for item in said["quarantine"]["items"]) == [("file", 2), ("part", 1)]
    assert said["needsPerson"] == [
        "2 refused files or parts are in quarantine: release or discard each (jbplus quarantine --help)."
    ]
    # At 80 columns too: the words to type are on one line, and each name stands with what its sender called it.
    narrow = here.run("status", columns=80).stdout
    assert "(jbplus quarantine --help)" in narrow
    assert "2 records of " in " ".join(narrow.split())
    names = [item["name"] for item in said["quarantine"]["items"]]
    shown = here.run("status", columns=300).stdout
    for name in names:
        assert f"{name}: " in shown

    here.run("quarantine", "discard", *names, "--reason", "rechtgezet")

    assert here.run("status").exit_code == 0
    assert here.read("status")["quarantine"] == {"files": 0, "parts": 0, "items": []}


def test_only_the_newest_of_many_refused_are_named(here: World) -> None:
    here.behind.drop(mutation_file([GOOD]))
    here.behind.tell()
    for number in range(7):
        here.behind.drop(f"not JSON {number}".encode())

    assert len(here.read("status")["quarantine"]["items"]) == 5
    shown = here.run("status", columns=300).stdout
    assert "7 files, 0 parts with records" in shown
    assert "… and 2 older" in shown


def test_who_is_suspended_is_shown_and_needs_nobody(here: World) -> None:
    here.behind.drop(mutation_file([GOOD]))
    here.behind.tell()
    assert here.read("status")["suspensions"] == []
    now = here.surroundings.now()
    made = [
        Suspension("s-2", "0685540471", (Stream.MUTATIONS,), (), "x", now + timedelta(days=3, minutes=1)),
        Suspension("s-1", "0685540471", (Stream.CONSULTATION,), (Purpose.COMPLAINTS,), "x", now - timedelta(hours=2)),
        Suspension("s-0", "0685540471", (Stream.MUTATIONS,), (), "x", now - timedelta(days=9), lifted=now),
    ]
    DynamoSuspensions(here.behind.dynamodb, "suspensions", here.surroundings.sleep).write("0685540471", made, None)

    result = here.run("status", columns=300)

    assert result.exit_code == 0
    assert "Infino Vlaanderen: consultatie (klachten), for 2 h 0 min; s-1" in result.stdout
    assert "Infino Vlaanderen: mutaties, in 3 days 0 h; s-2" in result.stdout
    assert [each["id"] for each in here.read("status")["suspensions"]] == ["s-1", "s-2"]


def test_suspensions_out_of_reach_are_said_in_words(here: World) -> None:
    here.behind.dynamodb.delete_table(TableName="suspensions")

    result = here.run("status", columns=300)

    assert result.exit_code == 1
    assert "Could not look at the stack" in result.stderr


def test_failed_events_need_a_person(here: World) -> None:
    here.behind.drop(mutation_file([GOOD]))
    here.behind.fail(s3_event("inkomend/a.json"))

    said = here.read("status")

    assert said["failureQueue"] == {"waiting": 1, "inHand": 0}
    assert said["needsPerson"] == ["1 event failed for good: look with jbplus replay --dry-run."]


def test_failed_events_that_somebody_holds_count_too(here: World) -> None:
    here.behind.drop(mutation_file([GOOD]))
    here.behind.fail(s3_event("inkomend/a.json"))
    here.behind.sqs.receive_message(QueueUrl=here.behind.queue_url)

    result = here.run("status")

    assert result.exit_code == 1
    assert "1 event failed for good" in result.stdout


def put(world: World, name: str) -> str:
    return world.s3.put_object(Bucket="exchange", Key=f"inkomend/{name}", Body=b"{}")["VersionId"]


@pytest.mark.parametrize(("passed", "exit_code"), [(timedelta(minutes=59), 0), (timedelta(minutes=61), 1)])
def test_a_file_that_nobody_begins_needs_a_person(here: World, passed: timedelta, exit_code: int) -> None:
    here.behind.drop(mutation_file([GOOD]))
    put(here, USUAL)
    later(here, passed)

    result = here.run("status")

    assert result.exit_code == exit_code
    assert "…20250304183000000" in result.stdout
    assert ("1 file waits in inkomend/ for too long" in result.stdout) == bool(exit_code)


@pytest.mark.parametrize(("passed", "exit_code"), [(timedelta(hours=5), 0), (timedelta(hours=7), 1)])
def test_a_long_file_shows_how_far_it_is_and_may_take_longer(here: World, passed: timedelta, exit_code: int) -> None:
    here.behind.drop(mutation_file([GOOD]))
    here.behind.tell()
    put(here, USUAL)
    progress = Progress(
        sha256="0" * 64, context=Context.model_validate(context(900_000)), count=900_000, position=450_000
    )
    here.behind.bucket.write_progress(here.behind.bucket.incoming(f"inkomend/{USUAL}", None), progress.to_json())
    later(here, passed)

    result = here.run("status")

    assert result.exit_code == exit_code
    assert "450000 of 900000 records" in result.stdout


def test_each_version_that_waits_is_a_file_and_only_the_oldest_are_named(here: World) -> None:
    for _ in range(2):
        put(here, USUAL)
    for number in range(10):
        put(here, f"{number}.json")

    waiting = here.read("status")["waiting"]

    assert waiting["count"] == 12
    assert len(waiting["oldest"]) == 10
    assert "… and 2 more." in here.run("status").stdout


@pytest.mark.parametrize(("passed", "exit_code"), [(timedelta(hours=5), 0), (timedelta(hours=7), 1)])
def test_a_file_that_is_claimed_and_not_done_with_is_seen_though_it_is_gone(
    here: World, passed: timedelta, exit_code: int
) -> None:
    here.behind.drop(mutation_file([GOOD], 7))
    here.behind.tell()
    here.behind.ledger.claim(FileId("0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11", 8, "0" * 64), datetime.now(UTC))
    later(here, passed)

    result = here.run("status", columns=300)

    assert result.exit_code == exit_code
    assert "Not done with" in result.stdout
    assert ("Claimed over six hours ago and not done with: 8. Read the log" in result.stdout) == bool(exit_code)
    (unfinished,) = here.read("status")["unfinished"]
    assert unfinished["volgnummer"] == 8


def test_what_nobody_takes_in_needs_a_person_at_once(here: World) -> None:
    here.behind.drop(mutation_file([GOOD]))
    here.behind.tell()
    put(here, "a.JSON")
    put(here, "b.zip")

    said = here.read("status")

    assert said["waiting"]["strays"] == 2
    assert said["needsPerson"] == ["2 objects in inkomend/ will not be taken in: a name ends in .json or .json.gz."]


def test_no_person_number_in_a_files_name_is_shown(here: World) -> None:
    number = person_number(5)
    put(here, f"{number}.json")

    result = here.run("status")

    assert number not in result.stdout
    assert "bestand" in result.stdout


def ends_after(looks: int, world: World, happens: Callable[[], object] = lambda: None) -> Callable[[], None]:
    def press() -> None:
        happens()
        if len(world.slept) == looks:
            raise KeyboardInterrupt

    return press


def test_watching_looks_again_until_it_is_stopped(here: World) -> None:
    here.while_sleeping = ends_after(3, here, lambda: here.behind.drop(mutation_file([GOOD])))

    result = here.run("status", "--watch", "9")

    assert here.slept == [9, 9, 9]
    assert result.exit_code == 0
    assert "All is well." in result.stdout
    assert "No file was taken in yet." not in result.stdout


def test_watching_outlives_a_stack_that_is_away_for_a_while(here: World) -> None:
    here.behind.drop(mutation_file([GOOD]))

    def come_back() -> None:
        if len(here.slept) == 2:
            here.behind.sqs.create_queue(QueueName="failures")

    here.behind.sqs.delete_queue(QueueUrl=here.behind.queue_url)
    here.while_sleeping = ends_after(3, here, come_back)

    result = here.run("status", "--watch")

    assert here.slept == [5, 5, 5]
    assert result.exit_code == 0
    assert "All is well." in result.stdout


@pytest.mark.parametrize("options", [("5",), ("--watch", "--json"), ("--watch", "0"), ("--last", "-1")])
def test_what_cannot_be_meant_is_a_usage_error(here: World, options: tuple[str, ...]) -> None:
    assert here.run("status", *options).exit_code == 2


def test_a_ledger_out_of_reach_is_said_in_words(here: World) -> None:
    here.behind.dynamodb.delete_table(TableName="ledger")

    result = here.run("status", "--json")

    assert result.exit_code == 1
    assert "dynamodb:Query" in json.loads(result.stdout)["error"]["message"]


def test_on_aws_it_finds_the_stacks_resources(world: World) -> None:
    later(world, timedelta())
    world.on_aws()
    world.behind.drop(mutation_file([GOOD]))

    assert world.run("status", "--stack", "prod").exit_code == 0


def test_a_stack_of_an_older_version_is_said(world: World) -> None:
    world.on_aws()
    world.behind.missing_outputs = {"FailureQueue"}

    result = world.run("status", "--stack", "prod", columns=300)

    assert result.exit_code == 1
    assert "Stack prod has no output FailureQueue." in result.stderr


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (3600, "1 h 0 min"),
     (47 * 3600, "47 h 0 min"), (48 * 3600, "2 days 0 h"), (-1, "0 s")],
)  # fmt: skip
def test_spans_of_time_are_written_for_people(seconds: float, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words
