"""All persons are counted, whatever their number; publications are only added."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.errors import UnavailableError
from jbplus.persons.merging import PersonChange, StoredPerson
from jbplus.persons.rotation import Standing
from jbplus.persons.table import DynamoPersons, DynamoPersonScan
from jbplus.statistics.service import Publisher
from jbplus.statistics.table import DynamoStatistics
from tests.statistics.fakes import TENTH_OF_MAY, FakeProgress, FakeStatistics, paid, person, published
from tests.support.engine import CountingClient, Tables, all_items, asked
from tests.support.fakes import no_sleep, version_1

PUBLISHED = published([person(paid())] * 6)
MARCH = PUBLISHED[2022, "2022-03"]


@pytest.fixture
def store(dynamodb: DynamoDBClient, tables: Tables) -> DynamoStatistics:
    return DynamoStatistics(dynamodb, tables.statistics)


def fill(dynamodb: DynamoDBClient, tables: Tables, persons: list[StoredPerson]) -> None:
    changes = [PersonChange(f"{number:064x}", None, becomes) for number, becomes in enumerate(persons)]
    for start in range(0, len(changes), 100):
        DynamoPersons(dynamodb, tables.persons, no_sleep, version_1).write(changes[start : start + 100])


def test_a_publication_is_read_as_it_was_kept(store: DynamoStatistics) -> None:
    assert store.keep(MARCH) == MARCH
    assert store.read(2022) == [MARCH]


def test_publications_are_read_by_fiscal_year_in_the_order_of_months(store: DynamoStatistics) -> None:
    for publication in sorted(PUBLISHED.values(), key=lambda each: each.month, reverse=True):
        store.keep(publication)

    assert store.read(2022) == [PUBLISHED[2022, f"2022-{number:02d}"] for number in range(1, 5)]
    assert store.last(2022) == PUBLISHED[2022, "2022-04"]
    assert store.last(2023) == PUBLISHED[2023, "2022-04"]
    assert (store.read(2024), store.last(2024)) == ([], None)


def test_a_month_that_is_published_never_changes(
    store: DynamoStatistics, dynamodb: DynamoDBClient, tables: Tables
) -> None:
    store.keep(MARCH)
    before = all_items(dynamodb, tables.statistics)
    late = published([person(paid())] * 60)[2022, "2022-03"]

    standing = store.keep(late)

    assert standing == MARCH != late
    assert all_items(dynamodb, tables.statistics) == before


def test_statistics_hold_no_one_and_have_no_end(
    store: DynamoStatistics, dynamodb: DynamoDBClient, tables: Tables
) -> None:
    store.keep(MARCH)

    (item,) = all_items(dynamodb, tables.statistics)
    assert item.keys() == {"fiscalYear", "month", "publication"}


def test_persons_on_many_pages_are_all_counted_and_expired_ones_are_not(
    dynamodb: DynamoDBClient, tables: Tables
) -> None:
    """More than a megabyte in each segment, which is what a page of a scan holds."""
    heavy = [paid("1.00", day=datetime(2022, 1, 1, tzinfo=UTC).date())] * 190
    persons = [person(*heavy, paid()) for _ in range(397)]
    expired = replace(person(paid()), expires_at=int(TENTH_OF_MAY.timestamp()))
    fill(dynamodb, tables, [*persons, *[expired] * 100])
    counting = CountingClient.around(dynamodb)
    store = FakeStatistics()

    Publisher(
        DynamoPersonScan(dynamodb, tables.persons, Standing), store, FakeProgress(), lambda: TENTH_OF_MAY, parts=4
    ).publish()

    told = store.kept[2022, "2022-03"].cells["1"]
    assert told is not None
    assert (told.persons, told.payments, told.paid) == (395, 395, 237_000)
    assert counting.sent.count("Scan") > 4


def test_every_segment_has_others_and_all_of_them_everybody(dynamodb: DynamoDBClient, tables: Tables) -> None:
    persons = [person(paid(f"{number}.00")) for number in range(1, 41)]
    fill(dynamodb, tables, persons)
    scan = DynamoPersonScan(dynamodb, tables.persons, Standing)

    found = [stored.state for number in range(4) for stored in scan.segment(number, 4)]

    assert sorted(found) == sorted(stored.state for stored in persons)


def test_the_whole_function_works_twice_on_the_real_table(dynamodb: DynamoDBClient, tables: Tables) -> None:
    fill(dynamodb, tables, [person(paid())] * 6)
    publisher = Publisher(
        DynamoPersonScan(dynamodb, tables.persons, Standing),
        DynamoStatistics(dynamodb, tables.statistics),
        FakeProgress(),
        lambda: TENTH_OF_MAY,
    )

    assert (publisher.publish(), publisher.publish()) == (len(PUBLISHED), 0)

    assert DynamoStatistics(dynamodb, tables.statistics).read(2022) == [
        PUBLISHED[2022, f"2022-{number:02d}"] for number in range(1, 5)
    ]


def test_a_table_that_is_not_there_is_out_of_reach(dynamodb: DynamoDBClient) -> None:
    store = DynamoStatistics(dynamodb, "nowhere")

    for ask in (
        lambda: store.read(2022),
        lambda: store.last(2022),
        lambda: store.keep(MARCH),
        lambda: list(DynamoPersonScan(dynamodb, "nowhere", Standing).segment(0, 1)),
    ):
        with pytest.raises(UnavailableError):
            ask()


def test_publications_are_read_consistently(dynamodb: DynamoDBClient, store: DynamoStatistics) -> None:
    with asked(dynamodb, "Query") as requests:
        store.read(2022)
        store.last(2022)

    assert [request["ConsistentRead"] for request in requests] == [True] * 2
