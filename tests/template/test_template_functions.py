"""Functions, routes, logs and parameters."""

import re
from typing import Any

import pytest

from tests.template.expanded import Expanded, short

BUCKET = "${AWS::StackName}-exchange-${AWS::AccountId}-${AWS::Region}"

COMMON = {
    "POWERTOOLS_METRICS_NAMESPACE": "AWS::StackName",
    "POWERTOOLS_LOG_LEVEL": "LogLevel",
}
PERSONS = COMMON | {"PSEUDONYM_SECRET": "PseudonymSecret", "TEST_NUMBERS_ALLOWED": "TestNumbersAllowed"}
ENVIRONMENT = {
    "ReleaseFunction": PERSONS
    | {
        "POWERTOOLS_SERVICE_NAME": "release",
        "PERSONS_TABLE": "PersonsTable",
        "BUCKET": BUCKET,
        "RETENTION_YEARS": "RetentionYears",
    },
    "NoticesFunction": PERSONS
    | {
        "POWERTOOLS_SERVICE_NAME": "notices",
        "NOTICES_TABLE": "NoticesTable",
        "PERSONS_TABLE": "PersonsTable",
        "REGISTRATIONS_TABLE": "RegistrationsTable",
        "SUSPENSIONS_TABLE": "SuspensionsTable",
        "BUCKET": BUCKET,
    },
    "DropserverFunction": COMMON
    | {
        "POWERTOOLS_SERVICE_NAME": "dropserver",
        "BUCKET": BUCKET,
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
    "WatchFunction": COMMON | {"POWERTOOLS_SERVICE_NAME": "watch", "LEDGER_TABLE": "LedgerTable"},
    "DocsFunction": COMMON,
    "StatisticsFunction": COMMON
    | {
        "POWERTOOLS_SERVICE_NAME": "statistics",
        "PERSONS_TABLE": "PersonsTable",
        "STATISTICS_TABLE": "StatisticsTable",
    },
    "StatisticsApiFunction": COMMON
    | {"POWERTOOLS_SERVICE_NAME": "statistics-api", "STATISTICS_TABLE": "StatisticsTable"},
    "MutationsFunction": PERSONS
    | {
        "POWERTOOLS_SERVICE_NAME": "mutations",
        "PERSONS_TABLE": "PersonsTable",
        "LEDGER_TABLE": "LedgerTable",
        "BUCKET": BUCKET,
        "RETENTION_YEARS": "RetentionYears",
    },
    "ConsultationFunction": PERSONS
    | {
        "POWERTOOLS_SERVICE_NAME": "consultation",
        "PERSONS_TABLE": "PersonsTable",
        "REGISTRATIONS_TABLE": "RegistrationsTable",
        "PRIVACY_LOG_TABLE": "PrivacyLogTable",
        "SUSPENSIONS_TABLE": "SuspensionsTable",
    },
    "QualityFunction": PERSONS
    | {
        "POWERTOOLS_SERVICE_NAME": "quality",
        "QUALITY_TABLE": "QualityTable",
        "REGISTRATIONS_TABLE": "RegistrationsTable",
        "BUCKET": BUCKET,
    },
    "SuspensionsFunction": COMMON | {"POWERTOOLS_SERVICE_NAME": "suspensions", "SUSPENSIONS_TABLE": "SuspensionsTable"},
    "RegistrationsFunction": PERSONS
    | {
        "POWERTOOLS_SERVICE_NAME": "registrations",
        "REGISTRATIONS_TABLE": "RegistrationsTable",
        "PRIVACY_LOG_TABLE": "PrivacyLogTable",
    },
    "PrivacyLogFunction": PERSONS
    | {
        "POWERTOOLS_SERVICE_NAME": "privacylog",
        "PRIVACY_LOG_TABLE": "PrivacyLogTable",
    },
}
LOGS = {
    "MutationsFunction": "MutationsLogs",
    "ReleaseFunction": "ReleaseLogs",
    "NoticesFunction": "NoticesLogs",
    "DropserverFunction": "DropserverLogs",
    "WatchFunction": "WatchLogs",
    "DocsFunction": "DocsLogs",
    "StatisticsFunction": "StatisticsLogs",
    "StatisticsApiFunction": "StatisticsApiLogs",
    "ConsultationFunction": "ConsultationLogs",
    "RegistrationsFunction": "RegistrationsLogs",
    "SuspensionsFunction": "SuspensionsLogs",
    "QualityFunction": "QualityLogs",
    "PrivacyLogFunction": "PrivacyLogLogs",
}
ROUTES = {
    ("post", "/v1/verrichtingen/get"): "ConsultationFunction",
    ("post", "/v1/verrichtingen/query"): "ConsultationFunction",
    ("post", "/v1/inschrijvingen"): "RegistrationsFunction",
    ("post", "/v1/inschrijvingen/get"): "RegistrationsFunction",
    ("post", "/v1/inschrijvingen/delete"): "RegistrationsFunction",
    ("get", "/v1/statistieken"): "StatisticsApiFunction",
    ("post", "/v1/kwaliteitsmeldingen"): "QualityFunction",
    ("post", "/v1/kwaliteitsmeldingen/query"): "QualityFunction",
    ("post", "/v1/kwaliteitsmeldingen/{id}/antwoord"): "QualityFunction",
    ("post", "/v1/schorsingen"): "SuspensionsFunction",
    ("get", "/v1/schorsingen"): "SuspensionsFunction",
    ("post", "/v1/schorsingen/{id}/opheffing"): "SuspensionsFunction",
    ("post", "/v1/privacylog/query"): "PrivacyLogFunction",
}
OPEN_ROUTES = {
    ("get", "/v1/health"),
    ("get", "/v1/doc"),
    ("get", "/v1/doc/openapi.json"),
    ("get", "/v1/doc/{file}"),
}


@pytest.fixture
def operations(expanded: Expanded) -> dict[tuple[str, str], Any]:
    paths = expanded.properties("ExchangeApi")["Body"]["paths"]
    return {(method, path): operation for path, methods in paths.items() for method, operation in methods.items()}


def test_every_function_is_listed(expanded: Expanded) -> None:
    assert set(expanded.of_type("AWS::Lambda::Function")) == set(ENVIRONMENT) == set(LOGS)


@pytest.mark.parametrize("function", ENVIRONMENT)
def test_environment_of(expanded: Expanded, function: str) -> None:
    variables = expanded.properties(function)["Environment"]["Variables"]
    assert {name: short(value) for name, value in variables.items()} == ENVIRONMENT[function]


def test_bucket_variable_is_the_bucket(expanded: Expanded) -> None:
    """Both sides write the name out; a difference would show on AWS only."""
    assert short(expanded.properties("ExchangeBucket")["BucketName"]) == BUCKET


@pytest.mark.parametrize("function", LOGS)
def test_function_runs_the_shared_layer_and_is_traced(expanded: Expanded, function: str) -> None:
    properties = expanded.properties(function)
    assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["x86_64"])
    assert properties["Handler"] == "app.handler"
    (layer,) = expanded.of_type("AWS::Lambda::LayerVersion")
    assert [short(each) for each in properties["Layers"]] == [layer]
    assert properties["TracingConfig"] == {"Mode": "Active"}


