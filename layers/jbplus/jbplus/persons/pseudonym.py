"""Pseudonyms: what the tables hold instead of an INSZ.

The first pseudonym is HMAC-SHA-256(k1, INSZ). A rotation makes the next one HMAC(k2, first pseudonym), so that
it needs no INSZ. Who has a table but not the keys cannot tell whose rows they are, nor try all numbers.

What parties see is made with keys derived for that use alone (HKDF, RFC 5869): nothing that a party is shown, and
nothing that it can have made, is ever a key of a table.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from jbplus.errors import UnavailableError

_LONGEST_RING = 1000


class InvalidKeysError(ValueError):
    """The secret does not hold pseudonym keys in the expected form."""


class Name(NamedTuple):
    """A person's name in the tables.

    Attributes:
        person: the pseudonym.
        key_version: the version of the key that made it.
    """

    person: str
    key_version: int


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Makes pseudonyms.

    Attributes:
        keys: the keys k1 to kn, oldest first.
        current: the version that the tables are read by; None for the newest.
        other: while a rotation runs, its other version.
        is_kept_twice: whether the tables are kept under the other version too.
    """

    keys: tuple[bytes, ...] = field(repr=False)
    current: int | None = None
    other: int | None = None
    is_kept_twice: bool = False

    @property
    def version(self) -> int:
        """The version that the tables are read by, from 1."""
        return self.current or len(self.keys)

    def __call__(self, insz: str) -> str:
        """Make the current pseudonym of an INSZ: 64 hexadecimal digits."""
        person = insz
        for key in self.keys[: self.version]:
            person = _hmac(key, person)
        return person

    def names(self, insz: str) -> tuple[Name, ...]:
        """Give the names under which a person is read and written now, the one that counts first."""
        names = self.names_to_remove(insz)
        return names if self.is_kept_twice else names[:1]

    def names_to_remove(self, insz: str) -> tuple[Name, ...]:
        """Give the names under which a person is removed: all under which something may stand that counts."""
        made = self.of_every_version(insz)
        versions = (self.version,) if self.other is None else (self.version, self.other)
        return tuple(Name(made[version - 1], version) for version in versions)

    def oldest_name(self, insz: str) -> Name:
        """Give the name to keep where no rotation comes: all names from now on follow from it."""
        return min(self.names_to_remove(insz), key=lambda name: name.key_version)

    def names_of(self, name: Name) -> tuple[Name, ...]:
        """Give what `names` gives, by a name that the person had before instead of its INSZ.

        Raises:
            UnavailableError: there is no key of its version, or it had that name only later.
        """
        versions = (self.version,) if self.other is None or not self.is_kept_twice else (self.version, self.other)
        return tuple(Name(self._later(name, version), version) for version in versions)

    def of_every_version(self, insz: str) -> tuple[str, ...]:
        """Make the pseudonym of each key version of an INSZ, oldest first.

        Records of the privacy log keep the pseudonym of the version they were written with.
        """
        names = [insz]
        for key in self.keys:
            names.append(_hmac(key, names[-1]))
        return tuple(names[1:])

    def for_party(self, party: str, name: Name) -> str:
        """Make the pseudonym by which one party may know a person: 64 hexadecimal digits, of no use to another.

        It is the same whatever version the name is of, until the next rotation.

        Args:
            party: KBO number.
            name: the person's name of any version that there is a key of.

        Raises:
            UnavailableError: there is no such key.
        """
        newest = self._later(name, len(self.keys))
        return _hmac(derived(self.keys[-1], f"person for {party}"), newest)

    def _later(self, name: Name, version: int) -> str:
        if not 1 <= name.key_version <= version <= len(self.keys):
            raise UnavailableError("pseudonym keys: a name of a version that the secret has no key of")
        person = name.person
        for key in self.keys[name.key_version : version]:
            person = _hmac(key, person)
        return person

    def key_of_versions(self, party: str) -> bytes:
        """Derive the key of the marks by which one party knows its answers (`versie`).

        It follows from the first key, so that a rotation changes no mark: a mark says nothing to who has no handle,
        and who has one of a party has its answers too.

        Args:
            party: KBO number.
        """
        return derived(self.keys[0], f"versions of answers for {party}")

    def seal(self, text: str) -> str:
        """Make a seal on a text, 64 hexadecimal digits, that nobody makes without the keys."""
        return _seal(self.keys[-1], text)

    def is_seal(self, seal: str, text: str) -> bool:
        """Tell whether a text bears our seal: of the newest key or the one before, so that a rotation breaks none."""
        return any(hmac.compare_digest(seal.encode(), _seal(key, text).encode()) for key in self.keys[-2:])

    def key_of_source_stand(self) -> bytes:
        """Derive the key of the marks by which the source compares its books with what is live.

        It follows from the first key, so that a rotation changes no mark. The source has it: it tells nothing of other
        keys, and opens no table.
        """
        return derived(self.keys[0], "marks of the source's stand")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys as the secret holds them.

    Attributes:
        version: the version that the secret names.
        keys: all keys from k1 on; a rotation that has begun has put one more than `version`.
    """

    version: int
    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def from_secret(cls, secret: str) -> Self:
        """Read the keys from a secret: `{"version": n, "k1": ..., ..., "kn": ...}`.

        Raises:
            InvalidKeysError: the secret has another form; the message holds nothing of it.
        """
        try:
            document = json.loads(secret)
            version = int(document["version"])
            keys = tuple(str(document[f"k{n}"]).encode() for n in range(1, min(version, _LONGEST_RING) + 1))
            if f"k{version + 1}" in document:
                keys = (*keys, str(document[f"k{version + 1}"]).encode())
        except (ValueError, TypeError, KeyError, OverflowError):
            raise InvalidKeysError("the pseudonym secret must be an object with version, k1 … kn") from None
        if not 1 <= version <= len(keys) or not all(len(key) >= hashlib.sha256().digest_size for key in keys):
            raise InvalidKeysError("each pseudonym key must be at least 32 bytes long")
        return cls(version, keys)

    @property
    def pseudonyms(self) -> Pseudonyms:
        """What makes the pseudonyms of this ring, when no table is asked which version it is at."""
        return Pseudonyms(self.keys, self.version)

    def successor(self, person: str, version: int) -> str:
        """Make a pseudonym from that of the version before it: so a rotation needs no INSZ."""
        return _hmac(self.keys[version - 1], person)

    def mark(self, version: int) -> str:
        """Give a mark by which a table knows the key that it is kept under; it tells nothing of the key."""
        return _hmac(derived(self.keys[version - 1], "mark of a key"), str(version))[:32]


def derived(key: bytes, use: str) -> bytes:
    """Derive a key for one use alone: HKDF-SHA-256 (RFC 5869) without salt, one block of output."""
    extracted = hmac.new(bytes(hashlib.sha256().digest_size), key, hashlib.sha256).digest()
    return hmac.new(extracted, use.encode() + b"\x01", hashlib.sha256).digest()


def _seal(key: bytes, text: str) -> str:
    return _hmac(derived(key, "seal of a page"), text)


def _hmac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()
