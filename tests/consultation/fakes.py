"""What a lookup reads, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jbplus.consultation.service import Found, Known
from jbplus.doubts.rules import Doubt
from jbplus.persons.merging import StoredPerson
from jbplus.registrations.rules import Registration
from jbplus.suspensions.rules import Suspension


@dataclass
class FakeLookupStore:
    """Knows persons and registrations by pseudonym."""

    persons: dict[str, StoredPerson] = field(default_factory=dict)
    registrations: dict[tuple[str, str], Registration] = field(default_factory=dict)
    round_trips: int = 0
    suspensions: list[Suspension] = field(default_factory=list)
    doubts: dict[str, tuple[Doubt, ...]] = field(default_factory=dict)

    def read(self, persons: Sequence[str], parties: Sequence[str], asking: str) -> Found:
        self.round_trips += 1
        known = {
            person: Known(
                self.persons.get(person),
                {
                    party: self.registrations[person, party]
                    for party in parties
                    if (person, party) in self.registrations
                },
                self.doubts.get(person, ()),
            )
            for person in persons
        }
        return Found(known, [each for each in self.suspensions if each.party == asking])
