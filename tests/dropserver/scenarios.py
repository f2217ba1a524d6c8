"""What must hold with every FTPS server: the same tests for pyftpdlib, proftpd and vsftpd."""

import ftplib
import hashlib
import io
import json
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Protocol

import pytest
from typing_extensions import override

from jbplus.dropserver.round import Counts, Round
from jbplus.dropserver.sending import Parcel
from jbplus.dropserver.taking import PIECE
from jbplus.ftps.access import Access
from jbplus.ftps.client import connect
from jbplus.ftps.server import ConnectionLostError, DropserverError, RemoteFile, upload
from jbplus.retry import TimeLeft
from jbplus_local.certificates import Authority
from tests.dropserver.fakes import FakeBucket, FakeServer, Site
from tests.support.known import INFINO

FOLDER = f"To_Vip/{INFINO}"
STEM = "werk.publiceermutatiejobbonusplus-0100_2025030418"
MODIFIED = datetime(2025, 3, 4, 18, 30, 1, tzinfo=UTC)
MOST_LOOKS = 60
MEGABYTE = bytes(range(256)) * 4096
OTHERS = Authority("another")


class Place(Protocol):
    """A running server, and the folder that the exchange sees."""

    @property
    def root(self) -> Path: ...

    def access(self) -> Access: ...

    def give_away(self) -> None:
        """Let the server's user own what the test put there."""

    def cut(self) -> None:
        """Cut all connections, as if the server died."""


MakePlace = Callable[..., Place]


@dataclass
class Reader(io.RawIOBase):
    """Gives a megabyte again and again, and calls somebody when a number of bytes were read."""

    left: int
    at: int = -1
    call: Callable[[], None] = lambda: None

    @override
    def read(self, size: int = -1) -> bytes:
        if self.left <= self.at:
            self.at = -1
            self.call()
        block = MEGABYTE[: min(size, self.left)]
        self.left -= len(block)
        return block


def put(place: Place, path: str, content: bytes) -> RemoteFile:
    """Put a file on the server's disk, as if another party had."""
    file = place.root / path
    file.write_bytes(content)
    os.utime(file, (MODIFIED.timestamp(), MODIFIED.timestamp()))
    place.give_away()
    return RemoteFile(file.name, len(content), MODIFIED)


def refused(access: Access) -> DropserverError:
    """Give the error of a connection that must not come about."""
    with pytest.raises(DropserverError) as error, connect(access):
        pytest.fail("connected")
    assert access.password not in str(error.value)
    return error.value


def content_of(name: str) -> bytes:
    """Give some JSON."""
    return f'["{name}"]'.encode()


def visit(place: Place, bucket: FakeBucket, piece: int = PIECE, time_left: TimeLeft = lambda: 900.0) -> Counts:
    """Do a round, between this server and a bucket in memory."""
    made = Site(FakeServer(), bucket, bucket, piece=piece).round()
    return Round(lambda: connect(place.access()), made.taking, made.sending, made.logger, made.metrics).run(time_left)


def soon_over() -> TimeLeft:
    """Give the time of a visit that ends amid a large file."""
    looks = 0

    def time_left() -> float:
        nonlocal looks
        looks += 1
        return 900.0 if looks < MOST_LOOKS else 100.0

    return time_left


