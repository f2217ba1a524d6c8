"""Turns botocore's errors into ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from jbplus.errors import ConflictError, ObjectMissingError, ThrottledError, UnavailableError

_CONFLICTS = frozenset(
    {"ConditionalCheckFailedException", "ConditionalRequestConflict", "TransactionConflictException"}
)
_CONFLICTING_REASONS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottlingError",
        "ThrottlingException",
    }
)
_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "404"})


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Turn an error of AWS into one of ours.

    Botocore's messages may quote keys and values, so they go no further: only the operation and the code do.

    Args:
        operation: what was being done, for the operator who reads the message.

    Raises:
        ConflictError: a condition did not hold, or another transaction was busy with the same items.
        ObjectMissingError: the object is not there.
        ThrottledError: fewer requests are asked for.
        UnavailableError: anything else.
    """
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        reasons = _cancellation_reasons(error)
        if code in _CONFLICTS or (reasons and reasons <= _CONFLICTING_REASONS):
            raise ConflictError(operation) from None
        if code in _THROTTLED or (reasons and reasons <= _CONFLICTING_REASONS | _THROTTLED):
            raise ThrottledError(f"{operation}: {code}") from None
        if code in _MISSING:
            raise ObjectMissingError(operation) from None
        raise UnavailableError(f"{operation}: {code}") from None
    except BotoCoreError as error:
        raise UnavailableError(f"{operation}: {type(error).__name__}") from None


def _cancellation_reasons(error: ClientError) -> set[str]:
    """Give the reasons why a transaction was cancelled; empty when it was no transaction."""
    return {reason.get("Code", "") for reason in error.response.get("CancellationReasons", ())} - {"None"}
