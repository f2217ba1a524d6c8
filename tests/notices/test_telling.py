"""Who is told of what, after a mutation file (C2, Articles 3 b, 6 and 12)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from jbplus.errors import ConflictError, ObjectMissingError, ThrottledError, UnavailableError
from jbplus.notices.applied import AppliedPiece
from jbplus.notices.telling import PART, TIME_FOR_A_PART, LostPiecesError
from jbplus.persons.state import MAX_ENTRIES
from jbplus.protocol.parties import PAYMENT_ACTORS
from jbplus.protocol.purposes import Right
from jbplus.suspensions.rules import Stream
from tests.notices.fakes import KilledError, NoticesWorld, nobody_left, numbers
from tests.support.fakes import PSEUDONYMS
from tests.support.files import annulment, mutation_file, record
from tests.support.known import INFINO, OPEN, PARENTIA
from tests.support.people import ANNA, BRAM, CELINE, person_number

BOTH = (INFINO, PARENTIA)


def test_each_recipient_is_told_of_the_applied_records_of_its_own_persons() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA, BRAM)
    world.register(PARENTIA, BRAM)

    world.take_in(
        mutation_file(
            [
                record(ANNA, "JBP-1"),
                record(BRAM, "JBP-2", "02", verrichtingbedrag="-600.00"),
                record(CELINE, "JBP-3"),
                annulment(BRAM, "JBP-4"),
                record(ANNA, "JBP-5", verrichtingbedrag="0"),
            ],
            17,
        )
    )
    done = world.go_round()

    assert world.told(INFINO) == [("JBP-1", "01", ANNA, 17), ("JBP-2", "02", BRAM, 17), ("JBP-4", "03", BRAM, 17)]
    assert world.told(PARENTIA) == [("JBP-2", "02", BRAM, 17), ("JBP-4", "03", BRAM, 17)]
    assert (done.files, done.delivered.notices, done.delivered.notifications, done.waiting) == (1, 2, 5, 0)
    assert nobody_left(world, BOTH)


def test_a_notice_holds_keys_and_never_an_amount() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA, "JBP-1", verrichtingbedrag="271.82")], 17))
    world.go_round()

    ((name, content),) = world.folders.outgoing[INFINO].items()
    (notice,) = world.notices(INFINO)
    assert name == "werk.publiceermutatiesnotificatiesjobbonusplus-0100_20260305090000000.json"
    assert "271" not in content.decode()
    assert notice.model_dump(mode="json")["context"] == {
        "naam": "PubliceerMutatiesNotificatiesJobbonusPlus",
        "versie": "01.00.0000",
        "referte": notice.context.referte,
        "volgnummer": 1,
        "tijdstip": "2026-03-05T10:00:00+01:00",
        "afzender": "0316380841",
        "ontvanger": INFINO,
        "aantal": 1,
    }


def test_a_record_that_was_decided_by_a_later_file_is_not_told() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA, "JBP-1")], 9))
    world.take_in(mutation_file([record(ANNA, "JBP-1"), record(ANNA, "JBP-2")], 8), "late.json")
    world.go_round()

    assert world.told(INFINO) == [("JBP-1", "01", ANNA, 9), ("JBP-2", "01", ANNA, 8)]
    assert numbers(world.notices(INFINO)) == [1, 2]


@pytest.mark.parametrize(
    "registration",
    [
        pytest.param(None, id="none"),
        pytest.param(replace(OPEN, end=date(2026, 3, 4)), id="ended yesterday"),
        pytest.param(replace(OPEN, begin=date(2026, 3, 6)), id="begins tomorrow"),
    ],
)
def test_without_an_active_registration_a_recipient_is_told_nothing(registration: object) -> None:
    world = NoticesWorld()
    world.register(PARENTIA, ANNA)
    if registration is not None:
        world.register(INFINO, ANNA, registration=registration)  # type: ignore[arg-type]  # one of the parameters
    world.take_in(mutation_file([record(ANNA)]))
    world.go_round()

    assert world.told(INFINO) == []
    assert INFINO not in world.queues.queued
    assert len(world.told(PARENTIA)) == 1


@pytest.mark.parametrize(
    "registration",
    [
        pytest.param(replace(OPEN, end=date(2026, 3, 5)), id="ends today"),
        pytest.param(replace(OPEN, begin=date(2026, 3, 5)), id="begins today"),
        pytest.param(replace(OPEN, right=Right.ENDED), id="right ended"),
    ],
)
def test_an_active_registration_is_enough_whatever_the_right(registration: object) -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA, registration=registration)  # type: ignore[arg-type]  # one of the parameters
    world.take_in(mutation_file([record(ANNA)]))
    world.go_round()

    assert len(world.told(INFINO)) == 1


def test_a_recipient_is_told_of_a_person_whose_data_end_by_this_very_file() -> None:
    """Else it would go on deducting what was annulled: the tombstone's day lies more than five years back."""
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    old = record(ANNA, "old", effectieveVerrichtingsdatum="2022-01-01")
    world.take_in(mutation_file([old, record(ANNA, "new", effectieveVerrichtingsdatum="2025-01-01")]))
    world.go_round()
    world.now = world.now.replace(year=2027, month=6)
    world.take_in(mutation_file([annulment(ANNA, "new")], volgnummer=2), "b.json")
    world.go_round()

    assert [(referte, type_) for referte, type_, *_ in world.told(INFINO)] == [
        ("old", "01"),
        ("new", "01"),
        ("new", "03"),
    ]