class Scenarios:
    """Inherited by a class for each server, with a fixture `make_place` that takes the names in its certificate."""

    @pytest.fixture
    def place(self, make_place: MakePlace) -> Place:
        return make_place()

    def test_what_is_uploaded_comes_back_under_its_own_name_alone(self, place: Place) -> None:
        content, fetched = os.urandom(200_000), io.BytesIO()

        with connect(place.access()) as server:
            upload(server, FOLDER, "a.json", io.BytesIO(content), len(content))
            (file,) = server.files(FOLDER, "*")
            server.fetch(FOLDER, file, fetched)

        assert (file.name, file.size) == ("a.json", len(content))
        assert fetched.getvalue() == content

    def test_an_upload_takes_the_place_of_one_that_was_broken_off(self, place: Place) -> None:
        put(place, f"{FOLDER}/a.json.part", b"half of something else")

        with connect(place.access()) as server:
            upload(server, FOLDER, "a.json", io.BytesIO(b"whole"), 5)

        assert (place.root / FOLDER / "a.json").read_bytes() == b"whole"
        assert len(list((place.root / FOLDER).iterdir())) == 1

    def test_files_are_listed_by_pattern_in_order_and_a_name_finds_one(self, place: Place) -> None:
        (place.root / "From_Vip" / "folder.json").mkdir()
        b, a = (put(place, f"From_Vip/{name}", name.encode()) for name in ("b 2.json", "a.json"))
        put(place, "From_Vip/a.txt", b"")

        with connect(place.access()) as server:
            assert server.files("From_Vip", "*.json") == [a, b]
            assert server.files("From_Vip", "a.json") == [a]
            assert server.files("From_Vip", "none.json") == []
            assert server.files("From_Vip", "[b] 2.json") == [b]
            assert server.files(FOLDER, "*") == []

    def test_a_folder_that_is_missing_is_not_an_empty_one(self, place: Place) -> None:
        with (
            connect(place.access()) as server,
            pytest.raises(DropserverError, match="listing Nowhere: it is not there"),
        ):
            server.files("Nowhere", "*")

    def test_a_file_that_is_longer_than_it_was_listed_is_not_taken_for_whole(self, place: Place) -> None:
        file = put(place, "From_Vip/a.json", b"four")

        with connect(place.access()) as server:
            with pytest.raises(DropserverError, match="4 bytes came of a file of 3"):
                server.fetch("From_Vip", replace(file, size=3), io.BytesIO())
            server.fetch("From_Vip", file, io.BytesIO())  # the connection is good for more

    def test_a_file_is_renamed_also_to_another_folder_and_removed_also_twice(self, place: Place) -> None:
        (place.root / "From_Vip" / "verwerkt").mkdir()
        put(place, "From_Vip/a.json", b"four")

        with connect(place.access()) as server:
            server.rename("From_Vip", "a.json", "verwerkt/b.json")
            sizes = [server.size("From_Vip", name) for name in ("a.json", "verwerkt/b.json")]
            server.remove("From_Vip/verwerkt", "b.json")
            server.remove("From_Vip/verwerkt", "b.json")
            with pytest.raises(DropserverError, match="not there"):
                server.rename("From_Vip", "a.json", "b.json")

        assert sizes == [None, 4]
        assert list((place.root / "From_Vip" / "verwerkt").iterdir()) == []

    def test_a_wrong_password_is_refused(self, place: Place) -> None:
        assert "the login is refused" in str(refused(replace(place.access(), password="guessed")))

    def test_a_server_that_another_authority_vouches_for_is_not_trusted(self, place: Place) -> None:
        assert "certificate is not trusted" in str(refused(replace(place.access(), ca=OTHERS.certificate)))

    def test_a_server_of_another_name_is_not_the_one(self, make_place: MakePlace) -> None:
        assert "for another host name" in str(refused(make_place(["ftps.example"]).access()))

    def test_our_certificate_must_be_one_that_the_server_accepts(self, place: Place) -> None:
        ours = OTHERS.client("exchange")

        error = refused(replace(place.access(), certificate=ours.certificate, key=ours.key))

        assert isinstance(error, ConnectionLostError)
        assert any(words in str(error) for words in ("accepts our certificate", "the connection was cut"))

    def test_without_reuse_of_the_session_there_is_no_data_connection(self, place: Place) -> None:
        access = place.access()
        with ftplib.FTP_TLS(context=access.tls(), timeout=10) as stock:  # noqa: S321 - it is what we test
            stock.connect(access.host, access.port)
            stock.login(access.user, access.password)
            stock.prot_p()
            with pytest.raises((ftplib.Error, OSError, EOFError)):
                stock.retrlines("NLST", lambda _: None)
            with suppress(ftplib.Error, OSError, EOFError):
                stock.quit()

    def test_nothing_is_said_in_the_clear(self, place: Place) -> None:
        access = place.access()
        with ftplib.FTP(timeout=10) as plain:  # noqa: S321 - it is what we test
            plain.connect(access.host, access.port)
            with pytest.raises((ftplib.Error, EOFError)):
                plain.login(access.user, access.password)
            with suppress(ftplib.Error, OSError, EOFError):
                plain.quit()

    @pytest.mark.parametrize("highest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_both_versions_of_tls_will_do(self, place: Place, highest: ssl.TLSVersion) -> None:
        put(place, "From_Vip/a.json", b"four")

        class Limited(Access):
            @override
            def tls(self) -> ssl.SSLContext:
                context = super().tls()
                context.maximum_version = highest
                return context

        known = place.access()
        access = Limited(**{name: getattr(known, name) for name in Access.__dataclass_fields__})
        with connect(access) as server:
            assert len(server.files("From_Vip", "*")) == 1

    def test_a_connection_that_is_cut_amid_a_download_is_an_error(self, place: Place) -> None:
        file = put(place, "From_Vip/a.json", MEGABYTE * 30)

        class Into(io.BytesIO):
            @override
            def write(self, block: object) -> int:
                if not self.tell():
                    place.cut()
                return super().write(block)  # type: ignore[arg-type]  # bytes

        with connect(place.access()) as server, pytest.raises(ConnectionLostError):
            server.fetch("From_Vip", file, Into())

    def test_a_connection_that_is_cut_amid_an_upload_leaves_no_file_of_that_name(self, place: Place) -> None:
        size = 30 * len(MEGABYTE)
        content = Reader(size, at=size // 2, call=place.cut)

        with connect(place.access()) as server, pytest.raises(ConnectionLostError):
            upload(server, FOLDER, "a.json", content, size)  # type: ignore[arg-type]  # only read from

        assert not (place.root / FOLDER / "a.json").exists()

    def test_a_round_takes_and_sends(self, place: Place) -> None:
        self.there_and_back(place, 3)

    def there_and_back(self, place: Place, number: int) -> None:
        """Take a number of files, and send as many."""
        names = [f"{STEM}{n:07}.json" for n in range(number)]
        for name in names:
            (place.root / "From_Vip" / name).write_bytes(content_of(name))
        place.give_away()
        bucket = FakeBucket(outgoing={Parcel(INFINO, name): content_of(name) for name in names})

        counts = visit(place, bucket)

        assert counts == Counts(taken=number, sent=number)
        assert bucket.arrived == [(name, content_of(name)) for name in names]
        assert list((place.root / "From_Vip").iterdir()) == []
        assert sorted((file.name, file.read_bytes()) for file in (place.root / FOLDER).iterdir()) == bucket.arrived

    def test_a_file_that_was_dropped_again_with_its_old_time_is_taken_again(self, place: Place) -> None:
        bucket = FakeBucket()
        for _ in range(2):
            put(place, f"From_Vip/{STEM}.json", b"{}")
            assert visit(place, bucket) == Counts(taken=1)
            bucket.take_in()

        assert bucket.arrived == [(f"{STEM}.json", b"{}")] * 2

    def test_a_file_that_does_not_fit_in_a_visit_goes_on_in_the_next(self, place: Place) -> None:
        content = json.dumps(["x" * 1000] * 3000).encode()
        put(place, f"From_Vip/{STEM}1.json", content)
        put(place, f"From_Vip/{STEM}2.json", b"{}")
        bucket, visits = FakeBucket(outgoing={Parcel(INFINO, "a.json"): b"{}"}), 0

        first = visit(place, bucket, piece=65536, time_left=soon_over())
        while list((place.root / "From_Vip").iterdir()):
            visit(place, bucket, piece=65536, time_left=soon_over())
            visits += 1
            assert visits < 20

        assert first == Counts(taken=1, sent=1, waiting=1)
        assert visits > 1
        assert bucket.arrived == [(f"{STEM}2.json", b"{}"), (f"{STEM}1.json", content)]

    def test_half_a_file_is_left_to_its_sender(self, place: Place) -> None:
        put(place, f"From_Vip/{STEM}.json", b'{"half": "')
        bucket = FakeBucket()
        assert visit(place, bucket) == Counts(waiting=1)

        put(place, f"From_Vip/{STEM}.json", b'{"half": "whole"}')
        assert visit(place, bucket) == Counts(taken=1)

    def test_what_was_sent_before_and_not_fetched_gives_way(self, place: Place) -> None:
        put(place, f"{FOLDER}/a.json", b"older")
        bucket = FakeBucket(outgoing={Parcel(INFINO, "a.json"): b"newer"})

        assert visit(place, bucket) == Counts(sent=1)

        assert [path.read_bytes() for path in (place.root / FOLDER).iterdir()] == [b"newer"]

    def large_file(self, place: Place, megabytes: int) -> None:
        """Send a large file and fetch it."""
        size = megabytes * len(MEGABYTE)
        with connect(place.access()) as server, TemporaryFile() as fetched:
            upload(server, FOLDER, "large.json", Reader(size), size)  # type: ignore[arg-type]  # only read from
            (file,) = server.files(FOLDER, "large.json")
            server.fetch(FOLDER, file, fetched)

            assert hash_of(fetched) == hash_of(Reader(size))


def hash_of(content: IO[bytes] | Reader) -> str:
    """Hash all that can be read."""
    with suppress(io.UnsupportedOperation):
        content.seek(0)
    found = hashlib.sha256()
    for block in blocks(content):
        found.update(block)
    return found.hexdigest()


def blocks(content: IO[bytes] | Reader) -> Iterator[bytes]:
    while block := content.read(len(MEGABYTE)):
        yield block
