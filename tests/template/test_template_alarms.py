"""Events that fail are kept, and operators are told of everything that needs a person."""

from typing import Any

import pytest

from jbplus.statistics.publication import CLOSING_DAY
from tests.template.expanded import Expanded, short

OWN = {
    "NoFileAlarm": ("watch", "HoursSinceLastFile", "Maximum", 900, 2, 26, "breaching"),
    "MissingFileAlarm": ("watch", "MissingFiles", "Minimum", 900, 4, 1, "ignore"),
    "RefusedFileAlarm": ("mutations", "FilesGeweigerd", "Sum", 300, 1, 1, "notBreaching"),
    "RefusedRecordsAlarm": ("mutations", "RecordsRefused", "Sum", 300, 1, 1, "notBreaching"),
    "ItemWithoutTtlAlarm": ("mutations", "ItemsWithoutTtl", "Sum", 300, 1, 1, "notBreaching"),
    "DropserverWaitingAlarm": ("dropserver", "FilesWaitingLong", "Maximum", 900, 1, 1, "notBreaching"),
    "DropserverOwnCertificateAlarm": ("dropserver", "OwnCertificateDays", "Minimum", 3600, 1, 30, "ignore"),
    "DropserverCertificateAlarm": ("dropserver", "ServerCertificateDays", "Minimum", 3600, 1, 30, "ignore"),
}
WATCHED_ERRORS = {
    "Notices",
    "Dropserver",
    "Quality",
    "Statistics",
    "StatisticsApi",
    "Suspensions",
    "PrivacyLog",
    "Mutations",
    "Consultation",
    "Registrations",
    "Release",
    "Watch",
    "Docs",
}
WATCHED_THROTTLES = {
    "Quality",
    "StatisticsApi",
    "Suspensions",
    "PrivacyLog",
    "Mutations",
    "Consultation",
    "Registrations",
    "Docs",
}


@pytest.fixture
def alarms(expanded: Expanded) -> dict[str, Any]:
    return {name: alarm["Properties"] for name, alarm in expanded.of_type("AWS::CloudWatch::Alarm").items()}


def test_every_alarm_is_listed(alarms: dict[str, Any]) -> None:
    of_functions = {f"{name}ErrorsAlarm" for name in WATCHED_ERRORS}
    of_functions |= {f"{name}ThrottlesAlarm" for name in WATCHED_THROTTLES}
    assert set(alarms) == {*OWN, *of_functions, "FailureQueueAlarm"}


@pytest.mark.parametrize("name", OWN)
def test_alarm_on_a_metric_of_ours(alarms: dict[str, Any], name: str) -> None:
    alarm = alarms[name]
    assert short(alarm["Namespace"]) == "AWS::StackName"
    (dimension,) = alarm["Dimensions"]
    assert dimension["Name"] == "service"
    assert (
        dimension["Value"],
        alarm["MetricName"],
        alarm["Statistic"],
        alarm["Period"],
        alarm["EvaluationPeriods"],
        alarm["Threshold"],
        alarm["TreatMissingData"],
    ) == OWN[name]


@pytest.mark.parametrize(
    ("name", "function", "metric"),
    [
        *((f"{name}ErrorsAlarm", f"{name}Function", "Errors") for name in sorted(WATCHED_ERRORS)),
        *((f"{name}ThrottlesAlarm", f"{name}Function", "Throttles") for name in sorted(WATCHED_THROTTLES)),
    ],
)
def test_alarm_on_a_function(alarms: dict[str, Any], name: str, function: str, metric: str) -> None:
    alarm = alarms[name]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"]) == ("AWS/Lambda", metric, 1)
    assert [short(dimension["Value"]) for dimension in alarm["Dimensions"]] == [function]


def test_alarm_on_the_failure_queue(alarms: dict[str, Any]) -> None:
    alarm = alarms["FailureQueueAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert [short(dimension["Value"]) for dimension in alarm["Dimensions"]] == ["FailureQueue.QueueName"]
    assert alarm["Threshold"] == 1


def test_every_alarm_but_those_of_days_left_compares_upwards_and_tells_the_topic(alarms: dict[str, Any]) -> None:
    for alarm in alarms.values():
        few = alarm["MetricName"].endswith("CertificateDays")
        assert alarm["ComparisonOperator"] == ("LessThanThreshold" if few else "GreaterThanOrEqualToThreshold")
        assert [short(action) for action in alarm["AlarmActions"]] == ["AlarmTopic"]
        assert alarm["AlarmDescription"]


def test_events_that_fail_go_to_the_queue_after_two_more_tries(expanded: Expanded) -> None:
    (config,) = (item["Properties"] for item in expanded.of_type("AWS::Lambda::EventInvokeConfig").values())
    assert short(config["FunctionName"]) == "MutationsFunction"
    assert config["MaximumRetryAttempts"] == 2
    assert config["MaximumEventAgeInSeconds"] == 6 * 3600
    assert short(config["DestinationConfig"]["OnFailure"]["Destination"]) == "FailureQueue.Arn"


def test_the_failure_queue_keeps_events_two_weeks_encrypted(expanded: Expanded) -> None:
    resource = expanded.resources["FailureQueue"]
    assert resource["Properties"]["MessageRetentionPeriod"] == 14 * 86400
    assert short(resource["Properties"]["KmsMasterKeyId"]) == "EncryptionKey.Arn"
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"


def test_what_runs_by_the_clock(expanded: Expanded) -> None:
    rules = [item["Properties"] for item in expanded.of_type("AWS::Events::Rule").values()]
    assert {
        short(target["Arn"]): short(rule["ScheduleExpression"]) for rule in rules for target in rule["Targets"]
    } == {
        "WatchFunction.Arn": "rate(15 minutes)",
        "NoticesFunction.Arn": "rate(5 minutes)",
        "DropserverFunction.Arn": "DropserverSchedule",
        "StatisticsFunction.Arn": f"cron(0 4 {CLOSING_DAY} * ? *)",
    }
