"""Merging mutations into the stored state of persons, whoever else is doing the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jbplus.persons import retention
from jbplus.persons.state import Entry, Outcome, PersonState, decode, encode, version_of
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, TimeLeft, no_deadline, patiently

BATCH = 100
_MOST_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """A person's item as it stands in the table.

    Attributes:
        state: the encoded state.
        expires_at: the TTL, in epoch seconds.
    """

    state: str
    expires_at: int

    @property
    def version(self) -> str:
        """The version that a conditional write names."""
        return version_of(self.state)

    def state_at(self, now: datetime) -> PersonState:
        """Decode the state; an expired person is absent, though DynamoDB has not deleted it yet (Article 3 b)."""
        return PersonState() if retention.is_expired(self.expires_at, now) else decode(self.state)


@dataclass(frozen=True, slots=True)
class PersonChange:
    """A person's item as it must become.

    Attributes:
        person: the pseudonym.
        replaces: the version that was read, or None when there was no item.
        becomes: the new item.
    """

    person: str
    replaces: str | None
    becomes: StoredPerson


class PersonStore(Protocol):
    """Where the states of persons are kept."""

    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        """Read the items of at most `BATCH` pseudonyms, consistently; unknown persons are absent."""
        ...

    def write(self, changes: Sequence[PersonChange]) -> None:
        """Write at most `BATCH` changes, each on condition that the item is as it was read.

        Raises:
            ConflictError: an item is not; some or all of the changes were not written.
        """
        ...


Mutations = Sequence[tuple[str, Entry]]
"""Pairs of `referte` and entry, in the order of the file."""


def merge(
    store: PersonStore,
    mutations: Mapping[str, Mutations],
    *,
    retention_years: int,
    clock: Clock,
    sleep: Sleep,
    time_left: TimeLeft = no_deadline,
) -> dict[str, list[Outcome]]:
    """Merge mutations into the states of at most `BATCH` persons.

    Optimistic: read, merge, and write on condition that nobody wrote in the meantime; else begin again. Nothing
    is written for a person whose state and end stay as they are, so that a replay costs reads only.

    Args:
        store: where the states are kept.
        mutations: by pseudonym.
        retention_years: the retention term.
        clock: gives the present moment.
        sleep: pauses for a number of seconds.
        time_left: gives the number of seconds in which another try may begin.

    Returns:
        The outcomes of each person's mutations, in their order.

    Raises:
        UnavailableError: the store is out of reach, or others kept coming between.
    """
    return patiently(
        lambda: _try_to_merge(store, mutations, retention_years, clock),
        _MOST_ATTEMPTS,
        sleep,
        time_left,
        what="persons",
    )


def _try_to_merge(
    store: PersonStore, mutations: Mapping[str, Mutations], years: int, clock: Clock
) -> dict[str, list[Outcome]]:
    stored = store.read(mutations.keys())
    merged = {
        person: (decode(stored[person].state) if person in stored else PersonState()).merge(changes, years)
        for person, changes in mutations.items()
    }
    changes = [
        change
        for person, (state, _) in merged.items()
        if (change := _change(person, stored.get(person), state, years, clock)) is not None
    ]
    if changes:
        store.write(changes)
    return {person: outcomes for person, (_, outcomes) in merged.items()}


def is_due(stored: StoredPerson, years: int, now: datetime) -> bool:
    """Tell whether merging nothing would write a person anew: for a term other than the one it was written by."""
    state, _ = decode(stored.state).merge((), years)
    return _change("", stored, state, years, lambda: now) is not None


def _change(
    person: str, stored: StoredPerson | None, state: PersonState, years: int, clock: Clock
) -> PersonChange | None:
    if stored is None and not state.entries:
        return None
    text, expires, now = encode(state), retention.expires_at(state, years), clock()
    # The end is compared too: the term may have changed since it was written.
    if stored is not None and stored.state == text and retention.is_written(stored.expires_at, expires, now):
        return None
    becomes = StoredPerson(text, retention.ttl(expires, now))
    return PersonChange(person, None if stored is None else stored.version, becomes)
