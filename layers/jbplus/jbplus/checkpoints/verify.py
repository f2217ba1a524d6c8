"""Verifies the privacy log of jbplus: checkpoints, the segments that they seal, and extracts with proofs.

One file, Python 3.11 and its standard library; it needs neither jbplus nor AWS. docs/auditors.md says how to use it.

    python verify.py --key FINGERPRINT --checkpoints OURS --checkpoints THEIRS --segments SEGMENTS --extract FILE

It ends with 0 when all agrees, 1 when something was changed, and 2 when it was asked wrongly. It prints no person's
number and no pseudonym.

What is verified. A segment holds the log's records that were new in its hour. Each is a leaf of a Merkle tree
(RFC 6962); random leaves fill the tree up, and all stand in the order of their hashes. A checkpoint holds the tree's
root and the hash of the checkpoint before it, and is signed (ECDSA, P-256, SHA-256).
"""

import argparse
import base64
import gzip
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

NAME = "PubliceerControlepuntPrivacylogJobbonusPlus"
PREFIX = "werk.publiceercontrolepuntprivacylogjobbonusplus-0100_"
"""What the names of checkpoints begin with; their number follows, in 17 digits."""
NOTHING_BEFORE = "0" * 64
"""What the first checkpoint has for the hash of the one before it."""
KEY_BYTES, CONTENT_BYTES = 16, 32
SMALLEST_TREE, GROWTH = 4096, 16
_WORTH_IT = 50
PATIENCE = timedelta(hours=1)
"""How much older a record may be than the segment before its own: an index follows, and a call ends, in moments."""

# How an extract says what a record holds; the rest of a record is told to nobody, and stands in its leaf by its hash.
TOLD = {
    "referte": "reference",
    "dienst": "service",
    "toepassing": "application",
    "gebruiker": "endUser",
    "correlatie": "correlation",
    "doel": "purpose",
    "dossier": "file",
    "inschrijvingVan": "registeredBy",
    "naarAanleidingVanMutatie": "afterMutation",
    "uitkomst": "outcome",
}
TOLD_BESIDES = frozenset({"party", "moment", "entry"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree; both say where and what without a person's number."""

    where: str
    what: str

    @property
    def line(self) -> str:
        """All of it on one line."""
        return f"{self.where}: {self.what}"


class MalformedError(ValueError):
    """A file has not the form of a checkpoint, a segment or an extract."""


# ---------------------------------------------------------------------------------------------------------- the tree


def canonical(document: object) -> bytes:
    """Write JSON in the one form that is hashed and signed."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def leaf(salt: bytes, told: bytes, rest: bytes) -> bytes:
    """Give the hash of a record's leaf (RFC 6962, 2.1).

    Args:
        salt: keeps it from being guessed.
        told: the hash of what an officer is told of the record.
        rest: the hash of the rest; it holds a pseudonym, which nobody can guess.
    """
    return hashlib.sha256(b"\x00" + salt + told + rest).digest()


def salts(seed: bytes, count: int) -> list[bytes]:
    """Give the salts of a segment's records."""
    drawn = hashlib.shake_256(seed + b"salt").digest(16 * count)
    return [drawn[start : start + 16] for start in range(0, len(drawn), 16)]


def in_order(leaves: Iterable[bytes], seed: bytes) -> list[bytes]:
    """Fill a segment's leaves up to the size of a tree, and put them in order: place and size tell next to nothing."""
    known = list(leaves)
    size = SMALLEST_TREE
    while size < len(known):
        size *= GROWTH
    drawn = hashlib.shake_256(seed + b"filling").digest(32 * (size - len(known)))
    return sorted(known + [drawn[start : start + 32] for start in range(0, len(drawn), 32)])


def level_above(level: Sequence[bytes]) -> list[bytes]:
    """Give the nodes above those of a level, which are even in number."""
    sha256 = hashlib.sha256
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=True)]


