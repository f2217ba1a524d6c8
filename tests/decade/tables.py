"""The tables in memory, as those read them who read several things at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from typing_extensions import override

from jbplus.consultation.service import Found, Known
from jbplus.persons.merging import JoinedPerson, StoredPerson, WholePerson, joined_items
from jbplus.persons.pseudonym import Name
from jbplus.protocol.parties import PAYMENT_ACTORS
from jbplus.registrations.rules import Registration
from jbplus.successions.rules import StoredLinks
from jbplus_recipient.exchange import batches
from tests.decade.edges import Keys
from tests.persons.fakes import FakePersons
from tests.quality.fakes import FakeReportStore
from tests.registrations.fakes import FakeRegistrationStore
from tests.support.oracles import brussels_midnight
from tests.suspensions.fakes import FakeSuspensionStore


@dataclass
class Clock:
    """One clock for all."""

    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def at(self, day: date, seconds: float = 0) -> None:
        """Set it to a time of a day in Brussels, so many seconds after the day began."""
        self.now = datetime.fromtimestamp(brussels_midnight(day) + seconds, UTC)


@dataclass
class PersonTable(FakePersons):
    """The persons, and the links between their numbers, which end by the clock."""

    clock: Clock = field(default_factory=Clock)

    def links_of_all(self) -> dict[str, StoredLinks]:
        """Give the links that have not ended, by whose they are."""
        now = self.clock.now.timestamp()
        return {name: stored for name, stored in sorted(self.linked.items()) if stored.expires_at > now}

    @override
    def _links(self, person: str) -> StoredLinks | None:
        self.at = self.clock.now.timestamp()
        return super()._links(person)


@dataclass(frozen=True)
class Scan:
    """Reads all persons, for who counts them."""

    persons: PersonTable
    keys: Keys
    succession_allowed: bool = True

    def key_version(self) -> int:
        """Give the version of the key."""
        return self.keys.standing.version

    def numbers_with_links(self, number: int, of: int) -> Iterator[str]:
        """Read one of several parts of those who have several numbers."""
        return iter(list(self.persons.links_of_all())[number::of])

    def linked(self, numbers: Collection[str]) -> Mapping[frozenset[str], WholePerson]:
        """Read the persons who have several numbers, each once."""
        clusters = {name: each.links for name, each in self.persons.links_of_all().items() if name in numbers}
        persons = {links.linked_with(name): links for name, links in clusters.items()}
        wholes = {
            numbers: joined_items({n: self.persons.items[n] for n in sorted(numbers) if n in self.persons.items}, links)
            for numbers, links in persons.items()
        }
        return {numbers: whole for numbers, whole in wholes.items() if whole is not None}

    def segment(self, number: int, of: int, without: Collection[str] = ()) -> Iterator[StoredPerson]:
        """Read one of several parts of all persons but some."""
        names = sorted(self.persons.items)[number::of]
        return (self.persons.items[name] for name in names if name not in without)


@dataclass
class RegistrationTable(FakeRegistrationStore):
    """The registrations, for all who read them."""

    def read_all(self, persons: Sequence[str], parties: Sequence[str]) -> Mapping[tuple[str, str], Registration]:
        pairs = [(person, party) for person in persons for party in parties]
        return {pair: self.items[pair] for pair in pairs if pair in self.items}

    def of_persons(self, persons: Sequence[str]) -> Mapping[tuple[str, str], Registration]:
        wanted = [(person, party.kbo) for person in persons for party in PAYMENT_ACTORS]
        return {pair: self.items[pair] for pair in wanted if pair in self.items}

    def of_party(self, party: str, version: int) -> list[list[Name]]:
        names = [Name(person, version) for person, each in self.items if each == party]
        return [names[start : start + 100] for start in range(0, len(names), 100)]


@dataclass(frozen=True)
class LookupTable:
    """What a lookup reads."""

    persons: PersonTable
    registrations: RegistrationTable
    reports: FakeReportStore
    suspensions: FakeSuspensionStore
    _decoded: dict[str, tuple[StoredPerson, JoinedPerson]] = field(default_factory=dict)

    def _person(self, name: str) -> WholePerson | None:
        """Read a state, which is decoded once as long as it stays: it is read each night."""
        stored = self.persons.items.get(name)
        if stored is None:
            return None
        if name not in self._decoded or self._decoded[name][0] is not stored:
            self._decoded[name] = stored, JoinedPerson(stored.decoded, stored.expires_at)
        return self._decoded[name][1]

    def read(self, persons: Sequence[str], parties: Sequence[str], asking: str) -> Found:
        found = self.registrations.read_all(persons, parties)
        links = {name: each for part in batches(persons) for name, each in self.persons.links(part).items()}
        known = {
            person: Known(
                self._person(person),
                {party: found[person, party] for party in parties if (person, party) in found},
                self.reports.doubts.get(person, ()),
                links[person].links if person in links else None,
            )
            for person in persons
        }
        return Found(known, self.suspensions.items.get(asking, ()))
