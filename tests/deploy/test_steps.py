"""How a stack is made and kept: what there is of it, the steps, what protects it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from deploy import account, steps
from deploy.environments import DeployError, Environment
from deploy.steps import Standing

from tests.template.expanded import Expanded
from tests.template.test_template_storage import KEPT

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

ROOT = Path(__file__).parents[2]
PROTECTED = Environment("production", "jbplus", "eu-central-1", {"A": "1"})
OPEN = Environment("dev", "jbplus-dev", "eu-central-1", {"DeletionProtection": "false"})


@pytest.fixture
def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-central-1")


@pytest.fixture
def cloudformation(session: boto3.Session) -> "CloudFormationClient":
    return session.client("cloudformation")


@pytest.fixture
def answers(cloudformation: "CloudFormationClient") -> Iterator[Stubber]:
    with Stubber(cloudformation) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def described(status: str) -> dict[str, Any]:
    return {"Stacks": [{"StackName": "jbplus", "CreationTime": "2026-01-01T00:00:00Z", "StackStatus": status}]}


def test_a_stack_that_is_not_there_is_made_first_without_protection(
    cloudformation: "CloudFormationClient", answers: Stubber
) -> None:
    answers.add_client_error("describe_stacks", "ValidationError", "Stack with id jbplus does not exist")

    found = steps.standing(cloudformation, "jbplus")

    wanted = {"A": "1", "Release": "abc"}
    assert steps.steps(PROTECTED, found, "abc") == [{**wanted, "DeletionProtection": "false"}, wanted]
    assert steps.steps(OPEN, found, "abc") == [{**OPEN.parameters, "Release": "abc"}]


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_that_is_there_keeps_its_protection(
    cloudformation: "CloudFormationClient", answers: Stubber, status: str
) -> None:
    answers.add_response("describe_stacks", described(status))

    found = steps.standing(cloudformation, "jbplus")
    assert steps.steps(PROTECTED, found, "abc") == [{"A": "1", "Release": "abc"}]


@pytest.mark.parametrize(
    ("status", "words"),
    [("ROLLBACK_COMPLETE", "Then delete it"), ("ROLLBACK_FAILED", "Then delete it"), ("UPDATE_IN_PROGRESS", "Wait")],
)
def test_a_stack_that_takes_no_update_is_left_alone(
    cloudformation: "CloudFormationClient", answers: Stubber, status: str, words: str
) -> None:
    answers.add_response("describe_stacks", described(status))

    with pytest.raises(DeployError, match=words):
        steps.standing(cloudformation, "jbplus")


def test_a_stack_that_may_not_be_read_is_not_taken_for_absent(
    cloudformation: "CloudFormationClient", answers: Stubber
) -> None:
    answers.add_client_error("describe_stacks", "AccessDenied", "not authorized")

    with pytest.raises(cloudformation.exceptions.ClientError):
        steps.standing(cloudformation, "jbplus")


def test_a_change_set_that_was_never_run_is_no_stack() -> None:
    assert Standing("REVIEW_IN_PROGRESS").is_absent


def test_a_protected_stack_gets_its_policy_and_cannot_be_deleted(
    cloudformation: "CloudFormationClient", answers: Stubber
) -> None:
    policy = steps.STACK_POLICY.read_text()
    answers.add_response("set_stack_policy", {}, {"StackName": "jbplus", "StackPolicyBody": policy})
    answers.add_response(
        "update_termination_protection", {}, {"StackName": "jbplus", "EnableTerminationProtection": True}
    )

    steps.protect(cloudformation, PROTECTED)
    steps.protect(cloudformation, OPEN)


def test_the_policy_denies_whatever_would_lose_data_or_the_key_of_the_pseudonyms(expanded: Expanded) -> None:
    allow, secret, kept = json.loads(steps.STACK_POLICY.read_text())["Statement"]

    assert allow == {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
    deny = {"Effect": "Deny", "Principal": "*"}
    assert secret == {**deny, "Action": "Update:*", "Resource": "LogicalResourceId/PseudonymSecret"}
    named = [f"LogicalResourceId/{name}" for name in sorted(KEPT) if name != "PseudonymSecret"]
    assert kept == {**deny, "Action": ["Update:Replace", "Update:Delete"], "Resource": named}
    assert set(KEPT) <= set(expanded.resources)


@pytest.mark.parametrize(
    ("stack", "fits"),
    [
        ("jbplus", True),
        ("a" * 28, True),
        ("a" * 29, False),
        ("Jbplus", False),
        ("1jbplus", False),
        ("jb_plus", False),
        ("", False),
    ],
)
def test_a_stack_s_name_fits_in_its_bucket_s(stack: str, fits: bool) -> None:  # noqa: FBT001 - a parameter of the test
    environment = Environment("dev", stack, "eu-central-1", {})

    assert (account.name_objection(environment) is None) is fits
    assert not fits or len(environment.bucket.format(account="0" * 12)) <= 63


def test_the_bucket_s_name_is_the_template_s(expanded: Expanded) -> None:
    name = expanded.properties("ExchangeBucket")["BucketName"]["Fn::Sub"]
    for parameter, value in {"StackName": "s", "AccountId": "{account}", "Region": "r"}.items():
        name = name.replace(f"${{AWS::{parameter}}}", value)

    assert Environment("", "s", "r", {}).bucket == name


@pytest.mark.parametrize(("status", "words"), [(404, "None"), (200, "left by a former stack"), (403, "check your")])
def test_a_bucket_that_a_former_stack_left_stops_a_new_one(session: boto3.Session, status: int, words: str) -> None:
    s3 = session.client("s3")
    with Stubber(s3) as stubber:
        if status == 200:
            stubber.add_response("head_bucket", {}, {"Bucket": "b"})
        else:
            stubber.add_client_error("head_bucket", str(status), http_status_code=status)

        assert words in str(account.bucket_objection(s3, "b"))


@pytest.mark.parametrize(
    ("limit", "parameters", "fits"),
    [
        (10, {}, True),
        (10, {"IntakeConcurrency": "-1"}, True),
        (10, {"IntakeConcurrency": "0"}, True),
        (10, {"IntakeConcurrency": "1"}, False),
        (10, {"DropserverHost": "ftps.example"}, False),
        (104, {"IntakeConcurrency": "4"}, True),
        (104, {"IntakeConcurrency": "4", "DropserverHost": "ftps.example"}, False),
    ],
)
def test_the_account_has_what_the_stack_sets_apart(
    session: boto3.Session, limit: int, parameters: dict[str, str], *, fits: bool
) -> None:
    functions = session.client("lambda")
    with Stubber(functions) as stubber:
        stubber.add_response("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": limit}})

        found = account.quota_objection(functions, Environment("dev", "jbplus", "eu-central-1", parameters))

    assert (found is None) is fits


def test_the_page_that_objections_name_has_that_chapter() -> None:
    page, heading = re.findall(r"^(\S+), '([^']+)'", account.AGAIN)[0]

    assert f"## {heading}\n" in (ROOT / page).read_text()
