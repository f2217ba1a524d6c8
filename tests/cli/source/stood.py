"""An exchange that puts WEWIS's stand out, on the dropserver of the tests."""

import gzip
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from jbplus.persons.merging import StoredPerson, WholePerson, joined_items
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.protocol.parties import WEWIS
from jbplus.source_stand.document import FILE_NAME
from jbplus.source_stand.service import Publisher
from tests.cli.source.world import Source
from tests.intake.fakes import FakeLedger
from tests.persons.fakes import FakePersons
from tests.support.exchange import Exchange
from tests.support.fakes import NOW, PSEUDONYMS

KEY = PSEUDONYMS.key_of_source_stand()


@dataclass(frozen=True)
class PersonsScan:
    """Reads the persons in memory, as the table is read."""

    persons: FakePersons
    succession_allowed: bool = True

    def key_version(self) -> int:
        return 1

    def numbers_with_links(self, number: int, of: int) -> Iterator[str]:
        assert (number, of) == (0, 1)
        return iter(self.persons.linked)

    def linked(self, numbers: Collection[str]) -> Mapping[frozenset[str], WholePerson]:
        stored = {number: self.persons.linked[number] for number in numbers}
        found = {each.links.linked_with(number): each.links for number, each in stored.items()}
        wholes = {
            numbers: joined_items({n: self.persons.items[n] for n in numbers if n in self.persons.items}, links)
            for numbers, links in found.items()
        }
        return {numbers: whole for numbers, whole in wholes.items() if whole is not None}

    def segment(self, number: int, of: int, without: Collection[str] = ()) -> Iterator[StoredPerson]:
        assert (number, of) == (0, 1)
        return (stored for person, stored in self.persons.items.items() if person not in without)


@dataclass(frozen=True)
class Folder:
    """Files are put out in a folder."""

    path: Path

    def put_out(self, party: str, name: str, content: BinaryIO) -> None:
        assert party == WEWIS.kbo
        (self.path / name).write_bytes(content.read())


@dataclass
class Stood:
    """WEWIS with its folder, and an exchange that takes files in and puts stands out."""

    source: Source
    exchange: Exchange = field(default_factory=lambda: Exchange(successions=FakeLedger()))

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.source.state.mkdir()
        self.give(KEY)

    @property
    def folder(self) -> Path:
        """Where stands are put out."""
        return self.source.root / "server" / "To_Vip" / WEWIS.kbo

    def give(self, key: bytes) -> None:
        """Hand over a key."""
        (self.source.state / "stand.key").write_text(f"{key.hex()}\n", encoding="ascii")

    def put_out(self, at: datetime = NOW, keys: Pseudonyms = PSEUDONYMS) -> Path:
        """Put the stand of a moment out; give where it lies on the dropserver."""
        scan = PersonsScan(self.exchange.persons)
        Publisher(scan, lambda: keys, lambda: True, Folder(self.folder), 5, lambda: at).publish()
        return self.folder / FILE_NAME

    def spoil(self, path: Path, said: str, becomes: str) -> None:
        """Change the text of a stand."""
        text = gzip.decompress(path.read_bytes()).decode()
        assert said in text
        path.write_bytes(gzip.compress(text.replace(said, becomes, 1).encode()))
