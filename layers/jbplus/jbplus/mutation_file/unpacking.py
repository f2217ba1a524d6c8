"""The bytes of a mutation file: decompressed, counted and hashed, a bounded piece at a time."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from jbplus.mutation_file.codes import Code, FormError

ENDINGS = (".json", ".json.gz")
"""Names of the files that are taken, wherever they come from, end so; what they hold decides the rest."""

BLOCK = 64 * 1024
_MAGIC = b"\x1f\x8b"


def is_gzip(blocks: Iterable[bytes]) -> tuple[bool, Iterator[bytes]]:
    """Tell whether bytes are gzip: the first two tell, whatever the file's name.

    Returns:
        Whether they are, and the bytes, none lost.
    """
    rest = iter(blocks)
    head = b""
    while len(head) < len(_MAGIC) and (block := next(rest, None)) is not None:
        head += block
    return head.startswith(_MAGIC), chain([head], rest)


def unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Give what a file holds: decompressed when it is gzip, else as it came.

    Raises:
        FormError: it begins as gzip, and is no whole gzip file.
    """
    packed, blocks = is_gzip(blocks)
    return decompress(blocks) if packed else blocks


def decompress(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress gzip, of one or more members, a bounded piece at a time.

    Zero bytes after the last member are padding, as transfers in blocks leave it.

    Raises:
        FormError: the bytes are no whole gzip file.
    """
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    begun = padded = False
    try:
        for block in blocks:
            rest = block
            while rest:
                if stream.eof:
                    padded = padded or rest.startswith(b"\0")
                    if padded and rest.strip(b"\0"):
                        raise FormError(Code.NOT_GZIP)
                    if padded:
                        break
                    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                begun = True
                if piece := stream.decompress(rest, BLOCK):
                    yield piece
                rest = stream.unconsumed_tail or stream.unused_data
    except zlib.error:
        raise FormError(Code.NOT_GZIP) from None
    if begun and not stream.eof:
        raise FormError(Code.NOT_GZIP)


class Meter:
    """Hands on the decompressed bytes, and keeps their count and hash whether or not they are wanted.

    Attributes:
        size: the bytes so far, decompressed.
    """

    def __init__(self, blocks: Iterable[bytes], *, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._hash = hashlib.sha256()
        self._raw_hash = hashlib.sha256()
        self._broken = False
        packed, blocks = is_gzip(blocks)
        self._raw = self._hash_raw(blocks) if packed else blocks
        self._pieces = self._measure(decompress(self._raw) if packed else self._raw)

    def pieces(self) -> Iterator[bytes]:
        """Give the decompressed bytes.

        Raises:
            FormError: they are no whole gzip file, or over the limit.
        """
        return self._pieces

    def drain(self) -> None:
        """Read what nobody wanted, for the hash and the last byte's form."""
        for _ in self._pieces:
            pass

    @property
    def sha256(self) -> str:
        """The hash of the decompressed bytes up to the limit; of bytes that do not decompress as they came."""
        return (self._raw_hash if self._broken else self._hash).hexdigest()

    def _hash_raw(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self._raw_hash.update(block)
            yield block

    def _measure(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        try:
            for piece in pieces:
                room = self._limit - self.size
                self._hash.update(piece[:room])
                self.size += len(piece)
                if len(piece) > room:
                    raise FormError(Code.TOO_LARGE)
                yield piece
        except FormError as error:
            if error.finding.code is Code.NOT_GZIP:
                self._broken = True
                for _ in self._raw:
                    pass
            raise
