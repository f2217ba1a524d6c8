"""What is measured is what was to be done, and what is reached is held."""

from pathlib import Path
from typing import Any

import pytest
from benchmarks import gate, lookups
from benchmarks.cost import READ_UNITS, WRITE_UNITS, Cost, Work, partitions
from benchmarks.processes import BenchmarkError, Case, Run, Setup, Took
from benchmarks.results import Figure
from benchmarks.stub.objects import Objects
from benchmarks.stub.tables import Table, Tables

from tests.support.fakes import PSEUDONYMS
from tests.support.known import INFINO

REACHED = {"get ÷ bare boto3": 1.0, "query ÷ bare boto3": 2.0}
ANSWERED = {"get": {"statusCode": 200, "body": "600.00"}}


def recorded(*subjects: str, times: int = 1) -> dict[str, Any]:
    """Say what the stub would, of records about these subjects."""
    written = [[subject, str(number)] for subject in subjects for number in range(times)]
    return {"written": {"privacy-log-table": written}, "times": {"privacy-log-table": len(written)}}


SUBJECT = f"{INFINO}#{PSEUDONYMS(lookups.NUMBERS[0])}"


def test_what_is_reached_is_held_plus_three_percent() -> None:
    assert gate.exceeded({"get ÷ bare boto3": 1.03, "query ÷ bare boto3": 1.5}, REACHED) == []
    (found,) = gate.exceeded({"get ÷ bare boto3": 1.031, "query ÷ bare boto3": 2.06}, REACHED)
    assert found.startswith("get ÷ bare boto3: 1.031, and 1.000 is reached")


def test_a_figure_that_is_not_written_down_does_not_pass() -> None:
    with pytest.raises(KeyError):
        gate.exceeded({"another": 1.0}, REACHED)


def test_a_goal_is_missed_by_more_or_by_fewer() -> None:
    assert Figure("ratio", 1.2, 1.2).is_reached
    assert not Figure("ratio", 1.21, 1.2).is_reached
    assert not Figure("records a second", 6999, 7000, is_least=True).is_reached


def test_lookups_that_were_logged_are_taken() -> None:
    lookups.checked([("get", lookups.GET, 2)])(recorded(SUBJECT, times=2), ANSWERED)


@pytest.mark.parametrize(
    ("found", "last"),
    [
        (recorded(SUBJECT), ANSWERED),
        (recorded(f"{INFINO}#another", times=2), ANSWERED),
        (recorded(SUBJECT, times=2), {"get": {"statusCode": 503, "body": "600.00"}}),
        (recorded(SUBJECT, times=2), {"get": {"statusCode": 200, "body": "{}"}}),
    ],
    ids=["fewer records", "of another person", "refused", "nothing known"],
)
def test_a_run_that_did_something_else_is_no_measurement(found: dict[str, Any], last: dict[str, Any]) -> None:
    with pytest.raises(BenchmarkError):
        lookups.checked([("get", lookups.GET, 2)])(found, last)


def test_the_stub_counts_what_reads_and_writes_cost_on_aws() -> None:
    tables = Tables({"persons": Table(("person",))})
    item = {"person": {"S": "a"}, "state": {"S": "x" * 1500}}
    tables.answer("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "persons", "Item": item}}]})
    tables.answer("PutItem", {"TableName": "persons", "Item": item})
    wish = {"Keys": [{"person": {"S": "a"}}, {"person": {"S": "b"}}], "ConsistentRead": True}
    answer = tables.answer("BatchGetItem", {"RequestItems": {"persons": wish}})
    assert answer["Responses"]["persons"] == [item]
    assert (tables.writes["persons"], tables.reads["persons"]) == (4 + 2, 2)


def test_the_stub_answers_what_is_wanted_of_an_item_and_counts_all_of_it() -> None:
    tables = Tables({"persons": Table(("person",))})
    item = {"person": {"S": "a"}, "state": {"S": "x" * 5000}, "version": {"S": "v"}}
    tables.answer("PutItem", {"TableName": "persons", "Item": item})
    wish = {
        "Keys": [{"person": {"S": "a"}}],
        "ConsistentRead": True,
        "ProjectionExpression": "#p, version",
        "ExpressionAttributeNames": {"#p": "person"},
    }

    answer = tables.answer("BatchGetItem", {"RequestItems": {"persons": wish}})

    assert answer["Responses"]["persons"] == [{"person": {"S": "a"}, "version": {"S": "v"}}]
    assert tables.reads["persons"] == 2


def test_the_stub_selects_by_partition_and_counts_a_query_for_each() -> None:
    tables = Tables({"r": Table(("person", "party"))})
    items: list[dict[str, Any]] = [
        {"person": {"S": who}, "party": {"S": party}} for who, party in (("a", "1"), ("a", "2"), ("b", "1"))
    ]
    for item in items:
        tables.answer("PutItem", {"TableName": "r", "Item": item})
    statement = 'SELECT * FROM "r" WHERE "person" IN [?, ?]'
    wanted = [{"S": "a"}, {"S": "c"}]
    asked = {"Statement": statement, "Parameters": wanted, "ConsistentRead": True}

    assert tables.answer("ExecuteStatement", asked) == {"Items": items[:2]}
    assert tables.reads["r"] == 2


def test_the_stub_keeps_objects_once_where_that_is_asked() -> None:
    objects = Objects()
    once = {"if-none-match": "*"}
    statuses = [objects.answer("PUT", "/bucket/key", once, content).status for content in (b"first", b"second")]
    assert statuses == [200, 412]
    assert objects.answer("GET", "/bucket/key", {}, b"").body == b"first"


def test_units_are_priced_and_a_record_of_the_log_is_written_into_its_index_too() -> None:
    found = {"reads": {"a": 6.0}, "writes": {"privacy-log-table": 4}, "times": {"privacy-log-table": 2}, "calls": {}}
    case = Case(Path(), "app", Path(), [], Setup({}), lambda _, __: None, {})

    cost = Cost.of(Work("lookups", case, 2, 0, "all", 1.0), Run(0, 0, 0, {"all": Took(0, 0)}, found))

    assert (cost.reads, cost.writes) == (3, 3)
    assert cost.dynamodb == pytest.approx(3 * READ_UNITS + 3 * WRITE_UNITS)


def test_pseudonyms_spread_evenly_over_partitions() -> None:
    assert all(1 <= float(str(row[4])) < 1.5 for row in partitions(50_000).rows)
