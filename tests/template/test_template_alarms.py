"""Operators are told of everything that needs a person: each alarm whole, and where its metric comes from."""

from typing import Any, NamedTuple

import pytest

from jbplus.api.gateway import LOG_FAILURES
from jbplus.protocol.parties import PAYMENT_ACTORS, RECIPIENTS
from jbplus.protocol.usage import Use
from tests.template.expanded import Expanded, shortened


class Watched(NamedTuple):
    """What an alarm on a metric of ours watches; the end-to-end tests see that very metric come out of the function."""

    function: str
    metric: str
    statistic: str
    period: int
    evaluations: int
    threshold: int
    missing: str
    below: bool = False


OWN = {
    # The watch counts every quarter of an hour; when it is silent itself, that is an alarm too.
    "NoFileAlarm": Watched("IntakeWatchFunction", "HoursSinceLastFile", "Maximum", 900, 2, 26, "breaching"),
    "MissingFileAlarm": Watched("IntakeWatchFunction", "MissingFiles", "Minimum", 900, 4, 1, "ignore"),
    "UnfinishedFileAlarm": Watched("IntakeWatchFunction", "HoursUnfinished", "Maximum", 900, 1, 6, "ignore"),
    "StrayObjectAlarm": Watched("IntakeWatchFunction", "StrayObjects", "Minimum", 900, 4, 1, "ignore"),
    "RefusedFileAlarm": Watched("IntakeFunction", "FilesGeweigerd", "Sum", 300, 1, 1, "notBreaching"),
    "RefusedRecordsAlarm": Watched("IntakeFunction", "RecordsRefused", "Sum", 300, 1, 1, "notBreaching"),
    # Every hour, and silence counts.
    "NoCheckpointAlarm": Watched("CheckpointsFunction", "CheckpointsMade", "Sum", 3600, 2, 1, "breaching", below=True),
    "RewrittenRecordAlarm": Watched("CheckpointsFunction", "RecordsRewritten", "Sum", 300, 1, 1, "notBreaching"),
    "DropserverWaitingAlarm": Watched("DropserverFunction", "FilesWaitingLong", "Maximum", 900, 1, 1, "notBreaching"),
    "DropserverOwnCertificateAlarm": Watched(
        "DropserverFunction", "OwnCertificateDays", "Minimum", 3600, 1, 30, "ignore", below=True
    ),
    "DropserverCertificateAlarm": Watched(
        "DropserverFunction", "ServerCertificateDays", "Minimum", 3600, 1, 30, "ignore", below=True
    ),
    # `test_alarms_ring` breaks the stores of these.
    **{
        f"{name.lower()}FailedCallsAlarm": Watched(f"{name}Function", "Calls5xx", "Sum", 300, 1, 1, "notBreaching")
        for name in ("Consultation", "Registrations", "Stand", "PrivacyLog", "Suspensions", "Quality", "Statistics")
    },
    **{
        f"{name.lower()}FailedRecordsAlarm": Watched(f"{name}Function", LOG_FAILURES, "Sum", 300, 1, 1, "notBreaching")
        for name in ("Consultation", "Registrations", "PrivacyLog", "Quality")
    },
}
OF_PARTIES = {
    "Registering": ("RegistrationsFunction", Use.REGISTERED, "RegisteredAlarmThreshold", PAYMENT_ACTORS),
    "LookingUp": ("ConsultationFunction", Use.LOOKED_UP, "LookedUpAlarmThreshold", RECIPIENTS),
    "Refused": ("ConsultationFunction", Use.REFUSED, "RefusedAlarmThreshold", RECIPIENTS),
}
"""What each party makes of the exchange within a minute; `test_usage` sees these metrics come out."""

AWAITED = [
    "Intake",
    "Consultation",
    "Registrations",
    "Stand",
    "PrivacyLog",
    "Suspensions",
    "Quality",
    "Statistics",
    "Docs",
]
"""Functions that somebody or something waits for: their throttles are watched."""

BY_THE_CLOCK = [
    "IntakeRelease",
    "IntakeWatch",
    "PersonsRecomputing",
    "EndedParties",
    "Notices",
    "Checkpoints",
    "StandPublishing",
    "SourceStand",
    "StatisticsPublishing",
    "Dropserver",
]


def alarm(namespace: str, dimension: tuple[str, str], watched: Watched) -> dict[str, Any]:
    """Give an alarm's properties but its description: it rings at the threshold, and tells the topic of both ways."""
    name, value = dimension
    return {
        "AlarmActions": ["AlarmTopic"],
        "OKActions": ["AlarmTopic"],
        "Namespace": namespace,
        "Dimensions": [{"Name": name, "Value": value}],
        "MetricName": watched.metric,
        "Statistic": watched.statistic,
        "Period": watched.period,
        "EvaluationPeriods": watched.evaluations,
        "ComparisonOperator": "LessThanThreshold" if watched.below else "GreaterThanOrEqualToThreshold",
        "Threshold": watched.threshold,
        "TreatMissingData": watched.missing,
    }


