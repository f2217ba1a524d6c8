"""Reads a file of WEWIS as a stream: whatever the file's size or shape, the memory stays bounded.

The file is read twice. `inspect` reads it to its last byte and changes nothing: form, envelope, count, size and
hash. Only then `read_records` gives the records one by one. The order of the keys in the file is free.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf

from jbplus.mutation_file.codes import Code, Finding, FormError
from jbplus.mutation_file.document import Element, RawRecord, elements
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import Context, parse_context
from jbplus.mutation_file.unpacking import Meter, unpacked
from jbplus.mutation_file.values import Value


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


def inspect(blocks: Iterable[bytes], *, received: datetime, limits: Limits) -> Inspection:
    """Read a file whole, without changing anything.

    Args:
        blocks: the object's bytes as they came, in pieces of any size; gzip is decompressed.
        received: when the file arrived, with its offset.
        limits: the largest file that is taken.
    """
    meter = Meter(blocks, limit=limits.size)
    envelope = _Envelope(limits.records)
    refusal: Finding | None = None
    try:
        for element in elements(meter.pieces(), built_from=inf):
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


def read_records(blocks: Iterable[bytes], position: int = 0) -> Iterator[RawRecord]:
    """Give the records of a file that `inspect` found good.

    Args:
        blocks: the object's bytes as they came.
        position: of the first record that is wanted; those before it are only counted.

    Raises:
        FormError: the file is not the one that was inspected.
    """
    for element in elements(unpacked(blocks), position):
        if element.record is not None and element.record.place >= position:
            yield element.record


class _Envelope:
    """Collects what stands around the records, and what is wrong with it."""

    def __init__(self, max_records: int) -> None:
        self.count = 0
        self._max_records = max_records
        self._context: Value = None
        self._seen: set[str] = set()

    def take(self, element: Element) -> None:
        if element.record is not None:
            self.count += 1
            if self.count > self._max_records:
                raise FormError(Code.TOO_LARGE, f"/{element.key}")
            return
        if element.key in self._seen:
            raise FormError(Code.CONTEXT_INVALID, f"/{element.key}")
        self._seen.add(element.key)
        if element.key == "context":
            self._context = element.context

    def check(self, received: datetime) -> Context:
        lists = self._seen - {"context"}
        for key, is_there in (("context", "context" in self._seen), (Kind.MUTATIONS.records, lists)):
            if not is_there:
                raise FormError(Code.CONTEXT_INVALID, f"/{key}")
        parsed = parse_context(self._context, received=received)
        if isinstance(parsed, Finding):
            raise FormError(parsed.code, parsed.path)
        if lists != {parsed.kind.records}:
            raise FormError(Code.CONTEXT_INVALID, f"/{parsed.kind.records}")
        return parsed

    def context(self, received: datetime) -> Context | None:
        """Give the context of a refused file, when at least that is as agreed."""
        parsed = parse_context(self._context, received=received)
        return None if isinstance(parsed, Finding) else parsed
