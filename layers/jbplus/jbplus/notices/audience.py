"""To whom a person may be mentioned (Articles 6 and 12)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from jbplus.persons.pseudonym import Pseudonyms
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.parties import PAYMENT_ACTORS, Party
from jbplus.registrations.rules import of_person
from jbplus.registrations.service import RegistrationReader


@dataclass(frozen=True, slots=True)
class Audience:
    """Knows to whom a person may be mentioned at this moment.

    Attributes:
        registrations: who registered whom.
        pseudonyms: makes the keys of registrations.
        clock: gives the present moment.
        parties: those that may register persons.
    """

    registrations: RegistrationReader
    pseudonyms: Callable[[], Pseudonyms]
    clock: Clock
    parties: Sequence[Party] = PAYMENT_ACTORS

    def of(self, numbers: Collection[str], only: str | None = None) -> dict[str, set[str]]:
        """Find who may be told of these persons.

        A party that left the protocol is told nothing (Article 12), and no party of a person it has no active
        registration of (Article 6). That a person's data have ended is told too: who deducted must forget them.

        Args:
            numbers: INSZ of any number of persons.
            only: the KBO number of the one recipient that is asked about; None for all.

        Returns:
            The KBO numbers of the recipients, by INSZ.
        """
        today = brussels_day(self.clock())
        parties = [party.kbo for party in self.parties if party.takes_part(today) and only in (None, party.kbo)]
        pseudonyms = self.pseudonyms()
        names = {number: pseudonyms.names(number) for number in numbers}
        found = self.registrations.read_all([name.person for each in names.values() for name in each], parties)
        audience: dict[str, set[str]] = {}
        for number, each in names.items():
            registrations = of_person(each, parties, found)
            audience[number] = {party for party, registration in registrations.items() if registration.is_active(today)}
        return audience
