"""Hands quarantined records in again, through the stack's release function (Article 7)."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationError

from jbplus.errors import ObjectMissingError, UnavailableError
from jbplus_cli.answers import Answer
from jbplus_cli.aws import aws_errors
from jbplus_cli.errors import ExchangeError
from jbplus_cli.quarantined import Part, PartReleased

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class _Raised(Answer):
    """What Lambda answers when a function failed."""

    kind: Annotated[str, Field(alias="errorType")] = "unknown"


_HARMLESS = "Releasing again does no harm."
_ADVICE = {
    ObjectMissingError.__name__: "it is no longer in quarantine: it was released in the meantime.",
    UnavailableError.__name__: f"a store or the secret is throttled or out of reach. Try again later. {_HARMLESS}",
    "Sandbox.Timedout": f"it took too long. {_HARMLESS}",
}


@dataclass(frozen=True, slots=True)
class ReleaseFunction:
    """The release function of a stack.

    Attributes:
        functions: the Lambda client.
        name: the function's name.
        advice: what the operator does when Lambda gives no answer.
    """

    functions: "LambdaClient"
    name: str
    advice: str

    def release(self, part: Part) -> PartReleased:
        """Hand the records of a part in again; those that are still bad stay in quarantine.

        Raises:
            ExchangeError: the function failed, or Lambda is out of reach.
        """
        with aws_errors(f"release {part.name}", f"{_HARMLESS} {self.advice}"):
            answer = self.functions.invoke(
                FunctionName=self.name, Payload=json.dumps({"name": part.release_name}).encode()
            )
            body = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise ExchangeError(f"Could not release {part.name}: {_why(body)}")
        try:
            return PartReleased.model_validate_json(body)
        except ValidationError as error:
            raise ExchangeError(
                "The release function's answer is not as agreed. Does this jbplus belong to the stack's version?"
            ) from error


def _why(body: bytes) -> str:
    try:
        kind = _Raised.model_validate_json(body).kind
    except ValidationError:
        kind = "unknown"
    return _ADVICE.get(kind, f"the release function failed ({kind}). Read why in its log. {_HARMLESS}")
