"""Having a function of the stack run at once, and waiting for what it says."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from botocore.exceptions import ClientError
from pydantic import Field, ValidationError

from jbplus.wire import Wire
from jbplus_cli.stack.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


BUSY: Final = "TooManyRequestsException"
"""What kind of failure it is when as many invocations as are allowed are going on."""


class _Raised(Wire):
    """What Lambda answers when a function failed."""

    kind: Annotated[str, Field(alias="errorType")] = "unknown"


class FunctionFailedError(Exception):
    """A function failed.

    Attributes:
        kind: the name of its error.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def name_of(function: str) -> str:
    """Give the name of a function that is told by its name, or by its ARN or that of a version or an alias."""
    parts = function.split(":")
    return parts[6] if len(parts) > 6 else parts[0]  # noqa: PLR2004 - arn:aws:lambda:region:account:function:NAME


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a stack.

    Attributes:
        functions: the Lambda client.
        name: its name.
        advice: what the operator does when Lambda gives no answer.
    """

    functions: "LambdaClient"
    name: str
    advice: str

    def run(self, payload: bytes, doing: str) -> bytes:
        """Run it, and give what it answers.

        Args:
            payload: what it is told, as JSON.
            doing: what is being done, as the object of "could not".

        Raises:
            FunctionFailedError: it failed, or is busy.
            ExchangeError: Lambda refuses, or is out of reach.
        """
        with aws_errors(doing, self.advice):
            try:
                answer = self.functions.invoke(FunctionName=self.name, Payload=payload)
            except ClientError as error:
                if error.response["Error"].get("Code") == BUSY:
                    raise FunctionFailedError(BUSY) from error
                raise
            body = answer["Payload"].read()
        if answer.get("FunctionError"):
            try:
                kind = _Raised.read(body).kind
            except ValidationError:
                kind = "unknown"
            raise FunctionFailedError(kind)
        return body
