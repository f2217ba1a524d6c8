"""Suspending and lifting, whoever else does so, and however often it is asked."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from jbplus.errors import UnavailableError, UnknownIdError
from jbplus.protocol.access import Refusal, RefusedError
from jbplus.protocol.parties import OPGROEIEN, VUTG, WEWIS
from jbplus.protocol.purposes import Purpose
from jbplus.suspensions.rules import MOST_KEPT, Stream, TooManySuspensionsError
from jbplus.suspensions.service import Suspensions, Wanted
from tests.support.fakes import NOW, caller, no_sleep
from tests.support.known import INFINO, PARENTIA
from tests.suspensions.fakes import FakeSuspensionStore

SOURCE = caller(WEWIS.kbo, "jbplus:bron")
WANTED = Wanted(INFINO, (Stream.CONSULTATION,), (), "misuse")


@dataclass
class World:
    """Suspensions over a fake store, with a clock that can be set."""

    store: FakeSuspensionStore = field(default_factory=FakeSuspensionStore)
    now: datetime = NOW
    ids: Iterator[str] = field(default_factory=lambda: (f"s-{n}" for n in itertools.count(1)))

    @property
    def suspensions(self) -> Suspensions:
        return Suspensions(self.store, lambda: self.now, lambda: next(self.ids), no_sleep)

    def suspending(self, wanted: Wanted) -> Callable[[FakeSuspensionStore], None]:
        """Make a rival that suspends."""

        def write(_: FakeSuspensionStore) -> None:
            self.suspensions.suspend(wanted, SOURCE)

        return write


@pytest.fixture
def world() -> World:
    return World()


def test_a_suspension_begins_now_unless_a_moment_is_named(world: World) -> None:
    tomorrow = NOW + timedelta(days=1)

    at_once = world.suspensions.suspend(WANTED, SOURCE)
    later = world.suspensions.suspend(replace(WANTED, begin=tomorrow), SOURCE)

    assert (at_once.begin, later.begin) == (NOW, tomorrow)
    assert world.store.items == {INFINO: (at_once, later)}


@pytest.mark.parametrize("begin", [None, NOW - timedelta(days=1), NOW + timedelta(days=1)])
def test_asking_again_for_the_same_makes_no_second_one(world: World, begin: datetime | None) -> None:
    first = world.suspensions.suspend(replace(WANTED, begin=begin), SOURCE)
    world.now += timedelta(seconds=5)

    again = world.suspensions.suspend(replace(WANTED, begin=begin), SOURCE)

    assert (again, world.store.writes) == (first, 1)


@pytest.mark.parametrize(
    "other",
    [
        replace(WANTED, party=PARENTIA),
        replace(WANTED, streams=(Stream.MUTATIONS, Stream.CONSULTATION)),
        replace(WANTED, purposes=(Purpose.AUDIT,)),
        replace(WANTED, reason="another"),
        replace(WANTED, begin=NOW + timedelta(days=1)),
    ],
    ids=["party", "streams", "purposes", "reason", "moment"],
)
def test_asking_for_something_else_makes_another(world: World, other: Wanted) -> None:
    first = world.suspensions.suspend(WANTED, SOURCE)

    second = world.suspensions.suspend(other, SOURCE)

    assert first.id != second.id
    assert world.suspensions.visible_to(SOURCE) == [first, second]


def test_a_suspension_that_has_yet_to_begin_does_not_stand_in_for_one_that_works_at_once(world: World) -> None:
    world.suspensions.suspend(replace(WANTED, begin=NOW + timedelta(days=1)), SOURCE)

    at_once = world.suspensions.suspend(WANTED, SOURCE)

    assert at_once.begin == NOW


def test_what_was_lifted_can_be_suspended_anew(world: World) -> None:
    first = world.suspensions.suspend(WANTED, SOURCE)
    lifted = world.suspensions.lift(first.id, SOURCE)

    second = world.suspensions.suspend(WANTED, SOURCE)

    assert (second.id, second.lifted, lifted.lifted) == ("s-2", None, NOW)


def test_lifting_twice_gives_the_same_and_writes_once(world: World) -> None:
    made = world.suspensions.suspend(WANTED, SOURCE)
    once = world.suspensions.lift(made.id, SOURCE)
    world.now += timedelta(days=1)

    assert world.suspensions.lift(made.id, SOURCE) == once == replace(made, lifted=NOW)
    assert world.store.writes == 2


def test_lifting_one_leaves_the_others(world: World) -> None:
    one = world.suspensions.suspend(WANTED, SOURCE)
    other = world.suspensions.suspend(replace(WANTED, reason="another"), SOURCE)
    of_parentia = world.suspensions.suspend(replace(WANTED, party=PARENTIA), SOURCE)

    lifted = world.suspensions.lift(one.id, SOURCE)

    assert world.store.items == {INFINO: (lifted, other), PARENTIA: (of_parentia,)}


def test_lifting_what_is_not_there_is_told(world: World) -> None:
    world.suspensions.suspend(WANTED, SOURCE)

    with pytest.raises(UnknownIdError):
        world.suspensions.lift("s-9", SOURCE)


def test_a_rival_at_the_same_moment_loses_nothing(world: World) -> None:
    other = World(world.store, ids=iter(["rival"]))
    world.store.rivals.append(other.suspending(replace(WANTED, reason="rival")))

    world.suspensions.suspend(WANTED, SOURCE)

    assert [each.reason for each in world.store.items[INFINO]] == ["rival", "misuse"]


def test_the_same_asked_twice_at_the_same_moment_is_one(world: World) -> None:
    other = World(world.store, ids=iter(["rival"]))
    world.store.rivals.append(other.suspending(WANTED))

    made = world.suspensions.suspend(WANTED, SOURCE)

    assert made.id == "rival"
    assert world.store.items == {INFINO: (made,)}


def test_rivals_without_end_are_told_as_unavailable(world: World) -> None:
    def write_another(store: FakeSuspensionStore) -> None:
        present = store.items.get(INFINO, ())
        store.items[INFINO] = (*present, replace(made, id=f"rival-{len(present)}", reason=f"{len(present)}"))

    made = World().suspensions.suspend(WANTED, SOURCE)
    world.store.rivals.extend([write_another] * 20)

    with pytest.raises(UnavailableError):
        world.suspensions.suspend(WANTED, SOURCE)


def test_a_party_with_no_room_for_more_is_told(world: World) -> None:
    for n in range(MOST_KEPT):
        world.suspensions.suspend(replace(WANTED, reason=f"reason {n}"), SOURCE)

    with pytest.raises(TooManySuspensionsError):
        world.suspensions.suspend(WANTED, SOURCE)

    assert len(world.store.items[INFINO]) == MOST_KEPT


def test_the_source_sees_all_and_a_party_its_own(world: World) -> None:
    of_infino = world.suspensions.suspend(WANTED, SOURCE)
    of_opgroeien = world.suspensions.suspend(
        replace(WANTED, party=OPGROEIEN.kbo, begin=NOW - timedelta(days=1)), caller("2199323857", "jbplus:bron")
    )

    assert world.suspensions.visible_to(SOURCE) == [of_opgroeien, of_infino]
    assert world.suspensions.visible_to(caller(INFINO)) == [of_infino]
    assert world.suspensions.visible_to(caller(OPGROEIEN.kbo, "jbplus:bron")) == [of_opgroeien]
    assert world.suspensions.visible_to(caller(VUTG.kbo, "jbplus:audit")) == []


def test_what_was_lifted_ten_years_ago_is_not_seen_though_it_is_still_there(world: World) -> None:
    made = world.suspensions.suspend(WANTED, SOURCE)
    world.suspensions.lift(made.id, SOURCE)
    world.now += timedelta(days=3654)

    assert world.suspensions.visible_to(SOURCE) == []
    with pytest.raises(UnknownIdError):
        world.suspensions.lift(made.id, SOURCE)


@pytest.mark.parametrize(
    ("kbo", "scopes", "suspending", "seeing"),
    [
        pytest.param(WEWIS.kbo, [], "MISSING_SCOPE", "MISSING_SCOPE", id="source without scope"),
        pytest.param(INFINO, [], "MISSING_SCOPE", None, id="recipient without scope"),
        pytest.param(INFINO, ["jbplus:bron"], "PURPOSE_NOT_ALLOWED", None, id="recipient with the source's scope"),
        pytest.param("0123456749", ["jbplus:bron"], "PURPOSE_NOT_ALLOWED", "PURPOSE_NOT_ALLOWED", id="stranger"),
        pytest.param("", [], "MISSING_SCOPE", "PURPOSE_NOT_ALLOWED", id="nobody"),
    ],
)
def test_who_may_not_is_refused(world: World, kbo: str, scopes: list[str], suspending: str, seeing: str | None) -> None:
    made = world.suspensions.suspend(WANTED, SOURCE)
    asking = caller(kbo, *scopes)

    with pytest.raises(RefusedError) as refused:
        world.suspensions.suspend(replace(WANTED, reason="mine"), asking)
    assert refused.value.refusal is Refusal[suspending]
    with pytest.raises(RefusedError) as refused:
        world.suspensions.lift(made.id, asking)
    assert refused.value.refusal is Refusal[suspending]
    if seeing is not None:
        with pytest.raises(RefusedError) as refused:
            world.suspensions.visible_to(asking)
        assert refused.value.refusal is Refusal[seeing]
    assert world.store.items == {INFINO: (made,)}
