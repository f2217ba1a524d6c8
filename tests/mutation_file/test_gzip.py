"""A mutation file may come as gzip: what counts is what it holds."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator

import pytest

from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.reader import Limits, inspect
from jbplus.mutation_file.report import Status
from jbplus.mutation_file.unpacking import BLOCK, decompress
from tests.intake.fakes import sha256
from tests.mutation_file.reading import look, records, refusal
from tests.support.exchange import Exchange
from tests.support.fakes import NOW
from tests.support.files import mutation_file, record
from tests.support.people import ANNA, BRAM

_GOOD = mutation_file([record(ANNA), record(BRAM)])
_GZIP = gzip.compress(_GOOD, mtime=0)
_MEMBERS = b"".join(gzip.compress(part, mtime=0) for part in (_GOOD[:100], b"", _GOOD[100:101], _GOOD[101:]))


@pytest.mark.parametrize(
    "content", [pytest.param(_GZIP, id="one member"), pytest.param(_MEMBERS, id="several members")]
)
def test_a_compressed_file_is_measured_and_hashed_by_what_it_holds(content: bytes) -> None:
    found = look(content)

    assert found.refusal is None
    assert (found.count, found.size, found.sha256) == (2, len(_GOOD), sha256(_GOOD))
    assert [raw.value for raw in records(content)] == [record(ANNA), record(BRAM)]


@pytest.mark.parametrize("length", range(2, len(_GZIP)))
def test_gzip_truncated_at_any_byte_is_refused(length: int) -> None:
    found = look(_GZIP[:length])

    assert found.refusal == Finding(Code.NOT_GZIP)
    assert found.sha256 == sha256(_GZIP[:length])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(_GZIP[:2] + _GOOD, id="its first two bytes alone"),
        pytest.param(_GZIP + bytes(16) + b"garbage", id="garbage after padding"),
        pytest.param(_MEMBERS[:-9] + bytes(100_000), id="padding within a member"),
        pytest.param(_GZIP + bytes(100_000) + b"1", id="blocks of padding and a byte"),
        pytest.param(_GZIP + bytes(16) + gzip.compress(b""), id="padding between members"),
        pytest.param(_GZIP + b"garbage", id="garbage after"),
        pytest.param(_GZIP + b"garbage" * 1000, id="blocks of garbage after"),
        pytest.param(_GZIP + _GZIP[:20], id="a truncated second member"),
        pytest.param(_GZIP[:-8] + bytes(4) + _GZIP[-4:], id="a wrong checksum"),
        pytest.param(_GZIP[:-4] + bytes(4), id="a wrong length"),
        pytest.param(_GZIP[:40] + bytes([_GZIP[40] ^ 0xFF]) + _GZIP[41:], id="a damaged byte"),
    ],
)
def test_what_is_no_whole_gzip_is_refused(content: bytes) -> None:
    found = look(content)

    assert found.refusal == Finding(Code.NOT_GZIP)
    assert found.sha256 == sha256(content)


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")], ids=["no bytes", "gzip of nothing"])
def test_a_compressed_file_of_nothing_is_empty(content: bytes) -> None:
    assert refusal(content) == Finding(Code.EMPTY_FILE)


def test_compressed_content_that_is_no_json_is_refused_as_such() -> None:
    assert refusal(gzip.compress(b"nonsense")) == Finding(Code.NOT_JSON)
    assert refusal(gzip.compress(_GZIP)) == Finding(Code.NOT_JSON)


def test_damage_after_the_end_of_the_json_still_refuses_the_file() -> None:
    padded = gzip.compress(_GOOD + b" " * 100_000, compresslevel=0)

    assert look(padded).refusal is None
    assert refusal(padded[:-20]) == Finding(Code.NOT_GZIP)


def test_damage_outdoes_an_envelope_that_is_wrong_too() -> None:
    wrong = gzip.compress(b"[" + _GOOD + b"]", mtime=0)

    assert refusal(wrong) == Finding(Code.CONTEXT_INVALID)
    found = look(wrong[:-1], block=10)
    assert (found.refusal, found.sha256) == (Finding(Code.NOT_GZIP), sha256(wrong[:-1]))


@pytest.mark.parametrize("block", [1, 2, 3, 1000])
@pytest.mark.parametrize("padding", [0, 1, 511, 100_000])
def test_zero_bytes_after_the_last_member_are_padding(padding: int, block: int) -> None:
    found = look(_MEMBERS + bytes(padding), block=block)

    assert (found.refusal, found.count, found.sha256) == (None, 2, sha256(_GOOD))
    assert records(_MEMBERS + bytes(padding), block=block) == records(_GOOD)


@pytest.mark.parametrize("content", [zlib.compress(_GOOD), _GZIP[:1], _GZIP[1:]], ids=["zlib", "a byte", "the rest"])
def test_only_the_first_two_bytes_make_it_gzip(content: bytes) -> None:
    assert refusal(content) == Finding(Code.NOT_JSON)


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
@pytest.mark.parametrize("content", [_GOOD, _GZIP], ids=["plain", "gzip"])
def test_the_content_decides_and_not_the_name(content: bytes, name: str) -> None:
    report = Exchange().take_in(content, name)

    assert (report.status, report.sha256) == (Status.PROCESSED, sha256(_GOOD))


def test_the_limit_holds_for_what_the_file_holds() -> None:
    assert look(_GZIP, limits=Limits(size=len(_GOOD))).refusal is None
    assert refusal(_GZIP, limits=Limits(size=len(_GOOD) - 1)) == Finding(Code.TOO_LARGE)


def test_a_bomb_is_refused_after_the_limit_and_not_unpacked_further() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    handed_over = []

    def counted() -> Iterator[bytes]:
        for start in range(0, len(bomb), 100):
            handed_over.append(start)
            yield bomb[start : start + 100]

    found = inspect(counted(), received=NOW, limits=Limits(size=1_000_000))

    assert found.refusal == Finding(Code.TOO_LARGE)
    assert found.sha256 == sha256(b" " * 1_000_000)
    assert len(handed_over) < len(bomb) / 100 / 10


def test_a_bomb_is_unpacked_in_bounded_pieces() -> None:
    bomb = gzip.compress(b" " * 10_000_000)

    sizes = [len(piece) for piece in decompress([bomb])]

    assert (sum(sizes), max(sizes)) == (10_000_000, BLOCK)


def test_a_file_that_hardly_compresses_is_read_whole() -> None:
    noise = hashlib.shake_256(b"noise").hexdigest(200_000)
    content = mutation_file([noise[start : start + 10_000] for start in range(0, 400_000, 10_000)])

    found = look(gzip.compress(content))

    assert (found.refusal, found.count, found.sha256) == (None, 40, sha256(content))
