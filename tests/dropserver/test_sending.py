"""Sending: in order, whole, and again unless it was seen to arrive."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

import pytest
from typing_extensions import override

from jbplus.dropserver.round import Counts
from jbplus.dropserver.sending import Parcel
from jbplus.errors import UnavailableError
from jbplus.ftps.server import DropserverError
from tests.dropserver.fakes import FakeBucket, Site
from tests.dropserver.world import A, B, C, World
from tests.support.known import INFINO, PARENTIA


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
