"""What a deployer gives, and what becomes of it."""

import re
from typing import Any

import pytest

from tests.template.expanded import Expanded, shortened

YES_OR_NO = {"Type": "String", "AllowedValues": ["true", "false"]}
TEXT = {"Type": "String"}
CERTIFICATE = r"^(arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+)?$"
PARAMETERS: dict[str, dict[str, Any]] = {
    "Issuer": {**TEXT, "AllowedPattern": r"^(https://[^\s?#]+|http://127\.0\.0\.1(:[0-9]+)?)$"},
    "Audience": {**TEXT, "Default": "jbplus"},
    "RetentionYears": {"Type": "Number", "Default": 5, "MinValue": 1, "MaxValue": 10},
    "TestNumbersAllowed": {**YES_OR_NO, "Default": "false"},
    "SuccessionAllowed": {**YES_OR_NO, "Default": "false"},
    "DeletionProtection": {**YES_OR_NO, "Default": "true"},
    "IntakeConcurrency": {"Type": "Number", "Default": -1, "MinValue": -1},
    "WarmWrites": {"Type": "Number", "Default": 0, "MinValue": 0},
    "ThrottlingRate": {"Type": "Number", "Default": 50, "MinValue": 1},
    "ThrottlingBurst": {"Type": "Number", "Default": 100, "MinValue": 1},
    "RegistrationsPerDay": {"Type": "Number", "Default": 50_000, "MinValue": 0},
    "RegisteredAlarmThreshold": {"Type": "Number", "Default": 2500, "MinValue": 1},
    "LookedUpAlarmThreshold": {"Type": "Number", "Default": 2500, "MinValue": 1},
    "RefusedAlarmThreshold": {"Type": "Number", "Default": 50, "MinValue": 1},
    "PartyEnds": {
        **TEXT,
        "Default": "",
        "AllowedPattern": r"^([0-9]{10}=[0-9]{4}-[0-9]{2}-[0-9]{2}(,[0-9]{10}=[0-9]{4}-[0-9]{2}-[0-9]{2})*)?$",
    },
    "IgnoredQueryParameters": {**TEXT, "Default": "", "AllowedPattern": r"^([A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*)?$"},
    "CheckpointLockMode": {**TEXT, "Default": "COMPLIANCE", "AllowedValues": ["COMPLIANCE", "GOVERNANCE"]},
    "CheckpointLockDays": {"Type": "Number", "Default": 3653, "MinValue": 1},
    "CheckpointKeys": {
        **TEXT,
        "Default": "",
        "AllowedPattern": "^(arn:[a-z-]+:kms:[^,]+(,arn:[a-z-]+:kms:[^,]+)*)?$",
    },
    "AlarmEmail": {**TEXT, "Default": ""},
    "DomainName": {
        **TEXT,
        "Default": "",
        "AllowedPattern": r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+)?$",
    },
    "DomainCertificate": {**TEXT, "Default": "", "AllowedPattern": CERTIFICATE},
    "DomainOwnershipCertificate": {**TEXT, "Default": "", "AllowedPattern": CERTIFICATE},
    "Truststore": {**TEXT, "Default": "", "AllowedPattern": r"^(s3://[a-z0-9.-]+/\S+)?$"},
    "TruststoreVersion": {**TEXT, "Default": ""},
    "DataEvents": {**YES_OR_NO, "Default": "false"},
    "DropserverHost": {**TEXT, "Default": ""},
    "DropserverPort": {"Type": "Number", "Default": 21},
    "DropserverTls": {**TEXT, "Default": "explicit", "AllowedValues": ["explicit", "implicit"]},
    "DropserverTimeout": {"Type": "Number", "Default": 30, "MinValue": 1, "MaxValue": 300},
    "DropserverPatience": {"Type": "Number", "Default": 120, "MinValue": 1, "MaxValue": 600},
    "DropserverFileSeconds": {"Type": "Number", "Default": 300, "MinValue": 30, "MaxValue": 780},
    "DropserverBrokenAfter": {"Type": "Number", "Default": 60, "MinValue": 1},
    "DropserverSecret": {
        **TEXT,
        "Default": "arn:aws:secretsmanager:::secret:none",
        "AllowedPattern": "^arn:[a-z-]+:secretsmanager:.*$",
    },
    "DropserverIncoming": {**TEXT, "Default": "From_Vip"},
    "DropserverPattern": {**TEXT, "Default": "werk.publiceer*-0100_*.json*"},
    "DropserverAfterTaking": {**TEXT, "Default": "remove", "MinLength": 1},
    "DropserverOutgoing": {**TEXT, "Default": "To_Vip/{party}", "AllowedPattern": r"^.*\{party\}.*$"},
    "DropserverSettle": {"Type": "Number", "Default": 10, "MinValue": 1, "MaxValue": 120},
    "DropserverSchedule": {**TEXT, "Default": "rate(15 minutes)"},
    "DropserverSubnets": {"Type": "CommaDelimitedList", "Default": ""},
    "DropserverSecurityGroups": {"Type": "CommaDelimitedList", "Default": ""},
    "Release": {**TEXT, "Default": "0000000000", "AllowedPattern": "^[0-9a-f]{10,64}$"},
    "DeploymentType": {
        **TEXT,
        "Default": "AllAtOnce",
        "AllowedValues": [
            "AllAtOnce",
            *(f"Canary10Percent{minutes}Minutes" for minutes in (5, 10, 15, 30)),
            "Linear10PercentEvery1Minute",
            *(f"Linear10PercentEvery{minutes}Minutes" for minutes in (2, 3, 10)),
        ],
    },
    "LogLevel": {**TEXT, "Default": "INFO", "AllowedValues": ["DEBUG", "INFO", "WARNING", "ERROR"]},
}
CONDITIONS = {
    "Gradual": {"Fn::Not": [{"Fn::Equals": ["DeploymentType", "AllAtOnce"]}]},
    "HasAlarmEmail": {"Fn::Not": [{"Fn::Equals": ["AlarmEmail", ""]}]},
    "HasCheckpointKeys": {"Fn::Not": [{"Fn::Equals": ["CheckpointKeys", ""]}]},
    "HasDataEvents": {"Fn::Equals": ["DataEvents", "true"]},
    "HasDomain": {"Fn::Not": [{"Fn::Equals": ["DomainName", ""]}]},
    "HasDropserver": {"Fn::Not": [{"Fn::Equals": ["DropserverHost", ""]}]},
    "HasOwnershipCertificate": {"Fn::Not": [{"Fn::Equals": ["DomainOwnershipCertificate", ""]}]},
    "HasVpc": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", "DropserverSubnets"]}, ""]}]},
    "LimitsIntake": {"Fn::Not": [{"Fn::Equals": ["IntakeConcurrency", "-1"]}]},
    "WarmsPersons": {"Fn::Not": [{"Fn::Equals": ["WarmWrites", "0"]}]},
}
CONDITIONAL_OUTPUTS = {
    "DropserverFunction": "HasDropserver",
    "DomainTarget": "HasDomain",
    "TrailBucket": "HasDataEvents",
}
CONDITIONAL_RESOURCES = {
    "HasDomain": {"ExchangeDomain", "ExchangeDomainMapping"},
    "HasDataEvents": {"Trail", "TrailBucket", "TrailBucketPolicy"},
}
_ARNS = (
    [
        "",
        "arn:aws:acm:eu-central-1:123456789012:certificate/0b0e8d5e-6f0c",
        "arn:aws-eusc:acm:eusc-de-east-1:123456789012:certificate/a",
    ],
    ["certificate/a", "arn:aws:acm:eu-central-1:123456789012:certificate/", "arn:aws:iam::123456789012:certificate/a"],
)


