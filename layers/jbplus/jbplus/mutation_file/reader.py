"""Reads a mutation file as a stream: whatever the file's size or shape, the memory stays bounded.

The file is read twice. `inspect` reads it to its last byte and changes nothing: form, envelope, count, size and
hash. Only then `read_records` gives the records one by one. The order of the keys in the file is free.
"""

import hashlib
import zlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import ijson

from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.records import Context, parse_context
from jbplus.mutation_file.values import ElementBuilder, Value

BLOCK = 64 * 1024
# A text or number that goes on for this long has no place in the protocol, and would fill the memory. White
# space counts too: inside a text it is kept like any other character.
_MAX_VALUE_BYTES = 1024 * 1024
_MAX_DEPTH = 1000
_YAJL = ijson.get_backend("yajl2_c")
# yajl takes these for white space; JSON has them nowhere, not even inside a text.
_NOT_IN_JSON = (b"\v", b"\f")
# yajl forgives a text that begins after the document and never ends: a quote at the end of the file would end it.
_AFTER_THE_END = b' "'


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file that is taken.

    Attributes:
        size: bytes, after decompression.
        records: number of records.
    """

    size: int = 4 * 1024**3
    records: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the first reading found.

    Attributes:
        sha256: of the decompressed bytes, hexadecimal. Of a file over the size limit only the bytes up to the
            limit count; of one that does not decompress the bytes as they came.
        size: bytes, decompressed.
        context: the envelope, when it is as agreed.
        count: the number of records.
        refusal: why the file is refused, or None.
    """

    sha256: str
    size: int
    context: Context | None
    count: int
    refusal: Finding | None


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One element of `mutaties`, not validated yet.

    Attributes:
        index: its position, from 0.
        value: as read from JSON, numbers as int or Decimal; None when it was too large to keep.
        flaw: what is wrong with its form, or None.
    """

    index: int
    value: Value
    flaw: Finding | None


class FormError(Exception):
    """The file is not what it should be as a whole."""

    def __init__(self, code: Code, path: str = "") -> None:
        super().__init__(code.value)
        self.finding = Finding(code, path)


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


def inspect(blocks: Iterable[bytes], *, gzipped: bool, received: datetime, limits: Limits) -> Inspection:
    """Read a file whole, without changing anything.

    Args:
        blocks: the object's bytes as they came, in pieces of any size.
        gzipped: whether they are to be decompressed.
        received: when the file arrived, with its offset.
        limits: the largest file that is taken.
    """
    meter = _Meter(blocks, gzipped=gzipped, limit=limits.size)
    envelope = _Envelope(limits.records)
    refusal: Finding | None = None
    try:
        for element in _elements(meter.pieces()):
            envelope.take(element)
        context = envelope.check(received)
    except FormError as error:
        refusal, context = error.finding, None
    try:
        meter.drain()
    except FormError as error:
        refusal = error.finding
    if meter.size == 0 and refusal is not None and refusal.code is Code.NOT_JSON:
        refusal = Finding(Code.EMPTY_FILE)
    if context is not None and refusal is None and context.aantal != envelope.count:
        refusal = Finding(Code.COUNT_WRONG, "/context/aantal")
    return Inspection(meter.sha256, meter.size, context or envelope.context(received), envelope.count, refusal)


def read_records(blocks: Iterable[bytes], *, gzipped: bool) -> Iterator[RawRecord]:
    """Give the records of a file that `inspect` found good.

    Args:
        blocks: the object's bytes as they came.
        gzipped: whether they are to be decompressed.

    Raises:
        FormError: the file is not the one that was inspected.
    """
    for element in _elements(decompress(blocks) if gzipped else blocks):
        if element.record is not None:
            yield element.record


class _Meter:
    """Hands on the decompressed bytes, and keeps their count and hash whether or not they are wanted."""

    def __init__(self, blocks: Iterable[bytes], *, gzipped: bool, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._hash = hashlib.sha256()
        self._raw_hash = hashlib.sha256()
        self._broken = False
        self._raw = self._hash_raw(blocks) if gzipped else iter(blocks)
        self._pieces = self._measure(decompress(self._raw) if gzipped else self._raw)

    def pieces(self) -> Iterator[bytes]:
        return self._pieces

    def drain(self) -> None:
        """Read what nobody wanted, for the hash and the last byte's form."""
        for _ in self._pieces:
            pass

    @property
    def sha256(self) -> str:
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


