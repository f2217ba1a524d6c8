"""Merging mutations into the stored state of persons, whoever else is doing the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from jbplus.errors import ConflictError
from jbplus.persons import retention
from jbplus.persons.joining import joined, weave
from jbplus.persons.state import Entry, Outcome, PersonState, decode, encode, version_of
from jbplus.protocol.calendar import Clock, brussels_day, end_of_day
from jbplus.retry import Sleep, TimeLeft, no_deadline, patiently
from jbplus.successions.rules import Links, StoredLinks

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

    @property
    def decoded(self) -> PersonState:
        """The state, whether it has expired or not."""
        return decode(self.state)

    def state_at(self, now: datetime) -> PersonState:
        """Decode the state; an expired person is absent, though DynamoDB has not deleted it yet (Article 3 b)."""
        return PersonState() if retention.is_expired(self.expires_at, now) else self.decoded


@dataclass(frozen=True, slots=True)
class JoinedPerson:
    """What stands under several numbers of a person, as if it stood in one item.

    Attributes:
        decoded: the joined state, whether it has expired or not.
        expires_at: the end of the whole, in epoch seconds.
    """

    decoded: PersonState
    expires_at: int

    def state_at(self, now: datetime) -> PersonState:
        """Give the state; an expired person is absent (Article 3 b)."""
        return PersonState() if retention.is_expired(self.expires_at, now) else self.decoded


WholePerson = StoredPerson | JoinedPerson


def joined_items(stored: Mapping[str, WholePerson], links: Links) -> WholePerson | None:
    """Join the items of the numbers of one person, as if it had one; None when there are none.

    Args:
        stored: by pseudonym; all carry the end of the whole.
        links: which number replaces which.
    """
    if len(stored) <= 1:
        return next(iter(stored.values()), None)
    state = joined({person: each.decoded for person, each in stored.items()}, links)
    return JoinedPerson(state, max(each.expires_at for each in stored.values()))


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


@dataclass(frozen=True, slots=True)
class LinksChange:
    """The links of a number as they must become.

    Attributes:
        person: the pseudonym.
        replaces: the version that was read, or None when there were none.
        becomes: the new ones; None when the number is linked with no other any more.
    """

    person: str
    replaces: str | None
    becomes: StoredLinks | None


@dataclass(frozen=True, slots=True)
class Together:
    """What is written of numbers that links join, all or nothing, and only if all of them are as they were read.

    Attributes:
        persons: the states that change.
        links: the links that change.
        states_read: the version of every state that was read, by pseudonym; None when there was none.
        links_read: the same of links.
    """

    persons: tuple[PersonChange, ...]
    links: tuple[LinksChange, ...]
    states_read: Mapping[str, str | None]
    links_read: Mapping[str, str | None]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not self.persons and not self.links


class PersonStore(Protocol):
    """Where the states of persons are kept, and the links between their numbers."""

    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        """Read the items of at most `BATCH` pseudonyms, consistently; unknown persons are absent."""
        ...

    def write(self, changes: Sequence[PersonChange]) -> None:
        """Write at most `BATCH` changes, each on condition that the item is as it was read, and has no links.

        Raises:
            ConflictError: an item is not; some or all of the changes were not written.
        """
        ...

    def links(self, persons: Collection[str]) -> Mapping[str, StoredLinks]:
        """Read the links of at most `BATCH` pseudonyms, consistently; who has none, or ended ones, is absent."""
        ...

    def write_together(self, changes: Together) -> None:
        """Write what changes of linked numbers.

        Raises:
            ConflictError: something is no longer as it was read; nothing was written.
        """
        ...


Mutations = Sequence[tuple[str, Entry]]
"""Pairs of `referte` and entry, in the order of the file."""

_AsRead = tuple[Mapping[str, StoredPerson], Mapping[str, StoredLinks]]


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

    Optimistic: read, merge, and write on condition that nobody wrote in the meantime; else begin again. A write that
    is throttled is tried again without reading. Nothing is written for a person whose state and end stay as they are,
    so that a replay costs reads only.

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
    read: _AsRead | None = None

    def attempt() -> dict[str, list[Outcome]]:
        nonlocal read
        if read is None:
            read = store.read(mutations.keys()), store.links(mutations.keys())
        try:
            return _try_to_merge(store, read, mutations, retention_years, clock)
        except ConflictError:
            read = None
            raise

    return patiently(attempt, _MOST_ATTEMPTS, sleep, time_left, what="persons")


def _try_to_merge(
    store: PersonStore, read: _AsRead, mutations: Mapping[str, Mutations], years: int, clock: Clock
) -> dict[str, list[Outcome]]:
    stored, links = read
    merged = {
        person: (decode(stored[person].state) if person in stored else PersonState()).merge(changes, years)
        for person, changes in mutations.items()
        if person not in links
    }
    now = clock()
    changes = [
        change
        for person, (state, _) in merged.items()
        if (change := _change(person, stored.get(person), state, years, now)) is not None
    ]
    if changes:
        store.write(changes)
    outcomes = {person: outcomes for person, (_, outcomes) in merged.items()}
    for cluster in {cluster.version: cluster for cluster in links.values()}.values():
        numbers = cluster.links.numbers
        outcomes |= _merge_linked(
            store, cluster.links, {p: c for p, c in mutations.items() if p in numbers}, years, clock
        )
    return outcomes


def _merge_linked(
    store: PersonStore, links: Links, mutations: Mapping[str, Mutations], years: int, clock: Clock
) -> dict[str, list[Outcome]]:
    read = Read.of(store, links.numbers, clock())
    if read.clusters != links.clusters():
        raise ConflictError("persons: links were written meanwhile")
    merged = {person: read.state(person).merge(changes, None) for person, changes in mutations.items()}
    becomes = {person: merged[person][0] if person in merged else read.state(person) for person in links.numbers}
    changes = read.together(becomes, links, years)
    if not changes.is_empty:
        store.write_together(changes)
    return {person: outcomes for person, (_, outcomes) in merged.items()}


@dataclass(frozen=True, slots=True)
class Read:
    """Numbers as they were read, to be written together.

    Attributes:
        numbers: their pseudonyms.
        states: their states.
        links: their links.
        now: the present moment.
    """

    numbers: Collection[str]
    states: Mapping[str, StoredPerson]
    links: Mapping[str, StoredLinks]
    now: datetime

    @classmethod
    def of(cls, store: PersonStore, numbers: Collection[str], now: datetime) -> "Read":
        """Read numbers; their links first, so that whoever links them meanwhile is noticed."""
        links = store.links(numbers)
        return cls(numbers, store.read(numbers), links, now)

    @property
    def clusters(self) -> dict[str, Links]:
        """Give the cluster of each number that has one."""
        return {person: stored.links for person, stored in self.links.items()}

    def state(self, person: str) -> PersonState:
        """Give the state that stands under a number; an empty one when its person has ended and is being deleted."""
        stored = self.states.get(person)
        return PersonState() if stored is None or self._is_going(person, stored) else decode(stored.state)

    def _is_going(self, person: str, stored: StoredPerson) -> bool:
        """Tell whether a part of what ended may be deleted: what is left may be what that part annulled (Article 3 b).

        DynamoDB deletes the items of one person one by one, within days.
        """
        if person not in self.links or not retention.is_expired(stored.expires_at, self.now):
            return False
        return not self.links[person].links.linked_with(person) <= self.states.keys()

    def together(self, states: Mapping[str, PersonState], links: Links, years: int) -> Together:
        """Give what is to be written for numbers to have these states and links, each with the end of the whole.

        Args:
            states: by pseudonym, of all the numbers.
            links: all links between the numbers.
            years: the retention term.
        """
        clusters = links.clusters()
        becomes: dict[str, PersonState] = {}
        ends: dict[str, int] = {}
        for person in [*links.persons, *(frozenset({number}) for number in self.numbers if number not in clusters)]:
            woven = weave({number: states[number] for number in person}, links, years)
            becomes |= woven.states
            if woven.whole.entries:
                ends |= dict.fromkeys(person, retention.expires_at(woven.whole, years))
        persons = [_kept(number, self.states.get(number), state, ends, self.now) for number, state in becomes.items()]
        linked = []
        for number in self.numbers:
            cluster = clusters.get(number)
            kept_until = (
                0 if cluster is None else max(cluster.ends(years), *(ends.get(other, 0) for other in cluster.numbers))
            )
            stored = self.links.get(number)
            linked.append(_linked(number, stored, cluster, _until_told(stored, kept_until, self.now), self.now))
        return Together(
            tuple(change for change in persons if change is not None),
            tuple(change for change in linked if change is not None),
            {number: _version(self.states.get(number)) for number in self.numbers},
            {number: _version(self.links.get(number)) for number in self.numbers},
        )


def _version(stored: StoredPerson | StoredLinks | None) -> str | None:
    return None if stored is None else stored.version


def is_due(stored: StoredPerson, years: int, now: datetime) -> bool:
    """Tell whether merging nothing would write a person anew: for a term other than the one it was written by."""
    state, _ = decode(stored.state).merge((), years)
    return _change("", stored, state, years, now) is not None


def _change(
    person: str, stored: StoredPerson | None, state: PersonState, years: int, now: datetime
) -> PersonChange | None:
    if stored is None and not state.entries:
        return None
    return _kept(person, stored, state, {person: retention.expires_at(state, years)}, now)


def _kept(
    person: str, stored: StoredPerson | None, state: PersonState, ends: Mapping[str, int], now: datetime
) -> PersonChange | None:
    if not state.entries and (stored is None or person not in ends):
        return None
    text, expires = encode(state), ends[person]
    # The end is compared too: the term may have changed since it was written.
    if stored is not None and stored.state == text and retention.is_written(stored.expires_at, expires, now):
        return None
    return PersonChange(person, _version(stored), StoredPerson(text, retention.ttl(expires, now)))


def _until_told(stored: StoredLinks | None, expires: int, now: datetime) -> int:
    """Give the end of links that would be over at once: what made it so is told to who registered the other numbers."""
    if stored is None or not stored.expires_at > now.timestamp() >= expires:
        return expires
    return min(stored.expires_at, end_of_day(brussels_day(now) + timedelta(days=1)))


def _linked(
    person: str, stored: StoredLinks | None, links: Links | None, expires: int, now: datetime
) -> LinksChange | None:
    if links is None:
        return None if stored is None else LinksChange(person, stored.version, None)
    if stored is not None and stored.links == links and retention.is_written(stored.expires_at, expires, now):
        return None
    return LinksChange(person, _version(stored), StoredLinks(links, retention.ttl(expires, now)))