def root_of(ordered: Sequence[bytes]) -> bytes:
    """Give the root of a tree whose size is a power of two (RFC 6962, 2.1)."""
    while len(ordered) > 1:
        ordered = level_above(ordered)
    return ordered[0]


def climb(hashed: bytes, place: int, path: Iterable[bytes]) -> bytes:
    """Give the root that follows from a leaf, its place and the hashes beside its way up (RFC 6962, 2.1.1)."""
    for beside in path:
        hashed = hashlib.sha256(b"\x01" + (beside + hashed if place % 2 else hashed + beside)).digest()
        place //= 2
    return hashed


# ----------------------------------------------------------------------------------------------------- the signature

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
# What a P-256 key begins with in its usual form (SubjectPublicKeyInfo, RFC 5480): then come x and y.
_KEY_FORM = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")

_Point = tuple[int, int] | None


def _add(a: _Point, b: _Point) -> _Point:
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % _P == 0:
            return None
        slope = 3 * (a[0] * a[0] - 1) * pow(2 * a[1], -1, _P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, _P)
    x = (slope * slope - a[0] - b[0]) % _P
    return x, (slope * (a[0] - x) - a[1]) % _P


def _times(number: int, point: _Point) -> _Point:
    total: _Point = None
    while number:
        if number & 1:
            total = _add(total, point)
        point, number = _add(point, point), number >> 1
    return total


def _two_numbers(signature: bytes) -> tuple[int, int]:
    """Read the two numbers of a signature, in the one form that DER has for them."""
    numbers, left = [], signature[2:]
    for _ in range(2):
        if left[:1] != b"\x02":
            return 0, 0
        size = left[1] if len(left) > 1 else 0
        numbers.append(int.from_bytes(left[2 : 2 + size], "big"))
        left = left[2 + size :]
    return (0, 0) if left or signature[:2] != bytes([0x30, len(signature) - 2]) else (numbers[0], numbers[1])


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Tell whether a key signed a message: ECDSA on P-256 with SHA-256 (FIPS 186-5, 6.4.2)."""
    x, y = (int.from_bytes(part, "big") for part in (key[-64:-32], key[-32:]))
    if key[:-64] != _KEY_FORM or not 0 <= x < _P or not 0 <= y < _P or (y * y - x * x * x + 3 * x - _B) % _P:
        return False
    r, s = _two_numbers(signature)
    if not 0 < r < _N or not 0 < s < _N:
        return False
    inverse = pow(s, -1, _N)
    hashed = int.from_bytes(hashlib.sha256(message).digest(), "big")
    point = _add(_times(hashed * inverse % _N, _G), _times(r * inverse % _N, (x, y)))
    return point is not None and point[0] % _N == r


# ------------------------------------------------------------------------------------------------------- checkpoints


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint, as a party holds it.

    Attributes:
        number: from 1, without gaps.
        moment: when its hour's records were looked for, in UTC.
        previous: the hash of the checkpoint before it, hexadecimal.
        root: the root of its hour's tree.
        key: the public key that signed it, as SubjectPublicKeyInfo.
        next_key: the public key that signs the next one.
        hash: its own hash, hexadecimal.
        signed: the bytes that were signed.
        signature: the signature, in DER.
    """

    number: int
    moment: str
    previous: str
    root: bytes
    key: bytes
    next_key: bytes
    hash: str
    signed: bytes
    signature: bytes

    @classmethod
    def read(cls, content: bytes) -> "Checkpoint":
        """Read a checkpoint.

        Raises:
            MalformedError: it has another form.
        """
        try:
            document = json.loads(content)
            said = document["controlepunt"]
            made = cls(
                number=said["nummer"],
                moment=_in_utc(said["tijdstip"]),
                previous=said["vorige"],
                root=bytes.fromhex(said["wortel"]),
                key=base64.b64decode(said["sleutel"], validate=True),
                next_key=base64.b64decode(said["volgendeSleutel"], validate=True),
                hash=hashlib.sha256(canonical(document)).hexdigest(),
                signed=canonical(said),
                signature=base64.b64decode(document["handtekening"], validate=True),
            )
            if said["naam"] != NAME or type(made.number) is not int or made.number < 1:
                raise MalformedError("it is no checkpoint")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise MalformedError("it has not the form of a checkpoint") from None
        return made

    @property
    def is_signed(self) -> bool:
        """Whether the key that it names signed it."""
        return is_signed(self.signed, self.signature, self.key)

    @property
    def name(self) -> str:
        """Its number and its hour."""
        return f"checkpoint {self.number} of {self.moment[:19]}Z"


