"""The table of persons: written on condition, a batch as a whole, and never without a TTL."""

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.aws.keys import TTL_ATTRIBUTE
from jbplus.errors import ConflictError, UnavailableError
from jbplus.persons.linking import link
from jbplus.persons.merging import PersonChange, StoredPerson
from jbplus.persons.rotation import Phase, Standing
from jbplus.persons.state import MAX_ENTRIES, PersonState, encode
from jbplus.persons.table import DynamoPersons, DynamoPersonScan
from jbplus.successions.rules import Link
from tests.support.engine import CountingClient, Tables, all_items, asked
from tests.support.fakes import NOW, no_sleep, version_1
from tests.support.known import entry, stored

OLD, NEW, OTHER = (stored({"R-1": entry(amount)}) for amount in ("600.00", "601.00", "602.00"))


@pytest.fixture
def persons(dynamodb: DynamoDBClient, tables: Tables) -> DynamoPersons:
    return DynamoPersons(dynamodb, tables.persons, no_sleep, version_1)


def added(*names: str, becomes: StoredPerson = OLD) -> list[PersonChange]:
    return [PersonChange(name, None, becomes) for name in names]


def changed(names: Iterable[str], replaces: StoredPerson, becomes: StoredPerson) -> list[PersonChange]:
    return [PersonChange(name, replaces.version, becomes) for name in names]


def test_what_was_written_is_read_and_unknown_persons_are_absent(persons: DynamoPersons) -> None:
    persons.write([*added("anna"), *added("bram", becomes=NEW)])

    assert persons.read(["anna", "bram", "celine"]) == {"anna": OLD, "bram": NEW}


def test_a_change_replaces_what_was_read(persons: DynamoPersons) -> None:
    persons.write(added("anna"))

    persons.write(changed(["anna"], OLD, NEW))

    assert persons.read(["anna"]) == {"anna": NEW}


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(PersonChange("anna", None, OTHER), id="read before the person was there"),
        pytest.param(PersonChange("anna", OLD.version, OTHER), id="read before a rival changed it"),
        pytest.param(PersonChange("gone", OLD.version, OTHER), id="read before it expired and was deleted"),
    ],
)
def test_whoever_read_too_early_writes_nothing_of_the_batch(persons: DynamoPersons, late: PersonChange) -> None:
    persons.write(added("anna", becomes=NEW))

    with pytest.raises(ConflictError):
        persons.write([*added("bram"), late, *added("celine")])

    assert persons.read(["anna", "bram", "celine", "gone"]) == {"anna": NEW}


def test_of_two_rivals_who_read_the_same_one_writes(persons: DynamoPersons) -> None:
    persons.write(added("anna", "bram"))
    mine, theirs = changed(["anna", "bram"], OLD, NEW), changed(["bram"], OLD, OTHER)

    persons.write(theirs)
    with pytest.raises(ConflictError):
        persons.write(mine)

    assert persons.read(["anna", "bram"]) == {"anna": OLD, "bram": OTHER}


def test_a_hundred_persons_are_one_read_and_one_write(counting: CountingClient, tables: Tables) -> None:
    persons = DynamoPersons(counting.client, tables.persons, no_sleep, version_1)
    names = [f"person-{n}" for n in range(100)]

    persons.write(added(*names))
    found = persons.read(names)

    assert set(found) == set(names)
    assert counting.sent == ["TransactWriteItems", "BatchGetItem"]


def test_a_hundred_persons_with_all_they_may_have_are_written(counting: CountingClient, tables: Tables) -> None:
    persons = DynamoPersons(counting.client, tables.persons, no_sleep, version_1)
    far = (10**15, 9_999_999)
    full = stored({f"{n:03d}".rjust(64, "R"): entry("-999999999999.99", rank=far) for n in range(MAX_ENTRIES)})
    names = [f"person-{n}" for n in range(100)]

    persons.write(added(*names, becomes=full))

    assert persons.read(names) == dict.fromkeys(names, full)
    assert counting.sent.count("TransactWriteItems") == 2


def test_more_than_a_hundred_persons_are_read_in_several_requests(counting: CountingClient, tables: Tables) -> None:
    persons = DynamoPersons(counting.client, tables.persons, no_sleep, version_1)
    names = [f"person-{n}" for n in range(230)]
    for start in (0, 100, 200):
        persons.write(added(*names[start : start + 100]))
    counting.sent.clear()

    found = persons.read(names)

    assert set(found) == set(names)
    assert counting.sent == ["BatchGetItem"] * 3


