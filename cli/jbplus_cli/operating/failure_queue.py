"""The failure queue: events of files that the intake failed to take in three times, and their replay."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, Self

from botocore.exceptions import BotoCoreError, ClientError

from jbplus_cli.operating.failed_events import Failure, read_failure
from jbplus_cli.stack.aws import aws_errors
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Resources, Target

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MOST_AT_ONCE: Final = 1000
"""After how many messages a walk ends: what it holds has to fit in the memory, and in the time it is hidden."""

# A command that was killed hides what it held from the next one for so long; then SQS shows it again.
_HIDDEN_SECONDS: Final = 120
_BATCH: Final = 10


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many messages wait, as SQS counts them: nearly.

    Attributes:
        waiting: those that nobody deals with.
        in_hand: those that somebody looks at right now.
    """

    waiting: int
    in_hand: int


class FailureQueue:
    """The failure queue of a stack.

    Args:
        sqs: the SQS client.
        functions: the Lambda client.
        resources: the stack's queue and functions.
        advice: what the operator does when AWS gives no answer.
        patience: seconds for SQS to look for messages everywhere (0 to 20).
    """

    def __init__(
        self, sqs: "SQSClient", functions: "LambdaClient", resources: Resources, *, advice: str, patience: int
    ) -> None:
        self._sqs = sqs
        self._functions = functions
        self._url = resources.failure_queue
        self._function = resources.intake_function
        self._advice = advice
        self._patience = patience

    @classmethod
    def of(cls, world: Surroundings, target: Target, resources: Resources) -> Self:
        """Give the failure queue of a stack."""
        aws = world.aws(target)
        return cls(
            aws.sqs(),
            aws.functions(),
            resources,
            advice=target.advice_when_unreachable,
            patience=world.queue_patience,
        )

    def backlog(self) -> Backlog:
        """Count the messages.

        Raises:
            ExchangeError: the queue is out of reach.
        """
        with aws_errors("count the failed events", self._advice):
            found = self._sqs.get_queue_attributes(
                QueueUrl=self._url,
                AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
            )["Attributes"]
        return Backlog(int(found["ApproximateNumberOfMessages"]), int(found["ApproximateNumberOfMessagesNotVisible"]))

    def walk(self, deal: Callable[[Failure], bool], most: int = MOST_AT_ONCE) -> bool:
        """Go through the messages, each once; while it lasts nobody else sees them.

        Args:
            deal: is given each message, and tells whether it is dealt with. Then, and only then, the message goes.
            most: when so many were looked at, it ends.

        Returns:
            Whether that was all of them.

        Raises:
            ExchangeError: the queue is out of reach, or `deal` raised it; no message is lost.
        """
        held: dict[str, str] = {}
        looked_at = 0
        try:
            while looked_at < most:
                batch = self._receive()
                new = [message for message in batch if message["MessageId"] not in held]
                # A message that comes a second time answers to its newest receipt alone.
                held |= {message["MessageId"]: message["ReceiptHandle"] for message in batch}
                if not new:
                    return True
                for message in new:
                    if deal(self._failure(message)):
                        self._remove(held[message["MessageId"]])
                        del held[message["MessageId"]]
                looked_at += len(new)
            return False
        finally:
            self._put_back(held.values())

    def replay(self, failure: Failure) -> None:
        """Have the event of a message delivered again; Lambda then keeps it, and tries three times.

        Raises:
            ExchangeError: Lambda did not take it.
        """
        with aws_errors("deliver an event again", f"It stays in the failure queue. {self._advice}"):
            self._functions.invoke(
                FunctionName=self._function, InvocationType="Event", Payload=json.dumps(failure.event).encode()
            )

    def _receive(self) -> "list[MessageTypeDef]":
        with aws_errors("read the failure queue", self._advice):
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=self._patience,
                MessageSystemAttributeNames=["SentTimestamp"],
            )
        return answer.get("Messages", [])

    def _remove(self, receipt: str) -> None:
        advice = "It was delivered again, and will be there again: replaying it once more does no harm."
        with aws_errors("take an event off the failure queue", advice):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)

    def _put_back(self, receipts: Iterable[str]) -> None:
        for batch in _batches(receipts):
            # What cannot be put back now comes back by itself.
            with suppress(ClientError, BotoCoreError):
                self._sqs.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                        for number, receipt in enumerate(batch)
                    ],
                )

    def _failure(self, message: "MessageTypeDef") -> Failure:
        failed = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
        return read_failure(message["MessageId"], failed, message["Body"], self._function)


def _batches(receipts: Iterable[str]) -> Iterator[list[str]]:
    left = iter(receipts)
    while batch := list(islice(left, _BATCH)):
        yield batch
