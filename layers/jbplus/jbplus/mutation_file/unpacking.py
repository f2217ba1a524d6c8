"""The bytes of a mutation file: decompressed, counted and hashed, a bounded piece at a time."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator

from jbplus.mutation_file.codes import Code, FormError

BLOCK = 64 * 1024


def decompress(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress gzip, of one or more members, a bounded piece at a time.

    Raises:
        FormError: the bytes are no whole gzip file.
    """
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    begun = False
    try:
        for block in blocks:
            rest = block
            while rest:
                if stream.eof:
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

    def __init__(self, blocks: Iterable[bytes], *, gzipped: bool, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._hash = hashlib.sha256()
        self._raw_hash = hashlib.sha256()
        self._broken = False
        self._raw = self._hash_raw(blocks) if gzipped else iter(blocks)
        self._pieces = self._measure(decompress(self._raw) if gzipped else self._raw)

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
