"""What a deployer gives, and what becomes of it."""

import re
from typing import Any

import pytest

from tests.template.expanded import Expanded, shortened

YES_OR_NO = {"Type": "String", "AllowedValues": ["true", "false"]}
TEXT = {"Type": "String"}
PARAMETERS: dict[str, dict[str, Any]] = {
    "Issuer": {**TEXT, "AllowedPattern": r"^(https://[^\s?#]+|http://127\.0\.0\.1(:[0-9]+)?)$"},
    "Audience": {**TEXT, "Default": "jbplus"},
    "RetentionYears": {"Type": "Number", "Default": 5, "MinValue": 1, "MaxValue": 10},
    "TestNumbersAllowed": {**YES_OR_NO, "Default": "false"},
    "SuccessionAllowed": {**YES_OR_NO, "Default": "false"},
    "DeletionProtection": {**YES_OR_NO, "Default": "true"},
    "IntakeConcurrency": {"Type": "Number", "Default": -1, "MinValue": -1},
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
    "AlarmEmail": {**TEXT, "Default": ""},
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
    "LogLevel": {**TEXT, "Default": "INFO", "AllowedValues": ["DEBUG", "INFO", "WARNING", "ERROR"]},
}
CONDITIONS = {
    "HasAlarmEmail": {"Fn::Not": [{"Fn::Equals": ["AlarmEmail", ""]}]},
    "HasDropserver": {"Fn::Not": [{"Fn::Equals": ["DropserverHost", ""]}]},
    "HasVpc": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", "DropserverSubnets"]}, ""]}]},
    "LimitsIntake": {"Fn::Not": [{"Fn::Equals": ["IntakeConcurrency", "-1"]}]},
}
CONDITIONAL_OUTPUTS = {"DropserverFunction": "HasDropserver"}


def test_every_parameter_is_listed(expanded: Expanded) -> None:
    assert set(expanded.parameters) == set(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_takes_what_it_should(expanded: Expanded, name: str) -> None:
    parameter = dict(expanded.parameters[name])
    assert parameter.pop("Description")
    assert parameter == PARAMETERS[name]


PATTERNS = {
    "PartyEnds": (
        ["", "0685540471=2027-01-01", "0685540471=2027-01-01,0687467902=2027-06-30"],
        ["0685540471", "infino=2027-01-01", "0685540471=2027-01-01,", "0685540471=2027-1-1"],
    ),
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
        *("AlarmTopic", "FailureQueue", "Issuer", "PseudonymSecret"),
        *("LedgerTable", "NoticesTable", "PersonsTable", "PrivacyLogTable", "QualityTable", "RegistrationsTable"),
        *("StatisticsTable", "SuspensionsTable"),
        *("ConsultationFunction", "DropserverFunction", "IntakeFunction", "IntakeReleaseFunction", "NoticesFunction"),
        *("PersonsRecomputingFunction", "PrivacyLogFunction", "RegistrationsFunction", "StatisticsPublishingFunction"),
    }
    assert {name: output.pop("Condition") for name, output in outputs.items() if "Condition" in output} == (
        CONDITIONAL_OUTPUTS
    )
    assert shortened(outputs) == {
        **{name: {"Value": name} for name in named},
        "BucketName": {"Value": "ExchangeBucket"},
        "ApiUrl": {"Value": "https://${ExchangeApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"},
    }


def test_what_belongs_to_the_dropserver_is_there_only_when_a_host_is_given(expanded: Expanded) -> None:
    conditional = {name: each["Condition"] for name, each in expanded.resources.items() if "Condition" in each}
    assert conditional == {name: "HasDropserver" for name in expanded.resources if name.startswith("Dropserver")}
