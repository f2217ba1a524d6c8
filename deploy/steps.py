"""In which steps a stack is deployed, and what protects it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from deploy.environments import DeployError, Environment

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

STACK_POLICY: Final = Path(__file__).with_name("stack-policy.json")

_ABSENT: Final = frozenset({"", "REVIEW_IN_PROGRESS", "DELETE_COMPLETE"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of a stack before it is deployed.

    Attributes:
        status: CloudFormation's; empty when there is none.
    """

    status: str

    @property
    def is_absent(self) -> bool:
        """Whether the stack is still to be made."""
        return self.status in _ABSENT


def standing(cloudformation: "CloudFormationClient", stack: str) -> Standing:
    """Look at what there is of a stack.

    Raises:
        DeployError: it can neither be made nor updated.
        botocore.exceptions.ClientError: it may not be read.
    """
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        # CloudFormation has no code of its own for it.
        if "does not exist" not in error.response["Error"].get("Message", ""):
            raise
        return Standing("")
    status = found["StackStatus"]
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED"):
        raise DeployError(
            f"Stack {stack} is what is left of a creation that failed ({status}). Read why with: aws cloudformation "
            f"describe-stack-events --stack-name {stack}. Then delete it, and deploy again: aws cloudformation "
            f"delete-stack --stack-name {stack}"
        )
    if status.endswith("_IN_PROGRESS") and status not in _ABSENT:
        raise DeployError(f"Stack {stack} is being changed ({status}). Wait until that is done, and deploy again.")
    return Standing(status)


def steps(environment: Environment, found: Standing, release: str) -> list[Mapping[str, str]]:
    """Give the parameters of each deployment, in order.

    A stack is made without protection first: a creation that fails is rolled back, which protected tables refuse.
    """
    wanted = {**environment.parameters, "Release": release}
    if found.is_absent and environment.is_protected:
        return [{**wanted, "DeletionProtection": "false"}, wanted]
    return [wanted]


def protect(cloudformation: "CloudFormationClient", environment: Environment) -> None:
    """Have the stack refuse to be deleted, and to lose its data or the key of the pseudonyms; twice does no harm."""
    if environment.is_protected:
        cloudformation.set_stack_policy(
            StackName=environment.stack, StackPolicyBody=STACK_POLICY.read_text(encoding="utf-8")
        )
        cloudformation.update_termination_protection(StackName=environment.stack, EnableTerminationProtection=True)
