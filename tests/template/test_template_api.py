"""The HTTP API: its routes, who may call them, and what is logged of them."""

import json
from typing import Any

import pytest

from tests.template.expanded import Expanded, shortened

ROUTES = {
    ("post", "/v1/verrichtingen/get"): "ConsultationFunction",
    ("post", "/v1/verrichtingen/query"): "ConsultationFunction",
    ("post", "/v1/inschrijvingen"): "RegistrationsFunction",
    ("post", "/v1/inschrijvingen/get"): "RegistrationsFunction",
    ("post", "/v1/inschrijvingen/delete"): "RegistrationsFunction",
    ("post", "/v1/stand/query"): "StandFunction",
    ("get", "/v1/statistieken"): "StatisticsFunction",
    ("post", "/v1/kwaliteitsmeldingen"): "QualityFunction",
    ("post", "/v1/kwaliteitsmeldingen/query"): "QualityFunction",
    ("post", "/v1/kwaliteitsmeldingen/{id}/antwoord"): "QualityFunction",
    ("post", "/v1/schorsingen"): "SuspensionsFunction",
    ("get", "/v1/schorsingen"): "SuspensionsFunction",
    ("post", "/v1/schorsingen/{id}/opheffing"): "SuspensionsFunction",
    ("post", "/v1/privacylog/query"): "PrivacyLogFunction",
}
OPEN_ROUTES = {
    ("get", "/v1/health"): "DocsFunction",
    ("get", "/v1/doc"): "DocsFunction",
    ("get", "/v1/doc/openapi.json"): "DocsFunction",
    ("get", "/v1/doc/{file}"): "DocsFunction",
}
ARN = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${%sAliaslive}/invocations"


@pytest.fixture
def operations(expanded: Expanded) -> dict[tuple[str, str], Any]:
    paths = shortened(expanded.properties("ExchangeApi")["Body"]["paths"])
    return {(method, path): operation for path, methods in paths.items() for method, operation in methods.items()}


def test_every_route_is_listed(operations: dict[tuple[str, str], Any]) -> None:
    assert set(operations) == set(ROUTES | OPEN_ROUTES)


@pytest.mark.parametrize("route", ROUTES | OPEN_ROUTES)
def test_a_route_leads_to_its_function_and_needs_a_token(
    operations: dict[tuple[str, str], Any], route: tuple[str, str]
) -> None:
    operation = dict(operations[route])
    path_parameters = operation.pop("parameters", [])
    assert {item["name"] for item in path_parameters} == {
        part.strip("{}") for part in route[1].split("/") if part.startswith("{")
    }
    assert all((item["in"], item["required"]) == ("path", True) for item in path_parameters)
    assert operation == {
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "payloadFormatVersion": "2.0",
            "uri": ARN % (ROUTES | OPEN_ROUTES)[route],
        },
        "security": [{"NONE": []} if route in OPEN_ROUTES else {"Jwt": []}],
        "responses": {},
    }


def test_authorizer_checks_issuer_and_audience(expanded: Expanded) -> None:
    assert shortened(expanded.properties("ExchangeApi")["Body"]["components"]) == {
        "securitySchemes": {
            "Jwt": {
                "type": "oauth2",
                "x-amazon-apigateway-authorizer": {
                    "type": "jwt",
                    "identitySource": "$request.header.Authorization",
                    "jwtConfiguration": {"issuer": "Issuer", "audience": ["Audience"]},
                },
            }
        }
    }


def test_a_mistake_in_the_document_stops_the_deployment(expanded: Expanded) -> None:
    properties = expanded.properties("ExchangeApi")
    assert properties.keys() == {"Body", "FailOnWarnings"}
    assert properties["FailOnWarnings"] is True
    assert properties["Body"]["openapi"] == "3.0.1"
    assert properties["Body"]["info"].keys() == {"version", "title", "description"}


def test_stage_throttles_and_logs_without_paths_or_bodies(expanded: Expanded) -> None:
    (stage,) = (shortened(each["Properties"]) for each in expanded.of_type("AWS::ApiGatewayV2::Stage").values())
    logged = json.loads(stage["AccessLogSettings"].pop("Format"))
    del stage["Tags"]  # SAM's own
    assert stage == {
        "ApiId": "ExchangeApi",
        "StageName": "$default",
        "AutoDeploy": True,
        "DefaultRouteSettings": {"ThrottlingRateLimit": "ThrottlingRate", "ThrottlingBurstLimit": "ThrottlingBurst"},
        "AccessLogSettings": {"DestinationArn": "ApiLogs.Arn"},
    }
    # The route, not the path: a caller's mistake could put a person number in the path.
    assert logged == {
        "requestId": "$context.requestId",
        "time": "$context.requestTime",
        "route": "$context.routeKey",
        "status": "$context.status",
        "latency": "$context.responseLatency",
        "length": "$context.responseLength",
        "party": "$context.authorizer.claims.kbo",
        "authorizerError": "$context.authorizer.error",
        "integrationStatus": "$context.integrationStatus",
    }
