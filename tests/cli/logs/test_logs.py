"""`jbplus logs`: what a function logged lately."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jbplus.logs import LogCode
from jbplus_cli.logs.reading import FunctionName
from jbplus_local import template
from tests.cli.world import World
from tests.support.people import ANNA

ROOT = Path(__file__).parents[3]
GROUP = "/jbplus/IntakeWatch"
TRACE = "0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11"


@pytest.fixture
def logged(here: World) -> Iterator[World]:
    """The watch logged a line of ours in the last hour, one of Lambda's, one with a trace, and one long ago."""
    client = here.behind.logs
    now = here.surroundings.now()
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName="a")
    lines = [
        (timedelta(hours=3), line(LogCode.FILE_REFUSED, file="old")),
        (timedelta(minutes=40), line(LogCode.FILE_TAKEN_IN, file="new", counts={"gelezen": 2})),
        (timedelta(minutes=30), "REPORT RequestId: 1\tDuration: 3 ms\n"),
        (timedelta(minutes=20), line(LogCode.CALL_ANSWERED, trace=TRACE, correlation="case-1")),
    ]
    for ago, text in lines:
        moment = int((now - ago).timestamp() * 1000)
        client.put_log_events(logGroupName=GROUP, logStreamName="a", logEvents=[{"timestamp": moment, "message": text}])
    yield here
    client.delete_log_group(logGroupName=GROUP)


def line(code: LogCode, **fields: object) -> str:
    return json.dumps({"level": "INFO", "location": "app", "message": code, "service": "s", **fields})


def test_the_last_hour_is_shown_a_line_each(logged: World) -> None:
    result = logged.run("logs", "intake_watch")

    assert result.exit_code == 0
    # Each line begins with its moment, as the clocks in Brussels show it.
    assert [shown[20:] for shown in result.stdout.splitlines()] == [
        'INFO INTAKE001 file taken in file=new counts={"gelezen": 2}',
        "REPORT RequestId: 1\tDuration: 3 ms",
        f"INFO CALL001 call answered trace={TRACE} correlation=case-1",
    ]


def test_it_looks_back_as_far_as_is_asked_and_for_what_is_asked(logged: World) -> None:
    assert len(logged.read("logs", "intake_watch", "--since", "4h")["items"]) == 4
    (refused,) = logged.read("logs", "intake_watch", "--since", "1d", "--code", "intake002")["items"]
    assert (refused["message"], refused["file"]) == (LogCode.FILE_REFUSED, "old")
    (called,) = logged.read("logs", "intake_watch", "--correlation", "case-1")["items"]
    assert [called] == logged.read("logs", "intake_watch", "--trace", f"urn:uuid:{TRACE}")["items"]
    assert logged.read("logs", "intake_watch", "--correlation", "case") == {}
    assert called["trace"] == TRACE


def test_nothing_is_said_to_be_nothing(logged: World) -> None:
    result = logged.run("logs", "intake_watch", "--since", "1m")

    assert (result.exit_code, result.stdout) == (0, "Nothing of the kind was logged in 1 min 0 s.\n")


def test_a_function_that_the_stack_does_not_have_is_said(logged: World) -> None:
    result = logged.run("logs", "dropserver", columns=200)

    assert result.exit_code == 1
    assert "Stack jbplus has no log /jbplus/Dropserver" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("nobody",),
        ("intake", "--since", "soon"),
        ("intake", "--since", "0h"),
        ("intake", "--code", "INTAKE999"),
        ("intake", "--trace", "1"),
        ("intake", "--correlation", ANNA),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(local: World, words: tuple[str, ...]) -> None:
    assert local.run("logs", *words).exit_code == 2


def test_each_function_has_its_name_and_its_log_group() -> None:
    assert {name.value for name in FunctionName} == {app.parent.name for app in ROOT.glob("functions/*/app.py")}
    resources = template.read(ROOT / "template.yaml")["Resources"]
    groups = {
        group["Properties"]["LogGroupName"]["Fn::Sub"]
        for group in resources.values()
        if group["Type"] == "AWS::Logs::LogGroup"
    }
    assert {name.group("${AWS::StackName}") for name in FunctionName} == groups - {"/${AWS::StackName}/Api"}