def test_a_party_that_left_the_protocol_is_told_nothing() -> None:
    today = date(2026, 3, 5)
    for ends, told in ((today, 0), (today + timedelta(days=1), 1)):
        parties = [replace(party, ends=ends) if party.kbo == INFINO else party for party in PAYMENT_ACTORS]
        world = NoticesWorld(parties=parties)
        world.register(INFINO, ANNA)
        world.register(PARENTIA, ANNA)
        world.take_in(mutation_file([record(ANNA)]))
        world.go_round()

        assert (len(world.told(INFINO)), len(world.told(PARENTIA))) == (told, 1)


def test_registering_makes_no_notice() -> None:
    world = NoticesWorld()
    world.take_in(mutation_file([record(ANNA)]))
    world.go_round()
    world.register(INFINO, ANNA)
    world.go_round()

    assert world.told(INFINO) == []


def test_the_same_file_again_makes_no_second_notice() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    content = mutation_file([record(ANNA)])
    for name in ("a.json", "a.json", "b.json"):
        world.take_in(content, name)
        world.go_round()

    assert numbers(world.notices(INFINO)) == [1]


def test_a_late_announcement_of_a_file_that_was_told_is_forgotten() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA)]))
    ((file, announcement),) = world.folders.announcements.items()
    world.go_round()
    world.register(PARENTIA, ANNA)
    world.folders.announce(file, announcement)  # by a rival that took the same file in at the same moment
    world.go_round()

    assert numbers(world.notices(INFINO)) == [1]
    assert world.told(PARENTIA) == []
    assert nobody_left(world, BOTH)


def test_a_file_without_applied_records_is_not_announced() -> None:
    world = NoticesWorld()
    world.take_in(mutation_file([]))
    world.take_in(mutation_file([record("12345678901")], 2), "bad.json")

    assert world.folders.announced() == []


