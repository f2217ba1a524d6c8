"""What makes a stand, without a table."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import BinaryIO

from jbplus.persons.merging import StoredPerson


@dataclass
class FakeScan:
    """Persons in memory."""

    persons: Sequence[StoredPerson]
    joined: Mapping[frozenset[str], StoredPerson] = field(default_factory=dict)
    left_out: Collection[str] = ()
    versions: Iterator[int] = field(default_factory=lambda: repeat(1))

    @property
    def succession_allowed(self) -> bool:
        return bool(self.joined)

    def key_version(self) -> int:
        return next(self.versions)

    def numbers_with_links(self, number: int, of: int) -> Iterator[str]:
        assert (number, of) == (0, 1)
        return chain.from_iterable(self.joined)

    def linked(self, numbers: Collection[str]) -> Mapping[frozenset[str], StoredPerson]:
        return {person: whole for person, whole in self.joined.items() if not person.isdisjoint(numbers)}

    def segment(self, number: int, of: int, without: Collection[str] = ()) -> Iterator[StoredPerson]:
        assert (number, of) == (0, 1)
        self.left_out = without
        yield from self.persons


@dataclass
class FakeFiles:
    """What was put out, by party and name."""

    files: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def put_out(self, party: str, name: str, content: BinaryIO) -> None:
        self.files[party, name] = content.read()