def fingerprint(key: bytes) -> str:
    """Give the name of a public key: the SHA-256 of its SubjectPublicKeyInfo."""
    return hashlib.sha256(key).hexdigest()


def name_of(number: int) -> str:
    """Give the name of a checkpoint's file."""
    return f"{PREFIX}{number:017d}.json"


def _in_utc(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).isoformat(timespec="microseconds")


def check_chain(chain: Mapping[int, Checkpoint], trusted: frozenset[str]) -> Iterator[Finding]:
    """Check what a witness holds: each checkpoint names the one before, the last is signed, and no key is a stranger.

    A signature vouches for all that its checkpoint follows on: so it is looked at where the chain ends or is broken.

    Args:
        chain: the checkpoints by number; the first is the oldest that is kept.
        trusted: fingerprints that are known from elsewhere; empty for none.
    """
    points = [chain[number] for number in sorted(chain)]
    doubtful = {points[-1].number} if points else set()
    if points and trusted and fingerprint(points[0].key) not in trusted:
        yield Finding(
            points[0].name, f"the oldest is signed with a key that is not the published one: {_key(points[0])}"
        )
    for before, after in pairwise(points):
        if after.number != before.number + 1:
            which = f"{before.number + 1} to {after.number - 1}"
            yield Finding(after.name, f"checkpoints {which} are missing before it: cut out, or not fetched")
            doubtful.add(before.number)
            continue
        if after.previous != before.hash:
            yield Finding(after.name, "does not follow on the one before it: one of the two was changed")
            doubtful |= {before.number, after.number}
        if after.moment <= before.moment:
            yield Finding(after.name, f"is dated before {before.name}: back-dated")
        if after.key != before.next_key and fingerprint(after.key) not in trusted:
            yield Finding(after.name, f"is signed with a key that the one before does not name: {_key(after)}")
    for number in sorted(doubtful):
        if not chain[number].is_signed:
            yield Finding(chain[number].name, "is not signed with the key that it names: it was changed")


def _key(point: Checkpoint) -> str:
    return fingerprint(point.key)


def compare(witnesses: Mapping[str, Mapping[int, Checkpoint]]) -> Iterator[Finding]:
    """Compare what witnesses hold: the same number is the same checkpoint everywhere, or the log was forked."""
    names = list(witnesses)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            both = sorted(witnesses[one].keys() & witnesses[other].keys())
            differing = [n for n in both if witnesses[one][n].hash != witnesses[other][n].hash]
            if differing:
                first = witnesses[one][differing[0]]
                yield Finding(first.name, f"{one} and {other} hold different ones ({len(differing)} from here): a fork")


# ---------------------------------------------------------------------------------------------------------- segments


