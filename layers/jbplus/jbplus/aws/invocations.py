"""Having an event delivered to a function, once more or in a new invocation."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jbplus.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


@dataclass(frozen=True, slots=True)
class Invocations:
    """Invokes one function."""

    client: "LambdaClient"
    function: str

    def deliver(self, event: dict[str, Any]) -> None:
        """Have an event delivered, asynchronously: Lambda keeps it and tries again when it fails."""
        with translated("lambda:InvokeFunction"):
            self.client.invoke(FunctionName=self.function, InvocationType="Event", Payload=json.dumps(event).encode())
