"""Batches of DynamoDB reads and writes, complete or not at all."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from jbplus.aws.errors import translated
from jbplus.errors import ThrottledError
from jbplus.retry import Sleep, attempts, patiently

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        ExecuteStatementInputTypeDef,
        ExecuteStatementOutputTypeDef,
        KeysAndAttributesTypeDef,
        TransactWriteItemTypeDef,
    )

    Item = dict[str, AttributeValueTypeDef]

READ_BATCH = 100
WRITE_BATCH = 100
PARTITION_BATCH = 50
"""So many partition keys DynamoDB takes in one statement."""

_MOST_ATTEMPTS = 6
_AT_ONCE = 8

_T = TypeVar("_T")


def batch_get(
    client: "DynamoDBClient", keys: Mapping[str, Sequence["Item"]], sleep: Sleep, attributes: Sequence[str] = ()
) -> dict[str, list["Item"]]:
    """Read items of one or more tables, consistently, in batches of 100, several at the same time.

    Args:
        client: the low-level client.
        keys: the keys to read, by table.
        sleep: pauses for a number of seconds.
        attributes: the names of those that are wanted of each item; all when none are named.

    Returns:
        The items found, by table, in no order.

    Raises:
        ThrottledError: fewer requests are asked for, or keys stay unprocessed.
        UnavailableError: out of reach.
    """
    wanted = [(table, key) for table, table_keys in keys.items() for key in table_keys]
    found: dict[str, list[Item]] = {table: [] for table in keys}

    def read(batch: "Sequence[tuple[str, Item]]") -> None:
        _read_batch(client, batch, attributes, found, sleep)

    _at_once(read, wanted, READ_BATCH)
    return found


def read_partitions(
    client: "DynamoDBClient", table: str, key: str, values: Sequence[str], sleep: Sleep
) -> list["Item"]:
    """Read all items of a table under some partition keys, consistently, 50 keys at once and several times at once.

    It takes as many read units as a query of each, and a fiftieth of the calls.

    Args:
        client: the low-level client.
        table: the table's name.
        key: the name of its partition key, a text.
        values: the keys; none stands there twice.
        sleep: pauses for a number of seconds.

    Returns:
        The items found, in no order.

    Raises:
        UnavailableError: throttled or out of reach.
    """
    found: list[Item] = []

    def read(batch: Sequence[str]) -> None:
        wanted = ", ".join("?" * len(batch))
        asked: ExecuteStatementInputTypeDef = {
            "Statement": f'SELECT * FROM "{table}" WHERE "{key}" IN [{wanted}]',  # noqa: S608 - our own names
            "Parameters": [{"S": value} for value in batch],
            "ConsistentRead": True,
        }
        while True:
            answer = patiently(partial(_execute, client, asked), _MOST_ATTEMPTS, sleep, what="dynamodb:PartiQLSelect")
            found.extend(answer["Items"])
            if "NextToken" not in answer:
                return
            asked["NextToken"] = answer["NextToken"]

    _at_once(read, values, PARTITION_BATCH)
    return found


def _execute(client: "DynamoDBClient", asked: "ExecuteStatementInputTypeDef") -> "ExecuteStatementOutputTypeDef":
    with translated("dynamodb:PartiQLSelect"):
        return client.execute_statement(**asked)


def _at_once(read: Callable[[Sequence[_T]], None], wanted: Sequence[_T], size: int) -> None:
    """Read in batches of a size, several at the same time."""
    batches = [wanted[start : start + size] for start in range(0, len(wanted), size)]
    if len(batches) == 1:
        read(batches[0])
    elif batches:
        with ThreadPoolExecutor(min(_AT_ONCE, len(batches))) as pool:
            # Each result is asked for, so that no failure is passed over.
            list(pool.map(read, batches))


def _read_batch(
    client: "DynamoDBClient",
    batch: "Sequence[tuple[str, Item]]",
    attributes: Sequence[str],
    found: dict[str, list["Item"]],
    sleep: Sleep,
) -> None:
    keys: dict[str, list[Item]] = {}
    for table, key in batch:
        keys.setdefault(table, []).append(key)
    request = {table: _wish(wanted, attributes) for table, wanted in keys.items()}
    for _ in attempts(_MOST_ATTEMPTS, sleep):
        with translated("dynamodb:BatchGetItem"):
            answer = client.batch_get_item(RequestItems=request)
        for table, items in answer.get("Responses", {}).items():
            found[table].extend(items)
        # DynamoDB answers what it has room for, and hands the rest back.
        left = answer.get("UnprocessedKeys")
        if not left:
            return
        request = {table: _wish(wish["Keys"], attributes) for table, wish in left.items()}
    raise ThrottledError("dynamodb:BatchGetItem: keys were left unprocessed")


def _wish(keys: "Sequence[Item]", attributes: Sequence[str]) -> "KeysAndAttributesTypeDef":
    if not attributes:
        return {"Keys": keys, "ConsistentRead": True}
    # Some names are words of DynamoDB's own.
    names = {f"#{name}": name for name in attributes}
    return {
        "Keys": keys,
        "ConsistentRead": True,
        "ProjectionExpression": ", ".join(names),
        "ExpressionAttributeNames": names,
    }


def transact_write(client: "DynamoDBClient", items: Sequence["TransactWriteItemTypeDef"]) -> None:
    """Write at most 100 items, all or none.

    Raises:
        ConflictError: a condition did not hold, or a rival was busy with an item.
        UnavailableError: throttled or out of reach.
    """
    with translated("dynamodb:TransactWriteItems"):
        client.transact_write_items(TransactItems=items)
