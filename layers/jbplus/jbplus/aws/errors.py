"""Turns botocore's errors into ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from jbplus.errors import ConflictError, ObjectMissingError, UnavailableError

_CONFLICTS = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})
_CONFLICTING_REASONS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
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
        UnavailableError: anything else.
    """
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _CONFLICTS or _is_conflict(error):
            raise ConflictError(operation) from None
        if code in _MISSING:
            raise ObjectMissingError(operation) from None
        raise UnavailableError(f"{operation}: {code}") from None
    except BotoCoreError as error:
        raise UnavailableError(f"{operation}: {type(error).__name__}") from None


def _is_conflict(error: ClientError) -> bool:
    """Tell whether a transaction was cancelled by rivals, and by nothing else."""
    reasons = {reason.get("Code", "") for reason in error.response.get("CancellationReasons", ())} - {"None"}
    return bool(reasons) and reasons <= _CONFLICTING_REASONS
