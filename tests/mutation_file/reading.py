"""Reads mutation files held in memory."""

from collections.abc import Iterator

from jbplus.mutation_file.codes import Finding
from jbplus.mutation_file.document import RawRecord
from jbplus.mutation_file.reader import Inspection, Limits, inspect, read_records
from tests.support.fakes import NOW


def blocks(content: bytes, size: int = 1000) -> Iterator[bytes]:
    """Cut a file in blocks."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


def look(content: bytes, *, block: int = 1000, limits: Limits | None = None) -> Inspection:
    """Inspect a file."""
    return inspect(blocks(content, block), received=NOW, limits=limits or Limits())


def refusal(content: bytes, *, limits: Limits | None = None) -> Finding:
    """Inspect a file that is refused."""
    found = look(content, limits=limits).refusal
    assert found is not None
    return found


def records(content: bytes, *, block: int = 1000, position: int = 0) -> list[RawRecord]:
    """Read the records of a file that is not refused, from a position on."""
    assert look(content, block=block).refusal is None
    return list(read_records(blocks(content, block), position))
