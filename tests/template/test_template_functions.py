"""Functions: their settings, their logs, and when the clock runs them."""

import re
from typing import Any, NamedTuple

import pytest

from jbplus.protocol.parties import PAYMENT_ACTORS
from jbplus.statistics.publication import CLOSING_DAY
from jbplus_local import template
from tests.template.conftest import ROOT
from tests.template.expanded import Expanded, short, shortened

BUCKET = "${AWS::StackName}-exchange-${AWS::AccountId}-${AWS::Region}"


RELEASE = "0000000000"


class Function(NamedTuple):
    """What sets a function apart.

    Attributes:
        timeout: seconds that an invocation may run.
        memory: MiB; 1769 is one full processor.
        variables: its environment, beside what all have.
        more: further properties.
    """

    timeout: int
    memory: int
    variables: dict[str, Any]
    more: dict[str, Any] = {}  # noqa: RUF012 - never changed


OF_CALLS = {"IGNORED_QUERY_PARAMETERS": "IgnoredQueryParameters"}
PERSONS = {"PSEUDONYM_SECRET": "PseudonymSecret", "TEST_NUMBERS_ALLOWED": "TestNumbersAllowed"}
SUCCESSIONS = {"SUCCESSION_ALLOWED": "SuccessionAllowed", "PERSONS_TABLE": "PersonsTable"}
FUNCTIONS = {
    "Intake": Function(
        900,
        1769,
        PERSONS
        | SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "intake",
            "LEDGER_TABLE": "LedgerTable",
            "BUCKET": BUCKET,
            "RETENTION_YEARS": "RetentionYears",
            "INTAKE_FUNCTION": "${AWS::StackName}-intake:live",
        },
        {
            "FunctionName": "${AWS::StackName}-intake",
            "ReservedConcurrentExecutions": {"Fn::If": ["LimitsIntake", "IntakeConcurrency", "AWS::NoValue"]},
            "RecursiveLoop": "Allow",
        },
    ),
    "IntakeRelease": Function(
        60,
        1024,
        PERSONS
        | SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "intake_release",
            "BUCKET": BUCKET,
            "RETENTION_YEARS": "RetentionYears",
        },
    ),
    "IntakeWatch": Function(
        30, 512, {"POWERTOOLS_SERVICE_NAME": "intake_watch", "LEDGER_TABLE": "LedgerTable", "BUCKET": BUCKET}
    ),
    "PersonsRecomputing": Function(
        60,
        1024,
        SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "persons_recomputing",
            "BUCKET": BUCKET,
            "RETENTION_YEARS": "RetentionYears",
        },
    ),
    "EndedParties": Function(
        900,
        512,
        {
            "POWERTOOLS_SERVICE_NAME": "ended_parties",
            "NOTICES_TABLE": "NoticesTable",
            "REGISTRATIONS_TABLE": "RegistrationsTable",
            "PRIVACY_LOG_TABLE": "PrivacyLogTable",
            "BUCKET": BUCKET,
        },
    ),
    "Notices": Function(
        900,
        1769,
        PERSONS
        | SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "notices",
            "NOTICES_TABLE": "NoticesTable",
            "REGISTRATIONS_TABLE": "RegistrationsTable",
            "SUSPENSIONS_TABLE": "SuspensionsTable",
            "BUCKET": BUCKET,
        },
    ),
    "Checkpoints": Function(
        900,
        1769,
        {
            "POWERTOOLS_SERVICE_NAME": "checkpoints",
            "BUCKET": BUCKET,
            "SEGMENTS_BUCKET": "SegmentsBucket",
            "PRIVACY_LOG_TABLE": "PrivacyLogTable",
            "SIGNING_KEYS": {"Fn::If": ["HasCheckpointKeys", "CheckpointKeys", "CheckpointKey.Arn"]},
        },
    ),
    "Dropserver": Function(
        900,
        1024,
        {
            "POWERTOOLS_SERVICE_NAME": "dropserver",
            "BUCKET": BUCKET,
            "SUSPENSIONS_TABLE": "SuspensionsTable",
            "DROPSERVER_HOST": "DropserverHost",
            "DROPSERVER_PORT": "DropserverPort",
            "DROPSERVER_TLS": "DropserverTls",
            "DROPSERVER_TIMEOUT": "DropserverTimeout",
            "DROPSERVER_PATIENCE": "DropserverPatience",
            "DROPSERVER_FILE_SECONDS": "DropserverFileSeconds",
            "DROPSERVER_BROKEN_AFTER": "DropserverBrokenAfter",
            "DROPSERVER_SECRET": "DropserverSecret",
            "DROPSERVER_INCOMING": "DropserverIncoming",
            "DROPSERVER_PATTERN": "DropserverPattern",
            "DROPSERVER_AFTER_TAKING": "DropserverAfterTaking",
            "DROPSERVER_OUTGOING": "DropserverOutgoing",
            "DROPSERVER_SETTLE": "DropserverSettle",
        },
        {
            "ReservedConcurrentExecutions": 1,  # one visit at a time
            "VpcConfig": {
                "Fn::If": [
                    "HasVpc",
                    {"SubnetIds": "DropserverSubnets", "SecurityGroupIds": "DropserverSecurityGroups"},
                    "AWS::NoValue",
                ]
            },
        },
    ),
    "Consultation": Function(
        10,
        1024,
        PERSONS
        | SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "consultation",
            **OF_CALLS,
            "REGISTRATIONS_TABLE": "RegistrationsTable",
            "PRIVACY_LOG_TABLE": "PrivacyLogTable",
            "SUSPENSIONS_TABLE": "SuspensionsTable",
        },
        {"SnapStart": {"ApplyOn": "PublishedVersions"}},
    ),
    "Registrations": Function(
        10,
        1024,
        PERSONS
        | SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "registrations",
            **OF_CALLS,
            "REGISTRATIONS_TABLE": "RegistrationsTable",
            "PRIVACY_LOG_TABLE": "PrivacyLogTable",
            "REGISTRATIONS_PER_DAY": "RegistrationsPerDay",
        },
    ),
    "Stand": Function(
        10,
        1769,
        SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "stand",
            "IGNORED_QUERY_PARAMETERS": "IgnoredQueryParameters",
            "PSEUDONYM_SECRET": "PseudonymSecret",
            "REGISTRATIONS_TABLE": "RegistrationsTable",
            "SUSPENSIONS_TABLE": "SuspensionsTable",
        },
    ),
    "StandPublishing": Function(
        900,
        1769,
        SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "stand_publishing",
            "PSEUDONYM_SECRET": "PseudonymSecret",
            "REGISTRATIONS_TABLE": "RegistrationsTable",
            "SUSPENSIONS_TABLE": "SuspensionsTable",
            "BUCKET": BUCKET,
        },
    ),
    "SourceStand": Function(
        900,
        1769,
        SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "source_stand",
            "PSEUDONYM_SECRET": "PseudonymSecret",
            "RETENTION_YEARS": "RetentionYears",
            "BUCKET": BUCKET,
        },
    ),
    "PrivacyLog": Function(
        10,
        1769,
        PERSONS | {"POWERTOOLS_SERVICE_NAME": "privacy_log", **OF_CALLS, "PRIVACY_LOG_TABLE": "PrivacyLogTable"},
    ),
    "Suspensions": Function(
        10, 1024, {"POWERTOOLS_SERVICE_NAME": "suspensions", **OF_CALLS, "SUSPENSIONS_TABLE": "SuspensionsTable"}
    ),
    "Quality": Function(
        10,
        1024,
        PERSONS
        | SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "quality",
            **OF_CALLS,
            "QUALITY_TABLE": "QualityTable",
            "PRIVACY_LOG_TABLE": "PrivacyLogTable",
            "REGISTRATIONS_TABLE": "RegistrationsTable",
            "BUCKET": BUCKET,
        },
    ),
    "Statistics": Function(
        10, 1024, {"POWERTOOLS_SERVICE_NAME": "statistics", **OF_CALLS, "STATISTICS_TABLE": "StatisticsTable"}
    ),
    "StatisticsPublishing": Function(
        900,
        1769,
        SUCCESSIONS
        | {
            "POWERTOOLS_SERVICE_NAME": "statistics_publishing",
            "BUCKET": BUCKET,
            "STATISTICS_TABLE": "StatisticsTable",
        },
    ),
    "Docs": Function(5, 512, {}),
}
SCHEDULES = {
    "IntakeWatchFunctionEveryQuarter": ("IntakeWatchFunction", "rate(15 minutes)"),
    "EndedPartiesFunctionEverySixHours": ("EndedPartiesFunction", "rate(6 hours)"),
    "NoticesFunctionEveryFiveMinutes": ("NoticesFunction", "rate(5 minutes)"),
    "CheckpointsFunctionEveryHour": ("CheckpointsFunction", "rate(1 hour)"),
    "DropserverFunctionVisit": ("DropserverFunction", "DropserverSchedule"),
    "StandPublishingFunctionVutg": ("StandPublishingFunction", "cron(0 1 * * ? *)"),
    "StandPublishingFunctionInfino": ("StandPublishingFunction", "cron(10 1 * * ? *)"),
    "StandPublishingFunctionKidslife": ("StandPublishingFunction", "cron(20 1 * * ? *)"),
    "StandPublishingFunctionMyFamily": ("StandPublishingFunction", "cron(30 1 * * ? *)"),
    "StandPublishingFunctionParentia": ("StandPublishingFunction", "cron(40 1 * * ? *)"),
    "SourceStandFunctionEveryNight": ("SourceStandFunction", "cron(50 1 * * ? *)"),
    "StatisticsPublishingFunctionEveryMonth": ("StatisticsPublishingFunction", f"cron(0 4-21 {CLOSING_DAY} * ? *)"),
}


