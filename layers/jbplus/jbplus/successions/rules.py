"""Which number replaces which: links between the pseudonyms of one person's numbers, decided by rank.

Nothing is moved when a number changes: each keeps what stands under it, and links join that when it is read. The links
that touch each other are a cluster; every number of it keeps the whole cluster, so that one read finds all.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NotRequired, Protocol, TypedDict

from jbplus.protocol.calendar import anniversary, end_of_day

MAX_NUMBERS = 25
"""The numbers of one cluster, at most: what is read and written together stays bounded."""


@dataclass(frozen=True, slots=True)
class Link:
    """What decides about one number: that another replaces it, or that none does.

    Attributes:
        new: the pseudonym of the number that replaces it; None when the succession was taken back.
        rank: the volgnummer of the file that said it, in its own series, and the position in it; the higher decides.
        day: the calendar day in Brussels of that file.
    """

    new: str | None
    rank: tuple[int, int]
    day: date


@dataclass(frozen=True)
class Links:
    """Links between numbers, by the pseudonym of the number that is replaced; what follows from them is told once."""

    by_old: Mapping[str, Link] = field(default_factory=dict)

    def joined(self, other: "Links") -> "Links":
        """Join links: of each number the highest rank decides."""
        both = dict(self.by_old)
        for old, link in other.by_old.items():
            if old not in both or both[old].rank < link.rank:
                both[old] = link
        return Links(both)

    @property
    def numbers(self) -> frozenset[str]:
        """All numbers that are named."""
        return frozenset(self.by_old) | {link.new for link in self.by_old.values() if link.new is not None}

    @cached_property
    def counting(self) -> Mapping[str, str]:
        """Which number replaces which; a link that closes a circle with higher-ranked ones does not count."""
        replaced: dict[str, str] = {}
        for old, link in sorted(self.by_old.items(), key=lambda item: item[1].rank, reverse=True):
            if link.new is not None and old not in chain(link.new, replaced):
                replaced[old] = link.new
        return replaced

    def clusters(self) -> "dict[str, Links]":
        """Divide into clusters, and give each number its own."""
        found: dict[str, Links] = {}
        pairs = [(old, link.new) for old, link in self.by_old.items() if link.new is not None]
        for numbers in groups(self.numbers, pairs):
            cluster = Links({old: link for old, link in self.by_old.items() if old in numbers})
            found |= dict.fromkeys(numbers, cluster)
        return found

    @cached_property
    def persons(self) -> Sequence[frozenset[str]]:
        """The numbers by person: those that the links that count join."""
        return groups(self.numbers, self.counting.items())

    def linked_with(self, number: str) -> frozenset[str]:
        """Give all numbers of a person, this one among them."""
        return next((person for person in self.persons if number in person), frozenset({number}))

    def ends(self, years: int) -> int:
        """Tell until when links are kept at least, in epoch seconds: the term from the day of their latest file."""
        return end_of_day(anniversary(max(link.day for link in self.by_old.values()), years))

    def renamed(self, rename: Callable[[str], str]) -> "Links":
        """Give the same links between other names of the same numbers, as a rotation of the key makes them."""
        return Links(
            {
                rename(old): Link(None if link.new is None else rename(link.new), link.rank, link.day)
                for old, link in self.by_old.items()
            }
        )


@dataclass(frozen=True, slots=True)
class StoredLinks:
    """A cluster as it stands in the table, the same with each of its numbers.

    Attributes:
        links: the links.
        expires_at: the TTL, in epoch seconds.
    """

    links: Links
    expires_at: int

    @property
    def version(self) -> str:
        """The version that a conditional write names: equal links have the same."""
        return hashlib.sha256(encode(self.links).encode()).hexdigest()[:32]


class LinkReader(Protocol):
    """Where links are read by whoever must know which numbers are one person."""

    def read(self, persons: Sequence[str]) -> Mapping[str, Links]:
        """Read the cluster of each pseudonym; who has none, or one that has ended, is absent."""
        ...


class NoLinks:
    """Nobody's number changes: successions are not allowed."""

    def read(self, _persons: Sequence[str]) -> Mapping[str, Links]:
        """Find none, without asking anybody."""
        return {}


def chain(number: str, replaced: Mapping[str, str]) -> Iterator[str]:
    """Give a number, the one that replaces it, and so on."""
    yield number
    while number in replaced:
        number = replaced[number]
        yield number


def is_replaced(person: str, links: Mapping[str, Links]) -> bool:
    """Tell whether another number took this one's place.

    Args:
        person: the pseudonym.
        links: the clusters that were read, by pseudonym.
    """
    return person in links and person in links[person].counting


def linked(person: str, links: Mapping[str, Links]) -> tuple[str, ...]:
    """List the pseudonyms of all numbers of a person, this one first.

    Args:
        person: the pseudonym.
        links: the clusters that were read, by pseudonym.
    """
    others = links[person].linked_with(person) - {person} if person in links else frozenset[str]()
    return (person, *sorted(others))


def groups(numbers: Iterable[str], pairs: Iterable[tuple[str, str]]) -> list[frozenset[str]]:
    """Group numbers by the pairs that name them."""
    group = {number: frozenset({number}) for number in numbers}
    for one, other in pairs:
        whole = group[one] | group[other]
        group |= dict.fromkeys(whole, whole)
    return sorted(set(group.values()), key=min)


class _StoredLink(TypedDict):
    rank: list[int]
    day: str
    new: NotRequired[str]


def encode(links: Links) -> str:
    """Write links as compact JSON; equal ones give equal texts."""
    stored = {old: _store(link) for old, link in links.by_old.items()}
    return json.dumps(stored, sort_keys=True, separators=(",", ":"))


def decode(text: str) -> Links:
    """Read links that `encode` wrote."""
    stored: dict[str, _StoredLink] = json.loads(text)
    return Links({old: _restore(link) for old, link in stored.items()})


def _store(link: Link) -> _StoredLink:
    stored = _StoredLink(rank=list(link.rank), day=link.day.isoformat())
    if link.new is not None:
        stored["new"] = link.new
    return stored


def _restore(stored: _StoredLink) -> Link:
    volgnummer, position = stored["rank"]
    return Link(stored.get("new"), (volgnummer, position), date.fromisoformat(stored["day"]))
