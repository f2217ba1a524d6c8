"""Files that are larger than a piece: they come over several visits, and are never mistaken for something else."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import BinaryIO

import pytest
from typing_extensions import override

from jbplus.dropserver.round import Counts
from jbplus.ftps.server import ConnectionLostError, DropserverError, RemoteFile
from tests.dropserver.fakes import BROKEN_AFTER, START, FakeBucket, FakeServer, Site
from tests.dropserver.world import NAME, World

CONTENT = json.dumps(["x" * 500]).encode()
PIECE = 128


@dataclass
class CutOnce(FakeServer):
    """Loses the connection amid a file, once; and may not go on where it is told to."""

    cut: bool = True
    goes_on: bool = True
    starts: list[int] = field(default_factory=list)

    @override
    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO, start: int = 0) -> None:
        self.starts.append(start)
        if start and not self.goes_on:
            raise DropserverError("more bytes came than the file has")
        if not self.cut:
            super().fetch(folder, file, into, start)
            return
        self.cut = False
        into.write(self.content[f"{folder}/{file.name}"][0][:300])
        raise ConnectionLostError("cut")


def world_of(content: bytes, **server: bool) -> World:
    world = World.new()
    world.site.server = CutOnce(**server)  # type: ignore[arg-type]  # two of its fields
    world.site.server.drop(f"From_Vip/{NAME}", content)
    world.site.piece = PIECE
    world.site.now = lambda: START
    return world


def starts(world: World) -> list[int]:
    assert isinstance(world.site.server, CutOnce)
    return world.site.server.starts


def test_it_goes_on_with_the_pieces_that_came() -> None:
    world = world_of(CONTENT)

    assert world.failed() == {"failed": 1}
    assert world.site.run() == Counts(taken=1)

    assert starts(world) == [0, 2 * PIECE]
    assert world.bucket.arrived == [(NAME, CONTENT)]
    assert not world.bucket.large


def test_a_server_that_does_not_go_on_midway_is_asked_from_the_beginning() -> None:
    world = world_of(CONTENT, goes_on=False)

    for _ in range(2):
        assert world.failed() == {"failed": 1}
    assert world.site.run() == Counts(taken=1)

    assert starts(world) == [0, 2 * PIECE, 0]
    assert world.bucket.arrived == [(NAME, CONTENT)]


def test_one_whose_time_is_not_told_begins_anew() -> None:
    @dataclass
    class Timeless(CutOnce):
        @override
        def files(self, folder: str, pattern: str) -> list[RemoteFile]:
            return [RemoteFile(file.name, file.size, None) for file in super().files(folder, pattern)]

    world = World.new()
    world.site = Site(Timeless(), world.bucket, world.bucket, piece=PIECE)
    world.site.server.drop(f"From_Vip/{NAME}", CONTENT)  # type: ignore[attr-defined]  # a fake

    world.failed()
    assert world.site.run() == Counts(taken=1)

    assert starts(world) == [0, 0]


@pytest.mark.parametrize("cut", [False, True])
def test_one_that_is_not_whole_is_refused_when_it_is_old_and_came_at_once(*, cut: bool) -> None:
    world = world_of(CONTENT[:-2], cut=cut)
    if cut:
        world.failed()
    else:
        assert world.site.run() == Counts(waiting=1)
    world.site.now = lambda: START + BROKEN_AFTER + timedelta(seconds=1)

    # Of what came in two visits nobody knows who cut it: it is fetched once more.
    assert world.site.run() == (Counts(waiting=1) if cut else Counts(taken=1))
    if cut:
        assert world.bucket.arrived == []
        assert world.site.run() == Counts(taken=1)

    assert world.bucket.arrived == [(NAME, CONTENT[:-2])]


def test_what_comes_while_another_is_put_is_not_removed() -> None:
    @dataclass
    class Busy(FakeBucket):
        @override
        def put(self, name: str, content: BinaryIO, sha256: str) -> bool:
            stands = super().put(name, content, sha256)
            if not stands or len(self.arrived) == 1:
                server.drop(f"From_Vip/{NAME}", b"[1, 2]")
            return stands

    server, bucket = FakeServer(), Busy()
    server.drop(f"From_Vip/{NAME}", b"[1]")
    site = Site(server, bucket, bucket)

    assert site.run() == Counts(taken=1)
    bucket.take_in()
    assert site.run() == Counts(taken=1)

    assert bucket.arrived == [(NAME, b"[1]"), (NAME, b"[1, 2]")]
    assert server.content == {}


def test_one_that_takes_too_long_goes_on_in_the_next_visit_and_the_others_come_in_this() -> None:
    world = world_of(CONTENT, cut=False)
    other = NAME.replace("0.json", "1.json")
    world.site.server.drop(f"From_Vip/{other}", CONTENT + b" ")  # type: ignore[attr-defined]  # a fake
    looks = 0

    def time_left() -> float:
        nonlocal looks
        looks += 1
        return 900.0 if looks < 8 else 590.0

    assert world.site.run(time_left) == Counts(taken=1, waiting=1)
    assert world.site.connections == 2
    assert world.site.run() == Counts(taken=1)

    assert world.bucket.arrived == [(other, CONTENT + b" "), (NAME, CONTENT)]
    assert starts(world)[0] == 0
    assert starts(world)[-1] > 0
