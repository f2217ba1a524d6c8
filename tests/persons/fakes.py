"""The table of persons in memory."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from jbplus.errors import ConflictError
from jbplus.persons.merging import PersonChange, StoredPerson


@dataclass
class FakePersons:
    """Keeps persons by pseudonym, with the conditions of the real table."""

    items: dict[str, StoredPerson] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        assert len(persons) <= 100
        with self.lock:
            self.reads += 1
            return {person: self.items[person] for person in persons if person in self.items}

    def write(self, changes: Sequence[PersonChange]) -> None:
        assert 0 < len(changes) <= 100
        with self.lock:
            for change in changes:
                stored = self.items.get(change.person)
                if change.replaces != (None if stored is None else stored.version):
                    raise ConflictError("persons")
            self.items.update({change.person: change.becomes for change in changes})
            self.writes += 1
