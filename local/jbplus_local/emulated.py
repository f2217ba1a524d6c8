"""What the emulator's CloudFormation misses, made up for in the expanded template.

Each function below mends one thing; none changes what the stack does on AWS, because AWS never sees the result.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jbplus_local.template import Document

_ALIAS = ":live"
_LEFT_OUT = frozenset(
    {
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::Lambda::Alias",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Version",
    }
)
_NOT_EMULATED = ({"Bool": {"aws:SecureTransport": "false"}}, {"Null": {"s3:if-none-match": "true"}})
_METHODS = ("delete", "get", "head", "options", "patch", "post", "put")


def emulated(expanded: Document, layer: str) -> Document:
    """Rework an expanded template for the emulator; the original stays as it is.

    Args:
        expanded: the template.
        layer: where Python finds what is in the layer, as PYTHONPATH has it.
    """
    secrets = _names_of(expanded, "AWS::SecretsManager::Secret")
    aliased = {
        name: resource["Properties"]["FunctionName"]["Ref"]
        for name, resource in expanded["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Alias"
    }
    document: Document = _mapped(expanded, lambda node: _unpublished(_partiql(_secret_arn(node, secrets)), aliased))
    document["Resources"] = _with_routes(_without_types(document["Resources"]))
    for resource in document["Resources"].values():
        _mend(resource, layer)
    _without_rules_of_requests(document["Resources"])
    return document


def _names_of(document: Document, resource_type: str) -> frozenset[str]:
    return frozenset(name for name, resource in document["Resources"].items() if resource["Type"] == resource_type)


def _mapped(node: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(node, dict):
        node = {key: _mapped(value, change) for key, value in node.items()}
    elif isinstance(node, list):
        node = [_mapped(value, change) for value in node]
    return change(node)


def _secret_arn(node: Any, secrets: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON value
    """A reference to a secret is its ARN on AWS, and its name in the emulator."""
    is_secret = isinstance(node, dict) and node.keys() == {"Ref"} and node["Ref"] in secrets
    return {"Fn::GetAtt": [node["Ref"], "Id"]} if is_secret else node


def _partiql(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The emulator asks for the right to select by another name, of no table, and knows no condition on scans."""
    if isinstance(node, dict) and node.get("Action") == "dynamodb:PartiQLSelect":
        kept = {name: part for name, part in node.items() if name != "Condition"}
        return kept | {"Action": "dynamodb:ExecuteStatement", "Resource": "*"}
    return node


def _unpublished(node: Any, aliased: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    """Put a function in the place of its alias: the emulator hands failed events of a version over to nobody."""
    match node:
        case {"Ref": str() as name} if name in aliased:
            return {"Fn::GetAtt": [aliased[name], "Arn"]}
        case {"DependsOn": [*names]}:
            return {**node, "DependsOn": [aliased.get(name, name) for name in names]}
        case str():
            for alias, function in aliased.items():
                node = node.replace(f"${{{alias}}}", f"${{{function}.Arn}}")
            return node.removesuffix(_ALIAS)
        case _:
            return node


def _without_types(resources: Document) -> Document:
    """Take away the versions, what points at them, CodeDeploy, which the emulator does not have, and the layer."""
    return {name: resource for name, resource in resources.items() if resource["Type"] not in _LEFT_OUT}


def _mend(resource: Document, layer: str) -> None:
    properties = resource.get("Properties", {})
    match resource["Type"]:
        case "AWS::SecretsManager::Secret":
            # Without punctuation in the emulator's own words.
            generate = properties["GenerateSecretString"]
            if generate.pop("ExcludePunctuation", False):
                generate["ExcludeCharacters"] = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
        case "AWS::KMS::Key":
            # The emulator knows no condition on the principal; the role's own right is enforced.
            for statement in properties["KeyPolicy"]["Statement"]:
                if "aws:PrincipalArn" in statement.get("Condition", {}).get("ArnLike", {}):
                    del statement["Condition"]
        case "AWS::DynamoDB::Table":
            # The emulator takes the parameter's text "false" for true.
            properties["DeletionProtectionEnabled"] = False
        case "AWS::Lambda::EventInvokeConfig":
            properties["Qualifier"] = "$LATEST"
        case "AWS::Lambda::Function":
            properties.pop("SnapStart", None)
            # The emulator unpacks a layer for each process of each function, which takes longer than the function does.
            if properties.pop("Layers", None):
                properties["Environment"]["Variables"]["PYTHONPATH"] = layer


def _without_rules_of_requests(resources: Document) -> None:
    """Take two demands away: the emulator enforces TLS and has none, and knows no condition on If-None-Match."""
    for name in [name for name, resource in resources.items() if resource["Type"] == "AWS::S3::BucketPolicy"]:
        policy = resources[name]["Properties"]["PolicyDocument"]
        policy["Statement"] = [each for each in policy["Statement"] if each["Condition"] not in _NOT_EMULATED]
        if not policy["Statement"]:
            del resources[name]


def _with_routes(resources: Document) -> Document:
    """Spell out the OpenAPI body of each HTTP API, which the emulator passes over."""
    result: Document = {}
    for name, resource in resources.items():
        result[name] = resource
        if resource["Type"] == "AWS::ApiGatewayV2::Api":
            body = resource["Properties"].pop("Body")
            resource["Properties"] |= {"Name": body["info"]["title"], "ProtocolType": "HTTP"}
            result |= _authorizers(name, body) | _routes(name, body)
    return result


def _authorizers(api: str, body: Document) -> Document:
    schemes = body.get("components", {}).get("securitySchemes", {})
    return {
        _authorizer_id(api, name): {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": _authorizer(api, name, scheme["x-amazon-apigateway-authorizer"]),
        }
        for name, scheme in schemes.items()
    }


def _authorizer(api: str, name: str, extension: Document) -> Document:
    jwt = extension["jwtConfiguration"]
    return {
        "ApiId": {"Ref": api},
        "Name": name,
        "AuthorizerType": extension["type"].upper(),
        "IdentitySource": [extension["identitySource"]],
        "JwtConfiguration": {"Issuer": jwt["issuer"], "Audience": jwt["audience"]},
    }


def _authorizer_id(api: str, name: str) -> str:
    return f"{api}Authorizer{name}"


def _routes(api: str, body: Document) -> Document:
    result: Document = {}
    for path, operations in body["paths"].items():
        for method in _METHODS:
            if method in operations:
                result |= _route(api, method, path, operations[method])
    return result


def _route(api: str, method: str, path: str, operation: Document) -> Document:
    words = "".join(letter if letter.isalnum() else "X" for letter in f"{method}{path}")
    route, integration = f"{api}Route{words}", f"{api}Integration{words}"
    target = operation["x-amazon-apigateway-integration"]
    return {
        integration: {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": api},
                "IntegrationType": target["type"].upper(),
                "IntegrationUri": target["uri"],
                "IntegrationMethod": target["httpMethod"],
                "PayloadFormatVersion": target["payloadFormatVersion"],
            },
        },
        route: {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": api},
                "RouteKey": f"{method.upper()} {path}",
                "Target": {"Fn::Sub": f"integrations/${{{integration}}}"},
                **_authorization(api, operation),
            },
        },
    }


def _authorization(api: str, operation: Document) -> Document:
    """The first (and only) scheme under `security`; none means an open route."""
    names = [name for requirement in operation.get("security", []) for name in requirement if name != "NONE"]
    if not names:
        return {"AuthorizationType": "NONE"}
    return {"AuthorizationType": "JWT", "AuthorizerId": {"Ref": _authorizer_id(api, names[0])}}
