"""The rights of who operates and who deploys: enough for what is called, and no more than that."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from jbplus.aws.keys import NOT_A_PERSON
from tests.template.expanded import Expanded

ROOT = Path(__file__).parents[2]
NAMES = ("operator", "rotator", "access", "checker", "restorer", "filler", "auditor", "evidence", "deployer")
LONGEST = {"Stack": "a" * 28, "Origin": "b" * 28, "Account": "0" * 12, "Region": "ap-southeast-1"}

# What the operator's command calls, as the code writes it; the stores of the layer that it uses are beside.
OPERATOR_CALLS = {
    "cloudformation:DescribeStacks": r"\.describe_stacks\(",
    "cloudwatch:DescribeAlarms": r'"describe_alarms"',
    "dynamodb:BatchGetItem": r"DynamoSuspensions\(",
    "dynamodb:Query": r"DynamoLedger\(",
    "dynamodb:UpdateItem": r"DynamoQuota\(",
    "lambda:InvokeFunction": r"\.invoke\(",
    "logs:FilterLogEvents": r'"filter_log_events"',
    "s3:DeleteObject": r"\.delete_object\(",
    "s3:GetObject": r"\.(get_object|head_object|copy|copy_object)\(",
    "s3:GetObjectVersion": r"VersionId=",
    "s3:ListBucket": r'"list_objects_v2"',
    "s3:ListBucketVersions": r'"list_object_versions"',
    "s3:PutObject": r"\.(upload_file|copy|copy_object)\(",
    "sqs:ChangeMessageVisibility": r"\.change_message_visibility_batch\(",
    "sqs:DeleteMessage": r"\.delete_message\(",
    "sqs:GetQueueAttributes": r"\.get_queue_attributes\(",
    "sqs:ReceiveMessage": r"\.receive_message\(",
}
# What `jbplus rekey` calls, in its room of the command and in the plumbing that it uses.
ROTATOR_CALLS = {
    "cloudformation:DescribeStacks": r"\.describe_stacks\(",
    "dynamodb:BatchGetItem": r"\bbatch_get\(",
    "dynamodb:ConditionCheckItem": r'"ConditionCheck":',
    "dynamodb:DeleteItem": r'"Delete":',
    "dynamodb:PutItem": r'"Put":',
    "dynamodb:Scan": r'"scan"',
    "lambda:DeleteFunctionConcurrency": r"\.delete_function_concurrency\(",
    "lambda:InvokeFunction": r"\.invoke\(",
    "lambda:PutFunctionConcurrency": r"\.put_function_concurrency\(",
    "secretsmanager:GetSecretValue": r"\.get_secret_value\(",
    "secretsmanager:PutSecretValue": r"\.put_secret_value\(",
}
# What `jbplus access --payments` calls, in its room of the command and in the stores that it uses.
ACCESS_CALLS = {
    "cloudformation:DescribeStacks": r"\boutputs_of\(",
    "dynamodb:BatchGetItem": r"\bbatch_get\(",
    "dynamodb:PutItem": r"DynamoPrivacyLog\(",
    "secretsmanager:GetSecretValue": r"\bkeys_in_use\(",
}
WILD: dict[str, set[str]] = {
    "deployer": {"WithoutNames"},
    "access": set(),
    "operator": {"ReadAlarms"},
    "rotator": set(),
    "checker": set(),
    "auditor": set(),
    "evidence": {"ReadAlarms", "ReadLogGroups"},
    "restorer": set(),
    "filler": set(),
}
# What `jbplus fsck` calls, in its room of the command; the stores of the layer that it uses are beside.
CHECKER_CALLS = {
    "cloudformation:DescribeStacks": r"Resources\.of\(",
    "dynamodb:BatchGetItem": r"\bbatch_get\(",
    "dynamodb:GetItem": r"DynamoQueues\(",
    "dynamodb:Query": r"DynamoQueues\(",
    "dynamodb:Scan": r'"scan"',
    "s3:GetObject": r"Objects\(",
    "s3:GetObjectVersion": r"\.blocks\(",
    "s3:ListBucket": r'"list_objects_v2"',
    "s3:ListBucketVersions": r'"list_object_versions"',
    "secretsmanager:GetSecretValue": r"SecretKeys\(",
}
# What `jbplus restore` calls, with the parts of other rooms that it uses.
RESTORER_CALLS = {
    "cloudformation:DescribeStacks": r"Resources\.of\(",
    "dynamodb:BatchGetItem": r"\bbatch_get\(",
    "dynamodb:DeleteItem": r'"Delete":',
    "dynamodb:DeleteTable": r"\.delete_table\(",
    "dynamodb:DescribeTable": r"\.describe_table\(",
    "dynamodb:PutItem": r'"Put":',
    "dynamodb:RestoreTableToPointInTime": r"\.restore_table_to_point_in_time\(",
    "dynamodb:Scan": r'"scan"',
    "lambda:DeleteFunctionConcurrency": r"\bFunctions\.of\(",
    "lambda:InvokeFunction": r"\bFunctions\.of\(",
    "lambda:PutFunctionConcurrency": r"\bFunctions\.of\(",
    "s3:GetObject": r"\bKeptFiles\(",
    "s3:GetObjectVersion": r"\bKeptFiles\(",
    "s3:ListBucket": r"\bKeptFiles\(",
    "s3:ListBucketVersions": r"\bKeptFiles\(",
    "s3:PutObject": r"\.deliver_again\(",
    "secretsmanager:GetSecretValue": r"SecretKeys\(",
}
# What `jbplus restore --of` calls, besides.
FILLER_CALLS = RESTORER_CALLS | {"secretsmanager:PutSecretValue": r"\.take_over\("}
# What AWS asks of who restores, of the table that it makes; nothing of ours calls it.
OF_RESTORE = {
    "dynamodb:BatchWriteItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
    "kms:CreateGrant",
    "kms:DescribeKey",
}
# What `jbplus checkpoints verify` and extracts with proofs call.
AUDITOR_CALLS = {
    "cloudformation:DescribeStacks": r"\.describe_stacks\(",
    "dynamodb:Scan": r'"scan"',
    "s3:GetObject": r"\.(read|segment)\(",
    "s3:ListBucket": r"\.(names|holding)\(",
}
# What `jbplus evidence` calls, in its room of the command and in the plumbing that it uses.
EVIDENCE_CALLS = {
    "apigateway:GET": r"\.get_stages\(",
    "cloudformation:DescribeStacks": r"\.describe_stacks\(",
    "cloudformation:ListStackResources": r'"list_stack_resources"',
    "cloudwatch:DescribeAlarms": r'"describe_alarms"',
    "dynamodb:BatchGetItem": r"DynamoSuspensions\(",
    "dynamodb:DescribeContinuousBackups": r"\.describe_continuous_backups\(",
    "dynamodb:DescribeTable": r"\.describe_table\(",
    "dynamodb:DescribeTimeToLive": r"\.describe_time_to_live\(",
    "dynamodb:Query": r'"query"',
    "dynamodb:Scan": r'"scan"',
    "lambda:GetFunctionConfiguration": r"\.get_function_configuration\(",
    "logs:DescribeLogGroups": r'"describe_log_groups"',
    "s3:GetBucketObjectLockConfiguration": r"\.get_object_lock_configuration\(",
    "s3:GetBucketPublicAccessBlock": r"\.get_public_access_block\(",
    "s3:GetBucketVersioning": r"\.get_bucket_versioning\(",
    "s3:GetEncryptionConfiguration": r"\.get_bucket_encryption\(",
    "s3:GetLifecycleConfiguration": r"\.get_bucket_lifecycle_configuration\(",
    "s3:GetObject": r"Reports\(",
    "s3:ListBucket": r"Reports\(",
}
OF_KEY = {"kms:Decrypt", "kms:GenerateDataKey"}
OTHER_ROLES = ("keys", "access", "checks", "restoring", "checkpoints", "evidence")
DEPLOY_CALLS = {
    "acm:DescribeCertificate": r"\.describe_certificate\(",
    "cloudformation:DescribeStacks": r"\.describe_stacks\(",
    "cloudformation:SetStackPolicy": r"\.set_stack_policy\(",
    "cloudformation:UpdateTerminationProtection": r"\.update_termination_protection\(",
    "lambda:GetAccountSettings": r"\.get_account_settings\(",
    "s3:GetObjectVersion": r"\.get_object\(.*VersionId=",
    "s3:ListBucket": r"\.head_bucket\(",
}
# Which statement of the deployer's rights makes, changes and removes a kind of resource.
MAKES = {
    "AWS::ApiGatewayV2::Api": "Api",
    "AWS::ApiGatewayV2::ApiMapping": "Api",
    "AWS::ApiGatewayV2::DomainName": "Api",
    "AWS::ApiGatewayV2::Stage": "Api",
    "AWS::CloudTrail::Trail": "Trail",
    "AWS::CloudWatch::Alarm": "Alarms",
    "AWS::CloudWatch::Dashboard": "Dashboard",
    "AWS::CodeDeploy::Application": "Shifts",
    "AWS::CodeDeploy::DeploymentGroup": "Shifts",
    "AWS::DynamoDB::Table": "Tables",
    "AWS::Events::Rule": "Schedules",
    "AWS::IAM::Role": "Roles",
    "AWS::KMS::Key": "ManageKey",
    "AWS::Lambda::Alias": "Functions",
    "AWS::Lambda::EventInvokeConfig": "Functions",
    "AWS::Lambda::Function": "Functions",
    "AWS::Lambda::LayerVersion": "Functions",
    "AWS::Lambda::Permission": "Functions",
    "AWS::Lambda::Version": "Functions",
    "AWS::Logs::LogGroup": "Logs",
    "AWS::S3::Bucket": "Bucket",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::Topic": "Topic",
    "AWS::SQS::Queue": "Queue",
    "AWS::SecretsManager::Secret": "Secret",
}


def statements(name: str) -> dict[str, dict[str, Any]]:
    policy = json.loads((ROOT / "deploy" / f"{name}-policy.json").read_text(encoding="utf-8"))
    assert policy["Version"] == "2012-10-17"
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def actions(name: str) -> set[str]:
    return {action for statement in statements(name).values() for action in statement["Action"]}


def code_of(folder: str, *, but: Sequence[str] = ()) -> str:
    paths = (path for path in sorted((ROOT / folder).rglob("*.py")) if path.parent.name not in but)
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_the_operator_may_call_what_the_command_calls_and_nothing_else() -> None:
    code = code_of("cli", but=OTHER_ROLES)

    assert {action for action, pattern in OPERATOR_CALLS.items() if not re.search(pattern, code)} == set()
    assert actions("operator") - OF_KEY == set(OPERATOR_CALLS)


def test_who_rotates_keys_may_call_what_that_takes_and_nothing_else() -> None:
    code = code_of("cli/jbplus_cli/keys")

    assert {action for action, pattern in ROTATOR_CALLS.items() if not re.search(pattern, code)} == set()
    assert actions("rotator") - OF_KEY == set(ROTATOR_CALLS)


def test_who_tells_a_person_s_payments_may_read_them_and_log_it_and_nothing_else() -> None:
    code = code_of("cli/jbplus_cli/access")

    assert {action for action, pattern in ACCESS_CALLS.items() if not re.search(pattern, code)} == set()
    assert actions("access") - OF_KEY == set(ACCESS_CALLS)


def test_who_compares_may_call_what_that_takes_and_writes_nothing() -> None:
    code = code_of("cli/jbplus_cli/checks")

    assert {action for action, pattern in CHECKER_CALLS.items() if not re.search(pattern, code)} == set()
    assert actions("checker") - OF_KEY == set(CHECKER_CALLS)
    assert not [action for action in actions("checker") if re.search(r":(Put|Delete|Update|Invoke)", action)]


def test_who_restores_may_call_what_that_takes_and_nothing_else() -> None:
    code = code_of("cli/jbplus_cli/restoring")

    assert {action for action, pattern in RESTORER_CALLS.items() if not re.search(pattern, code)} == set()
    assert actions("restorer") - OF_KEY - OF_RESTORE == set(RESTORER_CALLS)
    removed = [each for each in statements("restorer").values() if "dynamodb:DeleteTable" in each["Action"]]
    assert all(resource.endswith("-????????T??????Z") for each in removed for resource in each["Resource"])


def test_who_fills_a_new_stack_changes_nothing_of_the_other_one() -> None:
    code = code_of("cli/jbplus_cli/restoring")

    assert {action for action, pattern in FILLER_CALLS.items() if not re.search(pattern, code)} == set()
    assert actions("filler") - OF_KEY - OF_RESTORE == set(FILLER_CALLS)
    changes = {
        resource
        for each in statements("filler").values()
        if any(re.search(":(Put|Delete|Update|Batch[WU]|Invoke)", action) for action in each["Action"])
        for resource in each["Resource"]
    }
    # CloudFormation names secrets without their stack.
    assert all(
        "${Stack}" in resource or "-????????T??????Z" in resource or "secret:" in resource for resource in changes
    )
    removing = [
        resource
        for each in statements("filler").values()
        if "dynamodb:DeleteItem" in each["Action"]
        for resource in each["Resource"]
    ]
    assert not [resource for resource in removing if "${Stack}-PrivacyLog" in resource]


def test_who_audits_may_read_what_that_takes_and_nothing_else() -> None:
    code = code_of("cli/jbplus_cli/checkpoints") + code_of("cli/jbplus_cli/stack")

    assert {action for action, pattern in AUDITOR_CALLS.items() if not re.search(pattern, code)} == set()
    assert actions("auditor") - OF_KEY == set(AUDITOR_CALLS)
    assert not any(re.search("Put|Delete|Update|Create|Encrypt|Generate", action) for action in actions("auditor"))


def test_who_makes_evidence_may_call_what_that_takes_and_nothing_else() -> None:
    code = code_of("cli/jbplus_cli/evidence") + code_of("cli/jbplus_cli/stack")

    assert {action for action, pattern in EVIDENCE_CALLS.items() if not re.search(pattern, code)} == set()
    assert actions("evidence") - {"kms:Decrypt"} == set(EVIDENCE_CALLS)


def test_who_makes_evidence_reads_no_person() -> None:
    """Counts alone: attributes that name nobody, and items that stand among registrations and are none."""
    of_registrations = {
        sid: each["Condition"]
        for sid, each in statements("evidence").items()
        if any("RegistrationsTable" in resource for resource in each["Resource"])
    }
    assert of_registrations == {
        "CountRegistrations": {
            "ForAllValues:StringEquals": {
                "dynamodb:Attributes": ["begin", "end", "expiresAt", "keyVersion", "party", "right"]
            },
            "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
        },
        "ReadCounts": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["#*"]}},
    }
    named = {resource for each in statements("evidence").values() for resource in each["Resource"]}
    assert not [resource for resource in named if "PersonsTable" in resource or "PrivacyLogTable" in resource]
    reading = [
        each for each in statements("evidence").values() if {"dynamodb:Query", "s3:GetObject"} & {*each["Action"]}
    ]
    assert {each["Sid"] for each in reading} == {
        "ReadNoticesAndLedger",
        "ReadQualityReports",
        "ReadReports",
        "ReadSegments",
    }
    assert statements("evidence")["ReadQualityReports"]["Condition"] == {
        "ForAllValues:StringEquals": {
            "dynamodb:Attributes": ["answeredAt", "flaw", "moment", "party", "report", "status"]
        },
        "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
    }


@pytest.mark.parametrize(
    ("code", "calls"),
    [
        (code_of("cli", but=OTHER_ROLES), OPERATOR_CALLS),
        (code_of("cli/jbplus_cli/keys"), ROTATOR_CALLS),
        (code_of("cli/jbplus_cli/evidence"), EVIDENCE_CALLS),
    ],
    ids=["operator", "rotator", "evidence"],
)
def test_the_command_calls_nothing_that_is_not_listed(code: str, calls: dict[str, str]) -> None:
    made = set(re.findall(r"(?:s3|sqs|functions|cloudformation|client)\.([a-z]+_[a-z_]+|invoke|copy)\(", code))
    paged = set(re.findall(r'get_paginator\(("\w+")', code))

    known = "\n".join(f".{name}(" for name in made - {"get_paginator"})
    assert made > {"describe_stacks"}
    for call in [*known.splitlines(), *paged]:
        assert any(re.search(pattern, call) for pattern in calls.values()), call


def test_a_restore_calls_nothing_that_is_not_listed() -> None:
    made = set(re.findall(r"client\.([a-z]+_[a-z_]+)\(", code_of("cli/jbplus_cli/restoring")))

    assert made == {"restore_table_to_point_in_time", "delete_table", "describe_table", "get_paginator", "copy_object"}


def test_the_deployer_may_call_what_is_checked_and_protected() -> None:
    code = code_of("deploy")

    assert {action for action, pattern in DEPLOY_CALLS.items() if not re.search(pattern, code)} == set()
    assert set(DEPLOY_CALLS) <= actions("deployer")


def test_the_deployer_may_make_each_kind_of_resource(expanded: Expanded) -> None:
    kinds = {resource["Type"] for resource in expanded.resources.values()}

    assert kinds == set(MAKES)
    assert set(MAKES.values()) <= set(statements("deployer"))


def test_the_deployer_reads_no_data_and_no_secret() -> None:
    reads = (
        r"dynamodb:(Get|Query|Scan|Batch|PartiQL).*|secretsmanager:GetSecretValue|lambda:Invoke.*|sqs:ReceiveMessage"
    )

    assert {action for action in actions("deployer") if re.fullmatch(reads, action)} == set()
    objects = [each for each in statements("deployer").values() if {"s3:GetObject", "s3:PutObject"} & {*each["Action"]}]
    assert [each["Sid"] for each in objects] == ["Artifacts", "Truststore"]
    decrypting = [each for each in statements("deployer").values() if "kms:Decrypt" in each["Action"]]
    assert all(each["Condition"]["StringEquals"].keys() == {"kms:ViaService"} for each in decrypting)


def test_among_registrations_the_operator_touches_what_is_of_no_person() -> None:
    """Counts and allowances stand there under keys that no pseudonym has."""
    table = statements("operator")["AllowRegistrations"]

    assert table["Resource"] == ["arn:aws:dynamodb:${Region}:${Account}:table/${Stack}-RegistrationsTable-*"]
    assert table["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{NOT_A_PERSON}*"]}}


@pytest.mark.parametrize("name", NAMES)
def test_no_action_is_wild_and_whatever_has_a_name_is_named(name: str) -> None:
    for statement in statements(name).values():
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == sorted(set(statement["Action"]))
        assert not any("*" in action for action in statement["Action"])
    wild = {sid for sid, statement in statements(name).items() if "*" in statement["Resource"]}
    # AWS knows no narrower resource for these.
    assert wild == WILD[name]


@pytest.mark.parametrize("name", NAMES)
def test_filled_in_it_is_a_policy_that_fits_in_a_role(name: str) -> None:
    text = json.dumps(json.loads((ROOT / "deploy" / f"{name}-policy.json").read_text()), separators=(",", ":"))
    for placeholder, value in LONGEST.items():
        text = text.replace(f"${{{placeholder}}}", value)

    assert "$" not in text
    assert len(text) <= 10_240
