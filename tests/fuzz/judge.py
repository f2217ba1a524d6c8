"""What must hold of a mutation file whatever its bytes: every finding here is a mistake of ours."""

import gzip
import json
import zlib
from typing import Any

from jbplus.intake.applying import sort_out
from jbplus.intake.quarantine import from_lines
from jbplus.mutation_file.codes import Code
from jbplus.mutation_file.document import RawRecord
from jbplus.mutation_file.reader import Inspection, read_records
from jbplus.mutation_file.records import Circumstances
from jbplus.mutation_file.report import Status
from jbplus.persons.state import decode, encode
from tests.fuzz import second_opinion
from tests.fuzz.second_opinion import NoOpinionError, NotJsonError
from tests.intake.fakes import FakeBucket, sha256
from tests.mutation_file.reading import blocks, look
from tests.support.exchange import Exchange

_LARGE = 1024 * 1024
_GZIP = b"\x1f\x8b"


def judge(content: bytes, *, block: int) -> Inspection:
    """Read a file in every way there is, and hold the outcomes against each other.

    Args:
        content: the file.
        block: in pieces of how many bytes it comes.

    Raises:
        AssertionError: something that must hold does not.
        Exception: whatever else the product let through.
    """
    inspection = look(content, block=block)
    _judge_blocks(inspection, content, block)
    plain = _decompressed(inspection, content) if content.startswith(_GZIP) else content
    if plain is not None:
        assert (inspection.sha256, inspection.size) == (sha256(plain), len(plain))
        _judge_form(inspection, plain, block)
    _judge_intake(inspection, content, block)
    return inspection


def _judge_blocks(inspection: Inspection, content: bytes, block: int) -> None:
    """The same bytes give the same; in other pieces too, but for which of several faults is named."""
    assert look(content, block=block) == inspection
    whole = look(content, block=len(content) or 1)
    assert whole.sha256 == inspection.sha256
    assert (whole.refusal is None) == (inspection.refusal is None), (whole.refusal, inspection.refusal)
    if inspection.refusal is None:
        assert whole == inspection


def _decompressed(inspection: Inspection, content: bytes) -> bytes | None:
    """Decompress a file that the reader could decompress; None when it could not, or when it is very large."""
    refused_as_gzip = inspection.refusal is not None and inspection.refusal.code is Code.NOT_GZIP
    if inspection.size > _LARGE:
        return None
    try:
        plain = gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        assert refused_as_gzip
        plain = None
    else:
        # Python's gzip lets zero bytes pass between members too.
        assert not refused_as_gzip or b"\0" in content
    if refused_as_gzip:
        assert inspection.sha256 == sha256(content)
        return None
    return plain


def _judge_form(inspection: Inspection, plain: bytes, block: int) -> None:
    """The reader takes what is a good file for Python's JSON library, and sees the same in it."""
    records = list(read_records(blocks(plain, block))) if inspection.refusal is None else None
    if records is not None:
        assert [record.place for record in records] == list(range(inspection.count))
        assert all(second_opinion.size(record.value).fits() for record in records)
    try:
        document = second_opinion.read(plain)
    except NoOpinionError:
        return
    except NotJsonError:
        assert inspection.refusal is not None
        return
    assert inspection.refusal is None or inspection.refusal.code not in {Code.NOT_JSON, Code.EMPTY_FILE}
    expected = second_opinion.accepted_records(document)
    assert (records is None) == (expected is None), inspection.refusal
    for record, value in zip(records or [], expected or [], strict=True):
        _judge_record(record, value)


def _judge_record(record: RawRecord, expected: Any) -> None:
    if record.flaw is None:
        assert not second_opinion.repeats_a_key(expected)
        assert repr(record.value) == repr(second_opinion.plain(expected))
    elif record.flaw.code is Code.RECORD_TOO_LARGE:
        assert record.value is None
        assert not second_opinion.size(expected).fits(part=0.5)
    else:
        assert record.flaw.code is Code.FIELD_REPEATED
        assert second_opinion.repeats_a_key(expected)


def _judge_quarantine(lines: bytes, read: list[RawRecord]) -> None:
    """A bad record is kept as it was read and stays bad when it is handed in again, unless its person lacked room."""
    context, records = from_lines(lines)
    assert all(repr(record.value) == repr(read[record.place].value) for record in records)
    good, _ = sort_out(records, Circumstances(context.file_day, test_numbers_allowed=True))
    codes = {line["index"]: line["code"] for line in map(json.loads, lines.splitlines()[1:])}
    assert {codes[item.index] for item in good} <= {Code.TOO_MANY_ENTRIES}


def _judge_intake(inspection: Inspection, content: bytes, block: int) -> None:
    """A refused file changes nothing; of a good one each record is applied or rejected, stopped on the way or not."""
    exchange = Exchange(bucket=FakeBucket(block=block))
    report = exchange.take_in(content, "a.json")
    counts = report.aantallen
    assert (report.status is Status.REFUSED) == (inspection.refusal is not None)
    if report.status is Status.REFUSED:
        assert (exchange.persons.items, exchange.ledger.volgnummers()) == ({}, [])
        assert list(exchange.bucket.quarantined.values()) == [content]
        return
    assert counts.gelezen == inspection.count == counts.toegepast + counts.verouderd + counts.geweigerd
    assert len(exchange.quarantined_records()) == counts.geweigerd
    read = list(read_records(blocks(content, block)))
    for lines in exchange.bucket.quarantined.values():
        _judge_quarantine(lines, read)
    for person in exchange.persons.items.values():
        assert encode(decode(person.state)) == person.state
    stopped = Exchange(bucket=FakeBucket(block=block + 1), chunk=2)
    resumed = stopped.take_in(content, "a.json", time_left=[100, 0, 100, 0])
    assert (resumed, stopped.persons.items) == (report, exchange.persons.items)
    assert stopped.quarantined_records() == exchange.quarantined_records()
    assert exchange.take_in(content, "a.json").status is Status.ALREADY_PROCESSED
