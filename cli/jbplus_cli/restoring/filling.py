"""Filling a new stack with what another one has: its keys, and the files that it keeps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from jbplus.aws.errors import translated
from jbplus.aws.folders import INCOMING, PROGRESS, VISITS
from jbplus.persons.rotation import Phase
from jbplus_cli.keys.rotation import StandingStore
from jbplus_cli.keys.stack import SecretKeys
from jbplus_cli.restoring.restoration import Progress, Replay
from jbplus_cli.restoring.tables import DynamoRestoredTable
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# How far the other stack has come with a file, and with its dropserver, means nothing here.
_LEFT: Final = (INCOMING, PROGRESS, VISITS)


@dataclass(frozen=True, slots=True)
class NewStack:
    """Has a new stack hold another one's keys.

    Attributes:
        secret: of the new stack.
        standings: where the new stack tells which key its tables are at.
        tables: those that hold nothing in a new stack.
        origin_secret: of the other stack.
        origin_standings: where the other stack tells which key its tables are at.
    """

    secret: SecretKeys
    standings: StandingStore
    tables: Sequence[DynamoRestoredTable]
    origin_secret: SecretKeys
    origin_standings: StandingStore

    def run(self) -> None:
        """Write keys and standing.

        The standing names the key by its mark: a function that still goes by the stack's first key answers 503, where
        it would find nobody.

        Raises:
            ExchangeError: the stack is not new, or the other one is at something.
        """
        used = [table.label for table in self.tables if not table.is_empty()]
        if used:
            raise ExchangeError(f"This stack is not new: it has {' and '.join(used)}. Fill one that was never used.")
        origin = self.origin_standings.read()
        if origin.phase is not Phase.SETTLED:
            raise ExchangeError("The other stack's tables are being rotated or restored. Bring that to its end first.")
        ring = self.origin_secret.ring()
        origin.pseudonyms(ring)
        self.secret.take_over(self.origin_secret)
        becomes = replace(origin, mark=ring.mark(origin.newest))
        standing = self.standings.read()
        if standing != becomes:
            self.standings.write(becomes, standing)


@dataclass(frozen=True, slots=True)
class FilesOfAnother:
    """Copies the files that another stack keeps; then those are taken in that the ledger does not know.

    Attributes:
        client: the S3 client.
        origin: the other stack's bucket.
        bucket: the stack's own.
        since: takes in what the ledger, as it was restored, does not know.
        progress: shows how far it is.
    """

    client: "S3Client"
    origin: str
    bucket: str
    since: Replay
    progress: Progress

    def run(self) -> Sequence[int]:
        """Copy all that is kept, have taken in what is missing, and then what waits at the other stack.

        Returns:
            The volgnummers of those that the intake refused.

        Raises:
            ExchangeError: no report came in time, or a bucket is out of reach.
        """
        self._copy([version for version in self._versions("") if not version[0].startswith(_LEFT)])
        refused = self.since.run()
        self._copy(list(self._versions(INCOMING)))
        return refused

    def _versions(self, folder: str) -> "Iterator[tuple[str, str]]":
        """Give key and version of each object, and under `inkomend/` of each version, the oldest first."""
        with translated("s3:ListObjectVersions"):
            pages = self.client.get_paginator("list_object_versions").paginate(Bucket=self.origin, Prefix=folder)
            found = [version for page in pages for version in page.get("Versions", [])]
        for version in sorted(found, key=lambda each: each["LastModified"]):
            if version["IsLatest"] or folder == INCOMING:
                yield version["Key"], version["VersionId"]

    def _copy(self, versions: Sequence[tuple[str, str]]) -> None:
        with self.progress("Copying files", len(versions)) as advance:
            for key, version in versions:
                with translated("s3:CopyObject"):
                    self.client.copy_object(
                        Bucket=self.bucket,
                        Key=key,
                        CopySource={"Bucket": self.origin, "Key": key, "VersionId": version},
                    )
                advance(1)
