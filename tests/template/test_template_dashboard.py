"""Each metric that the dashboard shows is counted: ours by its function, those of AWS for a thing of the stack."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from jbplus.mutation_file.report import Status
from jbplus.protocol.usage import Use
from tests.template.conftest import ROOT
from tests.template.expanded import Expanded
from tests.template.test_template_users import in_reach, source

OURS = "${AWS::StackName}"
OF_AWS = {
    "AWS/ApiGateway": ("Count", "ApiId", "AWS::ApiGatewayV2::Api"),
    "AWS/S3": ("BucketSizeBytes", "BucketName", "AWS::S3::Bucket"),
    "AWS/Logs": ("IncomingBytes", "LogGroupName", "AWS::Logs::LogGroup"),
    "AWS/SQS": ("ApproximateNumberOfMessagesVisible", "QueueName", "AWS::SQS::Queue"),
    "AWS/DynamoDB": (r"Consumed(Read|Write)CapacityUnits", "TableName", "AWS::DynamoDB::Table"),
    "AWS/Lambda": ("Duration", "FunctionName", "AWS::Lambda::Function"),
}
# How the code names those metrics whose name it puts together.
MADE = {
    **{f"Files{status[0].upper()}{status[1:]}": 'f"Files{report.status' for status in Status},
    **{f"Calls{hundred}xx": 'f"Calls{status // 100}xx"' for hundred in (2, 4, 5)},
}


@pytest.fixture
def widgets(expanded: Expanded) -> list[dict[str, Any]]:
    (board,) = expanded.of_type("AWS::CloudWatch::Dashboard").values()
    said: list[dict[str, Any]] = json.loads(board["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]
    return said


def shown(widgets: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    for widget in widgets:
        for metric in widget["properties"]["metrics"]:
            if isinstance(metric[0], str):
                # What follows is how S3 divides its own figure.
                namespace, name, dimension, value, *more = metric
                assert more in ([], ["StorageType", "StandardStorage"])
                yield namespace, name, dimension, value


def searched(widgets: list[dict[str, Any]]) -> list[str]:
    metrics = [metric for widget in widgets for metric in widget["properties"]["metrics"]]
    return [metric[0]["expression"] for metric in metrics if isinstance(metric[0], dict)]


def code_of(function: str) -> Iterator[str]:
    """Give the text of all that a function runs."""
    folder = re.sub("(?<=[a-z])(?=[A-Z])", "_", function.removesuffix("Function")).lower()
    yield (ROOT / "functions" / folder / "app.py").read_text(encoding="utf-8")
    for module in in_reach(function):
        yield source(module)[0]


def test_each_metric_of_ours_is_counted_by_its_function(expanded: Expanded, widgets: list[dict[str, Any]]) -> None:
    functions = {
        function["Properties"].get("Environment", {}).get("Variables", {}).get("POWERTOOLS_SERVICE_NAME"): name
        for name, function in expanded.of_type("AWS::Lambda::Function").items()
    }
    ours = [each for each in shown(widgets) if each[0] == OURS]

    assert len(ours) > len(widgets)
    for _, metric, dimension, service in ours:
        assert dimension == "service"
        named = MADE.get(metric, f'"{metric}"')
        assert any(named in text for text in code_of(functions[service])), f"{service} does not count {metric}"


def test_each_metric_of_aws_is_of_a_thing_of_the_stack(expanded: Expanded, widgets: list[dict[str, Any]]) -> None:
    for namespace, metric, dimension, value in shown(widgets):
        if namespace == OURS:
            continue
        name, its_dimension, kind = OF_AWS[namespace]
        thing = re.fullmatch(r"\$\{(\w+)(\.QueueName)?\}", value)
        assert re.fullmatch(name, metric)
        assert dimension == its_dimension
        assert thing is not None
        assert expanded.resources[thing[1]]["Type"] == kind


def test_the_use_of_every_party_is_shown_also_of_one_that_is_not_known(widgets: list[dict[str, Any]]) -> None:
    """The metrics are those that count_use writes: of the stack's namespace, with party and service."""
    assert sorted(searched(widgets)) == sorted(
        f"SEARCH('{{\"${{AWS::StackName}}\",party,service}} MetricName=\"{use}\"', 'Sum', 3600)" for use in Use
    )


def test_the_units_of_every_table_are_shown(expanded: Expanded, widgets: list[dict[str, Any]]) -> None:
    tables = {value for namespace, _, _, value in shown(widgets) if namespace == "AWS/DynamoDB"}
    assert tables == {f"${{{name}}}" for name in expanded.of_type("AWS::DynamoDB::Table")}


def test_nothing_is_shown_that_is_not_always_there(expanded: Expanded, widgets: list[dict[str, Any]]) -> None:
    """CloudFormation refuses a reference to what a condition leaves out."""
    named = set(re.findall(r"\$\{(\w+)", json.dumps(widgets))) - {"AWS"}
    assert named
    assert not [name for name in named if "Condition" in expanded.resources[name]]


def test_widgets_do_not_lie_over_each_other(widgets: list[dict[str, Any]]) -> None:
    cells = [
        (x, y)
        for widget in widgets
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]

    assert len(set(cells)) == len(cells)
    assert all(x < 24 for x, _ in cells)
