"""The privacy log: who asked about whom, for what and on what ground (Articles 6 and 9; KSZ).

A record is written before its answer leaves. So a record without an answer may happen, never the reverse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from jbplus.protocol.access import Refusal
from jbplus.protocol.calendar import anniversary, brussels_day, end_of_day
from jbplus.protocol.caller import Caller

KEPT_YEARS = 10
MAX_ENTRIES = 100


class Service(StrEnum):
    """What was asked of the exchange."""

    LOOKUP = "consultatie"
    REGISTRATION = "inschrijving"
    REPORT = "kwaliteitsmelding"
    PRIVACY_LOG = "privacylog"
    ACCESS = "inzage"


class LogOutcome(StrEnum):
    """How it ended, for one person where there is one."""

    ANSWERED = "beantwoord"
    EMPTY = "leeg"
    MISSING_SCOPE = "geweigerdScope"
    PURPOSE_NOT_ALLOWED = "geweigerdDoel"
    SUSPENDED = "geweigerdSchorsing"
    INSZ_INVALID = "geweigerdInsz"
    NOT_REGISTERED = "geweigerdInschrijving"
    REGISTERED = "geregistreerd"
    CHANGED = "gewijzigd"
    DELETED = "verwijderd"
    REPORTED = "gemeld"


OUTCOME_OF_REFUSAL: Mapping[Refusal, LogOutcome] = {
    Refusal.MISSING_SCOPE: LogOutcome.MISSING_SCOPE,
    Refusal.PURPOSE_NOT_ALLOWED: LogOutcome.PURPOSE_NOT_ALLOWED,
    Refusal.SUSPENDED: LogOutcome.SUSPENDED,
    Refusal.INSZ_INVALID: LogOutcome.INSZ_INVALID,
    Refusal.NOT_REGISTERED: LogOutcome.NOT_REGISTERED,
}


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One record of the privacy log: one person, one call. It holds no amounts and no INSZ.

    A question to the log itself about a period is about nobody in particular.

    Attributes:
        caller: who called.
        position: the person's place in the call, from 0.
        service: what was asked.
        moment: when, with its offset.
        subject: the pseudonym of whom it is about; None when it is about nobody in particular.
        key_version: the version of the key that made the pseudonym.
        outcome: how it ended.
        purpose: the `doel`, of a lookup.
        file: the `dossier`, when one was named.
        registered_by: KBO number of the party whose registration was the ground, when one was needed and found.
        after_mutation: whether a mutation notice was the ground to ask.
    """

    caller: Caller
    position: int
    service: Service
    moment: datetime
    subject: str | None
    key_version: int
    outcome: LogOutcome
    purpose: str | None = None
    file: str | None = None
    registered_by: str | None = None
    after_mutation: bool = False

    @property
    def expires_at(self) -> int:
        """When the record must be gone, in epoch seconds: ten years after its day in Brussels."""
        return end_of_day(anniversary(brussels_day(self.moment), KEPT_YEARS))


class PrivacyLog(Protocol):
    """Where the records are kept: they can be added, never changed or taken away."""

    def write(self, entries: Sequence[LogEntry]) -> None:
        """Write the records of one call, at most `MAX_ENTRIES`, all or none.

        Raises:
            LogUnavailableError: they could not be written; the call must not be answered.
        """
        ...
