"""What each function may do: lists written here by hand, to be changed only on purpose."""

import re
from typing import Any

import pytest

from jbplus.aws.keys import LINKS
from jbplus.protocol.parties import PARTIES, PAYMENT_ACTORS, WEWIS
from tests.template.expanded import Expanded, as_list, in_order, short, shortened
from tests.template.test_template_api import OPEN_ROUTES, ROUTES
from tests.template.test_template_functions import SCHEDULES

BUCKET = "arn:${AWS::Partition}:s3:::${AWS::StackName}-exchange-${AWS::AccountId}-${AWS::Region}"

INTAKE = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-intake:live"

SEGMENTS = "${SegmentsBucket.Arn}/*"

LOG_BY_DAY = "${PrivacyLogTable.Arn}/index/byDay"
BY_HANDLE = "${RegistrationsTable.Arn}/index/byHandle"
NEWEST_REPORTS = "${QualityTable.Arn}/index/newest"

# Lambda's interfaces in a VPC have no names beforehand: the one right that names nothing, in a VPC alone.
NETWORK = "*"

POLICY_VERSION = "2012-10-17"

Rights = dict[str, set[str]]

RIGHTS: dict[str, Rights] = {
    "IntakeFunction": {
        BUCKET: {"s3:ListBucket"},
        f"{BUCKET}/inkomend/*": {"s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion"},
        f"{BUCKET}/voortgang/*": {"s3:GetObject", "s3:PutObject"},
        f"{BUCKET}/verwerkt/*": {"s3:PutObject"},
        f"{BUCKET}/verslagen/*": {"s3:GetObject", "s3:PutObject"},
        f"{BUCKET}/quarantaine/*": {"s3:PutObject"},
        f"{BUCKET}/uitgaand/0316380841/*": {"s3:PutObject"},
        "PersonsTable.Arn": {
            "dynamodb:BatchGetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:PutItem",
        },
        "LedgerTable.Arn": {"dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"},
        f"{BUCKET}/toegepast/*": {"s3:GetObject", "s3:PutObject"},
        f"{BUCKET}/aangekondigd/*": {"s3:PutObject"},
        INTAKE: {"lambda:InvokeFunction"},
        "FailureQueue.Arn": {"sqs:SendMessage"},
        "PseudonymSecret": {"secretsmanager:GetSecretValue"},
        "EncryptionKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "IntakeLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "IntakeReleaseFunction": {
        BUCKET: {"s3:ListBucket"},
        f"{BUCKET}/quarantaine/*": {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
        f"{BUCKET}/toegepast/*": {"s3:GetObject", "s3:PutObject"},
        f"{BUCKET}/aangekondigd/*": {"s3:PutObject"},
        "PersonsTable.Arn": {
            "dynamodb:BatchGetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:PutItem",
        },
        "PseudonymSecret": {"secretsmanager:GetSecretValue"},
        "EncryptionKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "IntakeReleaseLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "NoticesFunction": {
        BUCKET: {"s3:ListBucket"},
        f"{BUCKET}/toegepast/*": {"s3:DeleteObject", "s3:GetObject"},
        f"{BUCKET}/aangekondigd/*": {"s3:DeleteObject", "s3:GetObject"},
        f"{BUCKET}/wachtend/*": {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
        **{f"{BUCKET}/uitgaand/{party.kbo}/*": {"s3:PutObject"} for party in PAYMENT_ACTORS},
        "NoticesTable.Arn": {
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        },
        "PersonsTable.Arn": {"dynamodb:BatchGetItem"},
        "RegistrationsTable.Arn": {"dynamodb:BatchGetItem", "dynamodb:PartiQLSelect"},
        "SuspensionsTable.Arn": {"dynamodb:BatchGetItem"},
        "PseudonymSecret": {"secretsmanager:GetSecretValue"},
        "EncryptionKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "NoticesLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "CheckpointsFunction": {
        LOG_BY_DAY: {"dynamodb:Query"},
        "SegmentsBucket.Arn": {"s3:ListBucket"},
        SEGMENTS: {"s3:GetObject", "s3:PutObject"},
        **{f"{BUCKET}/uitgaand/{party.kbo}/*": {"s3:PutObject"} for party in PARTIES},
        "CheckpointKeys": {"kms:GetPublicKey", "kms:Sign"},
        "CheckpointKey.Arn": {"kms:GetPublicKey", "kms:Sign"},
        "SegmentsKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "EncryptionKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "CheckpointsLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "DropserverFunction": {
        BUCKET: {"s3:ListBucket", "s3:ListBucketMultipartUploads"},
        f"{BUCKET}/bezoek/*": {
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        },
        f"{BUCKET}/inkomend/*": {"s3:GetObject", "s3:PutObject"},
        f"{BUCKET}/uitgaand/*": {"s3:DeleteObject", "s3:GetObject"},
        f"{BUCKET}/verzonden/*": {"s3:GetObject", "s3:PutObject"},
        "SuspensionsTable.Arn": {"dynamodb:BatchGetItem"},
        "DropserverSecret": {"secretsmanager:GetSecretValue"},
        "EncryptionKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "DropserverLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
        NETWORK: {
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        },
    },
    "DocsFunction": {"DocsLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"}},
    "PersonsRecomputingFunction": {
        BUCKET: {"s3:ListBucket"},
        f"{BUCKET}/voortgang/*": {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
        "PersonsTable.Arn": {
            "dynamodb:BatchGetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:PutItem",
            "dynamodb:Scan",
        },
        "EncryptionKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "PersonsRecomputingLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "EndedPartiesFunction": {
        BUCKET: {"s3:ListBucket"},
        f"{BUCKET}/wachtend/*": {"s3:DeleteObject"},
        "NoticesTable.Arn": {"dynamodb:DeleteItem", "dynamodb:Query"},
        "RegistrationsTable.Arn": {"dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:Scan"},
        "PrivacyLogTable.Arn": {"dynamodb:PutItem"},
        "EncryptionKey.Arn": {"kms:Decrypt"},
        "EndedPartiesLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "IntakeWatchFunction": {
        BUCKET: {"s3:ListBucket"},
        "LedgerTable.Arn": {"dynamodb:PutItem", "dynamodb:Query"},
        "EncryptionKey.Arn": {"kms:Decrypt"},
        "IntakeWatchLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "StatisticsPublishingFunction": {
        "PersonsTable.Arn": {"dynamodb:BatchGetItem", "dynamodb:Scan"},
        "StatisticsTable.Arn": {"dynamodb:PutItem", "dynamodb:Query"},
        BUCKET: {"s3:ListBucket"},
        f"{BUCKET}/telling/*": {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
        "EncryptionKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "StatisticsPublishingLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "StatisticsFunction": {
        "StatisticsTable.Arn": {"dynamodb:Query"},
        "EncryptionKey.Arn": {"kms:Decrypt"},
        "StatisticsLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "ConsultationFunction": {
        "PersonsTable.Arn": {"dynamodb:BatchGetItem"},
        "RegistrationsTable.Arn": {"dynamodb:BatchGetItem"},
        "PrivacyLogTable.Arn": {"dynamodb:PutItem"},
        "PseudonymSecret": {"secretsmanager:GetSecretValue"},
        "EncryptionKey.Arn": {"kms:Decrypt"},
        "SuspensionsTable.Arn": {"dynamodb:BatchGetItem"},
        "ConsultationLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "QualityFunction": {
        "QualityTable.Arn": {"dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        NEWEST_REPORTS: {"dynamodb:Query"},
        "PersonsTable.Arn": {"dynamodb:BatchGetItem"},
        "RegistrationsTable.Arn": {"dynamodb:BatchGetItem", "dynamodb:PutItem"},
        f"{BUCKET}/uitgaand/0316380841/*": {"s3:PutObject"},
        "PrivacyLogTable.Arn": {"dynamodb:PutItem"},
        "PseudonymSecret": {"secretsmanager:GetSecretValue"},
        "EncryptionKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "QualityLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "SuspensionsFunction": {
        "SuspensionsTable.Arn": {"dynamodb:BatchGetItem", "dynamodb:PutItem"},
        "EncryptionKey.Arn": {"kms:Decrypt"},
        "SuspensionsLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "RegistrationsFunction": {
        "PersonsTable.Arn": {"dynamodb:BatchGetItem"},
        "RegistrationsTable.Arn": {
            "dynamodb:BatchGetItem",
            "dynamodb:DeleteItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        },
        "PrivacyLogTable.Arn": {"dynamodb:PutItem"},
        "PseudonymSecret": {"secretsmanager:GetSecretValue"},
        "EncryptionKey.Arn": {"kms:Decrypt"},
        "RegistrationsLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "StandFunction": {
        "PersonsTable.Arn": {"dynamodb:BatchGetItem"},
        "RegistrationsTable.Arn": {"dynamodb:BatchGetItem"},
        "SuspensionsTable.Arn": {"dynamodb:BatchGetItem"},
        BY_HANDLE: {"dynamodb:Query"},
        "PseudonymSecret": {"secretsmanager:GetSecretValue"},
        "EncryptionKey.Arn": {"kms:Decrypt"},
        "StandLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "StandPublishingFunction": {
        "PersonsTable.Arn": {"dynamodb:BatchGetItem"},
        "RegistrationsTable.Arn": {"dynamodb:BatchGetItem"},
        "SuspensionsTable.Arn": {"dynamodb:BatchGetItem"},
        BY_HANDLE: {"dynamodb:Query"},
        "PseudonymSecret": {"secretsmanager:GetSecretValue"},
        **{f"{BUCKET}/uitgaand/{party.kbo}/*": {"s3:PutObject"} for party in PAYMENT_ACTORS},
        "EncryptionKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "StandPublishingLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "SourceStandFunction": {
        "PersonsTable.Arn": {"dynamodb:BatchGetItem", "dynamodb:Scan"},
        "PseudonymSecret": {"secretsmanager:GetSecretValue"},
        f"{BUCKET}/uitgaand/{WEWIS.kbo}/*": {"s3:PutObject"},
        "EncryptionKey.Arn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "SourceStandLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
    "PrivacyLogFunction": {
        "PrivacyLogTable.Arn": {"dynamodb:PutItem", "dynamodb:Query"},
        LOG_BY_DAY: {"dynamodb:Query"},
        "PseudonymSecret": {"secretsmanager:GetSecretValue"},
        "EncryptionKey.Arn": {"kms:Decrypt"},
        "PrivacyLogLogs.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    },
}

# A resource in a right is one named thing, or the objects of our bucket below one prefix.
NAMED = (BUCKET, INTAKE, SEGMENTS, LOG_BY_DAY, BY_HANDLE, NEWEST_REPORTS)
ONE_THING = re.compile(r"[A-Za-z]+(\.Arn)?|" + "|".join(map(re.escape, NAMED)))
BELOW_A_PREFIX = re.compile(re.escape(BUCKET) + r"/[a-z]+(/[0-9]{10})?/\*")


def _wherever(policy: dict[str, Any]) -> dict[str, Any]:
    """Give a policy that is only there under a condition."""
    if "Fn::If" not in policy:
        return policy
    condition, there, otherwise = policy["Fn::If"]
    assert (condition, short(otherwise)) == ("HasVpc", "AWS::NoValue")
    return dict(there)


def statements(expanded: Expanded, role: str) -> list[dict[str, Any]]:
    policies = [_wherever(policy) for policy in expanded.properties(role)["Policies"]]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def resources(statement: dict[str, Any]) -> list[Any]:
    """Give the resources of a statement, whichever of them are there."""
    match statement["Resource"]:
        case {"Fn::If": [_, {"Fn::Split": [_, one]}, other]}:
            return [one, other]
        case resource:
            return as_list(resource)


def rights(expanded: Expanded, role: str) -> Rights:
    result: Rights = {}
    for statement in statements(expanded, role):
        for resource in resources(statement):
            result.setdefault(short(resource), set()).update(as_list(statement["Action"]))
    return result


def role_of(expanded: Expanded, function: str) -> str:
    name, attribute = expanded.properties(function)["Role"]["Fn::GetAtt"]
    assert attribute == "Arn"
    return str(name)


def roles_of_functions(expanded: Expanded) -> list[str]:
    """Give the roles of functions; the one that CodeDeploy takes is tested with what it deploys."""
    return [role for role in expanded.of_type("AWS::IAM::Role") if role != "DeploymentRole"]


def test_every_function_is_listed(expanded: Expanded) -> None:
    assert set(expanded.of_type("AWS::Lambda::Function")) == set(RIGHTS)


@pytest.mark.parametrize("function", RIGHTS)
def test_rights_of(expanded: Expanded, function: str) -> None:
    assert rights(expanded, role_of(expanded, function)) == RIGHTS[function]


def test_every_function_has_a_role_of_its_own(expanded: Expanded) -> None:
    roles = [role_of(expanded, function) for function in RIGHTS]
    assert sorted(roles) == sorted(roles_of_functions(expanded))


def test_statements_only_allow_and_name_their_resources(expanded: Expanded) -> None:
    for role in expanded.of_type("AWS::IAM::Role"):
        for statement in statements(expanded, role):
            assert statement.keys() - {"Condition"} == {"Sid", "Effect", "Action", "Resource"}
            assert statement["Effect"] == "Allow"


def test_what_is_granted_under_a_condition(expanded: Expanded) -> None:
    """What each condition says is tested below; a statement that is not listed here has none."""
    conditional = {
        (role, statement["Sid"])
        for role in expanded.of_type("AWS::IAM::Role")
        for statement in statements(expanded, role)
        if "Condition" in statement
    }
    assert conditional == {
        ("IntakeReleaseRole", "UnlinkPersons"),
        ("IntakeRole", "UnlinkPersons"),
        ("IntakeWatchRole", "MendSeries"),
        ("NoticesRole", "ReadAudience"),
        ("NoticesRole", "ReadLinks"),
        ("QualityRole", "KeepDoubts"),
        ("QualityRole", "ReadLinks"),
        ("RegistrationsRole", "ReadLinks"),
    }


def test_the_watch_writes_nothing_in_the_ledger_but_what_is_kept_of_a_series(expanded: Expanded) -> None:
    (mending,) = (each for each in statements(expanded, "IntakeWatchRole") if each["Sid"] == "MendSeries")
    assert mending["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["reeks#*"]}}


def test_who_is_told_is_asked_person_by_person_and_never_by_a_scan(expanded: Expanded) -> None:
    (asking,) = (each for each in statements(expanded, "NoticesRole") if each["Sid"] == "ReadAudience")
    assert (asking["Action"], asking["Condition"]) == (
        "dynamodb:PartiQLSelect",
        {"Bool": {"dynamodb:FullTableScan": False}},
    )


def test_whoever_keeps_doubts_writes_no_registration(expanded: Expanded) -> None:
    (kept,) = (each for each in statements(expanded, "QualityRole") if each["Sid"] == "KeepDoubts")
    written = ["person", "party", "keyVersion", "doubts", "version", "expiresAt"]
    assert kept["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:Attributes": written}}
    assert {"begin", "right"}.isdisjoint(written)  # no registration is without


def test_no_wildcard_in_resources_but_below_a_prefix(expanded: Expanded) -> None:
    for role in roles_of_functions(expanded):
        for resource in rights(expanded, role):
            if (role, resource) == ("DropserverRole", NETWORK):
                continue
            assert ONE_THING.fullmatch(resource) or BELOW_A_PREFIX.fullmatch(resource), resource


def test_no_wildcard_in_actions(expanded: Expanded) -> None:
    for role in expanded.of_type("AWS::IAM::Role"):
        actions = set().union(*rights(expanded, role).values())
        assert not {action for action in actions if "*" in action}


def test_rights_stand_nowhere_else(expanded: Expanded) -> None:
    """Policies apart from the roles, or managed ones, would escape the tests above."""
    assert {kind for kind in (resource["Type"] for resource in expanded.resources.values()) if "IAM" in kind} == {
        "AWS::IAM::Role"
    }
    for role in roles_of_functions(expanded):
        # X-Ray knows no resources: AWS's own policy for writing traces is the one exception.
        managed = [short(policy) for policy in expanded.properties(role)["ManagedPolicyArns"]]
        assert managed == ["arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"]


def test_only_lambda_takes_the_roles(expanded: Expanded) -> None:
    for role in roles_of_functions(expanded):
        properties = expanded.properties(role)
        assert properties.keys() == {"AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies"}
        lambda_takes_it = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        assert properties["AssumeRolePolicyDocument"] == {"Version": POLICY_VERSION, "Statement": [lambda_takes_it]}


def test_policies_speak_the_language_of_their_version(expanded: Expanded) -> None:
    for role in expanded.of_type("AWS::IAM::Role"):
        for policy in map(_wherever, expanded.properties(role)["Policies"]):
            assert policy.keys() == {"PolicyName", "PolicyDocument"}
            assert policy["PolicyDocument"].keys() == {"Version", "Statement"}
            assert policy["PolicyDocument"]["Version"] == POLICY_VERSION


def test_no_statement_says_what_another_says_too(expanded: Expanded) -> None:
    """The lists above could not tell, were one of two taken away."""
    for role in expanded.of_type("AWS::IAM::Role"):
        granted = [
            (short(resource), action)
            for statement in statements(expanded, role)
            for resource in resources(statement)
            for action in as_list(statement["Action"])
        ]
        assert len(granted) == len(set(granted))


def test_the_privacy_log_can_only_grow(expanded: Expanded) -> None:
    """Articles 6 and 9: no right on the log but to put, and for two to query, and no policy on the table itself."""
    granted = {
        role: {
            action
            for resource, actions in rights(expanded, role).items()
            if "PrivacyLogTable" in resource
            for action in actions
        }
        for role in expanded.of_type("AWS::IAM::Role")
    }
    reader = role_of(expanded, "PrivacyLogFunction")
    sealer = role_of(expanded, "CheckpointsFunction")
    assert granted.pop(reader) == {"dynamodb:PutItem", "dynamodb:Query"}
    assert granted.pop(sealer) == {"dynamodb:Query"}
    assert [actions for actions in granted.values() if actions - {"dynamodb:PutItem"}] == []
    assert "ResourcePolicy" not in expanded.properties("PrivacyLogTable")


def test_only_who_must_reaches_persons(expanded: Expanded) -> None:
    """Articles 3 and 6: who tells of mutations, answers with figures or shows the log cannot read a payment."""
    reaching = {
        role.removesuffix("Role")
        for role in expanded.of_type("AWS::IAM::Role")
        if any("PersonsTable" in resource for resource in rights(expanded, role))
    }
    assert reaching - {"Notices", "Quality", "Registrations"} == {
        "Consultation",
        "Intake",
        "IntakeRelease",
        "PersonsRecomputing",
        "Stand",
        "StandPublishing",
        "SourceStand",
        "StatisticsPublishing",
    }


def test_who_may_read_no_person_reads_which_numbers_are_one_alone(expanded: Expanded) -> None:
    """And nobody deletes a person: only links are taken away."""
    alone = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{LINKS}*"]}}
    readers = {role_of(expanded, f"{name}Function") for name in ("Notices", "Quality", "Registrations")}
    on_persons = [
        (role, statement)
        for role in expanded.of_type("AWS::IAM::Role")
        for statement in statements(expanded, role)
        if "PersonsTable.Arn" in str(shortened(statement["Resource"]))
    ]

    assert readers <= {role for role, _ in on_persons}
    for role, statement in on_persons:
        if role in readers or "dynamodb:DeleteItem" in as_list(statement["Action"]):
            assert statement["Condition"] == alone


def test_the_intake_function_bears_the_name_that_it_may_invoke(expanded: Expanded) -> None:
    assert INTAKE.endswith(f":function:{short(expanded.properties('IntakeFunction')['FunctionName'])}:live")


def called_by(function: str, principal: str, **source: Any) -> dict[str, Any]:
    return {
        "Action": "lambda:InvokeFunction",
        "FunctionName": f"{function}Aliaslive",
        "Principal": f"{principal}.amazonaws.com",
        **source,
    }


def called_by_route(method: str, path: str, function: str) -> dict[str, Any]:
    path = re.sub(r"\{\w+\}", "*", path)
    api = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}"
    names = {"__ApiId__": "ExchangeApi", "__Stage__": "*"}
    return called_by(function, "apigateway", SourceArn={"Fn::Sub": [f"{api}/{method.upper()}{path}", names]})


def test_functions_are_called_by_our_api_bucket_and_schedule_alone(expanded: Expanded) -> None:
    permissions = [shortened(each["Properties"]) for each in expanded.of_type("AWS::Lambda::Permission").values()]
    of_bucket = {"SourceAccount": "AWS::AccountId", "SourceArn": BUCKET}
    expected = [
        *(called_by_route(*route, function) for route, function in (ROUTES | OPEN_ROUTES).items()),
        *(called_by(function, "events", SourceArn=f"{rule}.Arn") for rule, (function, _) in SCHEDULES.items()),
        *(called_by(name, "s3", **of_bucket) for name in ("IntakeFunction", "NoticesFunction")),
    ]
    assert in_order(permissions) == in_order(expected)
