"""Our own hash over what is kept of an answer: whether it is still what the exchange answered.

It guards against mistakes and failing disks, not against who edits an answer and makes its hash anew.
"""

import hashlib
from typing import Final

_MOST_BYTES: Final = 4096
"""In longer ones no flipped bit is looked for: each bit takes a hash."""

Column = bytes | str | int | float | None
"""What a column holds, as it is stored or to be stored."""


def record_of(*columns: Column) -> bytes:
    """Say columns as bytes; no two rows say the same."""
    return b"".join(map(_said, columns))


def hash_of(record: bytes | bytearray) -> str:
    """Make the hash: SHA-256 in hexadecimal digits."""
    return hashlib.sha256(record).hexdigest()


def is_one_bit_off(record: bytes, kept: str) -> bool:
    """Tell whether one flipped bit, in what is kept or in its hash, made the two differ.

    Args:
        record: what is kept now.
        kept: its hash as it was.
    """
    if is_bit_apart(hash_of(record), kept):
        return True
    if len(record) > _MOST_BYTES:
        return False
    tried = bytearray(record)
    for place in range(len(tried) * 8):
        tried[place // 8] ^= 1 << place % 8
        if hash_of(tried) == kept:
            return True
        tried[place // 8] ^= 1 << place % 8
    return False


def is_bit_apart(one: str, other: str) -> bool:
    """Tell whether two texts differ in one bit."""
    first, second = one.encode(), other.encode()
    different = int.from_bytes(first) ^ int.from_bytes(second)
    return len(first) == len(second) and different.bit_count() == 1


def _said(column: Column) -> bytes:
    if column is None:
        return b"-"
    if isinstance(column, int):
        return b"i" + column.to_bytes(8, signed=True)
    text = column if isinstance(column, bytes) else str(column).encode()
    return b"t" + len(text).to_bytes(4) + text
