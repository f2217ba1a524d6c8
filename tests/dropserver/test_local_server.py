"""The scenarios on the local dropserver, which every machine can run; and who may do what there."""

import io
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent

import pytest

from jbplus.ftps.access import Access
from jbplus.ftps.client import connect
from jbplus.ftps.server import DropserverError, upload
from jbplus.protocol.parties import RECIPIENTS, WEWIS
from jbplus_local.certificates import LOOPBACK, Authority
from jbplus_local.dropserver import Dropserver
from tests.dropserver.scenarios import FOLDER, MakePlace, Place, Scenarios, put, refused
from tests.support.known import INFINO, PARENTIA


@dataclass(frozen=True)
class LocalPlace:
    """The local dropserver as a place for the scenarios."""

    dropserver: Dropserver

    @property
    def root(self) -> Path:
        return self.dropserver.folder

    def access(self, user: str = "exchange") -> Access:
        return replace(self.dropserver.access(user), timeout=10)

    def give_away(self) -> None:
        """Nothing to do: the server is this process."""

    def cut(self) -> None:
        self.dropserver.stop()


@pytest.fixture
def make_place(tmp_path: Path) -> Iterator[MakePlace]:
    """Makes a place whose certificate has these names."""
    running = []

    def make(hosts: Sequence[str] = LOOPBACK) -> LocalPlace:
        authority = Authority()
        running.append(Dropserver(tmp_path / "dropserver", authority, authority.server(hosts)))
        return LocalPlace(running[-1])

    yield make
    for dropserver in running:
        dropserver.stop()


class TestLocalServer(Scenarios):
    """All of them."""

    def test_a_file_of_200_megabytes_comes_and_goes(self, place: Place) -> None:
        self.large_file(place, 200)


@pytest.fixture
def local(make_place: MakePlace) -> LocalPlace:
    place = make_place()
    assert isinstance(place, LocalPlace)
    return place


def test_wewis_writes_where_files_are_taken_from_and_fetches_what_is_its_own(local: LocalPlace) -> None:
    own = f"To_Vip/{WEWIS.kbo}"
    report = put(local, f"{own}/report.json", b"{}")

    with connect(local.access("wewis")) as server:
        upload(server, "From_Vip", "day.json", io.BytesIO(b"{}"), 2)
        server.fetch(own, report, io.BytesIO())
        server.remove(own, "report.json")
        server.store("From_Vip", "left.part", io.BytesIO(b"{"))  # by an upload that died
        server.remove("From_Vip", "left.part")
        for act in (
            lambda: server.files(FOLDER, "*"),
            lambda: server.store(FOLDER, "a.json", io.BytesIO()),
            lambda: server.store(own, "a.json", io.BytesIO()),
        ):
            with pytest.raises(DropserverError):
                act()

    assert [path.name for path in (local.root / "From_Vip").iterdir()] == ["day.json"]


@pytest.mark.parametrize("party", RECIPIENTS, ids=lambda party: party.key)
def test_a_recipient_sees_its_own_folder_only_and_fetches_what_is_there(local: LocalPlace, party: object) -> None:
    key, kbo = party.key, party.kbo  # type: ignore[attr-defined]  # a party
    file = put(local, f"To_Vip/{kbo}/a.json", b"{}")
    other = PARENTIA if kbo == INFINO else INFINO
    put(local, f"To_Vip/{other}/b.json", b"{}")

    with connect(local.access(key)) as server:
        assert server.files(".", "*") == [file]
        server.fetch(".", file, io.BytesIO())
        server.remove(".", "a.json")
        assert server.size(f"../{other}", "b.json") is None
        for act in (lambda: server.files(f"../{other}", "*"), lambda: server.store(".", "c.json", io.BytesIO())):
            with pytest.raises(DropserverError):
                act()


def test_the_certificate_of_another_user_does_not_let_in(local: LocalPlace) -> None:
    infino, wewis = local.access("infino"), local.access("wewis")

    assert "refused" in str(refused(replace(infino, certificate=wewis.certificate, key=wewis.key)))


def test_what_is_secret_in_an_access_is_not_shown(local: LocalPlace) -> None:
    access = local.access()

    assert [shown for shown in (access.password, access.key) if shown in repr(access)] == []


def test_no_key_stays_on_the_disk(tmp_path: Path) -> None:
    ours = Authority().client("exchange")
    script = f"""
        import os
        from jbplus.ftps.access import Access
        Access("", 0, "", "", {ours.certificate!r}, {ours.certificate!r}, {ours.key!r}).tls()
        print(os.listdir(os.environ["TMPDIR"]))
    """

    shown = subprocess.run(
        [sys.executable, "-c", dedent(script)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )

    assert shown.stdout == "[]\n"


def test_an_expired_certificate_is_not_trusted(tmp_path: Path) -> None:
    authority = Authority()
    dropserver = Dropserver(tmp_path, authority, authority.server(days=-1))

    error = refused(replace(dropserver.access(), timeout=10))
    dropserver.stop()

    assert "the server's certificate, or one that vouches for it, expired; have its owner renew it" in str(error)


@pytest.mark.parametrize(
    ("part", "content", "words"),
    [
        ("ca", "not this", "the CA in the dropserver's secret"),
        ("ca", "", "the CA in the dropserver's secret"),
        ("certificate", "not this", "the certificate or the key"),
        ("key", "not é this", "the certificate or the key"),
        ("key", Authority().client("another").key, "the certificate or the key"),
        ("password", "with\r\nQUIT", "holds a line end"),
    ],
)
def test_a_secret_of_the_wrong_form_is_told_without_its_content(
    local: LocalPlace, part: str, content: str, words: str
) -> None:
    access = replace(local.access(), **{part: content})  # type: ignore[arg-type]  # all of these are texts

    with pytest.raises(DropserverError, match=words) as error, connect(access):
        pass

    assert content == "" or content not in str(error.value)


def test_tls_is_at_least_1_2_and_checks_the_name(local: LocalPlace) -> None:
    tls = local.access().tls()

    assert tls.minimum_version is ssl.TLSVersion.TLSv1_2
    assert tls.check_hostname
    assert tls.verify_mode is ssl.CERT_REQUIRED
