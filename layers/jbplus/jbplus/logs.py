"""What operators read: the catalogue of log codes, and what may be told of an unexpected error.

No log line holds a person's number.
"""

import traceback
from collections.abc import MutableMapping
from enum import StrEnum
from typing import Self


class LogCode(StrEnum):
    """The message of a log line; what goes with it stands in fields of its own.

    `docs/log-codes.md` is made from it.

    Attributes:
        cause: what happened, for operators; Markdown.
        remedy: what they do about it.
    """

    cause: str
    remedy: str

    def __new__(cls, message: str, cause: str, remedy: str) -> Self:
        """Make a code: its message, which is also its value, and what operators read about it."""
        code = str.__new__(cls, message)
        code._value_ = message
        code.cause, code.remedy = cause, remedy
        return code

    @property
    def number(self) -> str:
        """The code itself, with which its message begins."""
        return self.split()[0]

    FILE_TAKEN_IN = (
        "INTAKE001 file taken in",
        "A file was taken in, wholly or in part; its counts stand beside it.",
        "Nothing.",
    )
    FILE_REFUSED = (
        "INTAKE002 file refused",
        "A file was refused.",
        "[What was refused](runbooks/refused.md).",
    )
    FILE_DELAYED = (
        "INTAKE003 store out of reach, the file will be taken in again",
        "A store was throttled or out of reach; the event is delivered again.",
        "Look at `reason` when it goes on.",
    )
    FILE_FAILED = (
        "INTAKE004 unexpected error, the file will be taken in again",
        "An unexpected error; `at` names the lines of code.",
        "Report it as a mistake of ours.",
    )
    EVENT_IGNORED = (
        "INTAKE005 event is not about an incoming file",
        "An event that was not about an incoming file.",
        "Nothing.",
    )
    FILE_GONE = (
        "INTAKE006 file is no longer there: it has its report",
        "The file of an event was put away before, and has its report.",
        "Nothing: an event came twice.",
    )
    FILE_CONTINUES = (
        "INTAKE007 time is up, the file goes on in a new invocation",
        "Time was up; the file goes on in a new invocation.",
        "Nothing.",
    )
    ITEM_WITHOUT_TTL = (
        "INTAKE008 an item had no end date, nothing was written",
        "An item had no end date and was not written.",
        (
            "A mistake in the code, so `IntakeErrorsAlarm` rings: stop the intake (`IntakeConcurrency=0`), mend "
            "it, and let the intake go on; then `jbplus replay`."
        ),
    )
    FILE_LOST = (
        "INTAKE009 file is no longer there, and has no report",
        "The file of an event is gone, and has no report.",
        (
            "Look with `jbplus status` whether it is claimed and not done with; ask WEWIS to send the very same "
            "file again."
        ),
    )
    EVENT_NOT_UNDERSTOOD = (
        "INTAKE010 event names an incoming file, and is not understood",
        "An event names a file under `inkomend/` in another form than S3's own.",
        (
            "Let the bucket tell the function itself, without EventBridge, SNS or SQS in between; then copy the "
            "file onto itself."
        ),
    )
    CALL_ANSWERED = (
        "CALL001 call answered",
        "A call was answered, with its status.",
        "Nothing.",
    )
    CALL_UNAVAILABLE = (
        "CALL002 store, secret or privacy log out of reach",
        "Store, secret or privacy log out of reach: 503.",
        "Look at `reason` when it goes on.",
    )
    CALL_FAILED = (
        "CALL003 unexpected error",
        "An unexpected error: 500; `at` names the lines of code.",
        "Report it as a mistake of ours.",
    )
    NOTICES_GIVEN = (
        "NOTICE001 notices given out",
        "A round of notices is done; its counts stand beside it.",
        "Nothing.",
    )
    NOTICES_DELAYED = (
        "NOTICE002 store out of reach, the next round goes on",
        "A store was throttled or out of reach; the next round goes on, within five minutes.",
        "Look at `reason` when it goes on.",
    )
    NOTICES_FAILED = (
        "NOTICE003 unexpected error, the next round goes on",
        "An unexpected error with one file or one recipient; the others went on.",
        "Report it as a mistake of ours.",
    )
    PARTIES_ENDED = (
        "ENDED001 round of the parties that left done",
        "A round of the parties that left is done; its counts stand beside it.",
        "Nothing.",
    )
    CHECKPOINTS_MADE = (
        "SEAL001 checkpoints of the privacy log made",
        "The privacy log's new records were sealed; the counts stand beside it.",
        "Nothing.",
    )
    RECORD_REWRITTEN = (
        "SEAL002 a record of the privacy log is not what was sealed",
        "A record of the privacy log was written over after it was sealed; `record` is its place in the log.",
        "[A record that was written over](runbooks/rewritten-record.md).",
    )
    STAND_PUBLISHED = (
        "STAND001 a party's stand is published",
        "The stand of a party was put out; how many registrations it is of stands beside it.",
        "Nothing.",
    )
    STAND_HELD_BACK = (
        "STAND002 a party gets no stand today",
        "The party is suspended from mutations, or has left; its number stands beside it.",
        "Nothing: the first night after the suspension is lifted it gets one again.",
    )
    STAND_WAITS = (
        "STAND003 the stands wait",
        "Keys are being rotated, or an earlier moment is being restored: stands wait until the night after.",
        "Nothing, unless it goes on for days: then finish what runs (`jbplus rekey`, `jbplus restore`).",
    )
    SOURCE_STAND_PUBLISHED = (
        "STAND004 the source's stand is published",
        "The stand of WEWIS was put out; how many verrichtingen are live stands beside it.",
        "Nothing.",
    )
    STATISTICS_PUBLISHED = (
        "STATS001 statistics published",
        "Statistics were published; the number of publications stands beside it.",
        "Nothing.",
    )
    FILE_FETCHED = (
        "DROP001 a file came from the dropserver",
        "A file came from the dropserver into `inkomend/`.",
        "Nothing.",
    )
    FILE_SENT = (
        "DROP002 a file went to a party",
        "A file went to a party's folder on the dropserver.",
        "Nothing.",
    )
    FILE_NOT_FETCHED = (
        "DROP003 a file was not taken from the dropserver, it is tried again",
        "A file was not taken from the dropserver, or its folder not listed; it is tried again in the next round.",
        "Look at `reason` when it goes on.",
    )
    FILE_NOT_SENT = (
        "DROP004 a file was not sent, it is tried again",
        "A file was not sent; it and all that follow for this party wait for the next round.",
        "Look at `reason` when it goes on.",
    )
    DROPSERVER_LOST = (
        "DROP005 dropserver, its secret or the bucket out of reach, the round ended",
        "Dropserver, its secret or the bucket out of reach: the round ended.",
        "Look at `reason`: it says what to check; `jbplus status` shows it too.",
    )
    DROPSERVER_FAILED = (
        "DROP006 unexpected error, the file is tried again",
        "An unexpected error; `at` names the lines of code.",
        "Report it as a mistake of ours.",
    )
    ROUND_DONE = (
        "DROP007 round at the dropserver done",
        "A round was done; its counts stand beside it.",
        "Nothing.",
    )
    FILE_WAITS = (
        "DROP008 a file stands on the dropserver for over an hour",
        "A file stands on the dropserver for over an hour, since the moment beside it.",
        "Ask WEWIS about a file that is not whole, or of a name that is not as agreed; for others look for `DROP003`.",
    )
    FILE_NOT_REMOVED = (
        "DROP009 a file was taken, and the dropserver does not let it go",
        "A file was taken, and the dropserver does not let it go; it is not taken again.",
        "`reason` says what the server refuses: rights on it, or on the folder of `DropserverAfterTaking`.",
    )


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