class Record(NamedTuple):
    """A record as a segment holds it, in two parts.

    Attributes:
        told: what an officer is told of it, as canonical JSON.
        rest: the rest, as canonical JSON.
    """

    told: bytes
    rest: bytes

    @property
    def place(self) -> str:
        """Where it stands in the log: its moment, the trace of its call, and the person's place in it."""
        return _text(self.told, b'"entry":"').decode(errors="replace")

    @property
    def moment(self) -> str:
        """The moment that its place begins with, in UTC."""
        return self.place.partition("#")[0]

    @property
    def day(self) -> str:
        """Party and calendar day in Brussels that it is filed under."""
        return _text(self.rest, b'"day":"').decode(errors="replace").rpartition("#")[0]

    @property
    def key(self) -> bytes:
        """What tells it from every other record, 16 bytes."""
        known_by = _text(self.rest, b'"subject":"') + b"|" + _text(self.told, b'"entry":"')
        return hashlib.sha256(known_by).digest()[:KEY_BYTES]

    @property
    def hashes(self) -> tuple[bytes, bytes]:
        """The hashes of both parts."""
        return hashlib.sha256(self.told).digest(), hashlib.sha256(self.rest).digest()

    @property
    def content(self) -> bytes:
        """The hash of all of it, 32 bytes."""
        told, rest = self.hashes
        return told[:16] + rest[:16]

    @property
    def name(self) -> str:
        """What it is called, which names no person."""
        party = _text(self.told, b'"party":"').decode(errors="replace")
        return f"record {self.place} of {party}"

    def leaf(self, salt: bytes) -> bytes:
        """Give the hash of its leaf."""
        return leaf(salt, *self.hashes)


def _text(part: bytes, name: bytes) -> bytes:
    """Read one text of canonical JSON quickly: within a text, quotes are written otherwise."""
    return part.partition(name)[2].partition(b'"')[0]


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as it is written: one line with its head, and one for each record.

    Attributes:
        number: of its checkpoint.
        moment: when its records were looked for, in UTC.
        is_full: whether more records waited for the next segment.
        occasion: what had it made; empty when nobody said.
        seed: what its salts and the filling of its tree follow from.
        leaves: the leaves of its records, in their order.
        records: its records.
    """

    number: int
    moment: str
    is_full: bool
    occasion: str
    seed: bytes
    leaves: Sequence[bytes]
    records: Sequence[Record]

    @classmethod
    def of(
        cls, number: int, moment: str, records: Sequence[Record], seed: bytes, *, occasion: str, is_full: bool
    ) -> "Segment":
        """Make a segment of records."""
        leaves = [record.leaf(salt) for salt, record in zip(salts(seed, len(records)), records, strict=True)]
        return cls(number, moment, is_full, occasion, seed, leaves, records)

    @classmethod
    def read(cls, content: bytes) -> "Segment":
        """Read a segment.

        Raises:
            MalformedError: it has another form.
        """
        try:
            head, *lines = gzip.decompress(content).split(b"\n")
            said = json.loads(head)
            listed = base64.b64decode(said["bladen"], validate=True)
            return cls(
                number=int(said["nummer"]),
                moment=_in_utc(said["tijdstip"]),
                is_full=bool(said["vol"]),
                occasion=str(said["aanleiding"]),
                seed=bytes.fromhex(said["zaad"]),
                leaves=[listed[start : start + 32] for start in range(0, len(listed), 32)],
                records=[Record(told, rest) for told, _, rest in (line.partition(b"\t") for line in lines)],
            )
        except (ValueError, KeyError, TypeError, OSError, EOFError, AttributeError, RecursionError):
            raise MalformedError("it has not the form of a segment") from None

    def to_bytes(self) -> bytes:
        """Write it."""
        head = {
            "nummer": self.number,
            "tijdstip": self.moment,
            "vol": self.is_full,
            "aanleiding": self.occasion,
            "zaad": self.seed.hex(),
            "bladen": base64.b64encode(b"".join(self.leaves)).decode(),
        }
        lines = [canonical(head), *(record.told + b"\t" + record.rest for record in self.records)]
        return gzip.compress(b"\n".join(lines), 6, mtime=0)

    @property
    def ordered(self) -> list[bytes]:
        """All leaves of its tree, in their order."""
        return in_order(self.leaves, self.seed)

    @property
    def name(self) -> str:
        """Its number and its hour."""
        return f"segment {self.number} of {self.moment[:19]}Z"

    def differences(self) -> Iterator[Finding]:
        """Compare the records with the leaves that it says to have."""
        drawn = salts(self.seed, max(len(self.leaves), len(self.records)))
        place, missing = 0, len(self.leaves) - len(self.records)
        for record in self.records:
            # A record that was deleted moves those after it up, one that was added moves them down.
            gone = next((n for n in range(missing + 1) if self._stands(record, place + n, drawn)), None)
            if gone is None and missing < 0 and not self._stands(record, place, drawn):
                yield Finding(self.name, f"{record.name} was added")
                missing += 1
                continue
            if gone is None and not self._stands(record, place, drawn):
                yield Finding(self.name, f"{record.name} is not what was sealed: changed or swapped")
            for number in range(place + 1, place + (gone or 0) + 1):
                yield Finding(self.name, f"number {number} of its records is missing: deleted")
            place, missing = place + (gone or 0) + 1, missing - (gone or 0)
        for number in range(place + 1, len(self.leaves) + 1):
            yield Finding(self.name, f"number {number} of its records is missing: deleted")

    def _stands(self, record: Record, place: int, drawn: Sequence[bytes]) -> bool:
        return place < len(self.leaves) and record.leaf(drawn[place]) == self.leaves[place]


@dataclass(frozen=True, slots=True)
class Digest:
    """What the check of all segments needs of one: little enough for years of them.

    Attributes:
        path: its file.
        segment: the segment without its leaves and records; None when the file is none.
        root: the root of its tree.
        keys: the keys of its records, one after the other.
        contents: the hashes of all of each.
        moments: the earliest and the latest moment of its records; empty without any.
        findings: what does not agree within it.
    """

    path: Path
    segment: Segment | None
    root: bytes = b""
    keys: bytes = b""
    contents: bytes = b""
    moments: tuple[str, ...] = ()
    findings: Sequence[Finding] = ()

    @classmethod
    def of(cls, path: Path) -> "Digest":
        """Read a segment's file."""
        try:
            segment = Segment.read(path.read_bytes())
        except MalformedError as error:
            return cls(path, None, findings=[Finding(f"segment file {path.name}", str(error))])
        hashes = [record.hashes for record in segment.records]
        drawn = salts(segment.seed, len(hashes))
        made = [leaf(salt, told, rest) for salt, (told, rest) in zip(drawn, hashes, strict=True)]
        findings = [] if made == segment.leaves else list(segment.differences())
        if path.name != segment_name(segment.number):
            findings.append(Finding(segment.name, f"lies under another's name: {path.name}"))
        places = [_text(record.told, b'"entry":"') for record in segment.records]
        bounds = (min(places), max(places)) if places else ()
        return cls(
            path,
            replace(segment, leaves=(), records=()),
            root_of(segment.ordered),
            b"".join([record.key for record in segment.records]),
            b"".join([told[:16] + rest[:16] for told, rest in hashes]),
            tuple(place.decode(errors="replace").partition("#")[0] for place in bounds),
            findings,
        )


