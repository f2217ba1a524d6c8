"""A server that can be told to fail, a bucket with the same clock, and what operators see of rounds between them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pytest
from typing_extensions import override

from jbplus.dropserver.round import RoundFailedError
from jbplus.dropserver.sending import Parcel
from jbplus.ftps.server import DropserverError, RemoteFile
from tests.dropserver.fakes import FakeBucket, FakeServer, Moments, Site
from tests.support.known import INFINO, PARENTIA

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

    @classmethod
    def new(cls) -> "World":
        """Make one where all is well and nothing is there."""
        clock = Moments()
        server, bucket = FailingServer(clock), FakeBucket(clock)
        return cls(server, bucket, Site(server, bucket, bucket))
