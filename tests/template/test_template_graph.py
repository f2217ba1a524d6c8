"""No circle between resources, no reference into nothing."""

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.template.expanded import Expanded, references


def test_resources_can_be_made_in_some_order(expanded: Expanded) -> None:
    order = list(TopologicalSorter(expanded.dependencies()).static_order())
    assert set(order) == set(expanded.resources)
    # The very circle that a bucket which tells functions makes so easily.
    assert order.index("IntakeRole") < order.index("IntakeFunctionAliaslive") < order.index("ExchangeBucket")


def test_every_reference_names_something(expanded: Expanded) -> None:
    known = set(expanded.resources) | set(expanded.parameters)
    named = set(references(expanded.document["Resources"])) | set(references(expanded.document["Outputs"]))
    assert {name for name in named if not name.startswith("AWS::")} <= known


def test_every_kind_of_resource_is_listed(expanded: Expanded) -> None:
    """The other tests look at resources by their kind; one of another kind would escape them."""
    assert {resource["Type"] for resource in expanded.resources.values()} == {
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::ApiMapping",
        "AWS::ApiGatewayV2::DomainName",
        "AWS::ApiGatewayV2::Stage",
        "AWS::CloudTrail::Trail",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::DynamoDB::Table",
        "AWS::Events::Rule",
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Version",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SecretsManager::Secret",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    }


@pytest.mark.parametrize(
    "reference",
    [
        {"Ref": "B"},
        {"Fn::GetAtt": ["B", "Arn"]},
        {"Fn::GetAtt": "B.Arn"},
        {"Fn::Sub": "x ${B} ${AWS::Region}"},
        {"Fn::Sub": "${B.Arn}/*"},
        {"Fn::Sub": ["${b}", {"b": {"Ref": "B"}}]},
        {"Fn::Join": ["", ["a", {"Ref": "B"}]]},
    ],
)
def test_a_circle_through_any_kind_of_reference_is_seen(reference: object) -> None:
    circle = Expanded({"Resources": {"A": {"Properties": {"P": [reference]}}, "B": {"DependsOn": ["A"]}}})
    with pytest.raises(CycleError):
        list(TopologicalSorter(circle.dependencies()).static_order())


@pytest.mark.parametrize("text", ["${!B}", "B", "$B", "${Bee}"])
def test_what_only_looks_like_a_reference_is_none(text: str) -> None:
    assert "B" not in set(references({"Fn::Sub": text}))
