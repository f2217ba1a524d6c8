"""Keeping registrations: who has a file on whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

import pytest
from typing_extensions import override

from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.privacy_log.rules import LogOutcome, PrivacyLog, Service
from jbplus.protocol.access import Refusal, RefusedError
from jbplus.protocol.insz import Accepts
from jbplus.protocol.parties import OPGROEIEN, PAYMENT_ACTORS, WEWIS
from jbplus.protocol.purposes import SCOPE_REGISTRATION, Right
from jbplus.registrations.rules import Registered, Registration, RegistrationResult
from jbplus.registrations.service import Registrations, RegistrationStore
from tests.privacy_log.fakes import FakePrivacyLog
from tests.registrations.fakes import FakeRegistrationStore, quota
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller, no_count, no_sleep
from tests.support.known import INFINO, OPEN, PARENTIA
from tests.support.out_of_reach import FailingRegistrationStore, ReadOnlyRegistrationStore, no_keys
from tests.support.people import ANNA, BRAM, CELINE

ASKING = caller(INFINO, SCOPE_REGISTRATION)
ENDED = Registration(date(2025, 1, 1), date(2025, 12, 31), Right.ENDED)

Call = Callable[[Registrations], object]
EVERY_CALL = [
    pytest.param(lambda registrations: registrations.register({ANNA: OPEN}, ASKING), id="register"),
    pytest.param(lambda registrations: registrations.find(ANNA, ASKING), id="find"),
    pytest.param(lambda registrations: registrations.delete(ANNA, ASKING), id="delete"),
]
EVERY_CHANGE = [EVERY_CALL[0], EVERY_CALL[2]]


def registrations(
    store: RegistrationStore,
    log: PrivacyLog,
    *,
    pseudonyms: Callable[[], Pseudonyms] = lambda: PSEUDONYMS,
    accepts: Accepts = ACCEPTS,
) -> Registrations:
    return Registrations(
        store, log, pseudonyms, lambda: NOW, accepts, quota(), no_count, draw=handles(), sleep=no_sleep
    )


def did(results: dict[str, Registered]) -> dict[str, RegistrationResult]:
    return {number: registered.result for number, registered in results.items()}


def handles() -> Callable[[], str]:
    drawn = count(1)
    return lambda: f"h-{next(drawn)}"


def holding(kept: dict[str, Registration], kbo: str = INFINO) -> FakeRegistrationStore:
    return FakeRegistrationStore({(PSEUDONYMS(number), kbo): registration for number, registration in kept.items()})


def test_registering_makes_changes_and_leaves_alone() -> None:
    store, log = holding({BRAM: ENDED, CELINE: OPEN}), FakePrivacyLog()

    results = registrations(store, log).register({ANNA: OPEN, BRAM: OPEN, CELINE: OPEN}, ASKING)

    assert did(results) == {
        ANNA: RegistrationResult.REGISTERED,
        BRAM: RegistrationResult.CHANGED,
        CELINE: RegistrationResult.UNCHANGED,
    }
    assert store.items == holding({ANNA: OPEN, BRAM: OPEN, CELINE: OPEN}).items


def test_each_registration_made_or_changed_is_logged_in_one_write() -> None:
    store, log = holding({BRAM: ENDED, CELINE: OPEN}), FakePrivacyLog()

    registrations(store, log).register({CELINE: OPEN, ANNA: OPEN, BRAM: OPEN}, ASKING)

    assert [(entry.position, entry.subject, entry.outcome) for entry in log.entries] == [
        (0, PSEUDONYMS(ANNA), LogOutcome.REGISTERED),
        (1, PSEUDONYMS(BRAM), LogOutcome.CHANGED),
    ]
    assert {(e.caller, e.service, e.moment, e.key_version, e.purpose) for e in log.entries} == {
        (ASKING, Service.REGISTRATION, NOW, 1, None)
    }
    assert log.calls == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"begin": date(2025, 1, 2)}, id="begin"),
        pytest.param({"end": date(2026, 12, 31)}, id="end"),
        pytest.param({"right": Right.SUSPENDED}, id="right"),
    ],
)
def test_any_difference_is_a_change(change: dict[str, object]) -> None:
    store = holding({ANNA: OPEN})
    wanted = replace(OPEN, **change)  # type: ignore[arg-type]  # each case gives the field its own type

    results = registrations(store, FakePrivacyLog()).register({ANNA: wanted}, ASKING)

    assert did(results) == {ANNA: RegistrationResult.CHANGED}
    assert store.items == holding({ANNA: wanted}).items


def test_registering_the_same_again_writes_nothing() -> None:
    kept = holding({ANNA: replace(OPEN, handle="h-0")}).items
    store, log = ReadOnlyRegistrationStore(kept), FakePrivacyLog(out_of_reach=True)

    results = registrations(store, log).register({ANNA: OPEN}, ASKING)

    assert results == {ANNA: Registered(RegistrationResult.UNCHANGED, "h-0")}


def test_a_registration_from_before_handles_gets_one_when_it_is_made_again_and_is_no_change() -> None:
    store, log = holding({ANNA: ENDED}), FakePrivacyLog(out_of_reach=True)

    results = registrations(store, log).register({ANNA: ENDED}, ASKING)

    assert results == {ANNA: Registered(RegistrationResult.UNCHANGED, "h-1")}
    assert [(kept, kept.handle) for kept in store.items.values()] == [(ENDED, "h-1")]


def test_a_change_keeps_the_handle_and_a_registration_made_anew_gets_another() -> None:
    store = FakeRegistrationStore()
    asked = registrations(store, FakePrivacyLog())

    first = asked.register({ANNA: OPEN, BRAM: OPEN}, ASKING)
    changed = asked.register({ANNA: ENDED}, ASKING)
    asked.delete(ANNA, ASKING)
    anew = asked.register({ANNA: ENDED}, ASKING)

    assert [each[ANNA].handle for each in (first, changed, anew)] == ["h-1", "h-1", "h-3"]
    assert first[BRAM].handle == "h-2"


def test_of_two_who_register_at_once_both_are_answered_the_handle_that_stands() -> None:
    store = FakeRegistrationStore()

    @dataclass
    class Behind(FakeRegistrationStore):
        """Reads nothing the first time: the other was not there yet."""

        reads: int = 0

        @override
        def read(self, persons: Sequence[str], party: str) -> dict[str, Registration]:
            self.reads += 1
            return {} if self.reads == 1 else super().read(persons, party)

    stands = registrations(store, FakePrivacyLog()).register({ANNA: OPEN}, ASKING)
    rival = Registrations(
        Behind(store.items),
        FakePrivacyLog(),
        lambda: PSEUDONYMS,
        lambda: NOW,
        ACCEPTS,
        quota(),
        no_count,
        draw=lambda: "another",
        sleep=no_sleep,
    )

    answered = rival.register({ANNA: OPEN}, ASKING)

    assert answered[ANNA].handle == stands[ANNA].handle == store.items[PSEUDONYMS(ANNA), INFINO].handle


def test_registering_nobody_does_nothing() -> None:
    assert registrations(FailingRegistrationStore(), FakePrivacyLog(out_of_reach=True)).register({}, ASKING) == {}


def test_the_registration_of_another_party_is_left_alone_and_not_seen() -> None:
    store = holding({ANNA: ENDED}, kbo=PARENTIA)
    asked = registrations(store, FakePrivacyLog())

    assert asked.find(ANNA, ASKING) is None
    assert did(asked.register({ANNA: OPEN}, ASKING)) == {ANNA: RegistrationResult.REGISTERED}
    asked.delete(ANNA, ASKING)

    assert store.items == holding({ANNA: ENDED}, kbo=PARENTIA).items


def test_finding_gives_the_own_registration_and_logs_that_it_was_read_or_not_there() -> None:
    log = FakePrivacyLog()

    asked = registrations(holding({ANNA: ENDED}), log)

    assert (asked.find(ANNA, ASKING), asked.find(BRAM, ASKING)) == (ENDED, None)
    assert [(entry.service, entry.subject, entry.outcome) for entry in log.entries] == [
        (Service.REGISTRATION, PSEUDONYMS(ANNA), LogOutcome.ANSWERED),
        (Service.REGISTRATION, PSEUDONYMS(BRAM), LogOutcome.EMPTY),
    ]


def test_finding_without_a_record_answers_nothing() -> None:
    with pytest.raises(UnavailableError):
        registrations(holding({ANNA: ENDED}), FakePrivacyLog(out_of_reach=True)).find(ANNA, ASKING)


def test_deleting_twice_is_deleting_once() -> None:
    store, log = holding({ANNA: OPEN, BRAM: OPEN}), FakePrivacyLog()
    asked = registrations(store, log)

    asked.delete(ANNA, ASKING)
    asked.delete(ANNA, ASKING)

    assert store.items == holding({BRAM: OPEN}).items
    assert [(entry.subject, entry.outcome) for entry in log.entries] == [(PSEUDONYMS(ANNA), LogOutcome.DELETED)]


@pytest.mark.parametrize("change", EVERY_CHANGE)
def test_what_cannot_be_logged_is_not_changed(change: Call) -> None:
    store = holding({ANNA: ENDED})

    with pytest.raises(UnavailableError):
        change(registrations(store, FakePrivacyLog(out_of_reach=True)))

    assert store.items == holding({ANNA: ENDED}).items


@pytest.mark.parametrize("change", EVERY_CHANGE)
def test_the_log_is_written_before_the_change(change: Call) -> None:
    store, log = ReadOnlyRegistrationStore(holding({ANNA: ENDED}).items), FakePrivacyLog()

    with pytest.raises(UnavailableError):
        change(registrations(store, log))

    assert [entry.subject for entry in log.entries] == [PSEUDONYMS(ANNA)]


@pytest.mark.parametrize("call", EVERY_CALL)
def test_a_store_out_of_reach_answers_nothing(call: Call) -> None:
    with pytest.raises(UnavailableError):
        call(registrations(FailingRegistrationStore(), FakePrivacyLog()))


@pytest.mark.parametrize("call", EVERY_CALL)
def test_without_keys_nothing_is_answered(call: Call) -> None:
    with pytest.raises(UnavailableError):
        call(registrations(holding({ANNA: OPEN}), FakePrivacyLog(), pseudonyms=no_keys))


@pytest.mark.parametrize(
    ("kbo", "scope", "refusal"),
    [
        pytest.param(INFINO, "jbplus:dossierbeheer", Refusal.MISSING_SCOPE, id="scope"),
        pytest.param(WEWIS.kbo, "jbplus:bron", Refusal.MISSING_SCOPE, id="scope before party"),
        pytest.param(WEWIS.kbo, SCOPE_REGISTRATION, Refusal.PURPOSE_NOT_ALLOWED, id="source"),
        pytest.param(OPGROEIEN.kbo, SCOPE_REGISTRATION, Refusal.PURPOSE_NOT_ALLOWED, id="director"),
        pytest.param("0000000097", SCOPE_REGISTRATION, Refusal.PURPOSE_NOT_ALLOWED, id="no party"),
    ],
)
def test_only_payment_actors_with_the_scope_keep_registrations(kbo: str, scope: str, refusal: Refusal) -> None:
    refused, log = caller(kbo, scope), FakePrivacyLog(out_of_reach=True)
    asked = registrations(FailingRegistrationStore(), log, pseudonyms=no_keys)
    calls: list[Callable[[], object]] = [
        lambda: asked.register({ANNA: OPEN}, refused),
        lambda: asked.find(ANNA, refused),
        lambda: asked.delete(ANNA, refused),
    ]

    for call in calls:
        with pytest.raises(RefusedError) as raised:
            call()
        assert raised.value.refusal is refusal


@pytest.mark.parametrize("kbo", [party.kbo for party in PAYMENT_ACTORS], ids=[party.key for party in PAYMENT_ACTORS])
def test_every_payment_actor_may_register(kbo: str) -> None:
    store = FakeRegistrationStore()

    results = registrations(store, FakePrivacyLog()).register({ANNA: OPEN}, caller(kbo, SCOPE_REGISTRATION))

    assert did(results) == {ANNA: RegistrationResult.REGISTERED}
    assert store.items == {(PSEUDONYMS(ANNA), kbo): OPEN}


def test_neither_the_log_nor_the_store_holds_a_number() -> None:
    store, log = FakeRegistrationStore(), FakePrivacyLog()

    registrations(store, log).register({ANNA: OPEN}, ASKING)

    assert ANNA not in repr((store.items, log.entries))