@dataclass(frozen=True, slots=True)
class _Element:
    """A part of the document: the value of `context`, or a record, or the mere presence of `mutaties`."""

    key: str
    context: Value = None
    record: RawRecord | None = None


class _Envelope:
    """Collects what stands around the records, and what is wrong with it."""

    def __init__(self, max_records: int) -> None:
        self.count = 0
        self._max_records = max_records
        self._context: Value = None
        self._seen: set[str] = set()

    def take(self, element: _Element) -> None:
        if element.record is not None:
            self.count += 1
            if self.count > self._max_records:
                raise FormError(Code.TOO_LARGE, "/mutaties")
            return
        if element.key in self._seen:
            raise FormError(Code.CONTEXT_INVALID, f"/{element.key}")
        self._seen.add(element.key)
        if element.key == "context":
            self._context = element.context

    def check(self, received: datetime) -> Context:
        for key in ("context", "mutaties"):
            if key not in self._seen:
                raise FormError(Code.CONTEXT_INVALID, f"/{key}")
        parsed = parse_context(self._context, received=received)
        if isinstance(parsed, Finding):
            raise FormError(parsed.code, parsed.path)
        return parsed

    def context(self, received: datetime) -> Context | None:
        """Give the context of a refused file, when at least that is as agreed."""
        parsed = parse_context(self._context, received=received)
        return None if isinstance(parsed, Finding) else parsed


def _elements(pieces: Iterable[bytes]) -> Iterator[_Element]:
    """Split the document into its elements.

    Raises:
        FormError: it is no JSON to its last byte, or not an envelope.
    """
    document = _document()
    next(document)
    for event, value in _events(pieces):
        if (element := document.send((event, value))) is not None:
            yield element


_Event = tuple[str, Value]


def _events(pieces: Iterable[bytes]) -> Iterator[_Event]:
    events: list[_Event] = ijson.sendable_list()
    parser = _YAJL.basic_parse_coro(events)
    without_event = 0
    try:
        for piece in pieces:
            for start in range(0, len(piece), BLOCK):
                block = piece[start : start + BLOCK]
                if any(byte in block for byte in _NOT_IN_JSON):
                    raise FormError(Code.NOT_JSON)
                parser.send(block)
                without_event = 0 if events else without_event + len(block)
                if without_event > _MAX_VALUE_BYTES:
                    raise FormError(Code.VALUE_TOO_LONG)
                yield from events
                events.clear()
        parser.send(_AFTER_THE_END)
        parser.close()
        yield from events
    except (ijson.JSONError, UnicodeDecodeError):
        raise FormError(Code.NOT_JSON) from None
    except (SystemError, ArithmeticError, ValueError):
        # Python reads no integer of over 4,300 digits, nor a decimal with an endless exponent; out of the
        # parser's C code the refusal comes as a SystemError.
        raise FormError(Code.VALUE_TOO_LONG) from None


def _document() -> Generator[_Element | None, _Event, None]:
    """Follow the events of one document: an object with `context` and `mutaties`.

    Raises:
        FormError: it is not such an object.
    """
    event, _ = yield None
    if event != "start_map":
        raise FormError(Code.CONTEXT_INVALID)
    element: _Element | None = None
    while True:
        event, key = yield element
        element = None
        if event == "end_map":
            break
        if key == "context":
            builder = yield from _build((yield None), "/context")
            if builder.flaw is not None:
                raise FormError(Code.CONTEXT_INVALID, "/context")
            element = _Element("context", context=builder.value)
        elif key == "mutaties":
            yield from _records()
            element = _Element("mutaties")
        else:
            raise FormError(Code.CONTEXT_INVALID)
    while True:
        yield element
        element = None


def _records() -> Generator[_Element | None, _Event, None]:
    event, _ = yield None
    if event != "start_array":
        raise FormError(Code.CONTEXT_INVALID, "/mutaties")
    index = 0
    element: _Element | None = None
    while True:
        first = yield element
        if first[0] == "end_array":
            return
        builder = yield from _build(first, f"/mutaties/{index}")
        element = _Element("mutaties", record=RawRecord(index, builder.value, builder.flaw))
        index += 1


def _build(first: _Event, path: str) -> Generator[None, _Event, ElementBuilder]:
    builder = ElementBuilder(path)
    builder.take(*first)
    while not builder.done:
        builder.take(*(yield None))
        if builder.depth > _MAX_DEPTH:
            raise FormError(Code.VALUE_TOO_LONG)
    return builder
