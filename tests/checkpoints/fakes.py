"""A sealed log in memory: a table that can be tampered with, edges that die at any write, and a key that signs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from jbplus.checkpoints.rules import record_of
from jbplus.checkpoints.service import Checkpoints, Made
from jbplus.checkpoints.verify import Record, Segment, name_of, segment_name
from jbplus.privacy_log.rules import LogEntry
from jbplus.privacy_log.table import _item
from jbplus.protocol.parties import PARTIES, Party
from tests.notices.fakes import Mortality
from tests.support.fakes import NOW

HOUR = timedelta(hours=1)
Item = dict[str, dict[str, Any]]


def item_of(entry: LogEntry) -> Item:
    """Give a record as the table has it."""
    return dict(_item(entry))  # type: ignore[arg-type]  # as boto3 has it


def new_key(number: int = 1) -> ec.EllipticCurvePrivateKey:
    """Make a key that is always the same for a number."""
    return ec.derive_private_key(number, ec.SECP256R1())


def public(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Give a key's public part, as SubjectPublicKeyInfo."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, form)


@dataclass
class FakeSigner:
    """Signs with keys in memory."""

    held: list[ec.EllipticCurvePrivateKey] = field(default_factory=lambda: [new_key()])

    def keys(self) -> Sequence[bytes]:
        return [public(key) for key in self.held]

    def sign(self, message: bytes, key: bytes) -> bytes:
        (held,) = (each for each in self.held if public(each) == key)
        return held.sign(message, ec.ECDSA(hashes.SHA256()))


@dataclass
class FakeLog:
    """The table of the privacy log, by key; an index may lag behind.

    Attributes:
        items: what was put.
        hidden: the places that the index does not show yet.
    """

    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def put(self, *entries: LogEntry) -> None:
        for entry in entries:
            self.put_item(item_of(entry))

    def put_item(self, item: Item) -> None:
        self.items[str(item["subject"]["S"]), str(item["entry"]["S"])] = item

    def of_day(self, day: date, since: str | None) -> Iterator[Record]:
        for item in list(self.items.values()):
            is_there = f"#{day.isoformat()}#" in str(item["day"]["S"]) and item["entry"]["S"] not in self.hidden
            if is_there and str(item["entry"]["S"]) >= (since or ""):
                yield record_of(item)


@dataclass
class FakeVault:
    """Keeps bytes, each put once."""

    life: Mortality = field(default_factory=Mortality)
    segments: dict[int, bytes] = field(default_factory=dict)
    checkpoints: dict[int, bytes] = field(default_factory=dict)
    noted: dict[tuple[str, int], dict[bytes, bytes]] = field(default_factory=dict)
    finished: set[int] = field(default_factory=set)

    def last_finished(self) -> int:
        return max(self.finished, default=0)

    def segment(self, number: int) -> Segment | None:
        return Segment.read(self.segments[number]) if number in self.segments else None

    def put_segment(self, segment: Segment) -> bool:
        before = len(self.segments)
        self.life.write(lambda: self.segments.setdefault(segment.number, segment.to_bytes()))
        return len(self.segments) > before and self.segments[segment.number] == segment.to_bytes()

    def sealed(self, day: date) -> Mapping[bytes, bytes]:
        return {k: v for (of, _), found in self.noted.items() if of == day.isoformat() for k, v in found.items()}

    def put_sealed(self, day: str, number: int, records: Sequence[Record]) -> None:
        self.life.write(lambda: self.noted.setdefault((day, number), {each.key: each.content for each in records}))

    def checkpoint(self, number: int) -> bytes | None:
        return self.checkpoints.get(number)

    def put_checkpoint(self, number: int, content: bytes) -> bytes:
        self.life.write(lambda: self.checkpoints.setdefault(number, content))
        return self.checkpoints[number]

    def finish(self, number: int) -> None:
        self.life.write(lambda: self.finished.add(number))


@dataclass
class Sealing:
    """The exchange as it seals its log, hour by hour."""

    log: FakeLog = field(default_factory=FakeLog)
    vault: FakeVault = field(default_factory=FakeVault)
    signer: FakeSigner = field(default_factory=FakeSigner)
    now: datetime = NOW
    parties: Sequence[Party] = PARTIES
    folders: dict[str, dict[str, bytes]] = field(default_factory=dict)
    drawn: int = 0

    def put_out(self, party: str, name: str, content: bytes) -> None:
        self.vault.life.write(lambda: self.folders.setdefault(party, {}).update({name: content}))

    def draw(self, size: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(size, "big")

    def round(self, occasion: str | None = None) -> Made:
        """Make the checkpoint of the hour."""
        made = Checkpoints(self.log, self.vault, self, self.signer, lambda: self.now, self.draw, self.parties)
        return made.go_round(self.now.isoformat() if occasion is None else occasion, lambda: 900.0)

    def hour(self, *entries: LogEntry) -> Made:
        """Write records, and make the checkpoint of the next hour."""
        self.log.put(*(replace(entry, moment=self.now) for entry in entries))
        self.now += HOUR
        return self.round()

    def sealed(self) -> list[list[str]]:
        """Give the places of the records of each segment."""
        read = [Segment.read(content) for _, content in sorted(self.vault.segments.items())]
        return [[record.place for record in segment.records] for segment in read]

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write all checkpoints and segments into two folders."""
        points, segments = folder / "checkpoints", folder / "segments"
        for path in (points, segments):
            path.mkdir(parents=True)
        for number, content in self.vault.checkpoints.items():
            (points / name_of(number)).write_bytes(content)
        for number, content in self.vault.segments.items():
            (segments / segment_name(number)).write_bytes(content)
        return points, segments