def segment_name(number: int) -> str:
    """Give the name of a segment's file."""
    return f"{number:08d}.gz"


def digests(folder: Path) -> Iterator[Digest]:
    """Read the segments of a folder in their order, on all processors."""
    paths = sorted(folder.glob("*.gz"))
    if len(paths) < _WORTH_IT:
        yield from map(Digest.of, paths)
        return
    # Only here: a function that seals the log reads this file too, and starts no processes.
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
    from multiprocessing import get_context  # noqa: PLC0415

    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield from pool.map(Digest.of, paths, chunksize=8)


@dataclass(slots=True)
class Sealed:
    """What all segments hold, gathered while they are checked.

    Attributes:
        contents: the hash of each record, by its key.
        beginning: when the records of the first segment were looked for: what is older was there before.
        end: when those of the last one were.
        uncovered: the segments whose checkpoint is not at hand.
    """

    contents: dict[bytes, bytes] = field(default_factory=dict)
    beginning: str = ""
    end: str = ""
    uncovered: list[int] = field(default_factory=list)

    def check(self, segments: Iterable[Digest], chain: Mapping[int, Checkpoint]) -> Iterator[Finding]:
        """Check segments, in the order of their numbers, against the checkpoints and each other."""
        last, since = 0, ""
        for digest in segments:
            yield from digest.findings
            if (segment := digest.segment) is None:
                continue
            if last and segment.number > last + 1:
                yield Finding(
                    segment.name, f"segments {last + 1} to {segment.number - 1} are missing before it: cut out"
                )
            if (point := chain.get(segment.number)) is None:
                self.uncovered.append(segment.number)
            elif (point.root, point.moment) != (digest.root, segment.moment):
                yield Finding(segment.name, f"is not what {point.name} sealed: records were changed, added or deleted")
            yield from self._gather(digest, since, _later(segment.moment, PATIENCE))
            last, self.beginning, self.end = segment.number, self.beginning or segment.moment, segment.moment
            if not segment.is_full:
                since = _later(segment.moment, -PATIENCE)
        for number in sorted(chain):
            if last and number > last:
                yield Finding(chain[number].name, "its segment is missing: cut off")

    def _gather(self, digest: Digest, since: str, until: str) -> Iterator[Finding]:
        keys, contents = _pieces(digest.keys, KEY_BYTES), _pieces(digest.contents, CONTENT_BYTES)
        is_new = len(set(keys)) == len(keys) and self.contents.keys().isdisjoint(keys)
        if is_new and all(since <= moment <= until for moment in digest.moments):
            self.contents.update(zip(keys, contents, strict=True))
            return
        segment = Segment.read(digest.path.read_bytes())
        for record in segment.records:
            if record.key in self.contents:
                yield Finding(segment.name, f"{record.name} was sealed before: put in twice")
            if self.beginning <= record.moment < since:
                yield Finding(segment.name, f"{record.name} came long after its moment: back-dated, or found late")
            if record.moment > until:
                yield Finding(segment.name, f"{record.name} is dated after its segment")
            self.contents.setdefault(record.key, record.content)


