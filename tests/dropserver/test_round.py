"""A round at the dropserver: what fails does not keep the rest, and operators see what became of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

import pytest
from typing_extensions import override

from jbplus.dropserver.round import FILE_SECONDS, TIME_FOR_A_FILE, Counts, RoundFailedError
from jbplus.dropserver.visits import LastVisit
from jbplus.errors import UnavailableError
from jbplus.ftps.server import ConnectionLostError, DropserverError, RemoteFile, Server
from tests.dropserver.fakes import START, FakeBucket, Site
from tests.dropserver.world import NAME, STEM, A, C, FailingServer, World
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA


def test_files_are_taken_and_sent_counted_and_logged(world: World) -> None:
    world.server.drop(f"From_Vip/{NAME}", b"{}")
    world.bucket.outgoing |= {A: b"a", C: b"c"}

    counts = world.site.run()

    assert counts == Counts(taken=1, sent=2)
    assert world.bucket.arrived == [(NAME, b"{}")]
    assert {path: content for path, (content, _) in world.server.content.items()} == {
        f"To_Vip/{INFINO}/a.json": b"a",
        f"To_Vip/{PARENTIA}/a.json": b"c",
    }
    assert world.counted() == {
        "FilesFetched": [1],
        "FilesSent": [2],
        "FilesWaitingLong": [0],
        "DropserverFailures": [0],
    }
    assert [len(world.lines(code)) for code in ("DROP001", "DROP002", "DROP007")] == [1, 2, 1]
    assert [line["size"] for line in world.lines("DROP001")] == [2]
    assert [line["party"] for line in world.lines("DROP002")] == [INFINO, PARENTIA]
    assert world.site.slept == [10]


def test_nothing_to_do_is_done_without_a_pause(world: World) -> None:
    assert world.site.run() == Counts()
    assert world.site.slept == []


def test_one_bad_file_does_not_stop_the_others(world: World) -> None:
    bad = f"werk.publiceermutatiejobbonusplus-0100_{ANNA}.json"
    for name in (NAME, bad, f"{STEM}1.json"):
        world.server.drop(f"From_Vip/{name}", b"{}")
    world.server.failing = {bad: DropserverError("the reason"), f"{STEM}1.json": RuntimeError(ANNA)}

    assert world.failed() == {"taken": 1, "failed": 2}

    assert [name for name, _ in world.bucket.arrived] == [NAME]
    (ours,), (unexpected,) = world.lines("DROP003"), world.lines("DROP006")
    assert (ours["reason"], ours["file"]) == ("the reason", "bestand")
    assert (unexpected["error"], unexpected["file"]) == ("RuntimeError", f"{STEM}1.json")
    assert ANNA not in world.site.written.getvalue()
    assert world.counted()["DropserverFailures"] == [2]


def test_after_a_lost_connection_the_round_goes_on_over_a_new_one(world: World) -> None:
    for name in (NAME, f"{STEM}1.json"):
        world.server.drop(f"From_Vip/{name}", b"{}")
    world.bucket.outgoing |= {A: b"a", C: b"c"}
    world.server.failing = {NAME: ConnectionLostError("cut"), f"To_Vip/{INFINO}/a.json": ConnectionLostError("cut too")}

    assert world.failed() == {"taken": 1, "sent": 1, "failed": 2}

    assert [line["reason"] for code in ("DROP003", "DROP004") for line in world.lines(code)] == ["cut", "cut too"]
    assert world.site.connections == 3


def test_what_failed_last_time_comes_last_and_small_comes_before_large(world: World) -> None:
    large, small, failing = (f"{STEM}{n}.json" for n in (0, 1, 2))
    for name, content in ((large, b"[1, 2, 3]"), (small, b"[1]"), (failing, b"[]")):
        world.server.drop(f"From_Vip/{name}", content)
    world.server.failing = {name: DropserverError("no") for name in (failing,)}
    left = iter([TIME_FOR_A_FILE] * 2 + [0.0] * 10)
    world.failed(lambda: next(left))
    world.server.failing = {}

    assert world.site.run() == Counts(taken=3)
    assert [name for name, _ in world.bucket.arrived] == [small, large, failing]


def test_a_folder_that_cannot_be_listed_does_not_keep_parties_from_their_files(world: World) -> None:
    world.server.failing = {"From_Vip": DropserverError("it is not there")}
    world.bucket.outgoing[A] = b"a"

    assert world.failed() == {"sent": 1, "failed": 1}
    assert world.lines("DROP003")[0]["reason"] == "it is not there"


def test_without_time_nothing_is_begun(world: World) -> None:
    for n in range(3):
        world.server.drop(f"From_Vip/{STEM}{n}.json", b"{}")
    world.bucket.outgoing |= {A: b"a", C: b"c"}

    assert world.site.run(lambda: TIME_FOR_A_FILE - 1) == Counts(waiting=5)
    assert world.site.run() == Counts(taken=3, sent=2)


@dataclass
class Unreachable(Site):
    """Nobody gets in."""

    error: Exception | None = None

    @override
    @contextmanager
    def connect(self) -> Iterator[Server]:
        if self.error:
            raise self.error
        yield self.server


@pytest.mark.parametrize("error", [ConnectionLostError("nobody listens"), UnavailableError("secret: out of reach")])
def test_a_server_or_a_secret_out_of_reach_is_one_failure(world: World, error: Exception) -> None:
    world.site = Unreachable(world.server, world.bucket, world.bucket, error=error)

    assert world.failed() == {"failed": 1}
    assert world.lines("DROP005")[0]["reason"] == str(error)
    assert world.counted()["DropserverFailures"] == [1]


def test_the_last_visit_tells_what_went_wrong_what_waits_and_when_certificates_end(world: World) -> None:
    world.server.expires = START + timedelta(days=20, hours=5)
    world.site.own_certificate = lambda: START + timedelta(days=40)
    world.site.now = lambda: START
    world.server.drop(f"From_Vip/{NAME}", b'{"half": ')
    world.server.drop(f"From_Vip/{STEM}1.json", b"{}")
    world.server.failing = {f"{STEM}1.json": DropserverError("the reason")}

    assert world.failed() == {"waiting": 1, "failed": 1}

    last = world.bucket.last
    assert last is not None
    assert (last.at, last.reasons) == (START, ("DROP003 the reason",))
    assert [(seen.name, seen.first, seen.failed) for seen in last.seen] == [
        (NAME, START, False),
        (f"{STEM}1.json", START, True),
    ]
    assert (world.counted()["OwnCertificateDays"], world.counted()["ServerCertificateDays"]) == ([40], [20])


def test_what_is_remembered_stays_when_the_server_shows_nothing(world: World) -> None:
    world.site.now = lambda: START
    world.server.drop(f"From_Vip/{NAME}", b'{"half": ')
    world.site.run()
    world.server.failing = {"From_Vip": DropserverError("it is not there")}
    world.site.now = lambda: START + timedelta(hours=2)
    world.failed()

    assert world.bucket.last is not None
    assert [(seen.name, seen.first) for seen in world.bucket.last.seen] == [(NAME, START)]
    assert world.counted()["FilesWaitingLong"] == [0, 1]


def test_a_memory_that_cannot_be_read_is_not_written_over(world: World) -> None:
    @dataclass
    class Forgetful(FakeBucket):
        @override
        def recall(self) -> LastVisit | None:
            raise UnavailableError("s3:GetObject: SlowDown")

    world.site.memory = Forgetful()

    assert world.failed() == {"failed": 1}
    assert world.lines("DROP005")[0]["reason"] == "s3:GetObject: SlowDown"
    assert isinstance(world.site.memory, Forgetful)
    assert world.site.memory.last is None


def test_the_reasons_of_a_failed_round_are_its_message(world: World) -> None:
    world.server.failing = {"From_Vip": DropserverError("it is not there")}

    with pytest.raises(RoundFailedError, match=r"^DROP003 it is not there$"):
        world.site.run()


def test_a_file_that_is_too_slow_leaves_time_for_the_others(world: World) -> None:
    slow = f"{STEM}1.json"
    world.server.drop(f"From_Vip/{NAME}", b'"longer than the slow one, and so taken after it"')
    world.server.drop(f"From_Vip/{slow}", b"{}")
    world.server.drop(f"From_Vip/{STEM}2.json", b"[1, 2]")
    world.bucket.outgoing[A] = b"a"

    @dataclass
    class Slow(FailingServer):
        @override
        def fetch(self, folder: str, file: RemoteFile, into: BinaryIO, start: int = 0) -> None:
            if file.name == slow:
                left[0] = left[0] - FILE_SECONDS - 1
            super().fetch(folder, file, into, start)

    left = [900.0]
    world.site.server = Slow(content=world.server.content)

    assert world.failed(lambda: left[0]) == {"taken": 2, "sent": 1, "failed": 1}
    assert world.lines("DROP003")[0]["reason"] == "the file did not come in the time of a file; it is fetched anew"
    assert world.site.connections == 2
