"""How an upgrade takes over: versions, the alias that all call, and what takes a bad one back."""

import json
from typing import Any

import pytest

from jbplus_local import template
from jbplus_local.template import CodeLocation, Document
from tests.template.conftest import ROOT
from tests.template.expanded import Expanded, shortened
from tests.template.test_template_functions import FUNCTIONS, RELEASE

COUNTING_FAILURES = {"Consultation", "Registrations", "Stand", "PrivacyLog", "Suspensions", "Quality", "Statistics"}
FUNCTION_NAMES = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-*"


def with_release(release: str, deployment_type: str = "AllAtOnce") -> Document:
    """Expand the template as CloudFormation does when it is given a release."""
    document = template.read(ROOT / "template.yaml")
    document["Parameters"]["Release"]["Default"] = release
    document["Parameters"]["DeploymentType"]["Default"] = deployment_type
    code = {name: CodeLocation("artifacts", f"{name}.zip") for name in template.code_folders(document)}
    resources: Document = template.expand(document, code, "eu-central-1")["Resources"]
    return resources


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_is_published_and_called_through_its_alias(expanded: Expanded, name: str) -> None:
    version = expanded.resources[f"{name}FunctionVersion{RELEASE}"]
    assert version["DeletionPolicy"] == "Delete"
    assert shortened(version["Properties"]) == {"FunctionName": f"{name}Function"}
    alias = expanded.resources[f"{name}FunctionAliaslive"]
    assert shortened(alias["Properties"]) == {
        "Name": "live",
        "FunctionName": f"{name}Function",
        "FunctionVersion": f"{name}FunctionVersion{RELEASE}.Version",
    }
    assert shortened(alias["UpdatePolicy"]) == {
        "CodeDeployLambdaAliasUpdate": {
            "ApplicationName": "ServerlessDeploymentApplication",
            "DeploymentGroupName": f"{name}FunctionDeploymentGroup",
        }
    }


def test_nobody_calls_a_function_but_through_its_alias(expanded: Expanded) -> None:
    """What names a function itself is about the whole of it: its versions, alarms, retries and figures."""
    about = {
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Version",
    }
    functions = set(expanded.of_type("AWS::Lambda::Function"))
    naming = {name for name, needed in expanded.dependencies().items() if needed & functions}
    assert {expanded.resources[name]["Type"] for name in naming} == about


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_gradual_upgrade_is_taken_back_when_the_function_s_alarms_ring(expanded: Expanded, name: str) -> None:
    alarms = [f"{name}ErrorsAlarm", *([f"{name.lower()}FailedCallsAlarm"] if name in COUNTING_FAILURES else [])]
    watched = {"Enabled": True, "Alarms": [{"Name": alarm} for alarm in alarms]}
    group = shortened(expanded.properties(f"{name}FunctionDeploymentGroup"))
    assert group.pop("DeploymentConfigName") == {
        "Fn::Sub": ["CodeDeployDefault.Lambda${ConfigName}", {"ConfigName": "AllAtOnce"}]
    }
    assert group == {
        "ApplicationName": "ServerlessDeploymentApplication",
        "AlarmConfiguration": {"Fn::If": ["Gradual", watched, {}]},
        "AutoRollbackConfiguration": {
            "Enabled": True,
            "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        "DeploymentStyle": {"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"},
        "ServiceRoleArn": "DeploymentRole.Arn",
    }
    assert set(alarms) <= set(expanded.of_type("AWS::CloudWatch::Alarm"))


def test_each_type_is_one_that_codedeploy_has(expanded: Expanded) -> None:
    """SAM puts the prefix of CodeDeploy's own configurations before those that it knows, and before those alone."""
    for kind in expanded.parameters["DeploymentType"]["AllowedValues"]:
        group = with_release(RELEASE, kind)["ConsultationFunctionDeploymentGroup"]["Properties"]
        assert group["DeploymentConfigName"] == {
            "Fn::Sub": ["CodeDeployDefault.Lambda${ConfigName}", {"ConfigName": kind}]
        }


def test_a_new_release_publishes_every_function_and_the_same_one_none() -> None:
    """Lambda publishes no version of a function that is as before, so each has the release in its configuration."""
    old, new = with_release("a" * 64), with_release("b" * 64)

    def of_type(resources: Document, kind: str) -> dict[str, Any]:
        return {name: each for name, each in resources.items() if each["Type"] == kind}

    before, after = of_type(old, "AWS::Lambda::Version"), of_type(new, "AWS::Lambda::Version")
    assert len(before) == len(after) == len(FUNCTIONS)
    assert not before.keys() & after.keys()
    for name, function in of_type(new, "AWS::Lambda::Function").items():
        assert function["Properties"]["Description"] == "b" * 64
        assert old[name]["Properties"]["Description"] == "a" * 64
    assert json.dumps(with_release("a" * 64)) == json.dumps(old)


def test_who_deploys_shifts_aliases_and_looks_at_alarms_and_may_do_nothing_else(expanded: Expanded) -> None:
    role = shortened(expanded.properties("DeploymentRole"))
    (taken,) = role.pop("AssumeRolePolicyDocument")["Statement"]
    (policy,) = role.pop("Policies")
    assert role == {}
    assert taken == {
        "Effect": "Allow",
        "Principal": {"Service": "codedeploy.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "ShiftAliases",
            "Effect": "Allow",
            "Action": ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
            "Resource": FUNCTION_NAMES,
        },
        {"Sid": "LookAtAlarms", "Effect": "Allow", "Action": "cloudwatch:DescribeAlarms", "Resource": "*"},
    ]
    assert shortened(expanded.properties("ServerlessDeploymentApplication")) == {"ComputePlatform": "Lambda"}
