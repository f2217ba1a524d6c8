"""The table of notices: queues in order, numbers without gaps, every change conditional."""

from datetime import UTC, datetime

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.errors import ConflictError
from jbplus.notices.queue import Decision, Given, Part, Waiting
from jbplus.notices.table import DynamoQueues
from tests.support.engine import Tables, all_items, asked
from tests.support.known import INFINO, PARENTIA

FILE = "0000000000000017.0123456789abcdef"
FIRST, SECOND, THIRD = Part(FILE, 0), Part(FILE, 1), Part("0000000000000009.fedcba9876543210", 0)
MOMENT = datetime(2026, 3, 5, 9, 0, 0, 123_000, UTC)
LATER = datetime(2026, 3, 5, 9, 0, 1, tzinfo=UTC)


@pytest.fixture
def queues(dynamodb: DynamoDBClient, tables: Tables) -> DynamoQueues:
    return DynamoQueues(dynamodb, tables.notices)


def test_how_far_a_file_was_told(queues: DynamoQueues) -> None:
    assert queues.next_part(FILE) == 0
    queues.told(FILE, 0)
    assert queues.next_part(FILE) == 1
    queues.told(FILE, 3)
    queues.told(FILE, 2)  # a rival that was slower
    assert queues.next_part(FILE) == 4
    assert queues.next_part("another") == 0


def test_a_queue_keeps_the_order_in_which_parts_came(queues: DynamoQueues) -> None:
    assert queues.first(INFINO) is None
    for part in (FIRST, SECOND, THIRD):
        queues.append(INFINO, part)
    queues.append(PARENTIA, THIRD)

    seen = []
    while (waiting := queues.first(INFINO)) is not None:
        seen.append(waiting)
        queues.remove(waiting)

    assert seen == [Waiting(INFINO, place, part) for place, part in enumerate((FIRST, SECOND, THIRD), start=1)]
    assert queues.lengths([INFINO, PARENTIA]) == {INFINO: 0, PARENTIA: 1}


def test_a_part_stands_in_a_queue_once_for_all_times(queues: DynamoQueues) -> None:
    assert not queues.is_known(INFINO, FIRST)
    queues.append(INFINO, FIRST)
    assert (queues.is_known(INFINO, FIRST), queues.is_waiting(INFINO, FIRST)) == (True, True)
    with pytest.raises(ConflictError):
        queues.append(INFINO, FIRST)

    queues.remove(Waiting(INFINO, 1, FIRST))
    assert (queues.is_known(INFINO, FIRST), queues.is_waiting(INFINO, FIRST)) == (True, False)
    with pytest.raises(ConflictError):
        queues.append(INFINO, FIRST)
    assert not queues.is_known(PARENTIA, FIRST)
    assert not queues.is_waiting(PARENTIA, FIRST)


def test_a_decision_is_made_once_and_stays(queues: DynamoQueues) -> None:
    queues.append(INFINO, FIRST)
    waiting = Waiting(INFINO, 1, FIRST)
    assert queues.given(INFINO) == Given()
    decision = Decision(1, MOMENT, (0, 7))

    queues.decide(waiting, decision)

    assert queues.first(INFINO) == Waiting(INFINO, 1, FIRST, decision)
    assert queues.given(INFINO) == Given(1, MOMENT)
    for rival in (decision, Decision(2, LATER), Decision(None, LATER)):
        with pytest.raises(ConflictError):
            queues.decide(waiting, rival)
    assert queues.given(INFINO) == Given(1, MOMENT)


def test_a_part_of_which_nothing_is_left_takes_no_number(queues: DynamoQueues) -> None:
    queues.append(INFINO, FIRST)
    queues.append(INFINO, SECOND)

    queues.decide(Waiting(INFINO, 1, FIRST), Decision(None, MOMENT))

    assert queues.first(INFINO) == Waiting(INFINO, 1, FIRST, Decision(None, MOMENT))
    assert queues.given(INFINO) == Given()
    queues.remove(Waiting(INFINO, 1, FIRST))
    queues.decide(Waiting(INFINO, 2, SECOND), Decision(1, LATER))
    assert queues.given(INFINO) == Given(1, LATER)


@pytest.mark.parametrize("number", [1, 3])
def test_a_number_is_one_above_the_last(queues: DynamoQueues, number: int) -> None:
    for place, part in enumerate((FIRST, SECOND), start=1):
        queues.append(INFINO, part)
        if place == 1:
            queues.decide(Waiting(INFINO, 1, FIRST), Decision(1, MOMENT))

    with pytest.raises(ConflictError):
        queues.decide(Waiting(INFINO, 2, SECOND), Decision(number, LATER))
    assert queues.given(INFINO) == Given(1, MOMENT)


def test_what_left_the_queue_is_not_decided_on(queues: DynamoQueues) -> None:
    queues.append(INFINO, FIRST)
    queues.remove(Waiting(INFINO, 1, FIRST))

    with pytest.raises(ConflictError):
        queues.decide(Waiting(INFINO, 1, FIRST), Decision(1, MOMENT))
    assert queues.first(INFINO) is None


def test_the_table_tells_auditors_which_notice_told_of_which_part(
    queues: DynamoQueues, dynamodb: DynamoDBClient, tables: Tables
) -> None:
    queues.append(INFINO, FIRST)
    queues.decide(Waiting(INFINO, 1, FIRST), Decision(1, MOMENT))
    queues.remove(Waiting(INFINO, 1, FIRST))

    (part,) = [item for item in all_items(dynamodb, tables.notices) if item["entry"]["S"].startswith("part#")]
    assert (part["entry"]["S"], part["number"]["N"]) == (f"part#{FILE}.000000", "1")
    assert part["moment"]["S"] == MOMENT.isoformat()


def test_queues_are_read_consistently(dynamodb: DynamoDBClient, queues: DynamoQueues) -> None:
    with asked(dynamodb, "Query", "GetItem") as requests:
        queues.first(INFINO)
        queues.given(INFINO)
        queues.next_part(FILE)
        queues.is_known(INFINO, FIRST)

    assert [request["ConsistentRead"] for request in requests] == [True] * 4
