"""`jbplus replay`: events that failed three times are delivered again, and none is ever lost."""

import json
from urllib.parse import quote_plus

import pytest

from jbplus_cli.operating.failed_events import Failure
from jbplus_cli.operating.failure_queue import FailureQueue
from tests.cli.backstage import FUNCTION_ARN, Json, s3_event
from tests.cli.world import USUAL, World
from tests.support.people import person_number

EVENT = s3_event(f"inkomend/{USUAL}")


@pytest.mark.parametrize("options", [(), ("--all",)])
def test_all_events_are_delivered_again_as_they_were_and_leave_the_queue(
    local: World, options: tuple[str, ...]
) -> None:
    events = [s3_event(f"inkomend/{number}.json") for number in range(25)]
    for event in events:
        local.behind.fail(event)

    result = local.run("replay", *options)

    key = json.dumps
    assert result.exit_code == 0
    assert sorted(local.behind.functions.events, key=key) == sorted(events, key=key)
    assert local.behind.queued() == 0
    assert local.run("replay").stdout == "No failed event waits.\n"


def test_it_tells_what_failed_when_how_often_and_why(local: World) -> None:
    message = local.behind.fail(EVENT)

    shown = local.run("replay", "--dry-run", columns=200).stdout

    assert message[:8] in shown
    assert "…20250304183000000 (2026-03-31 19:30:00, version v-1)" in shown
    assert "│     3 │ FileDelayedError: INTAKE003 store out of reach" in shown


def test_json_has_all_of_it(local: World) -> None:
    message = local.behind.fail(EVENT)

    (item,) = local.read("replay")["items"]

    assert item.pop("failed")
    assert item == {
        "id": message,
        "files": [{"name": USUAL, "version": "v-1", "arrived": "2026-03-31T17:30:00+00:00"}],
        "tried": 3,
        "error": "FileDelayedError: INTAKE003 store out of reach",
        "replayed": True,
    }


def test_a_dry_run_delivers_nothing_and_puts_everything_back_at_once(local: World) -> None:
    for number in range(12):
        local.behind.fail(s3_event(f"inkomend/{number}.json"))

    said = local.read("replay", "--dry-run")

    assert [item["replayed"] for item in said["items"]] == [False] * 12
    assert local.behind.functions.events == []
    assert local.behind.queued() == 12


def test_named_events_are_delivered_and_the_others_stay(local: World) -> None:
    first, second, third = (local.behind.fail(s3_event(f"inkomend/{number}.json")) for number in range(3))

    result = local.run("replay", first, third[:8])

    assert result.exit_code == 0
    delivered = {event["Records"][0]["s3"]["object"]["key"] for event in local.behind.functions.events}
    assert delivered == {"inkomend/0.json", "inkomend/2.json"}
    assert local.behind.queued() == 1
    assert [item["id"] for item in local.read("replay", "--dry-run")["items"]] == [second]


def test_an_event_that_is_not_there_is_said(local: World) -> None:
    local.behind.fail(EVENT)

    result = local.run("replay", "00000000", columns=200)

    assert result.exit_code == 1
    assert "Not in the failure queue: 00000000." in result.stderr
    assert local.behind.queued() == 1
    assert local.read("replay", "00000000")["unfinished"] == [
        "Not in the failure queue: 00000000. Replayed already, or held by another command."
    ]


def test_an_event_that_lambda_does_not_take_stays_in_the_queue(local: World) -> None:
    for number in range(3):
        local.behind.fail(s3_event(f"inkomend/{number}.json"))
    local.behind.functions.refusals.append("AccessDeniedException")

    result = local.run("replay", columns=300)

    assert result.exit_code == 1
    assert "Could not deliver an event again: AWS says AccessDeniedException." in result.stderr
    assert local.behind.functions.events == []
    assert local.behind.queued() == 3


def test_what_was_delivered_before_it_broke_off_is_told_and_gone(local: World) -> None:
    for number in range(3):
        local.behind.fail(s3_event(f"inkomend/{number}.json"))
    local.behind.functions.refusals.extend(["", "TooManyRequestsException"])

    said = local.read("replay")

    assert [item["replayed"] for item in said["items"]] == [True]
    assert "TooManyRequestsException" in said["error"]["message"]
    assert len(local.behind.functions.events) == 1
    assert local.behind.queued() == 2


def test_an_event_that_was_delivered_but_cannot_be_removed_is_said_to_be_harmless(local: World) -> None:
    local.behind.fail(EVENT)
    purged = local.behind.functions.events
    local.behind.functions.on_event = lambda: local.behind.sqs.delete_queue(QueueUrl=local.behind.queue_url)

    result = local.run("replay", columns=300)

    assert result.exit_code == 1
    assert purged == [EVENT]
    assert "replaying it once more does no harm" in result.stderr


