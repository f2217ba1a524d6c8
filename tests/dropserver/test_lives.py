"""Wherever the work dies, and whoever did what in the meantime: each file arrives, and in order."""

import gzip
import io
from dataclasses import dataclass

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given
from hypothesis import strategies as st

from jbplus.dropserver.sending import Parcel
from tests.dropserver.fakes import FakeBucket, FakeServer, Fate, KilledError, Moments, Site, When
from tests.support.known import INFINO, PARENTIA

STEM = "werk.publiceermutatiejobbonusplus-0100_2025030418300000"
DROPPED = {
    f"{STEM}0.json": b"[1]",
    f"{STEM}1.json.gz": gzip.compress(b"[2]", mtime=0),
    f"{STEM}2.json": b'"three, and much longer' + b"!" * 300 + b'"',
}
PIECE = 128
WAITING = [(INFINO, "a.json"), (INFINO, "b.json"), (PARENTIA, "a.json")]
MOST_STEPS = 120
UNREAD = Logger(service="lives", stream=io.StringIO())


@dataclass
class Life:
    """One world: files that were dropped, files that wait to be sent, and parties that fetch theirs when told."""

    server: FakeServer
    bucket: FakeBucket
    site: Site

    @classmethod
    def new(cls, after_taking: str = "remove") -> "Life":
        clock = Moments()
        server, bucket = FakeServer(clock), FakeBucket(clock)
        for name, content in DROPPED.items():
            server.drop(f"From_Vip/{name}", content)
        for party, name in WAITING:
            bucket.outgoing[Parcel(party, name)] = f"{party} {name}".encode()
        return cls(server, bucket, Site(server, bucket, bucket, after_taking, piece=PIECE, logger=UNREAD))

    def run(self, fate: Fate) -> bool:
        """Do a round; tell whether it lived."""
        self.server.fate = self.bucket.fate = fate
        try:
            self.site.run()
        except KilledError:
            return False
        finally:
            self.server.fate = self.bucket.fate = Fate()
        return True

    def others_work(self, *, intake: bool, parties: bool) -> None:
        if intake:
            self.bucket.take_in()
        if parties:
            for path in [path for path in self.server.content if path.startswith("To_Vip/")]:
                if not path.endswith(".part"):
                    del self.server.content[path]

    def end_well(self) -> None:
        """Let two more rounds pass, and see that all is done: once, or again after a death, and never out of order."""
        assert self.run(Fate())
        self.bucket.take_in()
        assert self.run(Fate())
        assert set(self.bucket.arrived) == set(DROPPED.items())
        sent = [(path, content) for path, content in self.server.appeared if path.startswith("To_Vip/")]
        assert list(dict.fromkeys(sent)) == [
            (f"To_Vip/{party}/{name}", f"{party} {name}".encode()) for party, name in WAITING
        ]
        assert not self.bucket.outgoing
        assert not self.bucket.large
        left = [path for path in self.server.content if path.startswith("From_Vip/") or path.endswith(".part")]
        assert sorted(left) == sorted(self.kept)

    @property
    def times(self) -> int:
        """How often files arrived, or appeared to the parties."""
        return len(self.bucket.arrived) + sum(path.startswith("To_Vip/") for path, _ in self.server.appeared)

    @property
    def kept(self) -> list[str]:
        folder = self.site.after_taking
        return [] if folder == "remove" else [f"From_Vip/{folder}/{name}" for name in DROPPED]


def undisturbed(after_taking: str) -> int:
    life, fate = Life.new(after_taking), Fate()
    assert life.run(fate)
    life.end_well()
    assert life.times == len(DROPPED) + len(WAITING)
    assert 40 < fate.steps <= MOST_STEPS
    return fate.steps


@pytest.mark.parametrize("after_taking", ["remove", "verwerkt"])
@pytest.mark.parametrize("intake", [False, True])
@pytest.mark.parametrize("parties", [False, True])
def test_a_death_at_any_step_is_mended_by_the_next_round(after_taking: str, *, intake: bool, parties: bool) -> None:
    steps = undisturbed(after_taking)
    for at in range(1, steps + 1):
        for when in When:
            life = Life.new(after_taking)
            life.run(Fate(at, when))
            life.others_work(intake=intake, parties=parties)
            life.end_well()
            assert life.times <= len(DROPPED) + len(WAITING) + 1


@given(
    st.lists(
        st.tuples(st.integers(1, MOST_STEPS), st.sampled_from(When), st.booleans(), st.booleans()),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["remove", "verwerkt"]),
)
def test_any_number_of_deaths_is_mended(deaths: list[tuple[int, When, bool, bool]], after_taking: str) -> None:
    life = Life.new(after_taking)

    for at, when, intake, parties in deaths:
        life.run(Fate(at, when))
        life.others_work(intake=intake, parties=parties)

    life.end_well()
