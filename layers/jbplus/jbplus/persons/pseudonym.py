"""Pseudonyms: what the tables hold instead of an INSZ.

The first pseudonym is HMAC-SHA-256(k1, INSZ). A rotation makes the next one HMAC(k2, first pseudonym), so that
it needs no INSZ. Who has a table but not the keys cannot tell whose rows they are, nor try all numbers.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Self


class InvalidKeysError(ValueError):
    """The secret does not hold pseudonym keys in the expected form."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Makes pseudonyms.

    Attributes:
        keys: the keys k1 to kn, oldest first.
    """

    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def from_secret(cls, secret: str) -> Self:
        """Read the keys from a secret: `{"version": n, "k1": ..., ..., "kn": ...}`.

        Raises:
            InvalidKeysError: the secret has another form; the message holds nothing of it.
        """
        try:
            document = json.loads(secret)
            keys = tuple(str(document[f"k{n}"]).encode() for n in range(1, int(document["version"]) + 1))
        except (ValueError, TypeError, KeyError, OverflowError):
            raise InvalidKeysError("the pseudonym secret must be an object with version, k1 … kn") from None
        if not keys or not all(len(key) >= hashlib.sha256().digest_size for key in keys):
            raise InvalidKeysError("each pseudonym key must be at least 32 bytes long")
        return cls(keys)

    @property
    def version(self) -> int:
        """The version of the newest key, from 1."""
        return len(self.keys)

    def __call__(self, insz: str) -> str:
        """Make the current pseudonym of an INSZ: 64 hexadecimal digits."""
        return self.of_every_version(insz)[-1]

    def of_every_version(self, insz: str) -> tuple[str, ...]:
        """Make the pseudonym of each key version of an INSZ, oldest first.

        Records of the privacy log keep the pseudonym of the version they were written with.
        """
        names = [insz]
        for key in self.keys:
            names.append(_hmac(key, names[-1]))
        return tuple(names[1:])

    def seal(self, text: str) -> str:
        """Make a seal on a text, 64 hexadecimal digits, that nobody makes without the keys.

        The oldest key makes it, so that a rotation breaks no seal. No seal is anybody's pseudonym: those are made of
        numbers alone.
        """
        return _hmac(self.keys[0], f"seal {text}")


def _hmac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
