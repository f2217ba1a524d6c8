"""The table of persons in memory."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from jbplus.errors import ConflictError
from jbplus.persons.merging import PersonChange, StoredPerson, Together
from jbplus.successions.rules import Links, StoredLinks


class UnlinkedPersons:
    """Persons of whom nobody's number changes."""

    def links(self, _persons: Collection[str]) -> Mapping[str, StoredLinks]:
        return {}

    def write_together(self, changes: Together) -> None:
        raise AssertionError(f"{len(changes.links)} numbers are linked")


@dataclass
class FakePersons:
    """Keeps persons by pseudonym, with the conditions of the real table."""

    items: dict[str, StoredPerson] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0
    batches: list[int] = field(default_factory=list)
    linked: dict[str, StoredLinks] = field(default_factory=dict)
    at: float = 0.0
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
                if change.replaces != _version(stored) or self._links(change.person) is not None:
                    raise ConflictError("persons")
            self.items.update({change.person: change.becomes for change in changes})
            self.writes += 1
            self.batches.append(len(changes))

    def links(self, persons: Collection[str]) -> Mapping[str, StoredLinks]:
        assert len(persons) <= 100
        with self.lock:
            return {person: found for person in persons if (found := self._links(person)) is not None}

    def write_together(self, changes: Together) -> None:
        assert not changes.is_empty
        assert len(changes.states_read) + len(changes.links_read) <= 100
        with self.lock:
            if any(_version(self.items.get(person)) != version for person, version in changes.states_read.items()):
                raise ConflictError("persons")
            if any(_version(self._links(person)) != version for person, version in changes.links_read.items()):
                raise ConflictError("links")
            self.items.update({change.person: change.becomes for change in changes.persons})
            for change in changes.links:
                if change.becomes is None:
                    del self.linked[change.person]
                else:
                    self.linked[change.person] = change.becomes
            self.writes += 1

    def _links(self, person: str) -> StoredLinks | None:
        stored = self.linked.get(person)
        return None if stored is None or stored.expires_at <= self.at else stored


@dataclass(frozen=True)
class FakeLinks:
    """Reads the links of the persons in memory."""

    persons: FakePersons

    def read(self, persons: Sequence[str]) -> Mapping[str, Links]:
        return {person: stored.links for person, stored in self.persons.links(persons).items()}


def _version(stored: StoredPerson | StoredLinks | None) -> str | None:
    return None if stored is None else stored.version