def test_a_large_file_gives_notices_in_parts() -> None:
    world = NoticesWorld(chunk=1000)
    world.register(INFINO, ANNA, BRAM)
    records = [record(ANNA if index % 2 else CELINE, f"r{index % 100}") for index in range(PART + 5)]
    records[PART + 4] = record(BRAM, "last")
    world.take_in(mutation_file(records))
    world.go_round()

    first, second = world.notices(INFINO)
    assert (first.context.aantal, second.context.aantal) == (len(first.notificaties), len(second.notificaties))
    assert (len(first.notificaties), len(second.notificaties)) == (PART // 2, 3)
    assert [each.referte for each in second.notificaties] == ["r1", "r3", "last"]
    assert numbers([first, second]) == [1, 2]


def test_without_time_nothing_is_begun_and_the_next_round_goes_on() -> None:
    world = NoticesWorld(chunk=1000)
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA, f"r{index % 100}") for index in range(2 * PART)]))

    looks = iter([TIME_FOR_A_PART, TIME_FOR_A_PART - 1, TIME_FOR_A_PART - 1])
    assert world.go_round(lambda: next(looks, 0.0)).files == 0
    assert world.told(INFINO) == []
    assert world.queues.next_parts == {world.folders.announced()[0]: 1}
    world.go_round()

    assert numbers(world.notices(INFINO)) == [1, 2]
    assert len(world.told(INFINO)) == 2 * PART


def test_released_records_are_told_too() -> None:
    world = NoticesWorld(test_numbers_allowed=False)
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA, "JBP-1")], 7))
    world.go_round()
    assert world.told(INFINO) == []

    (name,) = world.bucket.quarantined
    content = world.bucket.quarantined[name]
    for _ in range(2):  # the second time after a death between the merging and the end
        world.release(world.bucket, name)
        world.go_round()
        world.bucket.quarantined[name] = content

    assert world.told(INFINO) == [("JBP-1", "01", ANNA, 7)]


def test_a_record_that_found_room_after_a_release_died_is_told_beside_those_that_were_told() -> None:
    world = NoticesWorld(test_numbers_allowed=False)
    world.register(INFINO, ANNA, BRAM)
    world.take_in(mutation_file([record(ANNA, "no-room"), record(BRAM, "released")], 7))
    (name,) = world.bucket.quarantined
    content = world.bucket.quarantined[name]
    world.test_numbers_allowed = True
    world.take_in(mutation_file([record(ANNA, f"JBP-{n}") for n in range(MAX_ENTRIES)], 8), "full.json")
    assert world.release(world.bucket, name).geweigerd == 1
    world.bucket.quarantined[name] = content  # it died before it was put back without what was released
    world.persons.items.pop(PSEUDONYMS(ANNA))

    assert world.release(world.bucket, name).geweigerd == 0
    world.go_round()

    assert {"no-room", "released"} <= {referte for referte, *_ in world.told(INFINO)}


def test_what_is_told_agrees_with_the_report_even_when_a_later_file_came_between_two_tries() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    file = mutation_file([record(ANNA, "JBP-1")], 8)
    world.life.at, world.life.after = 1, True
    with pytest.raises(KilledError):
        world.take_in(file)
    world.life.at = None
    world.take_in(mutation_file([record(ANNA, "JBP-1", "02")], 9), "later.json")
    world.take_in(file)
    world.go_round()

    assert world.told(INFINO) == [("JBP-1", "02", ANNA, 9), ("JBP-1", "01", ANNA, 8)]
    assert b'"toegepast": 1' in next(
        content for content in world.bucket.reports.values() if b'"volgnummer": 8' in content
    )


def test_a_party_suspended_from_lookups_alone_is_told() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.suspend(INFINO, Stream.CONSULTATION)
    world.take_in(mutation_file([record(ANNA)]))
    world.go_round()

    assert len(world.told(INFINO)) == 1


def test_while_a_store_is_out_of_reach_later_files_wait_so_that_they_stay_behind() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    for volgnummer, name in ((1, "a"), (2, "b")):
        world.take_in(mutation_file([record(ANNA, name)], volgnummer), f"{name}.json")
    world.folders.out_of_reach = {world.folders.announced()[0]}

    done = world.go_round()
    assert [type(error) for error in done.failures] == [UnavailableError]
    assert world.told(INFINO) == []
    world.folders.out_of_reach = set()
    world.go_round()

    assert [referte for referte, *_ in world.told(INFINO)] == ["a", "b"]


