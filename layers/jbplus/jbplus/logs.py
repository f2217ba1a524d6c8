"""What operators read: the catalogue of log codes, and what may be told of an unexpected error.

No log line holds a person's number.
"""

import traceback
from collections.abc import MutableMapping
from enum import StrEnum


class LogCode(StrEnum):
    """The message of a log line; what goes with it stands in fields of its own."""

    FILE_TAKEN_IN = "INTAKE001 file taken in"
    FILE_REFUSED = "INTAKE002 file refused"
    FILE_DELAYED = "INTAKE003 store out of reach, the file will be taken in again"
    FILE_FAILED = "INTAKE004 unexpected error, the file will be taken in again"
    EVENT_IGNORED = "INTAKE005 event is not about an incoming file"
    FILE_GONE = "INTAKE006 file is no longer there: it has its report"
    FILE_CONTINUES = "INTAKE007 time is up, the file goes on in a new invocation"
    ITEM_WITHOUT_TTL = "INTAKE008 an item had no end date, nothing was written"
    FILE_LOST = "INTAKE009 file is no longer there, and has no report"
    EVENT_NOT_UNDERSTOOD = "INTAKE010 event names an incoming file, and is not understood"
    CALL_ANSWERED = "CALL001 call answered"
    CALL_UNAVAILABLE = "CALL002 store, secret or privacy log out of reach"
    CALL_FAILED = "CALL003 unexpected error"
    NOTICES_GIVEN = "NOTICE001 notices given out"
    NOTICES_DELAYED = "NOTICE002 store out of reach, the next round goes on"
    NOTICES_FAILED = "NOTICE003 unexpected error, the next round goes on"
    STATISTICS_PUBLISHED = "STATS001 statistics published"
    FILE_FETCHED = "DROP001 a file came from the dropserver"
    FILE_SENT = "DROP002 a file went to a party"
    FILE_NOT_FETCHED = "DROP003 a file was not taken from the dropserver, it is tried again"
    FILE_NOT_SENT = "DROP004 a file was not sent, it is tried again"
    DROPSERVER_LOST = "DROP005 dropserver, its secret or the bucket out of reach, the round ended"
    DROPSERVER_FAILED = "DROP006 unexpected error, the file is tried again"
    ROUND_DONE = "DROP007 round at the dropserver done"
    FILE_WAITS = "DROP008 a file stands on the dropserver for over an hour"
    FILE_NOT_REMOVED = "DROP009 a file was taken, and the dropserver does not let it go"


# What a developer may set, for more to see: whole events, or logs and metrics in a form that nothing here reads.
_FOR_DEVELOPERS = (
    "POWERTOOLS_DEBUG",
    "POWERTOOLS_DEV",
    "POWERTOOLS_LOGGER_LOG_EVENT",
    "POWERTOOLS_METRICS_DISABLED",
)


def without_debugging(environment: MutableMapping[str, str]) -> None:
    """Take out of the environment what would print whole events, or keep the metrics back that alarms watch."""
    for name in _FOR_DEVELOPERS:
        environment.pop(name, None)


def where_it_failed(error: BaseException) -> dict[str, object]:
    """Tell an error's type and the lines it came through, but not its message: that may hold a value."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
