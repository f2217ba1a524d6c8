"""Rights of the deployed functions, and how one of them is taken away for a while."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from botocore.config import Config

from jbplus_local.stack import LocalStack
from tests.e2e.works import WORK, Work, Works
from tests.template.expanded import as_list

NOT_SEEN = {
    ("", "kms:Decrypt"): "the emulator encrypts nothing with the key, so it never asks for it",
    ("", "kms:GenerateDataKey"): "as above",
    ("", "logs:"): "the emulator writes the logs of functions itself",
    ("Dropserver", "ec2:"): "Lambda makes the interfaces of a VPC with them, and the emulator has none",
    ("Intake", "sqs:SendMessage"): "the emulator hands over failed events itself, with no role",
    ("Intake", "s3:ListBucket"): "without it a missing object is forbidden on AWS, and missing in the emulator",
    ("IntakeRelease", "s3:ListBucket"): "as above",
    ("PersonsRecomputing", "s3:ListBucket"): "as above",
    ("StatisticsPublishing", "s3:ListBucket"): "as above",
}
"""Rights that the emulator does not ask for, of a function or (empty) of any, by their beginning; and why."""


REMEMBERED = {"dynamodb:BatchGetItem", "kms:GetPublicKey", "secretsmanager:GetSecretValue"}
"""What a function reads and keeps for a while: keys, and by which key the tables are kept."""


class Right(NamedTuple):
    """One action on one resource."""

    action: str
    resource: str


@dataclass
class Roles:
    """The roles of a running stack's functions."""

    stack: LocalStack
    _names: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _iam(self) -> Any:
        return self.stack.aws.session.client("iam", endpoint_url=self.stack.aws.url, config=Config(proxies={}))

    def _name(self, resource: str) -> str:
        if not self._names:
            found = self.stack.aws.cloudformation().describe_stack_resources(StackName=self.stack.endpoints.stack)
            self._names = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found["StackResources"]}
        return self._names[resource]

    def _documents(self, role: str) -> dict[str, dict[str, Any]]:
        names = self._iam.list_role_policies(RoleName=role)["PolicyNames"]
        said = {name: self._iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
        return {name: json.loads(text) if isinstance(text, str) else text for name, text in said.items()}

    def of(self, function: str) -> list[Right]:
        """List the rights of a function."""
        return [
            Right(action, resource)
            for document in self._documents(self._name(f"{function}Role")).values()
            for statement in document["Statement"]
            for action in as_list(statement["Action"])
            for resource in as_list(statement["Resource"])
        ]

    @contextmanager
    def without(self, function: str, *rights: Right) -> Iterator[None]:
        """Take rights of a function away, and give them back."""
        role = self._name(f"{function}Role")
        before = self._documents(role)
        self._write(role, {name: _without(document, rights) for name, document in before.items()})
        try:
            yield
        finally:
            self._write(role, before)

    @contextmanager
    def without_ending(self, function: str, action: str, ending: str) -> Iterator[None]:
        """Take an action on resources that end so away, and give it back."""
        taken = [right for right in self.of(function) if right.action == action and right.resource.endswith(ending)]
        with self.without(function, *taken):
            yield

    @contextmanager
    def with_more(self, function: str, action: str, resource: str) -> Iterator[None]:
        """Give a function one right more, and take it away."""
        role = self._name(f"{function}Role")
        more = {"Effect": "Allow", "Action": action, "Resource": resource}
        document = {"Version": "2012-10-17", "Statement": [more]}
        self._iam.put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=json.dumps(document))
        try:
            yield
        finally:
            self._iam.delete_role_policy(RoleName=role, PolicyName="more")

    def _write(self, role: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
        for name, document in documents.items():
            self._iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))

    def start_anew(self, function: str) -> None:
        """Have the next call of a function begin from nothing: it keeps no secret or key of an earlier one."""
        functions, name = self.stack.aws.functions(), self._name(f"{function}Function")
        timeout = functions.get_function_configuration(FunctionName=name)["Timeout"]
        functions.update_function_configuration(FunctionName=name, Timeout=timeout)


def _without(document: Mapping[str, Any], rights: tuple[Right, ...]) -> dict[str, Any]:
    granted = [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for statement in document["Statement"]
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
        if Right(action, resource) not in rights
    ]
    # A policy without a statement is none.
    nothing = {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}
    return {**document, "Statement": granted or [nothing]}


def is_seen(function: str, right: Right) -> bool:
    return not any(whose in ("", function) and right.action.startswith(start) for whose, start in NOT_SEEN)


def needless(roles: Roles, works: Works, function: str) -> list[Right]:
    """Take each right of a function away in turn; give those without which all of its work is done."""
    found = []
    for right in (each for each in roles.of(function) if is_seen(function, each)):
        with roles.without(function, right):
            if right.action in REMEMBERED:
                roles.start_anew(function)
            failed = _undone(works, function)
        if failed is None:
            found.append(right)
        else:
            # What failed has left something behind, and the next must fail for a reason of its own.
            failed(works)
    return found


def _undone(works: Works, function: str) -> Work | None:
    """Give the first work of a function that is not done; None when all is."""
    for work in WORK[function]:
        try:
            work(works)
        except Exception:  # noqa: BLE001 - whatever fails: it is not done
            return work
    return None
