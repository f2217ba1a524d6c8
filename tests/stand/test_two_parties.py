"""Whoever has the stands of two parties does not learn which persons they share.

An adversary pairs what it sees of one party with what it sees of another, by all that a mark could give away. It is
tried on marks that do give it away too, to see that it finds them.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from jbplus.protocol.parties import PARTIES
from jbplus.stand.document import Stand
from jbplus.stand.rules import Pair, range_of, ranges_of
from jbplus_recipient.store import Store
from tests.stand.world import INFINO, World, persons

ALL = persons(300)
SHARED = ALL[100:200]
MINE, THEIRS = ALL[:200], ALL[100:]
PARENTIA = next(party for party in PARTIES if party.key == "parentia")
MOST_BY_CHANCE = 12
"""Of each way to pair: 200 guesses of one in 200 hit less than one of the 100 shared persons; 12 come once in 10^12."""

Guess = Callable[[Sequence[Pair], Sequence[Pair]], list[tuple[int, int]]]
"""Pairs places in what is seen of two parties."""


def nearest(key: Callable[[Pair], str]) -> Guess:
    """Pair each with whose mark shares the most bits."""

    def guess(mine: Sequence[Pair], theirs: Sequence[Pair]) -> list[tuple[int, int]]:
        others = [int(key(pair), 16) for pair in theirs]
        found = []
        for place, pair in enumerate(mine):
            mark = int(key(pair), 16)
            distances = [(mark ^ other).bit_count() for other in others]
            found.append((place, distances.index(min(distances))))
        return found

    return guess


def ordered(key: Callable[[Pair], object]) -> Guess:
    """Pair those that stand at the same place in an order."""

    def guess(mine: Sequence[Pair], theirs: Sequence[Pair]) -> list[tuple[int, int]]:
        first = sorted(range(len(mine)), key=lambda n: key(mine[n]))  # type: ignore[arg-type,return-value]
        other = sorted(range(len(theirs)), key=lambda n: key(theirs[n]))  # type: ignore[arg-type,return-value]
        return list(zip(first, other, strict=True))

    return guess


GUESSES: dict[str, Guess] = {
    "nearest handle": nearest(lambda pair: pair.handle),
    "nearest version": nearest(lambda pair: pair.version),
    "difference of both": nearest(lambda pair: f"{int(pair.handle, 16) ^ int(pair.version, 16):032x}"),
    "number of a stand": nearest(lambda pair: hashlib.sha256(f"{pair.handle}:{pair.version}".encode()).hexdigest()),
    "order of handles": ordered(lambda pair: pair.handle),
    "order of versions": ordered(lambda pair: pair.version),
    "ranges": ordered(lambda pair: (range_of(pair.handle), pair.version)),
    "order of registering": lambda mine, theirs: list(zip(range(len(mine)), range(len(theirs)), strict=True)),
}


def seen(world: World) -> tuple[list[str], list[Pair]]:
    """Give whom a party has, and what it sees of them, both by handle."""
    rows = world.store._database.rows("SELECT insz, handle, versie FROM persons ORDER BY handle")
    found = [(number, Pair(handle, version)) for number, handle, version in rows]
    return [number for number, _ in found], [pair for _, pair in found]


def hits(guess: Guess, mine: tuple[list[str], list[Pair]], theirs: tuple[list[str], list[Pair]]) -> int:
    return sum(mine[0][one] == theirs[0][other] for one, other in guess(mine[1], theirs[1]))


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, World]:
    folder: Path = tmp_path_factory.mktemp("parties")
    mine = World(folder / "mine", list(MINE)).begin()
    theirs = World(folder / "theirs", list(THEIRS), PARENTIA, mine.exchange).begin()
    assert isinstance(theirs.store, Store)
    return mine, theirs


@pytest.mark.parametrize("name", GUESSES)
def test_nobody_tells_shared_persons_better_than_by_chance(parties: tuple[World, World], name: str) -> None:
    mine, theirs = map(seen, parties)

    assert len(set(mine[0]) & set(theirs[0])) == len(SHARED)
    assert hits(GUESSES[name], mine, theirs) <= MOST_BY_CHANCE


def test_two_stands_have_no_fingerprint_and_no_mark_in_common(parties: tuple[World, World]) -> None:
    (_, mine), (_, theirs) = map(seen, parties)
    stands = [Stand.of(INFINO.kbo, parties[0].exchange.clock(), ranges_of(pairs)) for pairs in (mine, theirs)]
    fingerprints = [{each.fingerprint for each in stand.bereiken.values()} for stand in stands]

    assert not fingerprints[0] & fingerprints[1]
    assert not {mark for pair in mine for mark in pair} & {mark for pair in theirs for mark in pair}


def leaking(number: str, party: str, mark: str) -> Pair:
    """Make marks of a person as somebody might who thinks less of it."""
    plain = hashlib.sha256(number.encode()).hexdigest()[:32]
    drawn = hashlib.sha256(f"{number} {party}".encode()).hexdigest()[:32]
    if mark == "both":
        return Pair(drawn, f"{int(drawn, 16) ^ int(plain, 16):032x}")
    return Pair(plain, drawn) if mark == "handle" else Pair(drawn, plain)


@pytest.mark.parametrize(
    ("mark", "name"), [("handle", "nearest handle"), ("version", "nearest version"), ("both", "difference of both")]
)
def test_marks_that_say_whose_they_are_would_be_found(mark: str, name: str) -> None:
    mine, theirs = (
        (numbers, [leaking(number, party, mark) for number in numbers])
        for numbers, party in ((MINE, "mine"), (THEIRS, "theirs"))
    )

    assert hits(GUESSES[name], mine, theirs) == len(SHARED)
