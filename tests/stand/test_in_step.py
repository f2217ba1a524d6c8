"""Being in step: what differs between a party and the exchange is named, mended and counted, wherever it dies."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from jbplus.persons.rotation import Phase
from jbplus.stand.document import FILE_NAME, Stand
from jbplus.stand.service import Outcome as Published
from jbplus.suspensions.rules import Stream
from jbplus_recipient.client import Malformed
from jbplus_recipient.errors import ExchangeError, ProblemError
from jbplus_recipient.mailbox import Mailbox
from tests.decade.edges import KilledError, Life, mortal
from tests.stand.diverging import LATER, plant, try_it
from tests.stand.world import INFINO, World, cents_of, persons
from tests.support.known import OPEN

FEW = persons(24)
PAID = next(number for number in FEW if cents_of(number))
UNPAID = next(number for number in FEW if not cents_of(number))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, list(FEW)).begin()


def found(world: World) -> dict[str, tuple[str, bool]]:
    proof = world.store.stands.proof()
    assert proof is not None
    return {one.name: (str(one.kind), one.is_healed) for one in proof.divergences}


@pytest.mark.parametrize("seed", [0, 3])
def test_seven_divergences_are_named_mended_and_counted(tmp_path: Path, seed: int) -> None:
    try_it(tmp_path, 700, seed)


def test_who_has_nobody_is_in_step(tmp_path: Path) -> None:
    assert World(tmp_path, []).compare().standing.is_in_step


def test_whoever_dies_goes_on_and_tells_all_of_it(tmp_path: Path) -> None:
    at = 0
    while True:
        at += 1
        for after in (False, True):
            world = World(tmp_path, list(FEW)).begin()
            planted = plant(world, 1)
            life = Life()
            world.store.stands = mortal(
                world.store.stands,
                life,
                *("take", "compared", "find_damage", "find_unproven", "registered", "find_other_answers"),
                *("find_only_here", "rename", "call", "forget", "register_again", "find_missing", "restore", "settle"),
            )
            world.recipient._store = mortal(world.store, life, "confirm", "keep", "expire", "settle")
            world.recipient._service = mortal(world.api, life, "open", "register", "registration", "lookup")
            life.begin(at, after=after)
            try:
                world.compare()
            except KilledError:
                life.begin()
                world.sync()
            else:
                assert at > 25
                return
            assert found(world) == {number: (kind, True) for number, kind in planted.kinds.items()}
            expected = {number: cents_of(number) for number in FEW if cents_of(number) and number != planted.ended}
            assert world.deducts() == expected | {planted.dropped: LATER}
            assert world.compare().differed == ()


def test_without_the_partys_own_list_what_it_would_tell_stays_open(world: World) -> None:
    planted = plant(world, 0)
    world.own = []

    outcome = world.recipient.sync(_delivered(world), output=world.folder)

    kinds = {one.name: (str(one.kind), one.is_healed) for one in outcome.differed}
    (handle,) = [name for name in kinds if len(name) == 32]
    assert kinds[handle] == ("not here", False)
    assert kinds[planted.only_here] == ("only here", False)
    assert (outcome.healed, outcome.standing.is_in_step) == (5, False)
    assert planted.only_here in outcome.standing.refused


def _delivered(world: World) -> Mailbox:
    world.exchange.clock.now += timedelta(days=1)
    world.deliver_stand()
    return Mailbox(world.exchange.server.connect, INFINO.kbo)


def test_who_is_not_on_the_partys_own_list_and_not_at_the_exchange_is_forgotten(world: World) -> None:
    world.lose(PAID)
    world.own.remove(PAID)

    outcome = world.compare()

    assert [(one.name, str(one.kind), one.is_healed) for one in outcome.differed] == [(PAID, "only here", True)]
    assert (world.store.person(PAID), world.compare().differed) == (None, ())


def test_a_registration_that_was_never_made_is_made(world: World) -> None:
    world.lose(PAID)
    world.store._database.do("UPDATE persons SET handle = NULL WHERE insz = ?", (PAID,))
    world.own = []

    outcome = world.compare()

    assert [(one.name, str(one.kind), one.is_healed) for one in outcome.differed] == [(PAID, "only here", True)]
    assert world.name(PAID) in {person for person, _ in world.exchange.registrations.items}


def test_a_registration_that_was_made_anew_is_known_again(world: World) -> None:
    world.exchange.call(INFINO, "/v1/inschrijvingen/delete", {"insz": PAID})
    world.end(PAID, world.exchange.clock().date() + timedelta(days=99))

    outcome = world.compare()

    assert [(one.name, str(one.kind), one.is_healed) for one in outcome.differed] == [(PAID, "renewed", True)]
    assert world.compare().differed == ()


def test_handles_that_are_not_kept_yet_are_fetched_and_nothing_is_said_to_differ(world: World) -> None:
    world.store._database.do("UPDATE persons SET handle = NULL")

    outcome = world.compare()

    assert (outcome.differed, outcome.standing.is_in_step, world.api.calls) == ((), True, 0)


def flip(column: str, place: int) -> Callable[[World], None]:
    def spoil(world: World) -> None:
        connection = world.store._database.connection
        statement = f"SELECT CAST({column} AS BLOB) FROM persons WHERE insz = ?"  # noqa: S608 - a test's own words
        ((kept,),) = connection.execute(statement, (PAID,))
        flipped = kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :]
        statement = f"UPDATE persons SET {column} = CAST(? AS TEXT) WHERE insz = ?"  # noqa: S608 - a test's own words
        connection.execute(statement, (flipped, PAID))

    return spoil


def change(column: str, value: object) -> Callable[[World], None]:
    def spoil(world: World) -> None:
        world.store._database.do(f"UPDATE persons SET {column} = ? WHERE insz = ?", (value, PAID))  # noqa: S608

    return spoil


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (flip("answer", 0), "flipped bit"),
        (flip("versie", 5), "flipped bit"),
        (flip("handle", 20), "flipped bit"),
        (flip("handle", 0), "flipped bit"),
        (flip("hash", 5), "flipped bit"),
        (flip("insz", 10), "flipped bit"),
        (change("known", 17 | 1 << 40), "flipped bit"),
        (change("known", 999), "edited"),
        (change("expires", 2**62), "edited"),
        (change("asked", 5), "edited"),
        (change("in_doubt", "yes"), "edited"),
        (change("handle", "0" * 32), "edited"),
        (change("handle", "`" + "0" * 31), "edited"),
        (change("handle", ""), "edited"),
        (change("versie", None), "edited"),
        (change("hash", None), "edited"),
        (change("answer", None), "edited"),
        (change("answer", b"\xff\xfe"), "edited"),
        (change("answer", "{"), "edited"),
    ],
)
def test_whatever_is_not_as_it_was_kept_is_found_and_mended(
    world: World, spoil: Callable[[World], None], kind: str
) -> None:
    before = world.deducts()
    spoil(world)

    outcome = world.compare()

    assert [(one.name, str(one.kind), one.is_healed) for one in outcome.differed] == [(PAID, kind, True)]
    assert world.deducts() == before
    assert world.compare().differed == ()


def test_a_damaged_answer_is_found_without_a_stand_too(world: World) -> None:
    flip("answer", 0)(world)

    outcome = world.sync()

    assert [(one.name, str(one.kind), one.is_healed) for one in outcome.differed] == [(PAID, "flipped bit", True)]
    assert world.deducts()[PAID] == cents_of(PAID)


def test_of_a_number_that_was_damaged_nothing_is_left(world: World) -> None:
    flip("insz", 10)(world)
    payments = "SELECT count(*) FROM refertes WHERE insz = ?"
    before = world.store._database.one(payments, (PAID,))

    world.store.stands.find_damage(world.exchange.clock())

    assert (before, world.store._database.one(payments, (PAID,))) == (1, 0)


def test_what_both_forgot_at_its_end_does_not_differ(world: World) -> None:
    for number in FEW:
        if cents_of(number):
            world.exchange.persons.items.pop(world.name(number))
            world.expire_here(number)

    outcome = world.compare()

    assert (outcome.differed, outcome.standing.is_in_step, world.deducts()) == ((), True, {})
    assert world.compare().looked_up == 0


def test_what_the_exchange_alone_forgot_is_named_so(world: World) -> None:
    world.exchange.persons.items.pop(world.name(PAID))

    outcome = world.compare()

    assert [(one.name, str(one.kind), one.is_healed) for one in outcome.differed] == [(PAID, "expired", True)]
    assert PAID not in world.deducts()


def test_who_knew_nothing_and_was_not_told_is_outdated(world: World) -> None:
    world.pay(UNPAID, 100)

    outcome = world.compare()

    assert [(one.name, str(one.kind), one.is_healed) for one in outcome.differed] == [(UNPAID, "outdated", True)]
    assert world.deducts()[UNPAID] == 100


def test_a_stand_that_is_older_than_what_is_known_differs_in_nothing(world: World) -> None:
    mailbox = _delivered(world)
    world.pay(PAID, 5, volgnummer=18)
    world.recipient.add([PAID], OPEN)

    outcome = world.recipient.sync(mailbox, output=world.folder, own=world.own)

    assert (outcome.differed, outcome.standing.is_in_step, world.api.calls) == ((), True, 1)
    assert world.deducts()[PAID] == 5


def test_a_failure_leaves_the_stand_for_the_next_sync(world: World) -> None:
    world.pay(PAID, 5, volgnummer=18)
    mailbox = _delivered(world)
    world.api.is_down = True

    with pytest.raises(ExchangeError):
        world.recipient.sync(mailbox, output=world.folder)
    assert world.exchange.server.held == {}
    world.api.is_down = False
    outcome = world.sync()

    assert [one.name for one in outcome.differed] == [PAID]
    assert outcome.standing.is_in_step


def test_a_stand_that_is_kept_is_compared_once(world: World) -> None:
    _delivered(world)
    mailbox = Mailbox(world.exchange.server.connect, INFINO.kbo, keep=True)
    world.recipient.sync(mailbox, output=world.folder)
    world.pay(PAID, 5, volgnummer=18)

    outcome = world.recipient.sync(mailbox, output=world.folder)

    assert (outcome.differed, world.api.calls, list(world.exchange.server.held)) == ((), 0, [(INFINO.kbo, FILE_NAME)])


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"{", "it is not JSON"), (b"{}", "/context is missing")],
)
def test_what_is_no_stand_stays_and_is_told(world: World, content: bytes, reason: str) -> None:
    world.exchange.server.held[INFINO.kbo, FILE_NAME] = (content, world.exchange.clock())

    outcome = world.sync()

    assert outcome.malformed == (Malformed(FILE_NAME, reason),)
    assert list(world.exchange.server.held) == [(INFINO.kbo, FILE_NAME)]


def test_stands_follow_suspensions(world: World) -> None:
    world.pay(PAID, 5, volgnummer=18)
    mailbox = _delivered(world)
    world.exchange.suspend(INFINO, [Stream.MUTATIONS])

    assert world.exchange.publish_stand(INFINO) is Published.HELD_BACK
    with pytest.raises(ProblemError, match="40006"):
        world.recipient.sync(mailbox, output=world.folder)
    world.exchange.lift(INFINO)
    outcome = world.sync()

    assert ([one.name for one in outcome.differed], outcome.standing.is_in_step) == ([PAID], True)


def _at(versions: Mapping[str, int], newest: int) -> Callable[[str], int]:
    return lambda name: versions.get(name, newest)


def test_stands_wait_for_a_rotation_and_are_the_same_after_it(world: World) -> None:
    world.compare()
    versions: dict[str, int] = {}
    for version in (1, 2):
        world.exchange.keys.add_key(version + 1)
        versions |= {world.name(number): version for number in FEW}
        settled = world.exchange.keys.standing
        world.exchange.keys.standing = replace(settled, phase=Phase.COPYING)
        assert world.exchange.publish_stand(INFINO) is Published.WAITS
        world.exchange.keys.standing = settled

        world.exchange.rotate(_at(versions, version + 1), lambda: None)
        outcome = world.compare()

        assert world.exchange.keys.standing.version == version + 1
        assert (outcome.differed, outcome.looked_up, world.api.calls) == ((), 0, 0)


def test_a_day_on_which_registrations_begin_and_end_differs_in_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, list(FEW))
    today = world.exchange.clock().date()
    world.recipient.add(FEW[:8], replace(OPEN, begin=today + timedelta(days=1)))
    world.recipient.add(FEW[8:16], replace(OPEN, end=today))
    world.recipient.add(FEW[16:], OPEN)

    for _ in range(3):
        outcome = world.compare()
        assert (outcome.differed, outcome.standing.is_in_step, world.api.calls) == ((), True, 0)
    assert date.fromordinal(today.toordinal() + 3) == world.exchange.clock().date()


def test_a_stand_of_yesterday_is_compared_with_the_registrations_of_yesterday(tmp_path: Path) -> None:
    world = World(tmp_path, list(FEW)).begin()
    tomorrow = world.exchange.clock().date() + timedelta(days=1)
    world.recipient.add(FEW[:5], replace(OPEN, begin=tomorrow))
    world.deliver_stand()
    world.exchange.clock.now += timedelta(days=1)

    outcome = world.sync()

    assert (outcome.differed, outcome.standing.is_in_step, world.api.calls) == ((), True, 0)


def test_an_exchange_that_went_back_to_an_earlier_moment_is_followed(world: World) -> None:
    world.pay(PAID, 5, volgnummer=3)

    outcome = world.compare()

    assert [(one.name, str(one.kind), one.is_healed) for one in outcome.differed] == [(PAID, "outdated", True)]
    assert world.deducts()[PAID] == 5


def test_a_stand_is_taken_once_and_none_that_is_older(world: World) -> None:
    stands, moment = world.store.stands, world.exchange.clock()
    newer, older = (Stand.of(INFINO.kbo, moment - timedelta(seconds=late), {}) for late in (0, 1))

    taken = [stands.take(stand.to_json(), stand) for stand in (newer, newer, older)]

    assert taken == [True, False, False]
    assert stands.waiting() == newer


def test_answers_without_a_version_are_asked_for_again_and_nothing_is_said_to_differ(tmp_path: Path) -> None:
    world = World(tmp_path, list(FEW))
    world.api.is_older = True
    world.begin()
    world.api.is_older = False

    outcome = world.compare()

    assert (outcome.differed, outcome.looked_up, outcome.standing.is_in_step) == ((), len(FEW), True)


def test_what_differed_is_forgotten_with_what_was_refused(world: World) -> None:
    world.lose(PAID)
    world.own.remove(PAID)
    world.compare()

    world.store.expire(world.exchange.clock() + timedelta(days=29))
    assert found(world) != {}
    world.store.expire(world.exchange.clock() + timedelta(days=31))
    assert found(world) == {}
