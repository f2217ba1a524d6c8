"""The environments of samconfig.toml: which stack, where, with which parameters."""

import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class DeployError(Exception):
    """A deployment that cannot go on; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment.

    Attributes:
        name: its name in samconfig.toml.
        stack: name of the CloudFormation stack.
        region: AWS region.
        parameters: the template's parameters that differ from their defaults.
    """

    name: str
    stack: str
    region: str
    parameters: Mapping[str, str]

    @property
    def issuer(self) -> str:
        """The issuer of the access tokens.

        Raises:
            DeployError: nobody said which.
        """
        if "Issuer" not in self.parameters:
            raise DeployError(
                'Which issuer are access tokens of? Say: make deploy ENV=… PARAMETERS="Issuer=https://…", exactly as '
                "their claim iss has it."
            )
        return self.parameters["Issuer"]

    @property
    def has_test_numbers(self) -> bool:
        """Whether test numbers are taken, so that no real person is in it; the template's default is that none are."""
        return self.parameters.get("TestNumbersAllowed", "false") == "true"

    @property
    def is_protected(self) -> bool:
        """Whether the tables, and so the stack, refuse to be deleted; the template's default."""
        return self.parameters.get("DeletionProtection", "true") == "true"

    @property
    def bucket(self) -> str:
        """The name of the bucket, with {account} for the account's number, as the template writes it."""
        return f"{self.stack}-exchange-{{account}}-{self.region}"

    @property
    def reserved(self) -> int:
        """How much of the account's concurrency the stack sets apart."""
        intake = max(int(self.parameters.get("IntakeConcurrency", "-1")), 0)
        return intake + (1 if self.parameters.get("DropserverHost") else 0)


def read(path: Path, name: str, more: Sequence[str]) -> Environment:
    """Read an environment.

    Args:
        path: samconfig.toml.
        name: the environment's name.
        more: further parameters, as NAME=VALUE; they outdo those of the file.

    Raises:
        DeployError: there is no such environment, or a parameter is written otherwise.
    """
    with path.open("rb") as file:
        environments = tomllib.load(file)
    settings = environments.get(name, {}).get("deploy", {}).get("parameters")
    if settings is None:
        known = ", ".join(each for each, parts in environments.items() if isinstance(parts, dict) and "deploy" in parts)
        raise DeployError(f"{path.name} has no environment {name}. There are: {known}.")
    parameters = dict(_parameter(text) for text in (*shlex.split(settings.get("parameter_overrides", "")), *more))
    stack = environments[name].get("global", {}).get("parameters", {}).get("stack_name", "")
    return Environment(name, stack, settings["region"], parameters)


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch("[A-Za-z0-9]+", name):
        raise DeployError("Write each parameter as NAME=VALUE, in quotes when the value has blanks.")
    return name, value
