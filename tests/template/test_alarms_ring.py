"""What an alarm watches is what the function says: its stores are broken, and its metrics read as CloudWatch does."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from jbplus.api.serve import Handler, serve
from jbplus.aws.clients import dynamodb_for_calls
from jbplus.privacy_log.table import DynamoPrivacyLog
from tests.support.every_call import BODIES, calls_of, event_of
from tests.support.fakes import NOW
from tests.support.people import ANNA
from tests.template.expanded import Expanded, shortened

ROOT = Path(__file__).parents[2]
# Nothing listens there.
NOWHERE = "http://127.0.0.1:9"
FUNCTIONS = {
    "consultation": "ConsultationFunction",
    "registrations": "RegistrationsFunction",
    "stand": "StandFunction",
    "privacy_log": "PrivacyLogFunction",
    "suspensions": "SuspensionsFunction",
    "quality": "QualityFunction",
    "statistics": "StatisticsFunction",
}
LOGGING = ["consultation", "registrations", "privacy_log", "quality"]
FOR_DEVELOPERS = ["POWERTOOLS_DEBUG", "POWERTOOLS_DEV", "POWERTOOLS_LOGGER_LOG_EVENT", "POWERTOOLS_METRICS_DISABLED"]


@pytest.fixture
def out_of_reach(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which no service of AWS answers."""
    for name, value in {
        "AWS_ENDPOINT_URL": NOWHERE,
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return monkeypatch


def set_as_deployed(environment: pytest.MonkeyPatch, expanded: Expanded, service: str) -> None:
    """Set the variables that the template gives a function."""
    variables = shortened(expanded.properties(FUNCTIONS[service])["Environment"]["Variables"])
    given = {
        "LogLevel": "INFO",
        "TestNumbersAllowed": "true",
        "SuccessionAllowed": "true",
        "RegistrationsPerDay": "50000",
    }
    given |= {"IgnoredQueryParameters": "", "PartyEnds": ""}
    for name, value in variables.items():
        if value != "AWS::NoValue":
            environment.setenv(name, given.get(value, value))


def function(service: str) -> Handler:
    """Load a function as Lambda does."""
    spec = importlib.util.spec_from_file_location("app", ROOT / "functions" / service / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler  # type: ignore[no-any-return]  # a module that is no package


def measured(printed: str) -> set[tuple[str, str, str, str]]:
    """Read what CloudWatch makes of printed lines: namespace, dimension, its value and the metric."""
    found = set()
    for line in printed.splitlines():
        said = json.loads(line)
        for block in said.get("_aws", {}).get("CloudWatchMetrics", ()):
            for metric in block["Metrics"]:
                for (dimension,) in block["Dimensions"]:
                    assert sum(said[metric["Name"]]) >= 1
                    found.add((block["Namespace"], dimension, said[dimension], metric["Name"]))
    return found


def watched(expanded: Expanded, alarm: str) -> tuple[str, str, str, str]:
    properties: dict[str, Any] = shortened(expanded.properties(alarm))
    (dimension,) = properties["Dimensions"]
    return properties["Namespace"], dimension["Name"], dimension["Value"], properties["MetricName"]


def alarm_of(service: str, what: str) -> str:
    return f"{''.join(filter(str.isalnum, service))}Failed{what}Alarm"


@pytest.mark.parametrize("service", FUNCTIONS)
def test_a_function_whose_stores_are_out_of_reach_says_what_its_alarm_watches(
    out_of_reach: pytest.MonkeyPatch, expanded: Expanded, service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_as_deployed(out_of_reach, expanded, service)
    handler = function(service)
    capsys.readouterr()

    statuses = {call.route: handler(event_of(call.route), None)["statusCode"] for call in calls_of_service(service)}

    assert set(statuses.values()) == {503}
    assert watched(expanded, alarm_of(service, "Calls")) in measured(capsys.readouterr().out)


@pytest.mark.parametrize("service", LOGGING)
def test_a_privacy_log_that_takes_no_record_is_what_its_alarm_watches(
    out_of_reach: pytest.MonkeyPatch, expanded: Expanded, service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_as_deployed(out_of_reach, expanded, service)
    log = DynamoPrivacyLog(dynamodb_for_calls(), "privacy-log")
    calls = calls_of(log)[service]
    handler = serve(calls, lambda: NOW, ())

    reply = handler(event_of(calls[0].route), None)

    assert reply["statusCode"] == 503
    seen = measured(capsys.readouterr().out)
    assert watched(expanded, alarm_of(service, "Records")) in seen
    assert watched(expanded, alarm_of(service, "Calls")) in seen


@pytest.mark.parametrize("service", FUNCTIONS)
def test_no_variable_prints_an_event_or_silences_an_alarm(
    out_of_reach: pytest.MonkeyPatch, expanded: Expanded, service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_as_deployed(out_of_reach, expanded, service)
    for name in FOR_DEVELOPERS:
        out_of_reach.setenv(name, "true")
    out_of_reach.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    handler = function(service)
    capsys.readouterr()

    for call in calls_of_service(service):
        handler(event_of(call.route) | {"cookies": [f"insz={ANNA}"]}, None)

    printed = capsys.readouterr()
    assert ANNA not in printed.out + printed.err
    assert "jbplus:" not in printed.out
    assert watched(expanded, alarm_of(service, "Calls")) in measured(printed.out)


def calls_of_service(service: str) -> list[Any]:
    return [call for call in calls_of(DynamoPrivacyLog(dynamodb_for_calls(), "log"))[service] if call.route in BODIES]


@pytest.mark.parametrize("app", [path.parent.name for path in sorted(ROOT.glob("functions/*/app.py"))])
def test_no_function_with_metrics_lets_a_variable_for_developers_keep_them_back(app: str) -> None:
    """Powertools reads these variables when Metrics is made; `serve` takes them out for the calls of the API."""
    code = (ROOT / "functions" / app / "app.py").read_text(encoding="utf-8")

    if "Metrics()" in code:
        assert 0 < code.find("\nwithout_debugging(os.environ)\n") < code.index("Metrics()")
