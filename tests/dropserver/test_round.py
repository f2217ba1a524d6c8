"""A round at the dropserver: what it takes and sends, what it leaves, and what operators see of it."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import pytest
from aws_lambda_powertools import Metrics
from typing_extensions import override

from jbplus.dropserver.round import FILE_SECONDS, TIME_FOR_A_FILE, Counts, RoundFailedError
from jbplus.dropserver.sending import Parcel
from jbplus.dropserver.visits import LastVisit
from jbplus.errors import UnavailableError
from jbplus.ftps.server import ConnectionLostError, DropserverError, RemoteFile, Server
from tests.dropserver.fakes import BROKEN_AFTER, START, FakeBucket, FakeServer, Moments, Site
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA

STEM = "werk.publiceermutatiejobbonusplus-0100_2025030418300000"
NAME = f"{STEM}0.json"
A, B, C = Parcel(INFINO, "a.json"), Parcel(INFINO, "b.json"), Parcel(PARENTIA, "a.json")


@dataclass
class FailingServer(FakeServer):
    """Fails with some names, and with these alone."""

    failing: dict[str, Exception] = field(default_factory=dict)
    keeps: bool = False
    refuses_renames: bool = False
    refuses_after_renaming: bool = False
    stored: int = 0

    @override
    def remove(self, folder: str, name: str) -> None:
        if self.keeps:
            raise DropserverError("not allowed")
        super().remove(folder, name)

    @override
    def rename(self, folder: str, name: str, to: str) -> None:
        if self.refuses_renames:
            raise DropserverError("not allowed")
        super().rename(folder, name, to)
        if self.refuses_after_renaming:
            raise DropserverError("not allowed")

    @override
    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO, start: int = 0) -> None:
        if file.name in self.failing:
            raise self.failing[file.name]
        super().fetch(folder, file, into, start)

    @override
    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        own_name = name.split(".json", maxsplit=1)[0] + ".json"
        if f"{folder}/{own_name}" in self.failing:
            raise self.failing[f"{folder}/{own_name}"]
        super().store(folder, name, content)
        self.stored += 1

    @override
    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        if folder in self.failing:
            raise self.failing[folder]
        return super().files(folder, pattern)


@dataclass
class World:
    """A server and a bucket with one clock."""

    server: FailingServer
    bucket: FakeBucket
    site: Site

    def lines(self, code: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.site.written.getvalue().splitlines()]
        return [line for line in lines if line["message"].startswith(code)]

    def counted(self) -> dict[str, Any]:
        return {name: metric["Value"] for name, metric in self.site.metrics.metric_set.items()}

    def failed(self, time_left: Callable[[], float] = lambda: 900.0) -> dict[str, int]:
        """Do a round that fails; give its counts."""
        with pytest.raises(RoundFailedError):
            self.site.run(time_left)
        counts: dict[str, int] = self.lines("DROP007")[-1]["counts"]
        return {name: count for name, count in counts.items() if count}


@pytest.fixture
def world() -> World:
    Metrics(namespace="test", service="dropserver").clear_metrics()
    clock = Moments()
    server, bucket = FailingServer(clock), FakeBucket(clock)
    return World(server, bucket, Site(server, bucket, bucket))


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
    assert world.site.slept == [10]


def test_nothing_to_do_is_done_without_a_pause(world: World) -> None:
    assert world.site.run() == Counts()
    assert world.site.slept == []


@pytest.mark.parametrize("name", ["other.json", f"x{NAME}", "folder.json.part"])
def test_names_of_others_are_left_alone(world: World, name: str) -> None:
    world.server.drop(f"From_Vip/{name}", b"{}")

    assert world.site.run() == Counts()
    assert world.bucket.arrived == []
    assert f"From_Vip/{name}" in world.server.content


@pytest.mark.parametrize(
    "name",
    [
        f"{NAME}.part",
        f"{STEM}1.json.tmp",
        f"{STEM}1.json.gz.part",
        f"{STEM}1.jsonx",
        f"{STEM}1.JSON",
        f"{STEM}1.txt",
        NAME.upper(),
    ],
)
def test_names_that_only_begin_as_ours_are_left_and_told_after_an_hour(world: World, name: str) -> None:
    world.server.drop(f"From_Vip/{name}", b"{}")

    assert world.site.run() == Counts(waiting=1)
    assert world.lines("DROP008") == []
    world.site.now = lambda: datetime.now(UTC) + timedelta(days=1)
    world.site.run()

    assert world.bucket.arrived == []
    assert f"From_Vip/{name}" in world.server.content
    assert [line["file"] for line in world.lines("DROP008")] == [name]
    assert world.counted()["FilesWaitingLong"] == [0, 1]


def test_a_file_that_grows_or_is_empty_waits_while_others_are_taken(world: World) -> None:
    grows, empty, comes = (f"From_Vip/{STEM}{n}.json" for n in (1, 2, 3))
    world.server.drop(f"From_Vip/{NAME}", b"{}")
    world.server.drop(grows, b"{")
    world.server.drop(empty, b"")

    def while_asleep() -> None:
        world.server.drop(grows, b"{}")
        world.server.drop(comes, b"{}")

    world.site.while_asleep = while_asleep

    assert world.site.run() == Counts(taken=1, waiting=3)
    assert sorted(world.server.content) == [grows, empty, comes]
    world.site.while_asleep = lambda: None
    assert world.site.run() == Counts(taken=2, waiting=1)


def test_a_file_that_is_written_again_of_the_same_size_waits(world: World) -> None:
    world.server.drop(f"From_Vip/{NAME}", b"{}")
    world.site.while_asleep = lambda: world.server.drop(f"From_Vip/{NAME}", b"[]")

    assert world.site.run() == Counts(waiting=1)
    assert world.bucket.arrived == []


@dataclass
class Changing(FailingServer):
    """Lets another write a file anew after a number of listings."""

    after: int = 0
    listings: int = 0

    @override
    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        self.listings += 1
        if self.listings == self.after:
            self.drop(f"From_Vip/{NAME}", b'"newer"')
        return super().files(folder, pattern)


# Listings: two to find it, one before the fetch, one after it, one after the put.
@pytest.mark.parametrize(("after", "first"), [(3, Counts(waiting=1)), (4, Counts(waiting=1)), (5, Counts(taken=1))])
def test_what_is_dropped_anew_while_it_is_taken_is_not_lost(after: int, first: Counts) -> None:
    clock = Moments()
    server, bucket = Changing(clock, after=after), FakeBucket(clock)
    server.drop(f"From_Vip/{NAME}", b"{}")
    site = Site(server, bucket, bucket)

    assert site.run() in (first, Counts(taken=1))
    bucket.take_in()
    site.run()

    assert bucket.arrived[-1] == (NAME, b'"newer"')
    assert server.content == {}


def test_a_refused_file_that_is_dropped_again_as_it_was_is_taken_again(world: World) -> None:
    world.server.drop(f"From_Vip/{NAME}", b"{}")
    before = dict(world.server.content)

    for _ in range(2):
        world.server.content = dict(before)  # its time of change too
        assert world.site.run() == Counts(taken=1)
        world.bucket.take_in()

    assert world.bucket.arrived == [(NAME, b"{}")] * 2


def test_what_the_server_does_not_let_go_is_taken_once_and_told_each_time(world: World) -> None:
    world.server.keeps = True
    world.server.drop(f"From_Vip/{NAME}", b"{}")

    assert world.failed() == {"taken": 1, "failed": 1}
    world.bucket.take_in()
    assert world.failed() == {"taken_before": 1, "failed": 1}
    world.server.drop(f"From_Vip/{NAME}", b"[]")  # of the same size
    assert world.failed() == {"taken": 1, "failed": 1}
    world.bucket.take_in()
    world.server.keeps = False
    assert world.site.run() == Counts(taken_before=1)

    assert world.bucket.arrived == [(NAME, b"{}"), (NAME, b"[]")]
    assert world.server.content == {}
    assert world.lines("DROP009")[0]["reason"] == "not allowed"
    # Gone from the listing, it is forgotten.
    world.server.drop(f"From_Vip/{NAME}", b"[]")
    assert world.site.run() == Counts(taken=1)


def test_a_file_whose_name_still_waits_for_the_intake_waits_for_it(world: World) -> None:
    for content, counts in ((b"{}", Counts(taken=1)), (b"[]", Counts(waiting=1))):
        world.server.drop(f"From_Vip/{NAME}", content)
        assert world.site.run() == counts
    world.bucket.take_in()
    assert world.site.run() == Counts(taken=1)

    assert world.bucket.arrived == [(NAME, b"{}"), (NAME, b"[]")]


@pytest.mark.parametrize("content", [b"", b'{"half": "', gzip.compress(b"{}")[:-1]])
def test_a_half_file_waits_until_it_is_old_and_is_refused_then(world: World, content: bytes) -> None:
    world.site.now = lambda: START
    world.server.drop(f"From_Vip/{NAME}", content)

    assert world.site.run() == Counts(waiting=1)
    world.site.now = lambda: START + BROKEN_AFTER - timedelta(seconds=1)
    assert world.site.run() == Counts(waiting=1)
    world.site.now = lambda: START + BROKEN_AFTER
    assert world.site.run() == Counts(taken=1)

    assert world.bucket.arrived == [(NAME, content)]
    assert world.server.content == {}


def test_a_half_file_that_goes_on_is_young_again(world: World) -> None:
    world.site.now = lambda: START
    world.server.drop(f"From_Vip/{NAME}", b'{"half": ')
    world.site.run()
    world.site.now = lambda: START + BROKEN_AFTER
    world.server.drop(f"From_Vip/{NAME}", b'{"half": "')

    assert world.site.run() == Counts(waiting=1)
    world.server.drop(f"From_Vip/{NAME}", b'{"half": "whole"}')
    assert world.site.run() == Counts(taken=1)


def test_taken_files_are_moved_where_that_is_asked(world: World) -> None:
    world.site.after_taking = "verwerkt"
    world.server.drop(f"From_Vip/verwerkt/{NAME}", b"an older one")
    world.server.drop(f"From_Vip/{NAME}", b"{}")

    world.site.run()

    assert {path: content for path, (content, _) in world.server.content.items()} == {
        f"From_Vip/verwerkt/{NAME}": b"{}"
    }


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


@pytest.mark.parametrize("error", [DropserverError("full"), UnavailableError("s3"), RuntimeError("x")])
def test_after_a_failure_a_partys_files_wait_in_order_and_others_are_sent(world: World, error: Exception) -> None:
    world.bucket.outgoing |= {A: b"a", B: b"b", C: b"c"}
    world.server.failing = {f"To_Vip/{INFINO}/a.json": error}

    assert world.failed() == {"sent": 1, "waiting": 1, "failed": 1}
    world.server.failing = {}
    assert world.site.run() == Counts(sent=2)

    assert [path for path, _ in world.server.appeared] == [
        f"To_Vip/{PARENTIA}/a.json",
        f"To_Vip/{INFINO}/a.json",
        f"To_Vip/{INFINO}/b.json",
    ]


def test_without_time_nothing_is_begun(world: World) -> None:
    for n in range(3):
        world.server.drop(f"From_Vip/{STEM}{n}.json", b"{}")
    world.bucket.outgoing |= {A: b"a", C: b"c"}

    assert world.site.run(lambda: TIME_FOR_A_FILE - 1) == Counts(waiting=5)
    assert world.site.run() == Counts(taken=3, sent=2)


def test_other_content_of_a_name_that_was_sent_is_sent_too(world: World) -> None:
    sent = []
    for content in (b"refused", b"processed", b"refused"):
        world.bucket.outgoing[A] = content
        world.site.run()
        sent.append(world.server.content[f"To_Vip/{INFINO}/a.json"][0])

    assert sent == [b"refused", b"processed", b"refused"]


def test_content_that_comes_while_the_older_is_sent_is_sent_next(world: World) -> None:
    @dataclass
    class Busy(FakeBucket):
        @override
        def mark_sent(self, parcel: Parcel, content: BinaryIO, sha256: str) -> None:
            super().mark_sent(parcel, content, sha256)
            if self.outgoing[parcel] == b"older":
                self.outgoing[parcel] = b"newer"

    bucket = Busy(outgoing={A: b"older"})
    site = Site(world.server, bucket, bucket)

    assert [site.run(), site.run()] == [Counts(sent=1)] * 2
    assert [content for _, content in world.server.appeared] == [b"older", b"newer"]
    assert bucket.outgoing == {}


def test_a_rename_that_is_refused_and_cleaned_up_after_is_done_again(world: World) -> None:
    world.bucket.outgoing[A] = b"whole"
    world.server.refuses_renames = True
    for _ in range(2):
        assert world.failed() == {"failed": 1}
    assert world.bucket.marks == {}
    world.server.content.clear()  # by who keeps the server clean
    world.server.refuses_renames = False

    assert world.site.run() == Counts(sent=1)
    assert world.server.appeared == [(f"To_Vip/{INFINO}/a.json", b"whole")]
    assert world.bucket.outgoing == {}


def test_a_rename_that_was_done_though_it_was_refused_is_not_done_again(world: World) -> None:
    world.bucket.outgoing[A] = b"whole"
    world.server.refuses_after_renaming = True

    assert world.site.run() == Counts(sent=1)
    assert world.server.appeared == [(f"To_Vip/{INFINO}/a.json", b"whole")]


@pytest.mark.parametrize(("left", "stored"), [(b"whole", 0), (b"wh", 1)])
def test_a_whole_upload_is_gone_on_with_and_half_of_one_is_not(world: World, left: bytes, stored: int) -> None:
    world.bucket.outgoing[A] = b"whole"
    temporary = f"a.json.{hashlib.sha256(b'whole').hexdigest()[:8]}.part"
    world.server.drop(f"To_Vip/{INFINO}/{temporary}", left)

    assert world.site.run() == Counts(sent=1)

    assert world.server.appeared == [(f"To_Vip/{INFINO}/a.json", b"whole")]
    assert world.server.stored == stored


def test_what_a_rival_sent_meanwhile_is_no_failure(world: World) -> None:
    @dataclass
    class Late(FakeBucket):
        @override
        def waiting(self) -> list[Parcel]:
            return [A]

    assert Site(world.server, world.bucket, Late()).run() == Counts()


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
