"""Statistics count a person who has several numbers once, and a payment under several of them once."""

import pytest

from jbplus.persons.rotation import Standing
from jbplus.persons.table import DynamoPersonScan
from jbplus.statistics.service import Publisher
from tests.statistics.fakes import TENTH_OF_MAY, FakeProgress, FakeStatistics
from tests.successions.test_lookups import NEW, OLD, World
from tests.support.engine import CountingClient, Tables
from tests.support.fakes import NOW, PSEUDONYMS, no_sleep
from tests.support.people import CELINE


@pytest.fixture
def world(counting: CountingClient, tables: Tables) -> World:
    return World(counting, tables)


def test_a_person_is_read_once_whole(world: World) -> None:
    world.merge(PSEUDONYMS(CELINE), "c")
    world.merge(NEW, "a")
    scan = DynamoPersonScan(
        world.client.client, world.tables.persons, Standing, no_sleep, lambda: NOW, succession_allowed=True
    )

    found = {each for number in range(4) for each in scan.numbers_with_links(number, 4)}
    ((numbers, whole),) = scan.linked(found).items()
    others = [stored.state_at(NOW) for number in range(4) for stored in scan.segment(number, 4, numbers)]

    assert numbers == {OLD, NEW}
    assert [referte for referte, _ in whole.state_at(NOW).payments] == ["a", "b"]
    assert [[referte for referte, _ in state.payments] for state in others] == [["c"]]


def test_where_successions_are_not_allowed_nothing_more_is_read(world: World) -> None:
    scan = DynamoPersonScan(world.client.client, world.tables.persons, Standing)
    publisher = Publisher(scan, FakeStatistics(), FakeProgress(), lambda: TENTH_OF_MAY, parts=4)
    world.client.sent.clear()

    publisher.publish()

    assert world.client.sent == ["Scan"] * 4