def test_reading_nobody_asks_nothing(counting: CountingClient, tables: Tables) -> None:
    assert DynamoPersons(counting.client, tables.persons, no_sleep, version_1).read([]) == {}
    assert counting.sent == []


def test_the_engines_own_refusal_names_no_person_and_no_content(persons: DynamoPersons) -> None:
    with pytest.raises(UnavailableError) as refused:
        persons.write(added("x" * 3000))

    assert str(refused.value) == "dynamodb:TransactWriteItems: ValidationException"


def test_a_table_that_is_not_there_is_out_of_reach(dynamodb: DynamoDBClient) -> None:
    with pytest.raises(UnavailableError) as refused:
        DynamoPersons(dynamodb, "nowhere", no_sleep, version_1).read(["anna"])

    assert str(refused.value) == "dynamodb:BatchGetItem: ResourceNotFoundException"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    person=st.text(st.characters(codec="utf-8"), min_size=1, max_size=64),
    state=st.text(st.characters(codec="utf-8"), min_size=1),
    expires=st.integers(0, 2**40),
)
def test_no_item_of_a_person_is_without_its_ttl(
    dynamodb: DynamoDBClient, tables: Tables, person: str, state: str, expires: int
) -> None:
    persons = DynamoPersons(dynamodb, tables.persons, no_sleep, version_1)
    wanted = StoredPerson(state, expires)
    before = persons.read([person]).get(person)

    persons.write([PersonChange(person, None if before is None else before.version, wanted)])

    (item,) = (item for item in all_items(dynamodb, tables.persons) if item["person"] == {"S": person})
    assert item == {
        "person": {"S": person},
        "state": {"S": state},
        "version": {"S": wanted.version},
        "keyVersion": {"N": "1"},
        TTL_ATTRIBUTE: {"N": str(expires)},
    }


def test_all_persons_are_read_page_by_page(dynamodb: DynamoDBClient, tables: Tables) -> None:
    item = StoredPerson(encode(PersonState()), 1898809200)
    persons = [f"{number:064x}" for number in range(1003)]
    for start in range(0, len(persons), 100):
        changes = [PersonChange(person, None, item) for person in persons[start : start + 100]]
        DynamoPersons(dynamodb, tables.persons, no_sleep, version_1).write(changes)
    scan = DynamoPersonScan(dynamodb, tables.persons, Standing)

    first, after = scan.page(None)
    second, end = scan.page(after)

    assert (len(first), len(second), end) == (1000, 3, None)
    assert {**first, **second} == dict.fromkeys(persons, item)


def test_a_page_has_the_numbers_that_are_linked_with_data_and_without(dynamodb: DynamoDBClient, tables: Tables) -> None:
    store = DynamoPersons(dynamodb, tables.persons, no_sleep, version_1, lambda: NOW, succession_allowed=True)
    store.write(added("old", "alone"))
    said = Link("new", (1, 0), date(2026, 3, 4))
    link(store, "old", said, retention_years=5, clock=lambda: NOW, sleep=no_sleep)
    dynamodb.put_item(TableName=tables.persons, Item={"person": {"S": "#keys"}, "keyVersion": {"N": "1"}})

    found, _ = DynamoPersonScan(dynamodb, tables.persons, Standing).page(None)

    assert (found["alone"], found["new"]) == (OLD, None)
    assert found.keys() == {"alone", "old", "new"}
    assert found["old"] is not None


def test_persons_are_read_consistently(dynamodb: DynamoDBClient, tables: Tables) -> None:
    with asked(dynamodb, "BatchGetItem") as requests:
        DynamoPersons(dynamodb, tables.persons, no_sleep, version_1).read(["anna"])

    assert [wish["ConsistentRead"] for request in requests for wish in request["RequestItems"].values()] == [True]


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in (Phase.SETTLED, Phase.SWEEPING)])
def test_all_persons_are_read_only_while_each_is_there_once(
    dynamodb: DynamoDBClient, tables: Tables, phase: Phase
) -> None:
    scan = DynamoPersonScan(dynamodb, tables.persons, lambda: Standing(2, phase), succession_allowed=True)

    for read in (lambda: list(scan.segment(0, 1)), lambda: scan.page(None), scan.linked):
        with pytest.raises(UnavailableError):
            read()
