"""Telling a whole file from one that is still being written, or whose sender stopped midway: by its last byte."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ijson

from jbplus.mutation_file.codes import FormError
from jbplus.mutation_file.reader import Limits
from jbplus.mutation_file.unpacking import decompress, is_gzip

_YAJL = ijson.get_backend("yajl2_c")
_NOWHERE = "\0"  # nothing is built of what is read


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file's bytes tell.

    Attributes:
        sha256: their hash, hexadecimal.
        whole: whether they are JSON, or gzip, to the last byte; which JSON, and what gzip holds, the intake judges.
    """

    sha256: str
    whole: bool


def examine(blocks: Iterable[bytes]) -> Examined:
    """Read a file to its end."""
    digest = hashlib.sha256()

    def hashed() -> Iterator[bytes]:
        for block in blocks:
            digest.update(block)
            yield block

    rest = hashed()
    packed, everything = is_gzip(rest)
    whole = _unpacks(everything) if packed else _is_json(everything)
    for _ in rest:  # the hash is of all of them
        pass
    return Examined(digest.hexdigest(), whole)


def _is_json(blocks: Iterable[bytes]) -> bool:
    parser = _YAJL.items_coro(ijson.sendable_list(), _NOWHERE)
    try:
        for block in blocks:
            parser.send(block)
        parser.close()
    except (ijson.JSONError, ArithmeticError, ValueError):
        return False
    return True


def _unpacks(blocks: Iterable[bytes]) -> bool:
    """Tell whether it is whole gzip; what unpacks to more than a file may hold, the intake refuses."""
    size = 0
    try:
        for piece in decompress(blocks):
            size += len(piece)
            if size > Limits().size:
                return True
    except FormError:
        return False
    return True
