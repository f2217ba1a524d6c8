"""A lookup against the real tables: what it reads, and in how many round trips."""

from datetime import date

import pytest

from jbplus.consultation.service import Known, Lookup, Lookups
from jbplus.consultation.table import DynamoLookupStore
from jbplus.consultation.versions import Answered
from jbplus.persons.merging import PersonChange
from jbplus.persons.state import decode
from jbplus.persons.table import DynamoPersons
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.access import Refusal, RefusedError
from jbplus.protocol.caller import Caller
from jbplus.protocol.parties import PAYMENT_ACTORS, VUTG
from jbplus.protocol.purposes import Purpose, Right
from jbplus.registrations.rules import Registration
from jbplus.registrations.table import DynamoRegistrations
from tests.support.engine import CountingClient, Tables, all_items
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller, no_count, no_sleep, version_1
from tests.support.known import INFINO, OPEN, PARENTIA, entry, stored
from tests.support.people import ANNA, BRAM, CELINE, person_number

ANNAS = stored({"JBP-1": entry("613.37")})
SUSPENDED = Registration(OPEN.begin, None, Right.SUSPENDED)


@pytest.fixture
def store(counting: CountingClient, tables: Tables) -> DynamoLookupStore:
    """Anna has a state and two registrations, Bram a registration."""
    DynamoPersons(counting.client, tables.persons, no_sleep, version_1).write(
        [PersonChange(PSEUDONYMS(ANNA), None, ANNAS)]
    )
    kept = DynamoRegistrations(counting.client, tables.registrations, lambda: NOW, no_sleep)
    kept.write({PSEUDONYMS.names(ANNA): OPEN, PSEUDONYMS.names(BRAM): OPEN}, INFINO)
    kept.write({PSEUDONYMS.names(ANNA): SUSPENDED}, PARENTIA)
    counting.sent.clear()
    return DynamoLookupStore(counting.client, tables.persons, tables.registrations, tables.suspensions, no_sleep)


@pytest.fixture
def lookups(store: DynamoLookupStore, counting: CountingClient, tables: Tables) -> Lookups:
    log = DynamoPrivacyLog(counting.client, tables.privacy_log)
    return Lookups(store, log, lambda: PSEUDONYMS, lambda: NOW, ACCEPTS, no_count)


def test_state_and_registrations_come_together(store: DynamoLookupStore, counting: CountingClient) -> None:
    found = store.read([PSEUDONYMS(number) for number in (ANNA, BRAM, CELINE)], [INFINO], INFINO)

    assert found.suspensions == []
    assert found.known == {
        PSEUDONYMS(ANNA): Known(ANNAS, {INFINO: OPEN}),
        PSEUDONYMS(BRAM): Known(None, {INFINO: OPEN}),
        PSEUDONYMS(CELINE): Known(None, {}),
    }
    assert counting.sent == ["BatchGetItem"]


def test_registrations_by_several_parties_come_in_the_same_round_trip(
    store: DynamoLookupStore, counting: CountingClient
) -> None:
    found = store.read([PSEUDONYMS(ANNA)], [party.kbo for party in PAYMENT_ACTORS], INFINO)

    assert found.known == {PSEUDONYMS(ANNA): Known(ANNAS, {INFINO: OPEN, PARENTIA: SUSPENDED})}
    assert counting.sent == ["BatchGetItem"]


def test_a_get_is_one_read_and_one_write(lookups: Lookups, counting: CountingClient, tables: Tables) -> None:
    (answer,) = lookups.look_up(Lookup((ANNA,), Purpose.SOCIAL_SUPPLEMENT), caller(INFINO, "jbplus:dossierbeheer"))

    assert answer == Answered(decode(ANNAS.state), date(2030, 3, 3))
    assert counting.sent == ["BatchGetItem", "PutItem"]
    (record,) = all_items(counting.client, tables.privacy_log)
    assert record["outcome"] == {"S": "beantwoord"}
    assert [shown for shown in (ANNA, "613.37") if shown in repr(record)] == []


def test_a_get_on_any_partys_registration_is_one_read_and_one_write_too(
    lookups: Lookups, counting: CountingClient
) -> None:
    (answer,) = lookups.look_up(Lookup((ANNA,), Purpose.AUDIT, file="A-7"), caller(VUTG.kbo, "jbplus:audit"))

    assert answer == Answered(decode(ANNAS.state), date(2030, 3, 3))
    assert counting.sent == ["BatchGetItem", "PutItem"]


@pytest.mark.parametrize(
    ("purpose", "asking", "reads"),
    [
        pytest.param(Purpose.SOCIAL_SUPPLEMENT, caller(INFINO, "jbplus:dossierbeheer"), 4, id="own registration"),
        pytest.param(Purpose.AUDIT, caller(VUTG.kbo, "jbplus:audit"), 8, id="registration of any of five"),
    ],
)
def test_a_hundred_persons_take_as_few_round_trips_as_there_are_batches_of_keys(
    lookups: Lookups, counting: CountingClient, purpose: Purpose, asking: Caller, reads: int
) -> None:
    """100 persons, their doubts, their registrations by each party that counts, and the suspensions of who asks."""
    numbers = (ANNA, BRAM, *(person_number(serial) for serial in range(101, 199)))

    answers = lookups.look_up(Lookup(numbers, purpose, file="A-7"), asking)

    assert answers == [Answered(decode(ANNAS.state), date(2030, 3, 3)), Answered(), *[Refusal.NOT_REGISTERED] * 98]
    assert counting.sent == ["BatchGetItem"] * reads + ["TransactWriteItems"]


def test_a_call_refused_as_a_whole_reads_nothing(lookups: Lookups, counting: CountingClient) -> None:
    with pytest.raises(RefusedError):
        lookups.look_up(Lookup((ANNA, BRAM), Purpose.SOCIAL_SUPPLEMENT), caller(INFINO))

    assert counting.sent == ["TransactWriteItems"]


def test_neither_table_holds_a_number(store: DynamoLookupStore, counting: CountingClient) -> None:
    written = repr([all_items(counting.client, name) for name in (store.persons_table, store.registrations_table)])

    assert PSEUDONYMS(ANNA) in written
    assert [number for number in (ANNA, BRAM) if number in written] == []
