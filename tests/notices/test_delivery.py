"""How notices are numbered, given out once, and held back while a recipient is suspended (Articles 5, 6 and 8)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from jbplus.errors import ConflictError, ThrottledError, UnavailableError
from jbplus.notices.delivery import LostContentsError
from jbplus.notices.notice import file_name, next_moment
from jbplus.notices.queue import Decision
from jbplus.notices.telling import TIME_FOR_A_PART
from jbplus.suspensions.rules import Stream
from tests.notices.fakes import KilledError, Mortality, NoticesWorld, nobody_left, numbers
from tests.support.files import mutation_file, record
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM, CELINE

BOTH = (INFINO, PARENTIA)


def suspended_world() -> NoticesWorld:
    """Make a world in which Infino was suspended while three files came in."""
    world = NoticesWorld()
    world.register(INFINO, ANNA, BRAM)
    world.register(PARENTIA, ANNA)
    world.suspend(INFINO, Stream.MUTATIONS, Stream.CONSULTATION)
    files = [[record(ANNA, "a-1"), record(BRAM, "b-1")], [record(BRAM, "b-2")], [record(ANNA, "a-3")]]
    for number, records in enumerate(files, start=5):
        world.take_in(mutation_file(records, number), f"{number}.json")
        world.go_round()
    return world


def test_a_suspended_recipient_is_told_nothing_and_others_are() -> None:
    world = suspended_world()

    assert world.told(INFINO) == []
    assert numbers(world.notices(PARENTIA)) == [1, 2]
    assert world.go_round().waiting == 3
    assert {recipient for recipient, _ in world.folders.waiting} == {INFINO}


def test_when_the_suspension_ends_what_waited_is_numbered_and_delivered_in_the_order_of_intake() -> None:
    world = suspended_world()
    world.lift(INFINO)
    world.go_round()
    world.take_in(mutation_file([record(ANNA, "a-4")], 8), "8.json")
    world.go_round()

    assert numbers(world.notices(INFINO)) == [1, 2, 3, 4]
    assert [referte for referte, *_ in world.told(INFINO)] == ["a-1", "b-1", "b-2", "a-3", "a-4"]
    assert nobody_left(world, BOTH)


def test_of_what_waited_those_no_longer_registered_are_left_out_and_cost_no_number() -> None:
    world = suspended_world()
    world.unregister(INFINO, BRAM)
    world.lift(INFINO)
    world.go_round()

    assert numbers(world.notices(INFINO)) == [1, 2]
    assert [referte for referte, *_ in world.told(INFINO)] == ["a-1", "a-3"]
    assert nobody_left(world, BOTH)


def test_of_what_waited_those_expired_are_told_too_so_that_their_amounts_are_forgotten() -> None:
    world = suspended_world()
    world.now = datetime(2030, 6, 1, tzinfo=UTC)
    world.lift(INFINO)
    world.go_round()

    assert [referte for referte, *_ in world.told(INFINO)] == ["a-1", "b-1", "b-2", "a-3"]
    assert nobody_left(world, BOTH)


def test_who_registers_while_another_is_suspended_gets_nothing_of_what_waited() -> None:
    world = suspended_world()
    world.register(INFINO, CELINE)
    world.register(PARENTIA, BRAM)
    world.lift(INFINO)
    world.go_round()

    assert CELINE not in {insz for _, _, insz, _ in world.told(INFINO)}
    assert BRAM not in {insz for _, _, insz, _ in world.told(PARENTIA)}


def test_without_time_nothing_is_given_out() -> None:
    world = suspended_world()
    world.lift(INFINO)
    looks = iter([TIME_FOR_A_PART, TIME_FOR_A_PART])  # for VUTG, to whom nothing is due, and for Infino
    world.go_round(lambda: next(looks, 0.0))

    assert numbers(world.notices(INFINO)) == [1]


def test_what_cannot_be_read_stops_that_recipient_and_no_other() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.register(PARENTIA, ANNA)
    world.suspend(INFINO)
    world.take_in(mutation_file([record(ANNA)]))
    world.go_round()
    world.folders.waiting.clear()
    world.lift(INFINO)
    world.take_in(mutation_file([record(ANNA, "new")], 2), "2.json")

    done = world.go_round()

    assert [type(error) for error in done.failures] == [LostContentsError]
    assert world.notices(INFINO) == []
    assert numbers(world.notices(PARENTIA)) == [1, 2]


@pytest.mark.parametrize("error", [ConflictError("notices"), ThrottledError("notices")])
def test_a_decision_that_is_turned_away_is_tried_again(error: Exception) -> None:
    world = suspended_world()
    world.lift(INFINO)
    world.queues.turned_away = [error] * 11

    assert world.go_round().failures == []
    assert numbers(world.notices(INFINO)) == [1, 2, 3]


def test_what_could_not_be_decided_waits_for_the_next_round() -> None:
    world = suspended_world()
    world.lift(INFINO)
    world.queues.turned_away = [ConflictError("notices")] * 12

    done = world.go_round()

    assert [type(error) for error in done.failures] == [UnavailableError]
    assert (numbers(world.notices(INFINO)), done.waiting) == ([], 3)
    world.go_round()
    assert numbers(world.notices(INFINO)) == [1, 2, 3]


def scene(world: NoticesWorld) -> None:
    """A file for two recipients, one of whom must leave persons out by the time it is delivered."""
    world.register(INFINO, ANNA, BRAM)
    world.register(PARENTIA, BRAM, CELINE)
    world.suspend(INFINO)
    world.take_in(mutation_file([record(ANNA, "a"), record(BRAM, "b"), record(CELINE, "c")], 1))
    assert world.go_round().failures == []
    world.unregister(INFINO, BRAM)
    world.lift(INFINO)
    world.take_in(mutation_file([record(BRAM, "b-2"), record(ANNA, "a-2")], 2), "2.json")
    assert world.go_round().failures == []


def content_of(world: NoticesWorld) -> dict[str, list[object]]:
    return {party: [numbers(world.notices(party)), world.told(party)] for party in BOTH}


EXPECTED = {
    INFINO: [[1, 2], [("a", "01", ANNA, 1), ("a-2", "01", ANNA, 2)]],
    PARENTIA: [[1, 2], [("b", "01", BRAM, 1), ("c", "01", CELINE, 1), ("b-2", "01", BRAM, 2)]],
}


def writes_of_the_scene() -> int:
    world = NoticesWorld()
    scene(world)
    assert content_of(world) == EXPECTED
    return world.life.writes


def until_done(step: Callable[[], object]) -> None:
    """Do a step again until it does not die."""
    for _ in range(3):
        try:
            step()
        except KilledError:
            continue
        return
    raise AssertionError("died more than once")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_death_at_any_write_gives_neither_a_gap_nor_a_second_notice(*, after: bool) -> None:
    writes = writes_of_the_scene()
    assert writes > 30

    for at in range(1, writes + 1):
        world = NoticesWorld(Mortality(at, after))
        world.register(INFINO, ANNA, BRAM)
        world.register(PARENTIA, BRAM, CELINE)
        world.suspend(INFINO)
        first = mutation_file([record(ANNA, "a"), record(BRAM, "b"), record(CELINE, "c")], 1)
        until_done(partial(world.take_in, first))
        until_done(world.go_round)
        world.unregister(INFINO, BRAM)
        world.lift(INFINO)
        second = mutation_file([record(BRAM, "b-2"), record(ANNA, "a-2")], 2)
        until_done(partial(world.take_in, second, "2.json"))
        until_done(world.go_round)

        assert content_of(world) == EXPECTED, f"write {at}"
        assert nobody_left(world, BOTH), f"write {at}"


def test_a_rival_round_before_any_write_changes_nothing() -> None:
    for at in range(1, writes_of_the_scene() + 1):
        world = NoticesWorld()
        world.life.at, world.life.rival = at, world.go_round
        scene(world)
        world.go_round()

        assert content_of(world) == EXPECTED, f"write {at}"
        assert nobody_left(world, BOTH), f"write {at}"


def test_what_a_rival_decided_is_carried_out_as_it_decided() -> None:
    decided = Decision(1, datetime(2026, 3, 5, 8, tzinfo=UTC), left_out=(1,))
    for at in range(1, 12):
        world = NoticesWorld()
        world.register(INFINO, ANNA, BRAM)
        world.take_in(mutation_file([record(ANNA, "a"), record(BRAM, "b")]))
        world.life.writes, world.life.at = 0, at
        world.life.rival = partial(decide_as_a_rival, world, decided)
        done = world.go_round()

        assert done.failures == []
        assert numbers(world.notices(INFINO)) == [1]
        if world.queues.given(INFINO).moment == decided.moment:
            assert [referte for referte, *_ in world.told(INFINO)] == ["a"]
        assert nobody_left(world, BOTH)


def decide_as_a_rival(world: NoticesWorld, decision: Decision) -> None:
    """Decide on the first part, if it waits and is not decided on; and die of it."""
    waiting = world.queues.first(INFINO)
    if waiting is not None and waiting.decision is None:
        world.queues.decide(waiting, decision)


def test_a_registration_that_ends_between_two_tries_changes_no_notice_that_has_its_number() -> None:
    """The fake outbox refuses a notice that is put out with another content."""
    for at in range(1, 30):
        world = NoticesWorld()
        world.register(INFINO, ANNA, BRAM)
        world.take_in(mutation_file([record(ANNA, "a"), record(BRAM, "b")]))
        world.life.at, world.life.after, world.life.writes = at, True, 0
        try:
            world.go_round()
        except KilledError:
            world.unregister(INFINO, BRAM)
            world.go_round()

        assert numbers(world.notices(INFINO)) == [1]
        assert nobody_left(world, BOTH)


MOMENT = datetime(2026, 10, 25, 0, 59, 59, 999_999, UTC)


@pytest.mark.parametrize(
    ("moment", "digits"),
    [
        ("2026-03-05T09:00:00.007+01:00", "20260305080000007"),
        ("2026-03-05T09:00:00.070+01:00", "20260305080000070"),
        ("2026-03-05T09:00:00.999+01:00", "20260305080000999"),
        ("2026-03-05T09:00:00+01:00", "20260305080000000"),
    ],
)
def test_a_name_holds_its_moment_to_the_millisecond(moment: str, digits: str) -> None:
    assert file_name(datetime.fromisoformat(moment)) == (
        f"werk.publiceermutatiesnotificatiesjobbonusplus-0100_{digits}.json"
    )


def test_names_grow_when_summer_time_ends() -> None:
    moments = [MOMENT + timedelta(minutes=minutes) for minutes in range(0, 120, 20)]
    names = [file_name(moment) for moment in moments]

    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        pytest.param(None, MOMENT.replace(microsecond=999_000), id="the first"),
        pytest.param(MOMENT - timedelta(hours=1), MOMENT.replace(microsecond=999_000), id="a while ago"),
        pytest.param(
            MOMENT.replace(microsecond=999_000),
            MOMENT.replace(second=0, minute=0, hour=1, microsecond=0),
            id="just now",
        ),
        pytest.param(
            MOMENT + timedelta(seconds=5), MOMENT + timedelta(seconds=5, milliseconds=1), id="by a clock that is ahead"
        ),
    ],
)
def test_a_notice_is_later_than_the_one_before(last: datetime | None, expected: datetime) -> None:
    assert next_moment(MOMENT, last) == expected
