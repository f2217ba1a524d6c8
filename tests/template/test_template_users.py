"""Each right of a function has a user: code in the function's reach that makes the very call on that very thing."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from jbplus.aws import folders
from tests.template.conftest import ROOT
from tests.template.test_template_rights import BUCKET, BY_HANDLE, LOG_BY_DAY, NEWEST_REPORTS, RIGHTS, SEGMENTS

# Calls that need an action, as the code writes them: boto3's own, and those of `aws.dynamodb` and `aws.objects`.
CALLS = {
    "dynamodb:BatchGetItem": r"\bbatch_get\(",
    "dynamodb:ConditionCheckItem": r'"ConditionCheck":',
    "dynamodb:DeleteItem": r'\.delete_item\(|"Delete":',
    "dynamodb:GetItem": r"\.get_item\(",
    "dynamodb:PutItem": r'\.put_item\(|"Put":',
    "dynamodb:Query": r'\.query\(|\("query"\)',
    "dynamodb:Scan": r'\("scan"\)',
    "dynamodb:UpdateItem": r'\.update_item\(|"Update":',
    "kms:GetPublicKey": r"\.get_public_key\(",
    "kms:Sign": r"\.client\.sign\(",
    "lambda:InvokeFunction": r"\.invoke\(",
    "s3:AbortMultipartUpload": r"\.abort_multipart_upload\(",
    "s3:DeleteObject": r"\.(delete_object|remove)\(",
    "s3:DeleteObjectVersion": r"\.delete_object\(.*_of_version",
    "s3:GetObject": r"\.(get_object|head_object|copy|read|find)\(",
    "s3:GetObjectVersion": r"\.get_object\(.*_of_version",
    # Whoever may list is told that an object is missing, and not that it is forbidden.
    "s3:ListBucket": r'\.(names|dated_names|list_objects_v2|read|find|head_object|get_object)\(|"list_objects_v2"',
    "s3:ListBucketMultipartUploads": r"\.list_multipart_uploads\(",
    "s3:ListMultipartUploadParts": r'"list_parts"',
    "s3:PutObject": r"\.(put_object|put|put_new|copy)\(",
    "secretsmanager:GetSecretValue": r"\.get_secret_value\(",
}
# Lambda does it in the function's name, or S3, DynamoDB and Secrets Manager do when they are called.
BY_AWS = r"(ec2|logs|sqs):\w+|kms:(Decrypt|GenerateDataKey)"

# Where the code works with a thing.
USERS = {
    "PersonsTable.Arn": {"persons.table", "consultation.table", "successions.table"},
    "RegistrationsTable.Arn": {"registrations.table", "consultation.table"},
    BY_HANDLE: {"stand.table"},
    "SuspensionsTable.Arn": {"suspensions.table", "consultation.table"},
    "PrivacyLogTable.Arn": {"privacy_log.table", "privacy_log.archive"},
    LOG_BY_DAY: {"privacy_log.archive", "checkpoints.table"},
    "SegmentsBucket.Arn": {"checkpoints.bucket"},
    SEGMENTS: {"checkpoints.bucket"},
    "CheckpointKey.Arn": {"checkpoints.secret"},
    "CheckpointKeys": {"checkpoints.secret"},
    "QualityTable.Arn": {"quality.table"},
    NEWEST_REPORTS: {"quality.table"},
    "LedgerTable.Arn": {"intake.ledger_table"},
    "NoticesTable.Arn": {"notices.table"},
    "StatisticsTable.Arn": {"statistics.table"},
    "PseudonymSecret": {"persons.secret"},
    "DropserverSecret": {"dropserver.secret"},
}
FOLDERS = {value: name for name, value in vars(folders).items() if name.isupper()}


@cache
def source(module: str) -> tuple[str, frozenset[str]]:
    """Give a module's text, and the modules of ours that it imports."""
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return imports(Path(spec.origin))


def imports(path: Path) -> tuple[str, frozenset[str]]:
    text = path.read_text(encoding="utf-8")
    named = {node.module or "" for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    return text, frozenset(name for name in named if name.startswith("jbplus."))


def in_reach(function: str) -> set[str]:
    """Give the modules that a function imports, directly or not."""
    folder = re.sub("(?<=[a-z])(?=[A-Z])", "_", function.removesuffix("Function")).lower()
    _, left = imports(ROOT / "functions" / folder / "app.py")
    found: set[str] = set()
    while left:
        found |= left
        left = frozenset().union(*(source(module)[1] for module in left)) - found
    return found


def working_with(thing: str, modules: set[str]) -> Iterator[str]:
    """Give the text of each module that works with a thing."""
    for module in modules:
        text, _ = source(module)
        if thing.startswith(f"{BUCKET}/"):
            folder = FOLDERS[thing.removeprefix(f"{BUCKET}/").partition("/")[0] + "/"]
            if module != folders.__name__ and re.search(rf"\b{folder}\b", text):
                yield text
        elif module.removeprefix("jbplus.") in USERS.get(thing, {module.removeprefix("jbplus.")}):
            yield text


@pytest.mark.parametrize("function", RIGHTS)
def test_each_right_has_a_user(function: str) -> None:
    modules = in_reach(function)
    for thing, actions in RIGHTS[function].items():
        for action in actions:
            if re.fullmatch(BY_AWS, action):
                continue
            calls = re.compile(CALLS[action])
            assert any(calls.search(text) for text in working_with(thing, modules)), f"nobody needs {action} on {thing}"