def test_every_function_is_listed(expanded: Expanded) -> None:
    assert set(expanded.of_type("AWS::Lambda::Function")) == {f"{name}Function" for name in FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(expanded: Expanded, name: str) -> None:
    """Each has a role, a log group and a folder of its own; all run the shared layer and are traced."""
    expected = FUNCTIONS[name]
    (layer,) = expanded.of_type("AWS::Lambda::LayerVersion")
    properties = shortened(expanded.properties(f"{name}Function"))
    del properties["Tags"]  # SAM's own
    assert properties == {
        "Code": {"S3Bucket": "artifacts", "S3Key": f"{name}Function.zip"},
        "Description": RELEASE,
        "Handler": "app.handler",
        "Runtime": "python3.13",
        "Architectures": ["x86_64"],
        "Layers": [layer],
        "TracingConfig": {"Mode": "Active"},
        "Role": f"{name}Role.Arn",
        "LoggingConfig": {"LogGroup": f"{name}Logs"},
        "Timeout": expected.timeout,
        "MemorySize": expected.memory,
        "Environment": {
            "Variables": {
                "POWERTOOLS_METRICS_NAMESPACE": "AWS::StackName",
                "POWERTOOLS_LOG_LEVEL": "LogLevel",
                "AWS_ENDPOINT_URL": "AWS::NoValue",
                "PARTY_ENDS": "PartyEnds",
                **expected.variables,
            }
        },
        **expected.more,
    }


def test_function_and_folder_bear_one_name() -> None:
    folders = template.code_folders(template.read(ROOT / "template.yaml"))
    assert {name: folder for name, folder in folders.items() if name != "JbplusLayer"} == {
        f"{name}Function": "functions/" + re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in FUNCTIONS
    }
    for name, function in FUNCTIONS.items():
        service = function.variables.get("POWERTOOLS_SERVICE_NAME", "docs")
        assert folders[f"{name}Function"] == f"functions/{service}"


def test_layer(expanded: Expanded) -> None:
    (layer,) = expanded.of_type("AWS::Lambda::LayerVersion").values()
    properties = shortened(layer["Properties"])
    assert properties.pop("Description")
    assert properties == {
        "LayerName": "${AWS::StackName}",
        "Content": {"S3Bucket": "artifacts", "S3Key": "JbplusLayer.zip"},
        "CompatibleRuntimes": ["python3.13"],
        "CompatibleArchitectures": ["x86_64"],
    }


def test_bucket_variable_is_the_bucket(expanded: Expanded) -> None:
    """Both sides write the name out; a difference would show on AWS only."""
    assert short(expanded.properties("ExchangeBucket")["BucketName"]) == BUCKET


def test_log_groups_are_encrypted_and_kept_90_days(expanded: Expanded) -> None:
    groups = expanded.of_type("AWS::Logs::LogGroup")
    assert {name: shortened(group["Properties"]) for name, group in groups.items()} == {
        f"{name}Logs": {
            "LogGroupName": f"/${{AWS::StackName}}/{name}",  # as the key's policy says
            "RetentionInDays": 90,
            "KmsKeyId": "EncryptionKey.Arn",
        }
        for name in (*FUNCTIONS, "Api")
    }


def test_what_runs_by_the_clock(expanded: Expanded) -> None:
    rules = {name: shortened(rule["Properties"]) for name, rule in expanded.of_type("AWS::Events::Rule").items()}
    for rule in rules.values():
        assert rule["Targets"][0].pop("Id")
    inputs = {
        name: {"Input": f'{{"party": "{party.kbo}"}}'}
        for party in PAYMENT_ACTORS
        for name in SCHEDULES
        if name.lower() == f"standpublishingfunction{party.key}"
    }
    assert rules == {
        name: {"ScheduleExpression": schedule, "Targets": [{"Arn": f"{function}Aliaslive"} | inputs.get(name, {})]}
        for name, (function, schedule) in SCHEDULES.items()
    }