def test_every_parameter_is_listed(expanded: Expanded) -> None:
    assert set(expanded.parameters) == set(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_takes_what_it_should(expanded: Expanded, name: str) -> None:
    parameter = dict(expanded.parameters[name])
    assert parameter.pop("Description")
    assert parameter == PARAMETERS[name]


PATTERNS = {
    "CheckpointKeys": (
        ["", "arn:aws:kms:r:1:key/a", "arn:aws:kms:r:1:key/a,arn:aws:kms:r:1:key/b"],
        ["a", ",", "arn:aws:kms:r:1:key/a,", "arn:aws:s3:::a"],
    ),
    "PartyEnds": (
        ["", "0685540471=2027-01-01", "0685540471=2027-01-01,0687467902=2027-06-30"],
        ["0685540471", "infino=2027-01-01", "0685540471=2027-01-01,", "0685540471=2027-1-1"],
    ),
    "DomainName": (["", "jbplus.example.be", "a.b-c.d"], ["jbplus", "https://a.b", "a.b/", ".a.b", "-a.b", "A.b"]),
    "DomainCertificate": _ARNS,
    "DomainOwnershipCertificate": _ARNS,
    "Truststore": (["", "s3://a-bucket/trust.pem"], ["s3://a-bucket", "s3://a-bucket/", "https://a-bucket/trust.pem"]),
    "IgnoredQueryParameters": (["", "trace", "trace,x-hop"], [",", "trace,", "a b", "a=b", "a&b"]),
    "Issuer": (
        ["https://issuer.example/realm", "https://issuer.example/", "http://127.0.0.1:9000", "http://127.0.0.1"],
        ["http://issuer.example", "issuer.example", "https://issuer example", "https://issuer.example/?a", ""],
    ),
    "DropserverSecret": (
        [
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-1",
            "arn:aws-eusc:secretsmanager:eusc-de-east-1:123456789012:secret:a-1",
        ],
        ["a-1", ""],
    ),
    "Release": (["0123456789", "f" * 64], ["", "012345678", "A123456789", "f" * 65]),
    "DropserverOutgoing": (["out/{party}/new", "{party}"], ["out", ""]),
}


def test_what_the_patterns_take(expanded: Expanded) -> None:
    patterns = {name: each["AllowedPattern"] for name, each in expanded.parameters.items() if "AllowedPattern" in each}
    assert set(patterns) == set(PATTERNS)
    for name, (taken, refused) in PATTERNS.items():
        assert [value for value in (*taken, *refused) if re.fullmatch(patterns[name], value)] == taken


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_default_is_itself_allowed(name: str) -> None:
    parameter = PARAMETERS[name]
    if "Default" not in parameter:
        return
    default = parameter["Default"]
    assert default in parameter.get("AllowedValues", [default])
    assert re.fullmatch(parameter.get("AllowedPattern", ".*"), str(default))
    assert parameter.get("MinValue", default) <= default <= parameter.get("MaxValue", default)


def test_conditions_hold_when_something_is_given(expanded: Expanded) -> None:
    assert shortened(expanded.document["Conditions"]) == CONDITIONS


def test_outputs_name_what_their_names_say(expanded: Expanded) -> None:
    outputs = {name: dict(output) for name, output in expanded.document["Outputs"].items()}
    assert all(output.pop("Description") for output in outputs.values())
    named = {
        *("AlarmTopic", "FailureQueue", "Issuer", "PseudonymSecret", "Release", "TrailBucket"),
        *("LedgerTable", "NoticesTable", "PersonsTable", "PrivacyLogTable", "QualityTable", "RegistrationsTable"),
        *("StatisticsTable", "SuspensionsTable", "CheckpointKey", "CheckpointsFunction", "SegmentsBucket"),
        *("ConsultationFunction", "DropserverFunction", "IntakeFunction", "IntakeReleaseFunction", "NoticesFunction"),
        *("PersonsRecomputingFunction", "PrivacyLogFunction", "RegistrationsFunction", "StatisticsPublishingFunction"),
        "StandPublishingFunction",
        "SourceStandFunction",
    }
    assert {name: output.pop("Condition") for name, output in outputs.items() if "Condition" in output} == (
        CONDITIONAL_OUTPUTS
    )
    assert shortened(outputs) == {
        **{name: {"Value": f"{name}Aliaslive" if name.endswith("Function") else name} for name in named},
        "BucketName": {"Value": "ExchangeBucket"},
        "ApiUrl": {
            "Value": {
                "Fn::If": [
                    "HasDomain",
                    "https://${DomainName}",
                    "https://${ExchangeApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}",
                ]
            }
        },
        "DomainTarget": {"Value": "ExchangeDomain.RegionalDomainName"},
    }


def test_what_belongs_to_the_dropserver_the_domain_and_the_trail_is_there_only_when_they_are(
    expanded: Expanded,
) -> None:
    conditional = {name: each["Condition"] for name, each in expanded.resources.items() if "Condition" in each}
    of_dropserver = {name for name in expanded.resources if name.startswith("Dropserver")}
    expected = {"HasDropserver": of_dropserver, **CONDITIONAL_RESOURCES}
    assert conditional == {name: condition for condition, names in expected.items() for name in names}