def test_limits_of_functions(expanded: Expanded) -> None:
    limits = {name: (expanded.properties(name)["Timeout"], expanded.properties(name)["MemorySize"]) for name in LOGS}
    assert limits == {
        "MutationsFunction": (900, 1769),
        "ReleaseFunction": (60, 1024),
        "NoticesFunction": (900, 1769),
        "DropserverFunction": (900, 1024),
        "WatchFunction": (30, 512),
        "DocsFunction": (5, 512),
        "StatisticsFunction": (900, 1769),
        "StatisticsApiFunction": (10, 1024),
        "ConsultationFunction": (10, 1024),
        "RegistrationsFunction": (10, 1024),
        "SuspensionsFunction": (10, 1024),
        "QualityFunction": (10, 1024),
        "PrivacyLogFunction": (10, 1769),
    }
    assert expanded.properties("MutationsFunction")["RecursiveLoop"] == "Allow"
    intake = expanded.properties("MutationsFunction")["ReservedConcurrentExecutions"]
    assert short(intake) == "IntakeConcurrency"


def test_one_visit_to_the_dropserver_at_a_time(expanded: Expanded) -> None:
    assert expanded.properties("DropserverFunction")["ReservedConcurrentExecutions"] == 1


def test_what_belongs_to_the_dropserver_is_there_only_when_a_host_is_given(expanded: Expanded) -> None:
    assert expanded.document["Conditions"]["HasDropserver"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "DropserverHost"}, ""]}]
    }
    conditional = {name for name, each in expanded.resources.items() if each.get("Condition") == "HasDropserver"}
    assert conditional == {name for name in expanded.resources if name.startswith("Dropserver")}
    outputs = expanded.document["Outputs"]
    assert {name for name in outputs if outputs[name].get("Condition")} == {"DropserverFunction"}


def test_the_dropserver_is_reached_from_a_vpc_when_subnets_are_given(expanded: Expanded) -> None:
    condition, inside, outside = expanded.properties("DropserverFunction")["VpcConfig"]["Fn::If"]
    assert condition == "HasVpc"
    assert {name: short(value) for name, value in inside.items()} == {
        "SubnetIds": "DropserverSubnets",
        "SecurityGroupIds": "DropserverSecurityGroups",
    }
    assert short(outside) == "AWS::NoValue"


@pytest.mark.parametrize("function", LOGS)
def test_function_logs_to_its_own_group(expanded: Expanded, function: str) -> None:
    assert short(expanded.properties(function)["LoggingConfig"]["LogGroup"]) == LOGS[function]


