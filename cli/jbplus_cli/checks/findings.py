"""What a check finds: where something differs, and of what kind; never a person's number or an amount."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple, Protocol

from pydantic import JsonValue

MOST_NAMED: Final = 1000
"""How many differences are named; the others are counted."""


class Kind(Enum):
    """What differs: its name for programs, and in words."""

    RECORD_MISSING = "recordMissing", "a record of the file is not in the state of its person"
    RECORD_NOT_APPLIED = "recordNotApplied", "an older record stands where this one of the file decides"
    RECORD_DIFFERS = "recordDiffers", "the state has something else than this record of the file"
    FILE_ALTERED = "fileAltered", "the kept file is not the one that its report answers"
    END_WRONG = "endWrong", "the end (TTL) is not the one that the state gives"
    STATE_ALTERED = "stateAltered", "the state is not of the version that stands beside it"
    STATE_UNREADABLE = "stateUnreadable", "the item cannot be read"
    PERSON_UNDER_OLD_KEY = "personUnderOldKey", "a person stands under a key that is not in use"
    LINKS_DIFFER = "linksDiffer", "the links of a number are not those that its person's other numbers have"
    CLAIM_UNFINISHED = "claimUnfinished", "a file was claimed, and nobody is at work on it"
    CLAIM_HALF = "claimHalf", "a file is claimed by its referte or its volgnummer alone"
    CLAIM_MISSING = "claimMissing", "a file that was taken in is not in the ledger as done with"
    DELIVERY_LOST = "deliveryLost", "a file was begun and is gone, without a report"
    DELIVERY_UNREADABLE = "deliveryUnreadable", "what tells how far a delivery has come cannot be read"
    REPORT_MISSING = "reportMissing", "a report is gone"
    REPORT_UNREADABLE = "reportUnreadable", "a report is not as it was written"
    REPORT_NOT_OUT = "reportNotOut", "a report was not put out for WEWIS"
    NUMBER_MISSING = "noticeNumberMissing", "no part has this number, though it was given out"
    NUMBER_TWICE = "noticeNumberTwice", "two parts have this number"
    NUMBER_BEYOND = "noticeNumberBeyond", "a part has a number that was not given out"
    NOTICE_MISSING = "noticeMissing", "a notice is neither put out nor sent"
    NOTICE_DIFFERS = "noticeDiffers", "a notice is not the one that was decided"
    WAITING_LOST = "waitingLost", "what a part that waits is to tell is gone"
    WAITING_STRAY = "waitingStray", "something waits for a recipient that stands in no queue"
    APPLIED_LOST = "appliedLost", "applied records of a file are gone before they were told"
    REGISTRATION_END_WRONG = "registrationEndWrong", "the end (TTL) is not the one that the registration gives"
    REGISTRATION_UNREADABLE = "registrationUnreadable", "the item cannot be read"
    REGISTRATION_DOUBLED = "registrationDoubled", "a registration stands under an old key too"
    REGISTRATION_UNDER_OLD_KEY = "registrationUnderOldKey", "a registration stands under a key that is not in use"
    REGISTRATION_OF_ENDED_PARTY = "registrationOfEndedParty", "a registration of a party that may have none"
    COUNT_WRONG = "registrationCountWrong", "a count of new registrations, or an allowance, is not as it was made"
    LOG_DIFFERS = "logDiffers", "the privacy log is not what was sealed of it"

    def __init__(self, name: str, words: str) -> None:
        self.wire = name
        self.words = words


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it follows from what it was made of.

    Attributes:
        kind: what differs.
        where: the object's key, or the table or queue.
        number: of the record in its file from 0, of the file, or of the notice.
        item: the beginning of an item's key, where a number does not tell which: a pseudonym, never a number. Of the
            privacy log, what is said of the record.
    """

    kind: Kind
    where: str
    number: int | None = None
    item: str | None = None

    def wire(self) -> dict[str, JsonValue]:
        """Give it ready for JSON."""
        said: dict[str, JsonValue] = {"kind": self.kind.wire, "where": self.where}
        said |= {} if self.number is None else {"number": self.number}
        return said | ({} if self.item is None else {"item": self.item})


@dataclass(slots=True)
class Findings:
    """What the checks found so far.

    Attributes:
        named: the differences, at most `MOST_NAMED` of each check.
        kinds: how many there are of each kind, the unnamed ones too.
        under_way: what is being done at this moment, and is no difference.
        checked: how much was looked at, by what it is.
        unjudged: how many records of persons that are gone may have ended with them.
    """

    named: dict[Difference, None] = field(default_factory=dict)
    kinds: Counter[Kind] = field(default_factory=Counter)
    under_way: list[str] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)
    unjudged: int = 0

    def add(self, difference: Difference) -> None:
        """Add a difference; the same once more is one."""
        if difference in self.named:
            return
        self.kinds[difference.kind] += 1
        if len(self.named) < MOST_NAMED:
            self.named[difference] = None

    @property
    def agree(self) -> bool:
        """Whether nothing differs."""
        return not self.kinds

    def wire(self) -> dict[str, JsonValue]:
        """Give it ready for JSON."""
        return {
            "agree": self.agree,
            "checked": dict(self.checked),
            "kinds": {kind.wire: count for kind, count in self.kinds.items()},
            "differences": [each.wire() for each in self.named],
            "underWay": list(self.under_way),
            "unjudged": self.unjudged,
        }


Advance = Callable[[int], None]


class Follow(NamedTuple):
    """Follows a step, which tells how many more are done.

    Attributes:
        bytes: one of so many bytes.
        items: one of so many items; None while nobody knows how many.
    """

    bytes: Callable[[str, int], AbstractContextManager[Advance]]
    items: Callable[[str, int | None], AbstractContextManager[Advance]]


class Check(Protocol):
    """Compares one part of what is kept with what it was made of; it only reads."""

    def run(self, findings: Findings, follow: Follow) -> None:
        """Add what differs.

        Raises:
            UnavailableError: a store is out of reach; checking again is harmless.
        """
        ...
