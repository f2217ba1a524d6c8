"""What a rotation reaches of a stack: its secret, what waits for it, and which resources they are."""

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from jbplus.aws.errors import translated
from jbplus.persons.pseudonym import KeyRing
from jbplus_cli.stack.aws import aws_errors, outputs_of
from jbplus_cli.stack.functions import name_of
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

_CONCURRENCY = "IntakeConcurrency"


@dataclass(frozen=True, slots=True)
class SecretKeys:
    """The secret that holds the keys."""

    client: "SecretsManagerClient"
    arn: str

    def ring(self) -> KeyRing:
        """Read the keys."""
        return KeyRing.from_secret(self.text())

    def add_key(self, version: int) -> None:
        """Add a new random key, unless there is one of that version."""
        document = json.loads(self.text())
        document.setdefault(f"k{version}", secrets.token_hex(32))
        self._write(document)

    def name_version(self, version: int) -> None:
        """Name the version of the newest key."""
        document = json.loads(self.text())
        if document["version"] != version:
            self._write(document | {"version": version})

    def take_over(self, other: "SecretKeys") -> None:
        """Hold what another secret holds."""
        self._write(json.loads(other.text()))

    def text(self) -> str:
        """Read it as it is."""
        with translated("secretsmanager:GetSecretValue"):
            return self.client.get_secret_value(SecretId=self.arn)["SecretString"]

    def _write(self, document: dict[str, object]) -> None:
        with translated("secretsmanager:PutSecretValue"):
            self.client.put_secret_value(SecretId=self.arn, SecretString=json.dumps(document))


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions that wait for a rotation.

    Attributes:
        client: the Lambda client.
        intake: the function that takes files in, or its alias; what is set apart is so for the whole of it.
        statistics: the function that publishes statistics, or its alias.
        concurrency: how many invocations of the intake the stack sets apart; -1 for none, and as many as there is room.
    """

    client: "LambdaClient"
    intake: str
    statistics: str
    concurrency: int

    @classmethod
    def of(cls, client: "LambdaClient", resources: "Resources") -> Self:
        """Give those of a stack."""
        intake, statistics = resources.output("IntakeFunction"), resources.output("StatisticsPublishingFunction")
        return cls(client, intake, statistics, resources.concurrency)

    def stop(self) -> None:
        """Stop the intake: the events of files that come go to the failure queue at once, and wait to be replayed."""
        self._allow(0)

    def go_on(self) -> None:
        """Let the intake go on, and have the statistics published that were due meanwhile."""
        self.let_in()
        self.publish()

    def let_in(self) -> None:
        """Let the intake go on."""
        if self.concurrency < 0:
            with translated("lambda:DeleteFunctionConcurrency"):
                self.client.delete_function_concurrency(FunctionName=name_of(self.intake))
        else:
            self._allow(self.concurrency)

    def publish(self) -> None:
        """Have the statistics published that were due meanwhile."""
        with translated("lambda:InvokeFunction"):
            self.client.invoke(FunctionName=self.statistics, InvocationType="Event", Payload=b"{}")

    def _allow(self, invocations: int) -> None:
        with translated("lambda:PutFunctionConcurrency"):
            self.client.put_function_concurrency(
                FunctionName=name_of(self.intake), ReservedConcurrentExecutions=invocations
            )


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources of a stack, by name.

    Attributes:
        outputs: the stack's outputs.
        parameters: its parameters.
    """

    outputs: dict[str, str]
    parameters: dict[str, str]

    @classmethod
    def of(cls, name: str, cloudformation: "CloudFormationClient", advice: str) -> "Resources":
        """Read them.

        Raises:
            ExchangeError: the stack cannot be read, or is no stack of ours.
        """
        with aws_errors(f"read stack {name}", advice):
            outputs = outputs_of(name, cloudformation)
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        parameters = {p["ParameterKey"]: p["ParameterValue"] for p in stack.get("Parameters", [])}
        return cls(outputs, parameters)

    @property
    def concurrency(self) -> int:
        """How many invocations of the intake are set apart; -1 for none.

        Raises:
            ExchangeError: the stack does not tell.
        """
        said = self.parameter(_CONCURRENCY)
        if not re.fullmatch("-1|[0-9]+", said):
            raise ExchangeError(f"The stack's parameter {_CONCURRENCY} is no number.")
        return int(said)

    def parameter(self, name: str) -> str:
        """Give one of its parameters.

        Raises:
            ExchangeError: there is none of this name.
        """
        if name not in self.parameters:
            raise ExchangeError(f"The stack has no parameter {name}. Is it a jbplus stack, of the newest template?")
        return self.parameters[name]

    def output(self, name: str) -> str:
        """Give one of its outputs.

        Raises:
            ExchangeError: there is none of this name.
        """
        if name not in self.outputs:
            raise ExchangeError(f"The stack has no output {name}. Deploy the newest template first.")
        return self.outputs[name]