def _pieces(joined: bytes, size: int) -> list[bytes]:
    return [joined[start : start + size] for start in range(0, len(joined), size)]


def _later(moment: str, by: timedelta) -> str:
    return _in_utc((datetime.fromisoformat(moment) + by).isoformat())


# ---------------------------------------------------------------------------------------------------------- extracts


def told_of(item: Mapping[str, Any], party: str) -> dict[str, Any]:
    """Give what a record tells, from an item of an extract."""
    moment = _in_utc(item["moment"])
    said = {inner: item[outer] for outer, inner in TOLD.items() if outer in item}
    return said | {"party": party, "moment": moment, "entry": f"{moment}#{item['referte']}#{item['positie']:03d}"}


def check_extract(extract: Mapping[str, Any], chain: Mapping[int, Checkpoint]) -> Iterator[Finding]:
    """Check an extract: each record follows from its proof and the checkpoint that it names.

    Args:
        extract: what `jbplus privacylog --proofs` wrote.
        chain: the checkpoints by number.
    """
    newest = max((point.moment for point in chain.values()), default="")
    for item in extract["items"]:
        told = told_of(item, extract["partij"])
        where = f"record {told['entry']} of {told['party']}"
        if (proof := item.get("bewijs")) is None:
            if told["moment"] < _later(newest, -PATIENCE) if newest else False:
                yield Finding(where, "has no proof, though later checkpoints stand")
        elif (point := chain.get(proof["controlepunt"])) is None:
            yield Finding(where, f"its checkpoint {proof['controlepunt']} is not at hand")
        else:
            told_hash = hashlib.sha256(canonical(told)).digest()
            hashed = leaf(bytes.fromhex(proof["zout"]), told_hash, bytes.fromhex(proof["rest"]))
            if climb(hashed, proof["plaats"], map(bytes.fromhex, proof["pad"])) != point.root:
                yield Finding(where, f"is not what {point.name} sealed: changed")