def any_one(function: str, metric: str) -> dict[str, Any]:
    """Give the alarm on one or more of what Lambda itself counts for a function."""
    return alarm("AWS/Lambda", ("FunctionName", function), Watched(function, metric, "Sum", 300, 1, 1, "notBreaching"))


OF_AWS = {
    **{f"{name}ErrorsAlarm": any_one(f"{name}Function", "Errors") for name in (*AWAITED, *BY_THE_CLOCK)},
    **{f"{name}ThrottlesAlarm": any_one(f"{name}Function", "Throttles") for name in AWAITED},
    "FailureQueueAlarm": alarm(
        "AWS/SQS",
        ("QueueName", "FailureQueue.QueueName"),
        Watched("", "ApproximateNumberOfMessagesVisible", "Maximum", 300, 1, 1, "notBreaching"),
    ),
}


@pytest.fixture
def alarms(expanded: Expanded) -> dict[str, Any]:
    return {name: dict(alarm["Properties"]) for name, alarm in expanded.of_type("AWS::CloudWatch::Alarm").items()}


def test_every_alarm_is_listed(expanded: Expanded, alarms: dict[str, Any]) -> None:
    of_parties = {f"{name}{party.kbo}Alarm" for name, (*_, parties) in OF_PARTIES.items() for party in parties}
    assert set(alarms) == {*OWN, *OF_AWS, *of_parties}
    functions = set(expanded.of_type("AWS::Lambda::Function"))
    assert {f"{name}Function" for name in (*AWAITED, *BY_THE_CLOCK)} == functions


@pytest.mark.parametrize("name", OWN)
def test_alarm_on_a_metric_of_ours(expanded: Expanded, alarms: dict[str, Any], name: str) -> None:
    variables = shortened(expanded.properties(OWN[name].function)["Environment"]["Variables"])
    namespace, service = variables["POWERTOOLS_METRICS_NAMESPACE"], variables["POWERTOOLS_SERVICE_NAME"]
    assert alarms[name].pop("AlarmDescription")
    assert shortened(alarms[name]) == alarm(namespace, ("service", service), OWN[name])


@pytest.mark.parametrize("name", OF_PARTIES)
def test_alarm_on_the_use_of_each_party(expanded: Expanded, alarms: dict[str, Any], name: str) -> None:
    function, use, threshold, parties = OF_PARTIES[name]
    variables = shortened(expanded.properties(function)["Environment"]["Variables"])
    for party in parties:
        properties = shortened(alarms[f"{name}{party.kbo}Alarm"])
        assert party.kbo in properties.pop("AlarmDescription")
        dimensions = properties.pop("Dimensions")
        assert dimensions == [
            {"Name": "service", "Value": variables["POWERTOOLS_SERVICE_NAME"]},
            {"Name": "party", "Value": party.kbo},
        ]
        watched = Watched("", use.value, "Sum", 60, 1, 0, "notBreaching")
        expected = alarm(variables["POWERTOOLS_METRICS_NAMESPACE"], ("", ""), watched)
        del expected["Dimensions"]
        assert properties == expected | {"Threshold": threshold}


@pytest.mark.parametrize("name", OF_AWS)
def test_alarm_on_a_metric_of_aws(alarms: dict[str, Any], name: str) -> None:
    assert alarms[name].pop("AlarmDescription")
    assert shortened(alarms[name]) == OF_AWS[name]


def test_the_topic_is_mailed_to_who_is_named(expanded: Expanded) -> None:
    condition, named, nobody = shortened(expanded.properties("AlarmTopic"))["Subscription"]["Fn::If"]
    assert condition == "HasAlarmEmail"
    assert named == [{"Protocol": "email", "Endpoint": "AlarmEmail"}]
    assert nobody == "AWS::NoValue"


def test_events_that_fail_go_to_the_queue_after_two_more_tries(expanded: Expanded) -> None:
    (config,) = (item["Properties"] for item in expanded.of_type("AWS::Lambda::EventInvokeConfig").values())
    assert shortened(config) == {
        "FunctionName": "IntakeFunction",
        "Qualifier": "live",
        "MaximumRetryAttempts": 2,
        "MaximumEventAgeInSeconds": 6 * 3600,
        "DestinationConfig": {"OnFailure": {"Destination": "FailureQueue.Arn"}},
    }


def test_the_failure_queue_keeps_events_two_weeks_encrypted(expanded: Expanded) -> None:
    assert shortened(expanded.properties("FailureQueue")) == {
        "MessageRetentionPeriod": 14 * 86400,
        "KmsMasterKeyId": "EncryptionKey.Arn",
    }
