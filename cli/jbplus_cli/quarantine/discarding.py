"""Taking something out of quarantine for good: it is kept as evidence, with the reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote, unquote

from jbplus.aws.folders import QUARANTINE
from jbplus_cli.quarantine.kept import Discarded, Kept
from jbplus_cli.stack.aws import aws_errors
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER: Final = f"{QUARANTINE}terzijde/"
"""Below the quarantine, whose lifecycle it shares; what has a folder in its name is not in quarantine any more."""

MOST_BYTES: Final = 1500
"""How long a reason may be as S3 keeps it beside an object: all of that together may be 2 KiB."""


def as_metadata(reason: str) -> str:
    """Write a reason as S3 keeps it: in ASCII."""
    return quote(reason, safe=" ")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was discarded from a stack's quarantine.

    Every method raises ExchangeError when S3 is out of reach.

    Attributes:
        s3: the S3 client.
        bucket: the bucket's name.
        advice: what the operator does when S3 gives no answer.
    """

    s3: "S3Client"
    bucket: str
    advice: str

    @classmethod
    def of(cls, world: Surroundings, target: Target) -> Self:
        """Give the evidence of a stack."""
        return cls(world.aws(target).s3(), target.bucket, target.advice_when_unreachable)

    def discard(self, item: Kept, reason: str) -> None:
        """Take something out of quarantine; it is copied first, so that stopping in between loses nothing."""
        with aws_errors("discard it", self.advice):
            self.s3.copy_object(
                Bucket=self.bucket,
                Key=f"{FOLDER}{item.name}",
                CopySource={"Bucket": self.bucket, "Key": item.key},
                Metadata={"reason": as_metadata(reason), "since": item.since.isoformat()},
                MetadataDirective="REPLACE",
                # Whoever tagged it: without tags the copy takes no further right.
                TaggingDirective="REPLACE",
            )
            self.s3.delete_object(Bucket=self.bucket, Key=item.key)

    def all(self) -> Iterator[Discarded]:
        """Read what was discarded, by name."""
        with aws_errors("list what was discarded", self.advice):
            for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=FOLDER):
                for entry in page.get("Contents", []):
                    head = self.s3.head_object(Bucket=self.bucket, Key=entry["Key"])
                    about = head["Metadata"]
                    yield Discarded(
                        entry["Key"].removeprefix(FOLDER),
                        head["LastModified"],
                        about.get("since", ""),
                        unquote(about.get("reason", "")),
                    )
