"""To whom a person may be mentioned (Articles 6 and 12)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from jbplus.persons.pseudonym import Pseudonyms
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.parties import PAYMENT_ACTORS, Party
from jbplus.registrations.rules import active_registrars, all_numbers
from jbplus.registrations.service import RegistrarReader
from jbplus.successions.rules import LinkReader, NoLinks


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who may be told of a person, by KBO number.

    Attributes:
        all: with an active registration under any number of the person.
        own: with one under this very number.
    """

    all: frozenset[str]
    own: frozenset[str]


@dataclass(frozen=True, slots=True)
class Audience:
    """Knows to whom a person may be mentioned at this moment.

    Attributes:
        registrations: who registered whom.
        pseudonyms: makes the keys of registrations.
        clock: gives the present moment.
        parties: those that may register persons.
        links: which numbers are one person.
    """

    registrations: RegistrarReader
    pseudonyms: Callable[[], Pseudonyms]
    clock: Clock
    parties: Sequence[Party] = PAYMENT_ACTORS
    links: LinkReader = field(default_factory=NoLinks)

    def of(self, numbers: Collection[str], only: str | None = None) -> dict[str, Hearers]:
        """Find who may be told of these persons.

        A party that left the protocol is told nothing (Article 12), and no party of a person it has no active
        registration of (Article 6). That a person's data have ended is told too: who deducted must forget them.

        Args:
            numbers: INSZ of any number of persons.
            only: the KBO number of the one recipient that is asked about; None for all.

        Returns:
            The recipients, by INSZ.
        """
        today = brussels_day(self.clock())
        parties = [party.kbo for party in self.parties if party.takes_part(today) and only in (None, party.kbo)]
        pseudonyms = self.pseudonyms()
        names = {number: pseudonyms.names(number) for number in numbers}
        links = self.links.read([name.person for each in names.values() for name in each])
        wanted = [person for each in names.values() for person in all_numbers(each, links)]
        found = self.registrations.of_persons(list(dict.fromkeys(wanted)))
        return {
            number: Hearers(
                frozenset(active_registrars(each, links, parties, found, today)),
                frozenset(active_registrars(each, {}, parties, found, today)),
            )
            for number, each in names.items()
        }
