"""Deploys the SAM template on the emulator."""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError, WaiterError
from mypy_boto3_cloudformation import CloudFormationClient
from mypy_boto3_cloudformation.literals import CapabilityType
from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, WaiterConfigTypeDef
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3.literals import ObjectLockRetentionModeType

from jbplus_local import template
from jbplus_local.aws import REGION, Aws
from jbplus_local.emulated import emulated
from jbplus_local.errors import LocalStackError
from jbplus_local.layer import BUILD_SCRIPT, zipped
from jbplus_local.template import CodeLocation, Document

_WAIT: WaiterConfigTypeDef = {"Delay": 0.1, "MaxAttempts": 600}  # type: ignore[typeddict-item]  # seconds may be broken


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is deployed.

    Attributes:
        template: the SAM template.
        stack: name of the stack.
        parameters: the template's parameters by name; others keep their default.
        build: builds the zip of a folder that has a build script of its own.
        layer: where Python finds what is in the layer, as PYTHONPATH has it.
    """

    template: Path
    stack: str
    parameters: Mapping[str, str]
    build: Callable[[Path], bytes]
    layer: str


def deploy(aws: Aws, deployment: Deployment) -> dict[str, str]:
    """Make or update the stack.

    Returns:
        The stack's outputs by name.

    Raises:
        LocalStackError: the emulator refuses the template, or a part of the code is missing.
    """
    source = template.read(deployment.template)
    expanded = template.expand(source, _uploaded_code(aws, source, deployment), REGION)
    _apply(aws, deployment, emulated(expanded, deployment.layer))
    _set_table_options(aws, deployment.stack, expanded)
    _lock_buckets(aws, deployment, expanded)
    (stack,) = aws.cloudformation().describe_stacks(StackName=deployment.stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _artifacts(deployment: Deployment) -> str:
    return f"{deployment.stack}-artifacts"


def _uploaded_code(aws: Aws, source: Document, deployment: Deployment) -> dict[str, CodeLocation]:
    bucket = _artifacts(deployment)
    s3 = aws.s3()
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    old = {item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}
    locations = {}
    layers = dict.fromkeys(template.code_folders(source, template.LAYER), CodeLocation(bucket, "layer"))  # not read
    for name, folder in template.code_folders(source, template.FUNCTION).items():
        code = _code(deployment, folder)
        location = CodeLocation(bucket, f"{name}-{hashlib.sha256(code).hexdigest()}.zip")
        if location.key not in old:
            s3.put_object(Bucket=bucket, Key=location.key, Body=code)
        locations[name] = location
    for key in old - {location.key for location in locations.values()}:
        s3.delete_object(Bucket=bucket, Key=key)
    return locations | layers


def _code(deployment: Deployment, folder: str) -> bytes:
    path = deployment.template.parent / folder
    if (path / BUILD_SCRIPT).is_file():
        return deployment.build(path)
    if not (path / "app.py").is_file():
        raise LocalStackError(f"There is no function in {path}: app.py is missing. Restore it from the repository.")
    return zipped(path)


def _apply(aws: Aws, deployment: Deployment, document: Document) -> None:
    cloudformation = aws.cloudformation()
    bucket = _artifacts(deployment)
    aws.s3().put_object(Bucket=bucket, Key="template.json", Body=json.dumps(document).encode())
    url = f"{aws.url}/{bucket}/template.json"  # a body in the request has a limit of 51,200 bytes
    parameters: list[ParameterTypeDef] = [
        {"ParameterKey": key, "ParameterValue": value} for key, value in deployment.parameters.items()
    ]
    rights: list[CapabilityType] = ["CAPABILITY_IAM"]
    name = deployment.stack
    try:
        if _can_be_updated(cloudformation, name):
            cloudformation.update_stack(StackName=name, TemplateURL=url, Parameters=parameters, Capabilities=rights)
            cloudformation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig=_WAIT)
        else:
            cloudformation.create_stack(StackName=name, TemplateURL=url, Parameters=parameters, Capabilities=rights)
            cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=_WAIT)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise LocalStackError(f"The emulator refuses the template: {error}") from error
    except WaiterError as error:
        reasons = "\n".join(_failures(cloudformation, name))
        raise LocalStackError(
            f"The emulator could not deploy the template:\n{reasons}\n"
            "After a run that was killed its data may be half there: begin anew with: make anew run"
        ) from error


def _can_be_updated(cloudformation: CloudFormationClient, name: str) -> bool:
    """Tell whether the stack is there; one whose making failed is taken away, because it cannot be updated."""
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError:
        return False
    if stack["StackStatus"] != "ROLLBACK_COMPLETE":
        return True
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=_WAIT)
    return False


def _failures(cloudformation: CloudFormationClient, stack: str) -> list[str]:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return [
        f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason')}"
        for event in events
        if event.get("ResourceStatus", "").endswith("FAILED")
    ]


def _set_table_options(aws: Aws, stack: str, expanded: Document) -> None:
    """Switch on what the emulator's CloudFormation passes over: TTL and point-in-time recovery."""
    dynamodb = aws.dynamodb()
    for resource in aws.cloudformation().describe_stack_resources(StackName=stack)["StackResources"]:
        if resource["ResourceType"] != "AWS::DynamoDB::Table":
            continue
        name = resource["PhysicalResourceId"]
        properties = expanded["Resources"][resource["LogicalResourceId"]]["Properties"]
        recovery = properties["PointInTimeRecoverySpecification"]
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
        wanted = properties.get("TimeToLiveSpecification")
        if wanted and not _has_ttl(dynamodb, name):
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)


def _lock_buckets(aws: Aws, deployment: Deployment, expanded: Document) -> None:
    """Lock what is to be locked, which the emulator's CloudFormation passes over too."""
    given = {name: each.get("Default") for name, each in expanded["Parameters"].items()} | dict(deployment.parameters)
    for resource in aws.cloudformation().describe_stack_resources(StackName=deployment.stack)["StackResources"]:
        properties = expanded["Resources"].get(resource["LogicalResourceId"], {}).get("Properties", {})
        if "ObjectLockConfiguration" in properties:
            rule = properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
            mode: ObjectLockRetentionModeType = given[rule["Mode"]["Ref"]]
            days = int(given[rule["Days"]["Ref"]])
            aws.s3().put_object_lock_configuration(
                Bucket=resource["PhysicalResourceId"],
                ObjectLockConfiguration={
                    "ObjectLockEnabled": "Enabled",
                    "Rule": {"DefaultRetention": {"Mode": mode, "Days": days}},
                },
            )


def _has_ttl(dynamodb: DynamoDBClient, table: str) -> bool:
    description = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return description.get("TimeToLiveStatus") == "ENABLED"
