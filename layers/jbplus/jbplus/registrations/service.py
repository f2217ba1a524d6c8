"""Keeping the repertory of registrations (Article 6): which party has a file on which person."""

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from jbplus.errors import ConflictError, ThrottledError, UnavailableError
from jbplus.persons.pseudonym import Name, Pseudonyms
from jbplus.privacy_log.rules import LogEntry, LogOutcome, PrivacyLog, Service
from jbplus.protocol.access import require_scope
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Caller
from jbplus.protocol.insz import Accepts
from jbplus.protocol.purposes import SCOPE_REGISTRATION
from jbplus.protocol.usage import CountUse, Use
from jbplus.registrations.quota import Quota
from jbplus.registrations.rules import Registered, Registration, RegistrationResult
from jbplus.retry import Sleep, attempts
from jbplus.successions.rules import LinkReader, NoLinks, is_replaced


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

    def write(self, registrations: Mapping[tuple[Name, ...], Registration], party: str) -> None:
        """Write one party's registrations of at most 100 persons, each under all of its names or none.

        Each replaces an earlier one of the same handle.

        Raises:
            ConflictError: one stands with another handle, or others were writing the same ones; some may be written.
        """
        ...

    def delete(self, names: Sequence[Name], party: str) -> None:
        """Delete one party's registration of a person under all of these names, or none; fine if there is none."""
        ...


_LOGGED_AS = {
    RegistrationResult.REGISTERED: LogOutcome.REGISTERED,
    RegistrationResult.CHANGED: LogOutcome.CHANGED,
}
_MOST_ATTEMPTS = 4


def draw_handle() -> str:
    """Draw the name of a registration: 128 random bits in hexadecimal digits."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Registrations:
    """Makes, reads, changes and deletes the registrations of the party that asks."""

    store: RegistrationStore
    log: PrivacyLog
    pseudonyms: Callable[[], Pseudonyms]
    clock: Clock
    accepts: Accepts
    quota: Quota
    count_use: CountUse
    links: LinkReader = field(default_factory=NoLinks)
    draw: Callable[[], str] = draw_handle
    sleep: Sleep = time.sleep

    def register(self, wanted: Mapping[str, Registration], caller: Caller) -> dict[str, Registered]:
        """Register persons; registering the same again changes nothing, and who is known already takes no quota.

        Args:
            wanted: the registrations by INSZ, at most 100.
            caller: who asks.

        Returns:
            What it did and the handle, by INSZ; without those for whom the day's quota was used up.

        Raises:
            RefusedError: the party may not register.
            UnavailableError: nothing may be answered; registering again is harmless.
        """
        self._check(caller)
        party, pseudonyms = caller.asker.kbo, self.pseudonyms()
        names = {number: pseudonyms.names(number) for number in wanted}
        before = self._read(names, party)
        results = {number: _result(before.get(number), registration) for number, registration in wanted.items()}
        new = [number for number, result in results.items() if result is RegistrationResult.REGISTERED]
        for number in new[self.quota.take(party, len(new)) if new else 0 :]:
            del results[number]
        changed = {n: r for n, r in results.items() if r is not RegistrationResult.UNCHANGED}
        if changed:
            self._write_log({names[number][0]: _LOGGED_AS[result] for number, result in changed.items()}, caller)
        handles = self._write({number: (names[number], wanted[number]) for number in results}, changed, before, party)
        registered = sum(result is RegistrationResult.REGISTERED for result in results.values())
        self.count_use(party, {Use.REGISTERED: registered, Use.REFUSED: len(wanted) - len(results)})
        return {number: Registered(result, handles[number]) for number, result in results.items()}

    def _write(
        self,
        wanted: Mapping[str, tuple[tuple[Name, ...], Registration]],
        changed: Collection[str],
        before: Mapping[str, Registration],
        party: str,
    ) -> dict[str, str]:
        """Write what changed, and what has no handle yet; give the handles, which rivals agree upon."""
        names = {number: each for number, (each, _) in wanted.items()}
        for attempt in attempts(_MOST_ATTEMPTS, self.sleep):
            kept = before if attempt == 1 else self._read(names, party)
            known = {number: each.handle for number, each in kept.items()}
            handles = {number: known.get(number) or self.draw() for number in wanted}
            writes = {
                each: replace(registration, handle=handles[number])
                for number, (each, registration) in wanted.items()
                if number in changed or known.get(number) is None
            }
            try:
                if writes:
                    self.store.write(writes, party)
            except (ConflictError, ThrottledError):
                continue
            return handles
        raise UnavailableError("registrations: throttled, or the same ones are being written at this moment")

    def replaced(self, numbers: Iterable[str]) -> set[str]:
        """Find whose place another number took, among numbers that the party has registered.

        Raises:
            UnavailableError: nothing may be answered; registering again is harmless.
        """
        pseudonyms = self.pseudonyms()
        names = {number: [name.person for name in pseudonyms.names(number)] for number in numbers}
        links = self.links.read([person for each in names.values() for person in each])
        return {number for number, each in names.items() if any(is_replaced(person, links) for person in each)}

    def find(self, number: str, caller: Caller) -> Registration | None:
        """Give the party's own registration of a person, or None.

        Raises:
            RefusedError: the party may not register.
            UnavailableError: nothing may be answered.
        """
        self._check(caller)
        names = self.pseudonyms().names(number)
        found = self._read({number: names}, caller.asker.kbo).get(number)
        self._write_log({names[0]: LogOutcome.EMPTY if found is None else LogOutcome.ANSWERED}, caller)
        return found

    def delete(self, number: str, caller: Caller) -> None:
        """Delete the party's own registration of a person; it is fine when there is none.

        Raises:
            RefusedError: the party may not register.
            UnavailableError: nothing may be answered; deleting again is harmless.
        """
        self._check(caller)
        pseudonyms, party = self.pseudonyms(), caller.asker.kbo
        names = pseudonyms.names(number)
        if self._read({number: names}, party):
            self._write_log({names[0]: LogOutcome.DELETED}, caller)
            self.store.delete(pseudonyms.names_to_remove(number), party)

    def _read(self, names: Mapping[str, Sequence[Name]], party: str) -> dict[str, Registration]:
        """Read a party's registrations of persons by INSZ; what stands under a person's first name goes before."""
        persons = {name.person: number for number, each in names.items() for name in reversed(each)}
        found = self.store.read(list(persons), party) if persons else {}
        return {persons[person]: found[person] for person in persons if person in found}

    def _check(self, caller: Caller) -> None:
        require_scope(caller.asker, SCOPE_REGISTRATION, brussels_day(self.clock()))

    def _write_log(self, outcomes: Mapping[Name, LogOutcome], caller: Caller) -> None:
        moment = self.clock()
        self.log.write(
            [
                LogEntry(
                    caller=caller,
                    position=position,
                    service=Service.REGISTRATION,
                    moment=moment,
                    subject=name.person,
                    key_version=name.key_version,
                    outcome=outcome,
                )
                for position, (name, outcome) in enumerate(outcomes.items())
            ]
        )


def _result(before: Registration | None, wanted: Registration) -> RegistrationResult:
    if before is None:
        return RegistrationResult.REGISTERED
    return RegistrationResult.UNCHANGED if before == wanted else RegistrationResult.CHANGED