def check_whole(extract: Mapping[str, Any], segments: Iterable[Segment]) -> Iterator[Finding]:
    """Check that an extract of a period leaves out no record of the segments."""
    asked, party = extract["vraag"], extract["partij"]
    there = {told_of(item, party)["entry"] for item in extract["items"]}
    for record in (record for segment in segments for record in segment.records):
        if f"{party}#{asked['van']}" <= record.day <= f"{party}#{asked['tot']}" and record.place not in there:
            yield Finding(record.name, "is left out of the extract")


# ------------------------------------------------------------------------------------------------------- the command


def read_checkpoints(folder: Path) -> tuple[dict[int, Checkpoint], list[Finding]]:
    """Read the checkpoints of a folder; other files are left alone."""
    chain: dict[int, Checkpoint] = {}
    findings = []
    for path in sorted(folder.glob(f"{PREFIX}*.json")):
        try:
            point = Checkpoint.read(path.read_bytes())
            if path.name != name_of(point.number):
                raise MalformedError(f"it is {point.name}, under another's name")
            chain[point.number] = point
        except MalformedError as error:
            findings.append(Finding(path.name, str(error)))
    return chain, findings


def verify(
    checkpoints: Sequence[Path], segments: Path | None, extract: Path | None, trusted: frozenset[str]
) -> tuple[list[Finding], list[str]]:
    """Verify all that is given.

    Args:
        checkpoints: folders of witnesses; the segments and the extract are compared with the first.
        segments: folder of segments, if any.
        extract: an extract, if any.
        trusted: fingerprints of published keys; empty for none.

    Returns:
        What does not agree, and what was verified.
    """
    findings, told, witnesses = [], [], {}
    for folder in checkpoints:
        witnesses[str(folder)], wrong = read_checkpoints(folder)
        chain = witnesses[str(folder)]
        findings += [*wrong, *check_chain(chain, trusted)]
        if not chain:
            findings.append(Finding(str(folder), "holds no checkpoint"))
        upto = (
            f", up to {chain[max(chain)].name}, the oldest signed with key {_key(chain[min(chain)])}" if chain else ""
        )
        told.append(f"{folder}: {len(chain)} checkpoints{upto}")
    findings += compare(witnesses)
    chain = witnesses[str(checkpoints[0])]
    if segments is not None:
        sealed = Sealed()
        findings += sealed.check(digests(segments), chain)
        if not sealed.end:
            findings.append(Finding(str(segments), "holds no segment"))
        told.append(f"{segments}: {len(sealed.contents)} records")
        if sealed.uncovered:
            told.append(f"{segments}: {len(sealed.uncovered)} segments have no checkpoint in {checkpoints[0]}")
    if extract is not None:
        document = json.loads(extract.read_bytes())
        findings += check_extract(document, chain)
        if segments is not None and document["vraag"].keys() == {"van", "tot"}:
            findings += check_whole(document, (Segment.read(path.read_bytes()) for path in segments.glob("*.gz")))
        told.append(f"{extract}: {len(document['items'])} records")
    return findings, told


def main(words: Sequence[str] | None = None) -> int:
    """Verify what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    there = partial(_existing, parser)
    parser.add_argument(
        "--checkpoints",
        type=there,
        action="append",
        required=True,
        metavar="FOLDER",
        help="of a witness; several compare",
    )
    parser.add_argument("--segments", type=there, metavar="FOLDER", help="what the checkpoints seal")
    parser.add_argument("--extract", type=there, metavar="FILE", help="with proofs")
    parser.add_argument("--key", action="append", default=[], metavar="FINGERPRINT", help="of a published key")
    said = parser.parse_args(words)
    try:
        findings, told = verify(said.checkpoints, said.segments, said.extract, frozenset(said.key))
    except (KeyError, TypeError, ValueError, AttributeError):
        parser.error("the extract, or a segment, has not the form of one")
    for line in (*told, *(finding.line for finding in findings)):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(findings)} findings.\n" if findings else "All agrees.\n")
    return 1 if findings else 0


def _existing(parser: argparse.ArgumentParser, text: str) -> Path:
    if not Path(text).exists():
        parser.error(f"{text} is not there")
    return Path(text)


if __name__ == "__main__":
    sys.exit(main())
