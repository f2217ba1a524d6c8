"""The table of suspensions, and that a lookup reads it in its one round trip."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.aws.keys import TTL_ATTRIBUTE
from jbplus.consultation.service import Lookup, Lookups
from jbplus.consultation.table import DynamoLookupStore
from jbplus.consultation.versions import Answered
from jbplus.errors import ConflictError
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.access import Refusal, RefusedError
from jbplus.protocol.purposes import Purpose
from jbplus.registrations.table import DynamoRegistrations
from jbplus.suspensions.rules import MOST_KEPT, Stream, Suspension
from jbplus.suspensions.service import StoredSuspensions
from jbplus.suspensions.table import DynamoSuspensions
from tests.support.engine import CountingClient, Tables, all_items
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller, no_count, no_sleep
from tests.support.known import INFINO, OPEN, PARENTIA
from tests.support.people import ANNA

OPEN_ONE = Suspension("s-1", INFINO, (Stream.CONSULTATION,), (Purpose.SOCIAL_SUPPLEMENT,), "misbruik €", NOW)
LIFTED = replace(OPEN_ONE, id="s-2", lifted=datetime(2026, 3, 5, 12, tzinfo=UTC))
END_OF_LIFTED = int(datetime(2036, 3, 5, 23, tzinfo=UTC).timestamp())


@pytest.fixture
def suspensions(dynamodb: DynamoDBClient, tables: Tables) -> DynamoSuspensions:
    return DynamoSuspensions(dynamodb, tables.suspensions, no_sleep)


def test_suspensions_are_read_as_they_were_written(suspensions: DynamoSuspensions) -> None:
    suspensions.write(INFINO, [OPEN_ONE, LIFTED], None)

    stored = suspensions.read([INFINO, PARENTIA])

    assert stored[INFINO].suspensions == (OPEN_ONE, LIFTED)
    assert stored[INFINO].version is not None
    assert stored[PARENTIA] == StoredSuspensions()


def test_who_read_what_is_no_longer_so_writes_nothing(suspensions: DynamoSuspensions) -> None:
    suspensions.write(INFINO, [OPEN_ONE], None)
    read = suspensions.read([INFINO])[INFINO]
    suspensions.write(INFINO, [OPEN_ONE, LIFTED], read.version)

    for outdated in (read.version, None):
        with pytest.raises(ConflictError):
            suspensions.write(INFINO, [], outdated)

    assert suspensions.read([INFINO])[INFINO].suspensions == (OPEN_ONE, LIFTED)


@pytest.mark.parametrize(
    ("kept", "expires"),
    [
        pytest.param([OPEN_ONE], None, id="open"),
        pytest.param([LIFTED, OPEN_ONE], None, id="one open"),
        pytest.param([LIFTED, replace(LIFTED, lifted=NOW)], END_OF_LIFTED, id="all lifted"),
    ],
)
def test_a_party_is_forgotten_only_when_all_is_lifted(
    dynamodb: DynamoDBClient, suspensions: DynamoSuspensions, kept: list[Suspension], expires: int | None
) -> None:
    suspensions.write(INFINO, kept, None)

    (item,) = all_items(dynamodb, suspensions.table)
    assert item.get(TTL_ATTRIBUTE) == (None if expires is None else {"N": str(expires)})


def test_a_full_item_is_taken(suspensions: DynamoSuspensions) -> None:
    full = [replace(OPEN_ONE, reason="\U0001f600" * 500, purposes=tuple(Purpose), lifted=NOW)] * MOST_KEPT

    suspensions.write(INFINO, full, None)

    assert suspensions.read([INFINO])[INFINO].suspensions == tuple(full)


def test_a_lookup_sees_a_suspension_at_once_in_its_one_round_trip(counting: CountingClient, tables: Tables) -> None:
    kept = DynamoSuspensions(counting.client, tables.suspensions, no_sleep)
    registrations = DynamoRegistrations(counting.client, tables.registrations, lambda: NOW, no_sleep)
    registrations.write({PSEUDONYMS.names(ANNA): OPEN}, INFINO)
    store = DynamoLookupStore(counting.client, tables.persons, tables.registrations, tables.suspensions, no_sleep)
    log = DynamoPrivacyLog(counting.client, tables.privacy_log)
    lookups = Lookups(store, log, lambda: PSEUDONYMS, lambda: NOW, ACCEPTS, no_count)
    asking, question = caller(INFINO, "jbplus:dossierbeheer"), Lookup((ANNA,), Purpose.SOCIAL_SUPPLEMENT)

    kept.write(PARENTIA, [replace(OPEN_ONE, party=PARENTIA)], None)
    kept.write(INFINO, [OPEN_ONE], None)
    counting.sent.clear()
    with pytest.raises(RefusedError) as refused:
        lookups.look_up(question, asking)

    assert refused.value.refusal is Refusal.SUSPENDED
    assert counting.sent == ["BatchGetItem", "PutItem"]
    (record,) = all_items(counting.client, tables.privacy_log)
    assert record["outcome"] == {"S": "geweigerdSchorsing"}

    kept.write(INFINO, [OPEN_ONE.lift(NOW)], kept.read([INFINO])[INFINO].version)
    counting.sent.clear()
    other_caller = replace(asking, trace="22222222-2222-4333-8444-555555555555")

    assert lookups.look_up(question, other_caller) == [Answered()]
    assert counting.sent == ["BatchGetItem", "PutItem"]
