"""Taking in: what is taken and when, what is left, and that nothing is lost on the way."""

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from jbplus.dropserver.round import Counts
from jbplus.ftps.server import RemoteFile
from tests.dropserver.fakes import BROKEN_AFTER, START, FakeBucket, Moments, Site
from tests.dropserver.world import NAME, STEM, FailingServer, World


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


# Two listings to find it, one look before it is fetched, one after that, one when it is put.
@pytest.mark.parametrize(("after", "first"), [(3, Counts(taken=1)), (4, Counts(waiting=1)), (5, Counts(taken=1))])
def test_what_is_dropped_anew_while_it_is_taken_is_not_lost(after: int, first: Counts) -> None:
    clock = Moments()
    server, bucket = Changing(clock, after=after), FakeBucket(clock)
    server.drop(f"From_Vip/{NAME}", b"{}")
    site = Site(server, bucket, bucket)

    assert site.run() == first
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


@pytest.mark.parametrize("content", [b"", b'{"half": "', gzip.compress(b"{}", mtime=0)[:-1]])
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
