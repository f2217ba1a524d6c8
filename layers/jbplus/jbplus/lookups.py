"""Looking persons up (Articles 2, 4 and 6): decide, log, and only then answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from jbplus import access, insz
from jbplus.access import Purpose, Refusal, RefusedError
from jbplus.calendar import Clock, brussels_day
from jbplus.caller import Asker, Caller
from jbplus.person import PersonState
from jbplus.persons import StoredPerson
from jbplus.privacy_log import LogEntry, LogOutcome, PrivacyLog, Service
from jbplus.pseudonym import Pseudonyms
from jbplus.registration import Registration


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is asked.

    Attributes:
        numbers: the INSZ, each once; in a call for several persons some may be invalid.
        purpose: what for.
        file: the `dossier` that it serves, when one is named.
        after_mutation: whether a mutation notice is the ground to ask.
    """

    numbers: tuple[str, ...]
    purpose: Purpose
    file: str | None = None
    after_mutation: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of one person.

    Attributes:
        person: the stored state, or None.
        registrations: by KBO number of the party.
    """

    person: StoredPerson | None
    registrations: Mapping[str, Registration]


class LookupStore(Protocol):
    """Where persons and registrations are read, together in one round trip a batch."""

    def read(self, persons: Sequence[str], parties: Sequence[str]) -> dict[str, Known]:
        """Read what is known of each pseudonym: the state, and the registrations by these parties."""
        ...


Answer = PersonState | Refusal
"""What is answered for one person."""

_OUTCOME_OF_REFUSAL = {
    Refusal.MISSING_SCOPE: LogOutcome.MISSING_SCOPE,
    Refusal.PURPOSE_NOT_ALLOWED: LogOutcome.PURPOSE_NOT_ALLOWED,
    Refusal.INSZ_INVALID: LogOutcome.INSZ_INVALID,
    Refusal.NOT_REGISTERED: LogOutcome.NOT_REGISTERED,
}


@dataclass(frozen=True, slots=True)
class Lookups:
    """Answers lookups."""

    store: LookupStore
    log: PrivacyLog
    pseudonyms: Callable[[], Pseudonyms]
    clock: Clock
    test_numbers_allowed: bool

    def accepts(self, number: str) -> bool:
        """Tell whether a text is an INSZ that may be asked for here."""
        year = brussels_day(self.clock()).year
        return insz.is_accepted(number, year=year, test_numbers_allowed=self.test_numbers_allowed)

    def look_up(self, lookup: Lookup, caller: Caller) -> list[Answer]:
        """Look persons up: at most one reading and one writing round trip for each batch of the store.

        Args:
            lookup: what is asked.
            caller: who asks.

        Returns:
            The answers in the order of the numbers.

        Raises:
            RefusedError: the party may not ask this at all.
            UnavailableError: the store, the secret or the log is out of reach: nothing may be answered.
        """
        today = brussels_day(self.clock())
        pseudonyms = self.pseudonyms()
        subjects = [pseudonyms(number) for number in lookup.numbers]
        refusal = access.refuse_purpose(caller.asker, lookup.purpose, today)
        if refusal is not None:
            refused: list[tuple[Answer, str | None]] = [(refusal, None)] * len(subjects)
            self._write_log(lookup, caller, subjects, refused, pseudonyms.version)
            raise RefusedError(refusal)
        decided = self._decide(lookup, caller.asker, subjects, today)
        self._write_log(lookup, caller, subjects, decided, pseudonyms.version)
        return [answer for answer, _ in decided]

    def _decide(
        self, lookup: Lookup, asker: Asker, subjects: Sequence[str], today: date
    ) -> list[tuple[Answer, str | None]]:
        """Decide the answer for each person, with the party whose registration allows it."""
        valid = [self.accepts(number) for number in lookup.numbers]
        wanted = [subject for subject, is_valid in zip(subjects, valid, strict=True) if is_valid]
        known = self.store.read(wanted, access.registrars(asker, lookup.purpose, today)) if wanted else {}
        return [
            self._answer(known[subject], lookup.purpose, today) if is_valid else (Refusal.INSZ_INVALID, None)
            for subject, is_valid in zip(subjects, valid, strict=True)
        ]

    def _answer(self, known: Known, purpose: Purpose, today: date) -> tuple[Answer, str | None]:
        registered_by = access.find_ground(known.registrations, purpose, today)
        if registered_by is None:
            return Refusal.NOT_REGISTERED, None
        state = PersonState() if known.person is None else known.person.state_at(self.clock())
        return state, registered_by

    def _write_log(
        self,
        lookup: Lookup,
        caller: Caller,
        subjects: Sequence[str],
        decided: Sequence[tuple[Answer, str | None]],
        key_version: int,
    ) -> None:
        moment = self.clock()
        self.log.write(
            [
                LogEntry(
                    caller=caller,
                    position=position,
                    service=Service.LOOKUP,
                    moment=moment,
                    subject=subject,
                    key_version=key_version,
                    outcome=_outcome(answer),
                    purpose=lookup.purpose,
                    file=lookup.file,
                    registered_by=registered_by,
                    after_mutation=lookup.after_mutation,
                )
                for position, (subject, (answer, registered_by)) in enumerate(zip(subjects, decided, strict=True))
            ]
        )


def _outcome(answer: Answer) -> LogOutcome:
    if isinstance(answer, Refusal):
        return _OUTCOME_OF_REFUSAL[answer]
    return LogOutcome.ANSWERED if answer.payments else LogOutcome.EMPTY
