"""Rights of the deployed functions, and how one of them is taken away for a while."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from botocore.config import Config

from jbplus_local.stack import LocalStack
from tests.template.expanded import as_list


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

    def _write(self, role: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
        for name, document in documents.items():
            self._iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))

    def start_anew(self, function: str) -> None:
        """Have the next call of a function begin from nothing: it keeps no secret of an earlier one."""
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
