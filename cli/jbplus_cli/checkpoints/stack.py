"""The sealed privacy log of a stack, and the table that it seals."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from jbplus.aws.errors import translated
from jbplus.aws.objects import Objects
from jbplus.checkpoints.bucket import CHECKPOINTS, SEGMENTS, S3Vault
from jbplus_cli.stack.aws import aws_errors, outputs_of
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.atomic import written_whole
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from jbplus.aws.dynamodb import Item


Progress = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
"""Follows a step of so many parts, and is told how many more are done."""


@dataclass(frozen=True, slots=True)
class SealedLog:
    """What auditors read of a stack.

    Attributes:
        vault: segments and checkpoints.
        dynamodb: the low-level client.
        table: the table of the privacy log.
    """

    vault: S3Vault
    dynamodb: "DynamoDBClient"
    table: str

    @classmethod
    def of(cls, world: Surroundings, target: Target) -> Self:
        """Find them.

        Raises:
            ExchangeError: the stack cannot be read, or has none.
        """
        aws = world.aws(target)
        with aws_errors(f"read stack {target.name}", target.advice_when_unreachable):
            outputs = outputs_of(target.name, aws.cloudformation())
        if missing := {"SegmentsBucket", "PrivacyLogTable"} - outputs.keys():
            raise ExchangeError(f"The stack has no output {', '.join(missing)}. Deploy the newest template first.")
        vault = S3Vault(Objects(aws.s3(), outputs["SegmentsBucket"], world.sleep))
        return cls(vault, aws.dynamodb(), outputs["PrivacyLogTable"])

    def fetch(self, folder: Path, progress: Progress) -> tuple[Path, Path]:
        """Fetch the checkpoints and segments that are not in a folder yet; give where they are."""
        places = []
        # The checkpoints first: each that came has its segment.
        for prefix, place in ((CHECKPOINTS, folder / "checkpoints"), (SEGMENTS, folder / "segments")):
            place.mkdir(parents=True, exist_ok=True)
            names = [name for name in self.vault.objects.names(prefix) if not (place / name).exists()]
            with progress(f"Fetching {place.name}", len(names)) as advance:
                for name in names:
                    with written_whole(place / name) as file:
                        file.write(self.vault.objects.read(prefix + name))
                    advance(1)
            places.append(place)
        return places[0], places[1]

    def items(self) -> "Iterator[Item]":
        """Read the whole table."""
        with translated("dynamodb:Scan"):
            for page in self.dynamodb.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True):
                yield from page["Items"]
