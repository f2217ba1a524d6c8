"""Looking persons up: decided, logged, and only then answered."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from jbplus.consultation.service import Answer, Lookup, Lookups, LookupStore
from jbplus.consultation.versions import Answered
from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.state import PersonState
from jbplus.privacy_log.rules import LogOutcome, PrivacyLog, Service
from jbplus.protocol.access import Refusal, RefusedError
from jbplus.protocol.calendar import Clock
from jbplus.protocol.insz import Accepts, accepting
from jbplus.protocol.parties import OPGROEIEN, VUTG, WEWIS
from jbplus.protocol.purposes import Purpose, Right
from jbplus.registrations.rules import Registration
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller, no_count
from tests.support.known import INFINO, OPEN, PARENTIA, annulled, entry, registered, stored
from tests.support.out_of_reach import FailingLookupStore, no_keys
from tests.support.people import ANNA, BRAM, CELINE, person_number

DOSSIERBEHEER = "jbplus:dossierbeheer"
BAD = ANNA[:-1] + str((int(ANNA[-1]) + 1) % 10)
AMOUNT = "613.37"


def lookups(
    store: LookupStore,
    log: PrivacyLog,
    *,
    pseudonyms: Callable[[], Pseudonyms] = lambda: PSEUDONYMS,
    clock: Clock = lambda: NOW,
    accepts: Accepts = ACCEPTS,
) -> Lookups:
    return Lookups(store, log, pseudonyms, clock, accepts, no_count)


def ask(*numbers: str, purpose: Purpose = Purpose.SOCIAL_SUPPLEMENT, file: str | None = None) -> Lookup:
    return Lookup(numbers, purpose, file)


def state(answer: Answer) -> PersonState:
    assert isinstance(answer, Answered)
    return answer.state


def test_every_person_of_a_call_is_logged_once_with_its_outcome() -> None:
    store, log = registered(ANNA, BRAM), FakePrivacyLog()
    store.persons[PSEUDONYMS(ANNA)] = stored({"R-1": entry(AMOUNT)})
    asking = caller(INFINO, DOSSIERBEHEER)
    question = Lookup((ANNA, BAD, BRAM, CELINE), Purpose.SOCIAL_SUPPLEMENT, "D-1", after_mutation=True)

    answers = lookups(store, log).look_up(question, asking)

    assert [len(state(answers[0]).payments), answers[1], answers[2], answers[3]] == [
        1,
        Refusal.INSZ_INVALID,
        Answered(),
        Refusal.NOT_REGISTERED,
    ]
    assert [(entry.position, entry.outcome, entry.registered_by) for entry in log.entries] == [
        (0, LogOutcome.ANSWERED, INFINO),
        (1, LogOutcome.INSZ_INVALID, None),
        (2, LogOutcome.EMPTY, INFINO),
        (3, LogOutcome.NOT_REGISTERED, None),
    ]
    assert [entry.subject for entry in log.entries] == [PSEUDONYMS(number) for number in question.numbers]
    assert {
        (e.caller, e.service, e.moment, e.key_version, e.purpose, e.file, e.after_mutation) for e in log.entries
    } == {(asking, Service.LOOKUP, NOW, 1, "socialeToeslag", "D-1", True)}
    assert log.calls == 1


@pytest.mark.parametrize(
    ("kbo", "scopes", "purpose", "refusal", "outcome"),
    [
        pytest.param(
            INFINO,
            ["jbplus:inschrijving"],
            Purpose.SOCIAL_SUPPLEMENT,
            Refusal.MISSING_SCOPE,
            LogOutcome.MISSING_SCOPE,
            id="scope",
        ),
        pytest.param(
            OPGROEIEN.kbo,
            [DOSSIERBEHEER],
            Purpose.SOCIAL_SUPPLEMENT,
            Refusal.PURPOSE_NOT_ALLOWED,
            LogOutcome.PURPOSE_NOT_ALLOWED,
            id="purpose",
        ),
        pytest.param(
            "0000000097",
            [DOSSIERBEHEER],
            Purpose.SOCIAL_SUPPLEMENT,
            Refusal.PURPOSE_NOT_ALLOWED,
            LogOutcome.PURPOSE_NOT_ALLOWED,
            id="no party",
        ),
        pytest.param(
            WEWIS.kbo,
            [],
            Purpose.SOCIAL_SUPPLEMENT,
            Refusal.MISSING_SCOPE,
            LogOutcome.MISSING_SCOPE,
            id="scope before purpose",
        ),
    ],
)
def test_a_call_refused_as_a_whole_is_logged_for_each_person_and_reads_nothing(
    kbo: str, scopes: list[str], purpose: Purpose, refusal: Refusal, outcome: LogOutcome
) -> None:
    store, log = registered(ANNA, BRAM, kbo=kbo), FakePrivacyLog()

    with pytest.raises(RefusedError) as refused:
        lookups(store, log).look_up(ask(ANNA, BAD, BRAM, purpose=purpose), caller(kbo, *scopes))

    assert refused.value.refusal is refusal
    assert [(entry.subject, entry.outcome) for entry in log.entries] == [
        (PSEUDONYMS(number), outcome) for number in (ANNA, BAD, BRAM)
    ]
    assert store.round_trips == 0


def test_a_bad_number_is_refused_before_its_registration_is_looked_for() -> None:
    store, log = registered(BAD), FakePrivacyLog()

    answers = lookups(store, log).look_up(ask(BAD), caller(INFINO, DOSSIERBEHEER))

    assert answers == [Refusal.INSZ_INVALID]


def test_without_its_log_record_nothing_is_answered() -> None:
    store, log = registered(ANNA), FakePrivacyLog(out_of_reach=True)

    with pytest.raises(UnavailableError):
        lookups(store, log).look_up(ask(ANNA), caller(INFINO, DOSSIERBEHEER))


def test_without_its_log_record_a_refusal_is_not_answered_either() -> None:
    log = FakePrivacyLog(out_of_reach=True)

    with pytest.raises(UnavailableError):
        lookups(registered(), log).look_up(ask(ANNA), caller(INFINO))


def test_a_store_out_of_reach_answers_nobody() -> None:
    with pytest.raises(UnavailableError):
        lookups(FailingLookupStore(), FakePrivacyLog()).look_up(ask(ANNA, BRAM), caller(INFINO, DOSSIERBEHEER))


def test_without_keys_nothing_is_read_or_logged() -> None:
    store, log = registered(ANNA), FakePrivacyLog()

    with pytest.raises(UnavailableError):
        lookups(store, log, pseudonyms=no_keys).look_up(ask(ANNA), caller(INFINO, DOSSIERBEHEER))

    assert (store.round_trips, log.entries) == (0, [])


@pytest.mark.parametrize(
    ("seconds_left", "outcome", "volgnummer"),
    [(1, LogOutcome.ANSWERED, 17), (0, LogOutcome.EMPTY, None), (-1, LogOutcome.EMPTY, None)],
)
def test_an_expired_person_is_absent_though_the_item_is_still_there(
    seconds_left: int, outcome: LogOutcome, volgnummer: int | None
) -> None:
    store, log = registered(ANNA), FakePrivacyLog()
    store.persons[PSEUDONYMS(ANNA)] = replace(stored({"R-1": entry()}), expires_at=int(NOW.timestamp()) + seconds_left)

    (answer,) = lookups(store, log).look_up(ask(ANNA), caller(INFINO, DOSSIERBEHEER))

    assert state(answer).volgnummer == volgnummer
    assert log.entries[0].outcome is outcome


def test_a_person_with_annulments_only_is_logged_as_empty_and_keeps_the_volgnummer() -> None:
    store, log = registered(ANNA), FakePrivacyLog()
    store.persons[PSEUDONYMS(ANNA)] = stored({"R-1": annulled(rank=(23, 0))})

    (answer,) = lookups(store, log).look_up(ask(ANNA), caller(INFINO, DOSSIERBEHEER))

    assert (state(answer).payments, state(answer).volgnummer) == ([], 23)
    assert log.entries[0].outcome is LogOutcome.EMPTY


def test_a_hundred_persons_take_one_read_and_one_write() -> None:
    numbers = [person_number(serial) for serial in range(1, 101)]
    store, log = registered(*numbers[:50]), FakePrivacyLog()

    answers = lookups(store, log).look_up(ask(*numbers), caller(INFINO, DOSSIERBEHEER))

    assert answers == [Answered()] * 50 + [Refusal.NOT_REGISTERED] * 50
    assert (store.round_trips, log.calls, len(log.entries)) == (1, 1, 100)


def test_the_log_holds_pseudonyms_and_neither_numbers_nor_amounts() -> None:
    store, log = registered(ANNA), FakePrivacyLog()
    store.persons[PSEUDONYMS(ANNA)] = stored({"R-1": entry(AMOUNT)})

    lookups(store, log).look_up(ask(ANNA, BAD), caller(INFINO, DOSSIERBEHEER))

    written = repr(log.entries)
    assert all(re.fullmatch("[0-9a-f]{64}", str(entry.subject)) for entry in log.entries)
    assert [secret for secret in (ANNA, BAD, AMOUNT) if secret in written] == []


def test_a_payment_actor_needs_its_own_registration() -> None:
    store, log = registered(ANNA, kbo=PARENTIA), FakePrivacyLog()

    answers = lookups(store, log).look_up(ask(ANNA), caller(INFINO, DOSSIERBEHEER))

    assert answers == [Refusal.NOT_REGISTERED]


def test_an_audit_goes_by_the_registration_of_any_payment_actor_and_logs_whose() -> None:
    store, log = registered(ANNA, kbo=PARENTIA), FakePrivacyLog()

    answers = lookups(store, log).look_up(
        ask(ANNA, purpose=Purpose.AUDIT, file="A-7"), caller(VUTG.kbo, "jbplus:audit")
    )

    assert answers == [Answered()]
    assert [(entry.registered_by, entry.file) for entry in log.entries] == [(PARENTIA, "A-7")]


def test_an_ended_right_is_not_consulted_for_complaints() -> None:
    """Article 2: a right that has ended is asked of the payment actor, not consulted through KRING."""
    store = registered(ANNA, registration=replace(OPEN, right=Right.ENDED))

    answers = lookups(store, FakePrivacyLog()).look_up(
        ask(ANNA, purpose=Purpose.COMPLAINTS, file="K-1"), caller(VUTG.kbo, "jbplus:klachten")
    )

    assert answers == [Refusal.NOT_REGISTERED]


@pytest.mark.parametrize(
    ("begin", "end", "is_answered"),
    [
        pytest.param(date(2026, 3, 6), None, True, id="begins today"),
        pytest.param(date(2026, 3, 7), None, False, id="begins tomorrow"),
        pytest.param(date(2026, 1, 1), date(2026, 3, 6), True, id="ends today"),
        pytest.param(date(2026, 1, 1), date(2026, 3, 5), False, id="ended yesterday"),
    ],
)
def test_today_is_the_day_in_brussels(begin: date, end: date | None, *, is_answered: bool) -> None:
    half_past_midnight_in_brussels = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
    store = registered(ANNA, registration=Registration(begin, end, Right.RUNNING))

    answers = lookups(store, FakePrivacyLog(), clock=lambda: half_past_midnight_in_brussels).look_up(
        ask(ANNA), caller(INFINO, DOSSIERBEHEER)
    )

    assert answers == [Answered() if is_answered else Refusal.NOT_REGISTERED]


def test_the_pseudonyms_key_version_goes_into_the_log() -> None:
    rotated = Pseudonyms((b"k" * 32, b"l" * 32))
    log = FakePrivacyLog()

    lookups(registered(), log, pseudonyms=lambda: rotated).look_up(ask(ANNA), caller(INFINO, DOSSIERBEHEER))

    assert [(entry.key_version, entry.subject) for entry in log.entries] == [(2, rotated(ANNA))]


def test_test_numbers_are_refused_where_they_are_not_allowed() -> None:
    strict = lookups(registered(ANNA), FakePrivacyLog(), accepts=accepting(lambda: NOW, test_numbers_allowed=False))

    assert strict.look_up(ask(ANNA), caller(INFINO, DOSSIERBEHEER)) == [Refusal.INSZ_INVALID]


def test_the_log_record_carries_the_moment_of_the_lookup() -> None:
    later = NOW + timedelta(days=400)
    log = FakePrivacyLog()

    lookups(registered(), log, clock=lambda: later).look_up(ask(ANNA), caller(INFINO, DOSSIERBEHEER))

    assert log.entries[0].moment == later
