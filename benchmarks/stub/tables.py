"""Tables that do as they are told: every condition holds. They count what each call costs on AWS."""

import json
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

Item = dict[str, dict[str, Any]]
_KIBIBYTE = 1024
_READ_UNIT, _WRITE_UNIT = 4 * _KIBIBYTE, _KIBIBYTE
_SET = re.compile(r"(?P<name>[#\w]+) = (?:if_not_exists\([#\w]+, )?(?P<value>:\w+)")
_EQUAL = re.compile(r"(?P<name>[#\w]+) = (?P<value>:\w+)")
_SELECTED = re.compile(r'SELECT \* FROM "([^"]+)" WHERE "([^"]+)" IN \[[?, ]+\]')
_BEGINS = re.compile(r"begins_with\((?P<name>[#\w]+), (?P<value>:\w+)\)")


@dataclass
class Table:
    """One table.

    Attributes:
        key: the names of its key's attributes.
        everyone: the attributes of an item that is found under every second key, by its last digit; else none is.
        keeps: whether written items are kept, and found again.
        items: what is kept.
        written: how often each key was written.
    """

    key: tuple[str, ...]
    everyone: Item | None = None
    keeps: bool = True
    items: dict[tuple[str, ...], Item] = field(default_factory=dict)
    written: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def name_of(self, item: Item) -> tuple[str, ...]:
        """Give an item's key as texts."""
        return tuple(next(iter(item[name].values())) for name in self.key)

    def get(self, key: Item) -> Item | None:
        """Find an item."""
        name = self.name_of(key)
        if self.everyone is not None and name[0][-1] in "02468ace":
            return key | self.everyone
        return self.items.get(name)

    def put(self, item: Item) -> None:
        """Write an item."""
        name = self.name_of(item)
        self.written[name] += 1
        if self.keeps:
            self.items[name] = item


@dataclass
class Tables:
    """All tables, and what was asked of them.

    Attributes:
        tables: by name.
        reads: read units by table.
        writes: write units by table, without those of indexes.
    """

    tables: dict[str, Table]
    reads: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    writes: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Do one operation of DynamoDB."""
        doing = {
            "GetItem": self._get_item,
            "BatchGetItem": self._batch_get_item,
            "Query": self._query,
            "ExecuteStatement": self._execute_statement,
            "PutItem": self._put_item,
            "UpdateItem": self._update_item,
            "DeleteItem": self._delete_item,
            "BatchWriteItem": self._batch_write_item,
            "TransactWriteItems": self._transact_write_items,
        }
        return doing[operation](asked)

    def _get_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = self._read(asked["TableName"], asked["Key"], asked)
        return {} if found is None else {"Item": found}

    def _batch_get_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        responses = {
            table: [found for key in wish["Keys"] if (found := self._read(table, key, wish)) is not None]
            for table, wish in asked["RequestItems"].items()
        }
        return {"Responses": responses, "UnprocessedKeys": {}}

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        values, condition = asked["ExpressionAttributeValues"], asked["KeyConditionExpression"]
        table = self.tables[asked["TableName"]]
        equal, begins = _EQUAL.search(condition), _BEGINS.search(condition)
        found = [
            item
            for _, item in sorted(table.items.items())
            if (equal is None or item[equal["name"]] == values[equal["value"]])
            and (begins is None or item[begins["name"]]["S"].startswith(values[begins["value"]]["S"]))
        ][: asked.get("Limit")]
        self.reads[asked["TableName"]] += _units(found, _READ_UNIT, consistent=asked.get("ConsistentRead", False))
        return {"Count": len(found)} if asked.get("Select") == "COUNT" else {"Count": len(found), "Items": found}

    def _execute_statement(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Select what stands under some partition keys: as many queries as there are keys."""
        table, name = _SELECTED.fullmatch(asked["Statement"]).groups()  # type: ignore[union-attr]
        by_key: dict[str, list[Item]] = {next(iter(value.values())): [] for value in asked["Parameters"]}
        for item in self.tables[table].items.values():
            if (key := item[name]["S"]) in by_key:
                by_key[key].append(item)
        for items in by_key.values():
            self.reads[table] += _units(items, _READ_UNIT, consistent=asked.get("ConsistentRead", False))
        return {"Items": [item for items in by_key.values() for item in items]}

    def _put_item(self, asked: dict[str, Any], times: int = 1) -> dict[str, Any]:
        self.tables[asked["TableName"]].put(asked["Item"])
        self.writes[asked["TableName"]] += times * math.ceil(_size(asked["Item"]) / _WRITE_UNIT)
        return {}

    def _update_item(self, asked: dict[str, Any], times: int = 1) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        item = dict(table.get(asked["Key"]) or asked["Key"])
        names = asked.get("ExpressionAttributeNames", {})
        for change in _SET.finditer(asked["UpdateExpression"]):
            item[names.get(change["name"], change["name"])] = asked["ExpressionAttributeValues"][change["value"]]
        return self._put_item({"TableName": asked["TableName"], "Item": item}, times)

    def _delete_item(self, asked: dict[str, Any], times: int = 1) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        table.items.pop(table.name_of(asked["Key"]), None)
        self.writes[asked["TableName"]] += times
        return {}

    def _batch_write_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        for table, wishes in asked["RequestItems"].items():
            for wish in wishes:
                self._put_item({"TableName": table, "Item": wish["PutRequest"]["Item"]})
        return {"UnprocessedItems": {}}

    def _transact_write_items(self, asked: dict[str, Any]) -> dict[str, Any]:
        doing = {"Put": self._put_item, "Update": self._update_item, "Delete": self._delete_item}
        for wish in asked["TransactItems"]:
            for name, what in wish.items():
                # Each item of a transaction is written twice, once to prepare.
                doing[name](what, 2)
        return {}

    def _read(self, name: str, key: Item, wish: dict[str, Any]) -> Item | None:
        found = self.tables[name].get(key)
        self.reads[name] += _units([found] if found else [], _READ_UNIT, consistent=wish.get("ConsistentRead", False))
        # Units are those of the whole item, whatever is wanted of it.
        return found and _projected(found, wish)


def _projected(item: Item, wish: dict[str, Any]) -> Item:
    """Leave of an item what a `ProjectionExpression` names: attributes of its own, none within another."""
    if "ProjectionExpression" not in wish:
        return item
    names = wish.get("ExpressionAttributeNames", {})
    wanted = {names.get(name, name) for name in wish["ProjectionExpression"].split(", ")}
    return {name: value for name, value in item.items() if name in wanted}


def _units(items: list[Item], unit: int, *, consistent: bool) -> float:
    """Count the units of one read: at least one, and half of that where a read may be behind."""
    return max(1, math.ceil(sum(map(_size, items)) / unit)) * (1 if consistent else 0.5)


def _size(item: Item) -> int:
    """Give an item's size in bytes, as near as its JSON tells."""
    return sum(len(name) + sum(_length(value) for value in typed.values()) for name, typed in item.items())


def _length(value: object) -> int:
    return len(value.encode()) if isinstance(value, str) else len(json.dumps(value))
