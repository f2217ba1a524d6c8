"""What the alarms on our own metrics watch is what the deployed functions really write."""

import json
from collections.abc import Iterator
from typing import Any

from jbplus.api.gateway import LOG_FAILURES
from jbplus_local import template
from jbplus_local.stack import LocalStack
from tests.e2e.conftest import ROOT
from tests.e2e.exchange import Exchange
from tests.support.files import record
from tests.support.people import person_number
from tests.support.waiting import wait_for

# A store has to break for these: `tests/template/test_alarms_ring.py` runs the functions with broken ones.
_OF_BROKEN_STORES = {"Calls5xx", LOG_FAILURES}

Metric = tuple[str, tuple[tuple[str, str], ...], str]


def of_any_party(dimensions: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Give the dimensions of a metric in one order, whichever party it is about: each has alarms of its own, alike."""
    return tuple(sorted((key, "any" if key == "party" else value) for key, value in dimensions))


def watched(name: str) -> set[Metric]:
    """Give the metrics that the template's alarms watch and that no service of AWS writes."""
    alarms = [
        each["Properties"]
        for each in template.read(ROOT / "template.yaml")["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm" and each["Properties"]["Namespace"] == {"Ref": "AWS::StackName"}
    ]
    return {
        (name, of_any_party(tuple((each["Name"], each["Value"]) for each in alarm["Dimensions"])), alarm["MetricName"])
        for alarm in alarms
        if alarm["MetricName"] not in _OF_BROKEN_STORES
    }


def written(stack: LocalStack) -> Iterator[Metric]:
    """Give the metrics that functions wrote, in CloudWatch's embedded format."""
    for line in stack.log_lines():
        if '"_aws"' in line:
            values: dict[str, Any] = json.loads(line)
            for block in values["_aws"]["CloudWatchMetrics"]:
                for names in block["Dimensions"]:
                    for metric in block["Metrics"]:
                        dimensions = tuple((key, values[key]) for key in names)
                        yield block["Namespace"], of_any_party(dimensions), metric["Name"]


def test_each_metric_of_ours_that_an_alarm_watches_is_written(exchange: Exchange) -> None:
    stack = exchange.stack
    assert (
        exchange.drop(exchange.next_file([record(person_number(1, month=65)), record("1")]))["status"]
        == "gedeeltelijkVerwerkt"
    )
    exchange.register(person_number(1, month=65))
    exchange.look_up(person_number(1, month=65))
    exchange.look_up(person_number(2, month=65))
    assert exchange.drop(b"no file at all")["status"] == "geweigerd"
    for by_the_clock in ("IntakeWatchFunction", "CheckpointsFunction"):
        function = stack.aws.cloudformation().describe_stack_resource(
            StackName=stack.endpoints.stack, LogicalResourceId=by_the_clock
        )["StackResourceDetail"]["PhysicalResourceId"]
        stack.aws.functions().invoke(FunctionName=function)
    # This stack has no dropserver; the one of `test_circle.py` has.
    expected = {each for each in watched(stack.endpoints.stack) if ("service", "dropserver") not in each[1]}

    assert expected
    # A report is there a moment before its function's metrics are.
    wait_for(lambda: expected <= set(written(stack)), f"each of {expected}")
