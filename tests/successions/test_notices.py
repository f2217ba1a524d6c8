"""Notices of successions: to whom, of what, in a series of their own; and of mutations, under any linked number."""

from collections.abc import Sequence

import pytest

from jbplus.notices.notice import SUCCESSION_PREFIX
from jbplus.protocol.parties import PAYMENT_ACTORS
from tests.notices.fakes import KilledError, NoticesWorld, nobody_left, numbers
from tests.support.files import mutation_file, record, succession, succession_file
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM, CELINE

KIDSLIFE, MY_FAMILY = "0687467902", "0683590375"
OLD, NEW = ANNA, BRAM


def said(world: NoticesWorld, party: str) -> list[dict[str, object]]:
    return [
        each.model_dump(exclude_none=True) for notice in world.succession_notices(party) for each in notice.notificaties
    ]


def told_of_the_change(world: NoticesWorld, *, volgnummer: int = 1) -> None:
    world.take_in(succession_file([succession(OLD, NEW)], volgnummer))
    world.go_round()


def test_who_registered_the_old_number_is_told_the_new_and_the_others_only_that_it_changed() -> None:
    world = NoticesWorld()
    world.register(INFINO, OLD)
    world.register(PARENTIA, NEW)
    world.register(KIDSLIFE, OLD, NEW)
    world.register(MY_FAMILY, CELINE)

    told_of_the_change(world)

    about = {"referte": "NUM-2025-000001", "type": "01", "volgnummer": 1}
    assert said(world, INFINO) == [about | {"insz": OLD, "nieuw": NEW}]
    assert said(world, PARENTIA) == [about | {"insz": NEW}]
    assert said(world, KIDSLIFE) == [about | {"insz": OLD, "nieuw": NEW}]
    assert said(world, MY_FAMILY) == []
    assert all(name.startswith(SUCCESSION_PREFIX) for name in world.folders.outgoing[INFINO])


def test_who_registered_a_number_that_was_linked_before_is_told_too_and_never_the_new_one() -> None:
    world = NoticesWorld()
    world.take_in(succession_file([succession(CELINE, NEW, "earlier")], 1))
    world.go_round()
    world.register(INFINO, CELINE)

    told_of_the_change(world, volgnummer=2)

    (notice,) = world.succession_notices(INFINO)
    assert [(each.insz, each.nieuw) for each in notice.notificaties] == [(NEW, None)]


def test_taking_back_is_told_to_both_sides() -> None:
    world = NoticesWorld()
    world.register(INFINO, OLD)
    world.register(PARENTIA, NEW)
    told_of_the_change(world)

    world.take_in(succession_file([succession(OLD, NEW, type_="03")], 2))
    world.go_round()

    assert [(each["type"], each["insz"]) for each in said(world, INFINO)] == [("01", OLD), ("03", OLD)]
    assert [(each["type"], each["insz"]) for each in said(world, PARENTIA)] == [("01", NEW), ("03", NEW)]


def test_each_kind_has_numbers_of_its_own() -> None:
    world = NoticesWorld()
    world.register(INFINO, OLD)
    world.take_in(mutation_file([record(OLD, "a")], 1))
    told_of_the_change(world)
    world.take_in(mutation_file([record(OLD, "b")], 2))
    world.go_round()

    assert numbers(world.notices(INFINO)) == [1, 2]
    assert numbers(world.succession_notices(INFINO)) == [1]


@pytest.mark.parametrize(("registered", "paid"), [(OLD, NEW), (NEW, OLD)])
def test_after_a_succession_a_mutation_under_either_number_is_told(registered: str, paid: str) -> None:
    world = NoticesWorld()
    world.register(INFINO, registered)
    told_of_the_change(world)

    world.take_in(mutation_file([record(paid, "a")], 1))
    world.go_round()

    assert world.told(INFINO) == [("a", "01", paid, 1)]


def test_a_suspended_recipient_is_told_when_the_suspension_ends_unless_it_no_longer_registers() -> None:
    world = NoticesWorld()
    world.register(INFINO, OLD)
    world.register(PARENTIA, OLD)
    for party in (INFINO, PARENTIA):
        world.suspend(party)
    told_of_the_change(world)
    assert said(world, INFINO) == said(world, PARENTIA) == []

    world.unregister(PARENTIA, OLD)
    for party in (INFINO, PARENTIA):
        world.lift(party)
    world.go_round()

    assert [each["nieuw"] for each in said(world, INFINO)] == [NEW]
    assert said(world, PARENTIA) == []


def test_the_new_number_waits_for_nobody_who_has_let_both_go() -> None:
    world = NoticesWorld()
    world.take_in(succession_file([succession(CELINE, NEW, "earlier")], 1))
    world.go_round()
    world.register(INFINO, OLD, CELINE)
    world.suspend(INFINO)
    told_of_the_change(world, volgnummer=2)

    world.unregister(INFINO, OLD)
    world.lift(INFINO)
    world.go_round()

    assert NEW not in [each.get("nieuw") for each in said(world, INFINO)]


@pytest.mark.parametrize("after", [False, True])
def test_killed_anywhere_it_is_told_exactly_once(*, after: bool) -> None:
    def begun() -> NoticesWorld:
        world = NoticesWorld()
        world.register(INFINO, OLD)
        world.register(PARENTIA, NEW)
        world.take_in(succession_file([succession(OLD, NEW), succession(CELINE, NEW, "b", "03")]))
        return world

    undisturbed = begun()
    undisturbed.go_round()
    expected = [said(undisturbed, party) for party in (INFINO, PARENTIA)]
    for at in range(1, undisturbed.life.writes + 2):
        world = begun()
        world.life.writes, world.life.at, world.life.after = 0, at, after
        try:
            world.go_round()
        except KilledError:
            world.life.at = None
        world.life.at = None

        world.go_round()

        assert [said(world, party) for party in (INFINO, PARENTIA)] == expected
        assert nobody_left(world, kbos())


def kbos() -> Sequence[str]:
    return [party.kbo for party in PAYMENT_ACTORS]
