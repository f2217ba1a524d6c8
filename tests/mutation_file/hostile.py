"""Files that would fill the memory of a careless reader, made a piece at a time and never held.

Run as a program, it lets the reader loose on each of them, and tells by how much the memory grew.
"""

import itertools
import json
import resource
import sys
from collections.abc import Iterator

from jbplus.mutation_file.reader import Limits, inspect
from jbplus.mutation_file.unpacking import BLOCK
from tests.support.fakes import NOW

_MEBIBYTE = 1024**2
_SIZE = 64 * _MEBIBYTE
# ru_maxrss comes in kibibytes, on macOS in bytes.
_UNIT = 1 if sys.platform == "darwin" else 1024

_ENDLESS_VALUES: dict[str, tuple[bytes, bytes]] = {
    "a text of letters": (b'{"context": "', b"a"),
    "a text of spaces": (b'{"context": "', b" "),
    "a text of escapes": (b'{"context": "', b"\\u0041"),
    "a text in a record": (b'{"mutaties": [{"referte": "', b"a"),
    "a key": (b'{"mutaties": [{"', b"a"),
    "a number": (b'{"mutaties": [', b"1"),
    "white space": (b"{", b" "),
    "open arrays": (b'{"mutaties": [', b"["),
    "open objects": (b'{"mutaties": [', b'{"a":'),
}
_MANY = 200_000
_MANY_VALUES: dict[str, tuple[bytes, bytes]] = {
    "a record of many values": (b'{"mutaties": [[[]', b",[%d]"),
    "a record of many keys": (b'{"mutaties": [{"a":0', b',"%d":[]'),
    "a context of many keys": (b'{"context": {"a":0', b',"%d":[]'),
    "many records": (b'{"mutaties": [0', b",[%d]"),
}

NAMES = (*_ENDLESS_VALUES, *_MANY_VALUES)


def stream(name: str) -> Iterator[bytes]:
    """Make a hostile file: it begins like a mutation file, and then repeats itself."""
    if name in _MANY_VALUES:
        begin, form = _MANY_VALUES[name]
        return itertools.chain([begin], (form % number for number in range(_MANY)))
    begin, piece = _ENDLESS_VALUES[name]
    block = piece * (BLOCK // len(piece))
    return itertools.chain([begin], itertools.repeat(block, _SIZE // len(block)))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


def _growth(name: str) -> float:
    before = _peak()
    inspect(stream(name), received=NOW, limits=Limits())
    return (_peak() - before) / _MEBIBYTE


if __name__ == "__main__":
    # A first file, so that what the reader needs anyway does not count.
    inspect(iter([b"{}"]), received=NOW, limits=Limits())
    print(json.dumps({name: _growth(name) for name in NAMES}))  # noqa: T201 - its one output
