"""A mutation file may come as gzip: what counts is what it holds."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator

import pytest

from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.reader import Limits, inspect
from jbplus.mutation_file.unpacking import BLOCK, decompress
from tests.mutation_file.reading import look, records, refusal
from tests.support.fakes import NOW, sha256
from tests.support.files import mutation_file, record
from tests.support.people import ANNA, BRAM

_GOOD = mutation_file([record(ANNA), record(BRAM)])
_GZIP = gzip.compress(_GOOD, mtime=0)
_MEMBERS = b"".join(gzip.compress(part, mtime=0) for part in (_GOOD[:100], b"", _GOOD[100:101], _GOOD[101:]))


@pytest.mark.parametrize(
    "content", [pytest.param(_GZIP, id="one member"), pytest.param(_MEMBERS, id="several members")]
)
def test_a_compressed_file_is_measured_and_hashed_by_what_it_holds(content: bytes) -> None:
    found = look(content, gzipped=True)

    assert found.refusal is None
    assert (found.count, found.size, found.sha256) == (2, len(_GOOD), sha256(_GOOD))
    assert [raw.value for raw in records(content, gzipped=True)] == [record(ANNA), record(BRAM)]


@pytest.mark.parametrize("length", range(1, len(_GZIP)))
def test_gzip_truncated_at_any_byte_is_refused(length: int) -> None:
    found = look(_GZIP[:length], gzipped=True)

    assert found.refusal == Finding(Code.NOT_GZIP)
    assert found.sha256 == sha256(_GZIP[:length])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(_GOOD, id="plain JSON"),
        pytest.param(zlib.compress(_GOOD), id="zlib"),
        pytest.param(_GZIP + b"garbage", id="garbage after"),
        pytest.param(_GZIP + b"garbage" * 1000, id="blocks of garbage after"),
        pytest.param(_GZIP + _GZIP[:20], id="a truncated second member"),
        pytest.param(_GZIP[:-8] + bytes(4) + _GZIP[-4:], id="a wrong checksum"),
        pytest.param(_GZIP[:-4] + bytes(4), id="a wrong length"),
        pytest.param(_GZIP[:40] + bytes([_GZIP[40] ^ 0xFF]) + _GZIP[41:], id="a damaged byte"),
    ],
)
def test_what_is_no_whole_gzip_is_refused(content: bytes) -> None:
    found = look(content, gzipped=True)

    assert found.refusal == Finding(Code.NOT_GZIP)
    assert found.sha256 == sha256(content)


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")], ids=["no bytes", "gzip of nothing"])
def test_a_compressed_file_of_nothing_is_empty(content: bytes) -> None:
    assert refusal(content, gzipped=True) == Finding(Code.EMPTY_FILE)


def test_compressed_content_that_is_no_json_is_refused_as_such() -> None:
    assert refusal(gzip.compress(b"nonsense"), gzipped=True) == Finding(Code.NOT_JSON)
    assert refusal(gzip.compress(_GZIP), gzipped=True) == Finding(Code.NOT_JSON)


def test_damage_after_the_end_of_the_json_still_refuses_the_file() -> None:
    padded = gzip.compress(_GOOD + b" " * 100_000, compresslevel=0)

    assert look(padded, gzipped=True).refusal is None
    assert refusal(padded[:-20], gzipped=True) == Finding(Code.NOT_GZIP)


def test_damage_outdoes_an_envelope_that_is_wrong_too() -> None:
    wrong = gzip.compress(b"[" + _GOOD + b"]", mtime=0)

    assert refusal(wrong, gzipped=True) == Finding(Code.CONTEXT_INVALID)
    found = look(wrong[:-1], block=10, gzipped=True)
    assert (found.refusal, found.sha256) == (Finding(Code.NOT_GZIP), sha256(wrong[:-1]))


def test_a_gzip_name_is_not_enough_to_decompress() -> None:
    assert refusal(_GZIP, gzipped=False) == Finding(Code.NOT_JSON)


def test_the_limit_holds_for_what_the_file_holds() -> None:
    assert look(_GZIP, gzipped=True, limits=Limits(size=len(_GOOD))).refusal is None
    assert refusal(_GZIP, gzipped=True, limits=Limits(size=len(_GOOD) - 1)) == Finding(Code.TOO_LARGE)


def test_a_bomb_is_refused_after_the_limit_and_not_unpacked_further() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    handed_over = []

    def counted() -> Iterator[bytes]:
        for start in range(0, len(bomb), 100):
            handed_over.append(start)
            yield bomb[start : start + 100]

    found = inspect(counted(), gzipped=True, received=NOW, limits=Limits(size=1_000_000))

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

    found = look(gzip.compress(content), gzipped=True)

    assert (found.refusal, found.count, found.sha256) == (None, 40, sha256(content))