@pytest.mark.parametrize("error", [ConflictError("notices"), ThrottledError("notices")])
def test_a_part_that_is_turned_away_from_a_queue_is_tried_again(error: Exception) -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA)]))
    world.queues.turned_away = [error] * 11

    done = world.go_round()

    assert (done.failures, done.files, len(world.told(INFINO))) == ([], 1, 1)


def test_a_part_that_could_not_be_queued_is_not_told_and_the_next_round_tells_it() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA)]))
    (file,) = world.folders.announced()
    world.queues.turned_away = [ConflictError("notices")] * 12

    done = world.go_round()

    assert [type(error) for error in done.failures] == [UnavailableError]
    assert (done.files, world.queues.next_part(file), world.folders.announced()) == (0, 0, [file])
    world.go_round()
    assert len(world.told(INFINO)) == 1


def test_a_file_that_a_rival_tells_and_forgets_at_the_same_moment_is_told_once() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA)]))
    world.folders.before_reading.append(world.go_round)

    done = world.go_round()

    assert done.failures == []
    assert numbers(world.notices(INFINO)) == [1]
    assert nobody_left(world, BOTH)


def test_pieces_that_are_lost_are_a_failure_and_the_file_stays_announced() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA)]))
    world.folders.before_reading.append(world.folders.applied.clear)

    done = world.go_round()

    assert [type(error) for error in done.failures] == [ObjectMissingError]
    assert len(world.folders.announced()) == 1


def test_pieces_that_expired_before_they_were_told_do_not_pass_in_silence() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA)]))
    world.folders.applied.clear()

    done = world.go_round()

    assert [type(error) for error in done.failures] == [LostPiecesError]
    assert (done.files, len(world.folders.announced())) == (0, 1)


@pytest.mark.parametrize("lost", [1, 10])
def test_a_file_of_which_any_piece_is_lost_is_not_told_in_part(lost: int) -> None:
    world = NoticesWorld(chunk=1000)
    people = [person_number(1 + n % 900, day=1 + n // 900 % 28) for n in range(11_000)]
    world.register(INFINO, *people)
    world.take_in(mutation_file([record(person, f"r{n}") for n, person in enumerate(people)]))
    (file,) = world.folders.announced()
    del world.folders.applied[file, lost * 1000]

    done = world.go_round()

    assert [type(error) for error in done.failures] == [LostPiecesError]
    assert world.told(INFINO) == []
    assert world.folders.announced() == [file]


def test_pieces_without_good_records_are_not_missed() -> None:
    world = NoticesWorld(chunk=1)
    world.register(INFINO, ANNA)
    world.take_in(mutation_file(["bad", record(ANNA, "first"), "bad", record(ANNA, "second"), "bad"]))

    world.go_round()

    assert [referte for referte, *_ in world.told(INFINO)] == ["first", "second"]
    assert nobody_left(world, BOTH)


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_file_that_was_told_and_not_quite_forgotten_is_forgotten(deaths: int) -> None:
    world = NoticesWorld(chunk=1)
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA, "first"), record(ANNA, "second")]))
    ((file, announcement),) = world.folders.announcements.items()
    world.go_round()
    # As a death amid the forgetting left it.
    world.folders.announce(file, announcement)
    if deaths == 1:
        world.folders.keep_applied(file, 1, AppliedPiece((), 0).to_json())

    assert world.go_round().failures == []
    assert nobody_left(world, BOTH)
    assert [referte for referte, *_ in world.told(INFINO)] == ["first", "second"]


def test_a_failing_file_does_not_hold_up_the_others() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA, "broken")], 1))
    world.folders.applied = dict.fromkeys(world.folders.applied, b"no JSON")
    world.take_in(mutation_file([record(ANNA, "good")], 2), "b.json")

    done = world.go_round()

    assert [type(error).__name__ for error in done.failures] == ["JSONDecodeError"]
    assert [referte for referte, *_ in world.told(INFINO)] == ["good"]