def test_log_groups_are_encrypted_and_kept_90_days(expanded: Expanded) -> None:
    groups = expanded.of_type("AWS::Logs::LogGroup")
    assert set(groups) == {*LOGS.values(), "ApiLogs"}
    for group in groups.values():
        properties = group["Properties"]
        assert properties["RetentionInDays"] == 90
        assert short(properties["KmsKeyId"]) == "EncryptionKey.Arn"
        assert short(properties["LogGroupName"]).startswith("/${AWS::StackName}/")  # as the key's policy says


def test_routes_lead_to_their_functions(operations: dict[tuple[str, str], Any]) -> None:
    leads_to = {}
    for route, operation in operations.items():
        integration = operation["x-amazon-apigateway-integration"]
        assert integration["payloadFormatVersion"] == "2.0"
        found = re.search(r"\$\{(\w+)\.Arn\}", integration["uri"]["Fn::Sub"])
        assert found is not None
        leads_to[route] = found[1]
    assert leads_to == ROUTES | dict.fromkeys(OPEN_ROUTES, "DocsFunction")


def test_every_route_needs_a_token(operations: dict[tuple[str, str], Any]) -> None:
    secured = {route for route, operation in operations.items() if operation.get("security") == [{"Jwt": []}]}
    assert set(operations) - secured == OPEN_ROUTES


def test_authorizer_checks_issuer_and_audience(expanded: Expanded) -> None:
    schemes = expanded.properties("ExchangeApi")["Body"]["components"]["securitySchemes"]
    assert schemes.keys() == {"Jwt"}
    authorizer = schemes["Jwt"]["x-amazon-apigateway-authorizer"]
    assert authorizer["type"] == "jwt"
    assert authorizer["identitySource"] == "$request.header.Authorization"
    assert authorizer["jwtConfiguration"] == {"issuer": {"Ref": "Issuer"}, "audience": [{"Ref": "Audience"}]}


def test_stage_throttles_and_logs_without_paths_or_bodies(expanded: Expanded) -> None:
    (stage,) = (resource["Properties"] for resource in expanded.of_type("AWS::ApiGatewayV2::Stage").values())
    assert stage["StageName"] == "$default"
    assert {name: short(value) for name, value in stage["DefaultRouteSettings"].items()} == {
        "ThrottlingRateLimit": "ThrottlingRate",
        "ThrottlingBurstLimit": "ThrottlingBurst",
    }
    assert short(stage["AccessLogSettings"]["DestinationArn"]) == "ApiLogs.Arn"
    assert set(re.findall(r"\$context\.[\w.]+", stage["AccessLogSettings"]["Format"])) == {
        "$context.authorizer.claims.kbo",
        "$context.authorizer.error",
        "$context.integrationStatus",
        "$context.requestId",
        "$context.requestTime",
        "$context.responseLatency",
        "$context.responseLength",
        "$context.routeKey",
        "$context.status",
    }


def test_defaults_of_parameters(expanded: Expanded) -> None:
    defaults = {name: parameter.get("Default") for name, parameter in expanded.parameters.items()}
    assert defaults == {
        "Issuer": None,
        "Audience": "jbplus",
        "RetentionYears": 5,
        "TestNumbersAllowed": "false",
        "DeletionProtection": "true",
        "IntakeConcurrency": 4,
        "ThrottlingRate": 50,
        "ThrottlingBurst": 100,
        "AlarmEmail": "",
        "DropserverHost": "",
        "DropserverPort": 21,
        "DropserverTls": "explicit",
        "DropserverTimeout": 30,
        "DropserverPatience": 120,
        "DropserverFileSeconds": 300,
        "DropserverBrokenAfter": 60,
        "DropserverSecret": "arn:aws:secretsmanager:::secret:none",
        "DropserverIncoming": "From_Vip",
        "DropserverPattern": "werk.publiceermutatiejobbonusplus-0100_*.json*",
        "DropserverAfterTaking": "remove",
        "DropserverOutgoing": "To_Vip/{party}",
        "DropserverSettle": 10,
        "DropserverSchedule": "rate(15 minutes)",
        "DropserverSubnets": "",
        "DropserverSecurityGroups": "",
        "LogLevel": "INFO",
    }


def test_outputs(expanded: Expanded) -> None:
    assert set(expanded.document["Outputs"]) == {
        "AlarmTopic",
        "ApiUrl",
        "BucketName",
        "ConsultationFunction",
        "DropserverFunction",
        "FailureQueue",
        "NoticesFunction",
        "NoticesTable",
        "Issuer",
        "LedgerTable",
        "MutationsFunction",
        "PersonsTable",
        "PrivacyLogFunction",
        "PrivacyLogTable",
        "PseudonymSecret",
        "RegistrationsFunction",
        "RegistrationsTable",
        "ReleaseFunction",
        "StatisticsFunction",
        "StatisticsTable",
        "SuspensionsTable",
        "QualityTable",
    }
