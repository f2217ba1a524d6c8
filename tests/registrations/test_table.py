"""The table of registrations: one for each party and person, gone a year after its end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from botocore.stub import Stubber
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.aws.keys import TTL_ATTRIBUTE
from jbplus.errors import ConflictError, UnavailableError
from jbplus.protocol.calendar import Clock
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus.registrations.table import DynamoRegistrations
from tests.support.engine import CountingClient, Tables, all_items, unconnected_client
from tests.support.fakes import NOW, named, no_sleep
from tests.support.known import INFINO, OPEN, PARENTIA

ENDED = Registration(date(2025, 6, 1), date(2026, 12, 31), Right.ENDED)


def registrations(client: DynamoDBClient, tables: Tables, clock: Clock = lambda: NOW) -> DynamoRegistrations:
    return DynamoRegistrations(client, tables.registrations, clock, no_sleep)


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("end", [None, date(2026, 12, 31)])
def test_a_registration_is_read_as_it_was_written(
    dynamodb: DynamoDBClient, tables: Tables, right: Right, end: date | None
) -> None:
    kept, wanted = registrations(dynamodb, tables), Registration(date(2025, 6, 1), end, right)

    kept.write({named("anna"): wanted}, INFINO)

    assert kept.read(["anna", "bram"], INFINO) == {"anna": wanted}


def test_each_party_has_its_own(dynamodb: DynamoDBClient, tables: Tables) -> None:
    kept = registrations(dynamodb, tables)

    kept.write({named("anna"): OPEN}, INFINO)
    kept.write({named("anna"): ENDED}, PARENTIA)
    kept.delete(named("anna"), INFINO)

    assert (kept.read(["anna"], INFINO), kept.read(["anna"], PARENTIA)) == ({}, {"anna": ENDED})


def test_deleting_what_is_not_there_is_fine(dynamodb: DynamoDBClient, tables: Tables) -> None:
    kept = registrations(dynamodb, tables)

    kept.delete(named("anna"), INFINO)

    assert kept.read(["anna"], INFINO) == {}


@pytest.mark.parametrize(
    ("end", "expires"),
    [
        pytest.param(date(2026, 12, 31), 1830294000, id="end of 2027-12-31 in Brussels"),
        pytest.param(date(2024, 2, 29), 1740783600, id="end of 2025-02-28 in Brussels"),
    ],
)
def test_a_registration_with_an_end_goes_a_year_after_it(
    dynamodb: DynamoDBClient, tables: Tables, end: date, expires: int
) -> None:
    registrations(dynamodb, tables).write({named("anna"): Registration(date(2024, 1, 1), end, Right.RUNNING)}, INFINO)

    assert [item[TTL_ATTRIBUTE] for item in all_items(dynamodb, tables.registrations)] == [{"N": str(expires)}]


def test_a_registration_that_ended_long_ago_has_a_ttl_that_dynamodb_acts_on(
    dynamodb: DynamoDBClient, tables: Tables
) -> None:
    long_ago = Registration(date(1990, 1, 1), date(1999, 12, 31), Right.ENDED)

    registrations(dynamodb, tables).write({named("anna"): long_ago}, INFINO)

    (item,) = all_items(dynamodb, tables.registrations)
    assert timedelta(0) < NOW - datetime.fromtimestamp(int(item[TTL_ATTRIBUTE]["N"]), UTC) < timedelta(days=5 * 365)


def test_an_open_registration_stays_also_when_it_had_an_end_before(dynamodb: DynamoDBClient, tables: Tables) -> None:
    kept = registrations(dynamodb, tables)
    kept.write({named("anna"): ENDED}, INFINO)

    kept.write({named("anna"): OPEN}, INFINO)

    assert [set(item) for item in all_items(dynamodb, tables.registrations)] == [
        {"person", "party", "begin", "right", "keyVersion"}
    ]


@pytest.mark.parametrize(("second", "is_there"), [(1830293999, True), (1830294000, False)])
def test_an_expired_registration_is_absent_though_the_item_is_still_there(
    dynamodb: DynamoDBClient, tables: Tables, second: int, *, is_there: bool
) -> None:
    kept = registrations(dynamodb, tables, lambda: datetime.fromtimestamp(second, UTC))
    kept.write({named("anna"): ENDED}, INFINO)

    assert ("anna" in kept.read(["anna"], INFINO)) is is_there
    assert len(all_items(dynamodb, tables.registrations)) == 1


def test_a_hundred_registrations_are_one_read_and_one_write(counting: CountingClient, tables: Tables) -> None:
    kept = registrations(counting.client, tables)
    wanted = {f"person-{n}": OPEN for n in range(100)}

    kept.write({named(person): registration for person, registration in wanted.items()}, INFINO)

    assert kept.read(list(wanted), INFINO) == wanted
    assert counting.sent == ["TransactWriteItems", "BatchGetItem"]


def test_a_batch_is_written_whole_or_not_at_all(dynamodb: DynamoDBClient, tables: Tables) -> None:
    kept = registrations(dynamodb, tables)

    with pytest.raises(UnavailableError):
        kept.write({named("anna"): OPEN, named(""): OPEN}, INFINO)  # DynamoDB takes no empty key

    assert kept.read(["anna"], INFINO) == {}


def test_a_handle_stays_as_long_as_its_registration_stands(dynamodb: DynamoDBClient, tables: Tables) -> None:
    kept, both = registrations(dynamodb, tables), (*named("anna"), *named("anna again"))
    kept.write({named("anna"): OPEN}, INFINO)
    kept.write({both: replace(ENDED, handle="h-1")}, INFINO)

    for other in (None, "h-2"):
        with pytest.raises(ConflictError):
            kept.write({both: replace(OPEN, handle=other)}, INFINO)

    found = kept.read(["anna", "anna again"], INFINO)
    assert [(found[person], found[person].handle) for person in ("anna", "anna again")] == [(ENDED, "h-1")] * 2
    later = registrations(dynamodb, tables, lambda: datetime(2028, 1, 1, tzinfo=UTC))
    later.write({both: replace(OPEN, handle="h-2")}, INFINO)
    assert later.read(["anna"], INFINO)["anna"].handle == "h-2"


def test_rivals_at_the_same_registration_are_told_to_try_again(tables: Tables) -> None:
    client = unconnected_client()
    with Stubber(client) as stub:
        for _ in range(4):
            stub.add_client_error(
                "transact_write_items",
                "TransactionCanceledException",
                "anna",
                modeled_fields={"CancellationReasons": [{"Code": "TransactionConflict"}]},
            )

        with pytest.raises(UnavailableError) as busy:
            registrations(client, tables).delete(named("anna"), INFINO)

    client.close()
    assert "anna" not in str(busy.value)
