"""The scenarios on proftpd and vsftpd: `make dropservers`. Without them it fails; `make test` leaves it out.

The file's name keeps it out of what pytest collects by itself.
"""

import io
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from jbplus.dropserver.round import Counts
from jbplus.dropserver.sending import Parcel
from jbplus.ftps.client import connect
from jbplus.ftps.server import DropserverError, upload
from jbplus_local.emulator import HOST
from tests.dropserver.daemons import Daemon, Proftpd, Vsftpd
from tests.dropserver.fakes import FakeBucket
from tests.dropserver.scenarios import FOLDER, MEGABYTE, STEM, MakePlace, Place, Scenarios, put, visit
from tests.support.known import INFINO


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Put a disk of one megabyte in a folder's place."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


class RealScenarios(Scenarios):
    """What takes long, or a disk of its own, is tried with these alone."""

    kind: type[Daemon]

    @pytest.fixture
    def make_place(self) -> Iterator[MakePlace]:
        """Makes a place whose certificate has these names."""
        with ExitStack() as running:

            def make(hosts: Sequence[str] = (HOST,)) -> Daemon:
                # Not below pytest's folder: each session of pytest on this machine closes that to other users.
                folder = Path(running.enter_context(TemporaryDirectory(prefix="dropserver-")))
                folder.chmod(0o755)
                daemon = self.kind(folder, hosts)
                (daemon.root / FOLDER).mkdir()
                running.callback(daemon.stop)
                daemon.start()
                return daemon

            yield make

    def test_a_thousand_files_come_and_go_in_one_round(self, place: Place) -> None:
        self.there_and_back(place, 1000)

    def test_a_file_of_200_megabytes_comes_and_goes(self, place: Place) -> None:
        self.large_file(place, 200)

    def test_a_full_disk_is_told_and_leaves_no_file_of_that_name(self, place: Place) -> None:
        with connect(place.access()) as server, small_disk(place.root / FOLDER):
            with pytest.raises(DropserverError, match=r"disk (is|may be) full"):
                upload(server, FOLDER, "a.json", io.BytesIO(MEGABYTE * 4), 4 * len(MEGABYTE))
            assert server.size(FOLDER, "a.json") is None


class TestProftpd(RealScenarios):
    """proftpd."""

    kind = Proftpd


class TestVsftpd(RealScenarios):
    """vsftpd."""

    kind = Vsftpd


def _denied(*commands: str) -> Sequence[str]:
    return (f"<Limit {' '.join(commands)}>", "DenyAll", "</Limit>")


WAYS = {
    "allows no MDTM": _denied("MDTM"),
    "allows no MDTM, and tells no facts": (*_denied("MDTM"), "FactsAdvertise off"),
    "allows no SIZE": _denied("SIZE"),
    "allows no MLSD": _denied("MLSD"),
    "allows no PWD": _denied("PWD", "XPWD"),
    "allows no PASV": _denied("PASV"),
    "has no features": _denied("FEAT"),
    "tells local time": ("TimesGMT off",),
    "speaks French": ('AccessGrantMsg "Bienvenue, accès accordé"',),
}


@pytest.mark.parametrize("more", WAYS.values(), ids=WAYS.keys())
def test_a_file_comes_and_a_file_goes_also_by_a_server_of_its_own_ways(more: Sequence[str]) -> None:
    with TemporaryDirectory(prefix="dropserver-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        daemon = Proftpd(folder)
        daemon.more = more
        (daemon.root / FOLDER).mkdir()
        put(daemon, f"From_Vip/{STEM}.json", b"{}")
        bucket = FakeBucket(outgoing={Parcel(INFINO, "a.json"): b"{}"})
        daemon.start()
        try:
            assert visit(daemon, bucket) == Counts(taken=1, sent=1)
        finally:
            daemon.stop()

        assert bucket.arrived == [(f"{STEM}.json", b"{}")]
        assert [path.name for path in (daemon.root / FOLDER).iterdir()] == ["a.json"]