def test_no_person_number_is_shown_not_of_the_name_nor_of_the_error(local: World) -> None:
    number = person_number(5)
    local.behind.fail(
        s3_event(f"inkomend/{number[:6]}-{number[6:]}.json"),
        responsePayload={"errorType": "ValueError", "errorMessage": f"bad {number}"},
    )

    result = local.run("replay", "--json", "--dry-run")

    (item,) = json.loads(result.stdout)["items"]
    assert number[:6] not in result.output
    assert item["files"][0]["name"] == "bestand"
    assert item["files"][0]["version"] == "v-1"
    assert item["error"] == "not shown, since a person's number may stand in it"


def test_keys_are_shown_as_they_are_not_as_s3_encodes_them(local: World) -> None:
    local.behind.fail(s3_event(quote_plus("inkomend/Mutaties maart é.json", safe="/")))

    assert local.read("replay", "--dry-run")["items"][0]["files"][0]["name"] == "Mutaties maart é.json"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"responsePayload": None, "requestContext": {"functionArn": FUNCTION_ARN, "condition": "EventAgeExceeded"}},
         "EventAgeExceeded"),
        ({"responsePayload": {"errorMessage": "Task timed out after 900.00 seconds"}},
         "Task timed out after 900.00 seconds"),
        ({"responsePayload": {"errorMessage": "x" * 900}}, "x" * 200 + "…"),
    ],
)  # fmt: skip
def test_every_way_in_which_lambda_gives_up_can_be_replayed(local: World, changes: Json, error: str) -> None:
    local.behind.fail(EVENT, **changes)

    (item,) = local.read("replay")["items"]

    assert (item["replayed"], item["error"]) == (True, error)
    assert local.behind.functions.events == [EVENT]


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        json.dumps({"Records": EVENT["Records"]}),
        json.dumps({"requestContext": {"functionArn": FUNCTION_ARN}, "requestPayload": {"other": "event"}}),
        json.dumps({"requestContext": {"functionArn": f"{FUNCTION_ARN}-2"}, "requestPayload": EVENT}),
    ],
    ids=["no JSON", "no destination record", "another event", "another function"],
)
def test_what_is_none_of_ours_stays_in_the_queue_and_does_not_stop_the_others(local: World, body: str) -> None:
    local.behind.send(body)
    local.behind.fail(EVENT)

    result = local.run("replay")

    assert result.exit_code == 1
    assert "stays in the failure queue" in result.stderr
    assert local.behind.functions.events == [EVENT]
    assert local.behind.queued() == 1


def test_an_event_replayed_twice_is_the_same_event_twice(local: World) -> None:
    for _ in range(2):
        local.behind.fail(EVENT)

    assert local.run("replay").exit_code == 0
    assert local.behind.functions.events == [EVENT, EVENT]


@pytest.mark.parametrize("options", [("--all", "00000000"), ("0000000",)])
def test_what_cannot_be_meant_is_a_usage_error(local: World, options: tuple[str, ...]) -> None:
    local.behind.fail(EVENT)

    assert local.run("replay", *options).exit_code == 2
    assert local.behind.queued() == 1


def test_a_queue_out_of_reach_is_said_in_words(local: World) -> None:
    local.behind.sqs.delete_queue(QueueUrl=local.behind.queue_url)

    result = local.run("replay", columns=300)

    assert result.exit_code == 1
    assert "Could not read the failure queue: AWS says" in result.stderr


def _queue(local: World) -> FailureQueue:
    world = local.surroundings
    target = world.target(None)
    return FailureQueue.of(world, target, world.resources(target))


def test_a_walk_through_a_very_long_queue_ends_and_says_so(local: World) -> None:
    for number in range(12):
        local.behind.fail(s3_event(f"inkomend/{number}.json"))
    queue = _queue(local)
    seen: list[str] = []

    def look(failure: Failure) -> bool:
        seen.append(failure.id)
        return False

    assert queue.walk(look, most=10) is False
    assert len(seen) == 10
    assert local.behind.queued() == 12
    assert queue.walk(look) is True
    assert len(set(seen)) == 12


def test_a_message_that_comes_back_during_the_walk_is_dealt_with_once(local: World) -> None:
    for number in range(2):
        local.behind.fail(s3_event(f"inkomend/{number}.json"))
    queue = _queue(local)
    seen: list[str] = []

    def slow(failure: Failure) -> bool:
        seen.append(failure.id)
        # So long that SQS shows everything again.
        local.behind.show_all_again()
        return False

    assert queue.walk(slow) is True
    assert len(seen) == len(set(seen)) == 2
