"""How a small exchange stood, to put it back after each damage."""

from dataclasses import dataclass
from typing import Any, Self

from tests.cli.checks.world import SEGMENTS, CheckedWorld
from tests.support.engine import all_items

Json = dict[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """All items and objects of an exchange.

    Attributes:
        world: the exchange.
        items: by table.
        objects: by bucket, key and version.
    """

    world: CheckedWorld
    items: dict[str, list[Json]]
    objects: set[tuple[str, str, str]]

    @classmethod
    def of(cls, world: CheckedWorld) -> Self:
        """Take it."""
        return cls(world, _items(world), set(_versions(world)))

    def put_back(self) -> None:
        """Have all stand again as it stood."""
        world = self.world
        for table, now in _items(world).items():
            for item in (each for each in now if each not in self.items[table]):
                schema = world.dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
                key = {each["AttributeName"]: item[each["AttributeName"]] for each in schema}
                world.dynamodb.delete_item(TableName=table, Key=key)
            for item in (each for each in self.items[table] if each not in now):
                world.dynamodb.put_item(TableName=table, Item=item)
        # A version is put aside by a newer one, or by a mark that it was deleted: with these gone it stands again.
        for bucket, name, version in set(_versions(world)) - self.objects:
            world.s3.delete_object(Bucket=bucket, Key=name, VersionId=version)


def _items(world: CheckedWorld) -> dict[str, list[Json]]:
    tables = world.tables
    return {
        table: [dict(item) for item in all_items(world.dynamodb, table)]
        for table in (tables.persons, tables.registrations, tables.ledger, tables.notices, tables.privacy_log)
    }


def _versions(world: CheckedWorld) -> list[tuple[str, str, str]]:
    return [
        (bucket, each["Key"], each["VersionId"])
        for bucket in (world.bucket, SEGMENTS)
        for found in [world.s3.list_object_versions(Bucket=bucket)]
        for each in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
    ]
