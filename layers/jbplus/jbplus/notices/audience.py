"""To whom a person may be mentioned (Articles 3 b, 6 and 12)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jbplus.persons import retention
from jbplus.persons.merging import BATCH, StoredPerson
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.parties import PAYMENT_ACTORS, Party
from jbplus.registrations.rules import Registration
from jbplus.retry import chunks


class RegistrationReader(Protocol):
    """Where registrations are read."""

    def read_all(self, persons: Sequence[str], parties: Sequence[str]) -> Mapping[tuple[str, str], Registration]:
        """Read the registrations of pseudonyms by these parties, by both; absent ones are left out."""
        ...


class PersonReader(Protocol):
    """Where the states of persons are read."""

    def read(self, persons: Collection[str]) -> Mapping[str, StoredPerson]:
        """Read the items of at most `BATCH` pseudonyms, consistently; unknown persons are absent."""
        ...


@dataclass(frozen=True, slots=True)
class Audience:
    """Knows to whom a person may be mentioned at this moment.

    Attributes:
        registrations: who registered whom.
        persons: who has expired.
        pseudonyms: makes the keys of both.
        clock: gives the present moment.
        parties: those that may register persons.
    """

    registrations: RegistrationReader
    persons: PersonReader
    pseudonyms: Callable[[], Pseudonyms]
    clock: Clock
    parties: Sequence[Party] = PAYMENT_ACTORS

    def of(self, numbers: Collection[str], only: str | None = None) -> dict[str, set[str]]:
        """Find who may be told of these persons.

        A party that left the protocol is told nothing (Article 12), nobody is told of a person whose data have
        expired (Article 3 b), and no party of a person it has no active registration of (Article 6).

        Args:
            numbers: INSZ of any number of persons.
            only: the KBO number of the one recipient that is asked about; None for all.

        Returns:
            The KBO numbers of the recipients, by INSZ.
        """
        now = self.clock()
        today = brussels_day(now)
        parties = [party.kbo for party in self.parties if party.takes_part(today) and only in (None, party.kbo)]
        pseudonym = self.pseudonyms()
        subjects = {name.person: number for number in numbers for name in pseudonym.names(number)}
        audience: dict[str, set[str]] = {number: set() for number in numbers}
        found = self.registrations.read_all(list(subjects), parties)
        active = [pair for pair, registration in found.items() if registration.is_active(today)]
        present = self._present({subject for subject, _ in active}, now)
        for subject, party in active:
            if subject in present:
                audience[subjects[subject]].add(party)
        return audience

    def _present(self, subjects: Collection[str], now: datetime) -> set[str]:
        return {
            subject
            for batch in chunks(subjects, BATCH)
            for subject, stored in self.persons.read(batch).items()
            if not retention.is_expired(stored.expires_at, now)
        }
