"""Keeping the repertory of registrations (Article 6): which party has a file on which person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from jbplus.persons.pseudonym import Pseudonyms
from jbplus.privacy_log.rules import LogEntry, LogOutcome, PrivacyLog, Service
from jbplus.protocol.access import require_scope
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Caller
from jbplus.protocol.insz import Accepts
from jbplus.protocol.purposes import SCOPE_REGISTRATION
from jbplus.registrations.rules import Registration, RegistrationResult


class RegistrationReader(Protocol):
    """Where registrations are read by whoever must know who registered whom."""

    def read_all(self, persons: Sequence[str], parties: Sequence[str]) -> Mapping[tuple[str, str], Registration]:
        """Read the registrations of pseudonyms by these parties, by both; absent ones are left out."""
        ...


class RegistrationStore(Protocol):
    """Where registrations are kept, at most one for each party and person."""

    def read(self, persons: Sequence[str], party: str) -> dict[str, Registration]:
        """Read one party's registrations of at most 100 pseudonyms; unknown ones are absent."""
        ...

    def write(self, registrations: Mapping[str, Registration], party: str) -> None:
        """Write one party's registrations by pseudonym, at most 100, all or none; each replaces an earlier one."""
        ...

    def delete(self, person: str, party: str) -> None:
        """Delete one party's registration of a pseudonym, if there is one."""
        ...


_LOGGED_AS = {
    RegistrationResult.REGISTERED: LogOutcome.REGISTERED,
    RegistrationResult.CHANGED: LogOutcome.CHANGED,
}


@dataclass(frozen=True, slots=True)
class Registrations:
    """Makes, reads, changes and deletes the registrations of the party that asks."""

    store: RegistrationStore
    log: PrivacyLog
    pseudonyms: Callable[[], Pseudonyms]
    clock: Clock
    accepts: Accepts

    def register(self, wanted: Mapping[str, Registration], caller: Caller) -> dict[str, RegistrationResult]:
        """Register persons; registering the same again changes nothing.

        Args:
            wanted: the registrations by INSZ, at most 100.
            caller: who asks.

        Returns:
            What it did, by INSZ.

        Raises:
            RefusedError: the party may not register.
            UnavailableError: nothing may be answered; registering again is harmless.
        """
        self._check(caller)
        pseudonyms = self.pseudonyms()
        subjects = {number: pseudonyms(number) for number in wanted}
        before = self.store.read(list(subjects.values()), caller.asker.kbo) if subjects else {}
        results = {
            number: _result(before.get(subjects[number]), registration) for number, registration in wanted.items()
        }
        changed = {n: r for n, r in results.items() if r is not RegistrationResult.UNCHANGED}
        if changed:
            outcomes = {subjects[number]: _LOGGED_AS[result] for number, result in changed.items()}
            self._write_log(outcomes, caller, pseudonyms.version)
            self.store.write({subjects[number]: wanted[number] for number in changed}, caller.asker.kbo)
        return results

    def find(self, number: str, caller: Caller) -> Registration | None:
        """Give the party's own registration of a person, or None.

        Raises:
            RefusedError: the party may not register.
            UnavailableError: nothing may be answered.
        """
        self._check(caller)
        pseudonyms = self.pseudonyms()
        subject = pseudonyms(number)
        found = self.store.read([subject], caller.asker.kbo).get(subject)
        outcome = LogOutcome.EMPTY if found is None else LogOutcome.ANSWERED
        self._write_log({subject: outcome}, caller, pseudonyms.version)
        return found

    def delete(self, number: str, caller: Caller) -> None:
        """Delete the party's own registration of a person; it is fine when there is none.

        Raises:
            RefusedError: the party may not register.
            UnavailableError: nothing may be answered; deleting again is harmless.
        """
        self._check(caller)
        pseudonyms = self.pseudonyms()
        subject = pseudonyms(number)
        if subject in self.store.read([subject], caller.asker.kbo):
            self._write_log({subject: LogOutcome.DELETED}, caller, pseudonyms.version)
            self.store.delete(subject, caller.asker.kbo)

    def _check(self, caller: Caller) -> None:
        require_scope(caller.asker, SCOPE_REGISTRATION, brussels_day(self.clock()))

    def _write_log(self, outcomes: Mapping[str, LogOutcome], caller: Caller, key_version: int) -> None:
        moment = self.clock()
        self.log.write(
            [
                LogEntry(
                    caller=caller,
                    position=position,
                    service=Service.REGISTRATION,
                    moment=moment,
                    subject=subject,
                    key_version=key_version,
                    outcome=outcome,
                )
                for position, (subject, outcome) in enumerate(outcomes.items())
            ]
        )


def _result(before: Registration | None, wanted: Registration) -> RegistrationResult:
    if before is None:
        return RegistrationResult.REGISTERED
    return RegistrationResult.UNCHANGED if before == wanted else RegistrationResult.CHANGED
