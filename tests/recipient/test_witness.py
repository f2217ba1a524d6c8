"""A party keeps the checkpoints that it gets: what contradicts them is told, and never put away."""

from pathlib import Path

import pytest

from jbplus.checkpoints.verify import name_of
from jbplus_recipient.witness import Witness
from tests.checkpoints.fakes import FakeSigner, Sealing, new_key
from tests.recipient.fakes import FOLDER, Fate, KilledError, MemoryServer


def checkpoints(count: int, key: int = 1) -> dict[int, bytes]:
    sealing = Sealing(signer=FakeSigner([new_key(key)]))
    for _ in range(count):
        sealing.hour()
    return sealing.vault.checkpoints


POINTS, OTHERS = checkpoints(3), checkpoints(3, key=2)


def server(points: dict[int, bytes]) -> MemoryServer:
    return MemoryServer({(FOLDER, name_of(number)): content for number, content in points.items()})


def take(witness: Witness, there: MemoryServer) -> list[tuple[str, str]]:
    return list(witness.take(there, FOLDER, lambda name: there.remove(FOLDER, name)))


def kept(witness: Witness) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in witness.folder.iterdir()}


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "state" / "checkpoints")


def test_checkpoints_are_kept_and_put_away(witness: Witness) -> None:
    there = server(POINTS)

    assert take(witness, there) == []

    assert kept(witness) == {name_of(number): content for number, content in POINTS.items()}
    assert there.held == {}


def test_other_files_are_left_alone(witness: Witness) -> None:
    there = MemoryServer({(FOLDER, "notice.json"): b"{}"})

    assert take(witness, there) == []
    assert there.held == {(FOLDER, "notice.json"): b"{}"}


def test_the_same_once_more_is_fine(witness: Witness) -> None:
    take(witness, server(POINTS))
    there = server(POINTS)

    assert take(witness, there) == []
    assert there.held == {}


def test_one_that_contradicts_what_is_kept_stays_and_is_told(witness: Witness) -> None:
    take(witness, server(POINTS))
    there = server({2: OTHERS[2]})

    ((name, reason),) = take(witness, there)

    assert (name, "fork" in reason) == (name_of(2), True)
    assert list(there.held) == [(FOLDER, name_of(2))]
    assert kept(witness)[name_of(2)] == POINTS[2]


@pytest.mark.parametrize("content", [b"", b"{}", b"x" * 65537, POINTS[1]])
def test_what_is_no_checkpoint_of_its_name_stays_and_holds_nothing_up(witness: Witness, content: bytes) -> None:
    there = server({2: content, 3: POINTS[3]})

    ((name, _),) = take(witness, there)

    assert name == name_of(2)
    assert list(kept(witness)) == [name_of(3)]


def test_it_may_die_anywhere(witness: Witness) -> None:
    for at in range(1, 4):
        for after in (False, True):
            there = server(POINTS)
            there.fate = Fate(at, after)
            with pytest.raises(KilledError):
                take(witness, there)
            there.fate = Fate()
            assert take(witness, there) == []
            assert kept(witness) == {name_of(number): content for number, content in POINTS.items()}
