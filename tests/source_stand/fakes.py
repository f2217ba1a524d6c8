"""What makes a stand, without a table."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from jbplus.persons.merging import StoredPerson


@dataclass
class FakeScan:
    """Persons in memory."""

    persons: Sequence[StoredPerson]
    joined: Mapping[frozenset[str], StoredPerson] = field(default_factory=dict)
    left_out: Collection[str] = ()

    def linked(self) -> Mapping[frozenset[str], StoredPerson]:
        return self.joined

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
