"""What a stand is made of: handles in ranges, and of each range a count and a fingerprint. Pure functions.

The fingerprint of a range is the sum, modulo 2^128, of a number for each of its pairs: so the order in which they come
says nothing, and pages of them are added up.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

RANGES = 4096
"""How many ranges there are: one for each three digits that a handle begins with."""

_DIGITS = 3
_BYTES = 16


class Pair(NamedTuple):
    """What is compared of one registration.

    Attributes:
        handle: the exchange's name of it: 32 hexadecimal digits.
        version: the mark of the answer on its ground: 32 hexadecimal digits.
    """

    handle: str
    version: str


@dataclass(frozen=True, slots=True)
class Range:
    """What a stand says of a range.

    Attributes:
        count: how many pairs are in it.
        sum: their numbers added up, modulo 2^128.
    """

    count: int
    sum: int

    @property
    def fingerprint(self) -> str:
        """The sum as 32 hexadecimal digits."""
        return f"{self.sum:032x}"

    def plus(self, other: "Range") -> "Range":
        """Add the pairs of another part of the same range."""
        return Range(self.count + other.count, (self.sum + other.sum) % 2 ** (8 * _BYTES))


def range_of(handle: str) -> str:
    """Give the range of a handle: its first three digits."""
    return handle[:_DIGITS]


def is_range(name: str) -> bool:
    """Tell whether it names a range; the first digits of a handle that was damaged may name none."""
    return len(name) == _DIGITS and set(name) <= set("0123456789abcdef")


def number_of(pair: Pair) -> int:
    """Make the number of a pair: the first 16 bytes of the SHA-256 of handle, colon and version, big-endian."""
    return int.from_bytes(hashlib.sha256(f"{pair.handle}:{pair.version}".encode()).digest()[:_BYTES])


def ranges_of(pairs: Iterable[Pair]) -> dict[str, Range]:
    """Give what a stand says of each range that is not empty."""
    found: dict[str, Range] = {}
    for pair in pairs:
        one, name = Range(1, number_of(pair)), range_of(pair.handle)
        found[name] = found[name].plus(one) if name in found else one
    return found


class Parted(NamedTuple):
    """How two lots of pairs differ, by handle; each in its order.

    Attributes:
        outdated: at both ends, with another version.
        not_here: at the other end alone.
        only_here: at this end alone.
    """

    outdated: list[str]
    not_here: list[str]
    only_here: list[str]


def parted(here: Mapping[str, str], there: Mapping[str, str], ranges: Collection[str]) -> Parted:
    """Compare versions by handle: all that is here, with what the other end has in some ranges."""
    ours = {handle for handle in here if range_of(handle) in ranges}
    return Parted(
        sorted(handle for handle in ours & there.keys() if here[handle] != there[handle]),
        sorted(there.keys() - ours),
        sorted(ours - there.keys()),
    )


def joined(one: Mapping[str, Range], other: Mapping[str, Range]) -> dict[str, Range]:
    """Join what two lots of pairs give; no pair is in both."""
    return {**one, **{name: one[name].plus(each) if name in one else each for name, each in other.items()}}


def differing(one: Mapping[str, Range], other: Mapping[str, Range]) -> list[str]:
    """List the ranges in which two stands differ, in their order."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
