"""One file's life on the real adapters, and a death at any write of it."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.model import OperationModel
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from jbplus.aws.folders import INCOMING, OUTGOING, PROGRESS, REPORTS
from jbplus.aws.objects import Objects
from jbplus.aws.outgoing import Outgoing
from jbplus.errors import ObjectMissingError
from jbplus.intake.bucket import S3Bucket
from jbplus.intake.incoming import IncomingFile
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.intake.service import Intake, IntakeRules
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.report import Report
from jbplus.notices.audience import Audience
from jbplus.notices.bucket import S3Announced, S3Applied, S3Waiting
from jbplus.notices.delivery import Delivery
from jbplus.notices.round import Notices, Round
from jbplus.notices.table import DynamoQueues
from jbplus.notices.telling import Telling
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.rotation import Standing
from jbplus.persons.table import DynamoPersons, DynamoPersonScan
from jbplus.protocol.parties import WEWIS
from jbplus.registrations.table import DynamoRegistrations
from jbplus.retry import TimeLeft
from jbplus.source_stand.document import FILE_NAME
from jbplus.source_stand.service import Publisher
from jbplus.suspensions.table import DynamoSuspensions
from jbplus_local.aws import REGION
from tests.support.engine import Tables, all_items
from tests.support.fakes import NOW, PSEUDONYMS, no_sleep, version_1
from tests.support.known import OPEN

WRITES = frozenset(
    {"PutObject", "CopyObject", "DeleteObject", "TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem"}
)
SMALL_CHUNKS = IntakeRules(5, test_numbers_allowed=True, workers=2, chunk=2, chunks_between_progress=1)


class KilledError(BaseException):
    """The process died: nothing of ours catches it."""


@dataclass
class Fate:
    """Counts the writes of an invocation, and ends it at one of them.

    Attributes:
        at: the write at which it dies, from 1; None to live.
        after: whether it dies after the write took effect, or before.
        writes: the operations so far.
    """

    at: int | None = None
    after: bool = False
    writes: list[str] = field(default_factory=list)

    def before_call(self, model: OperationModel, **_: Any) -> None:
        if model.name in WRITES:
            self.writes.append(model.name)
            if self.at is not None and len(self.writes) >= self.at and not self.after:
                raise KilledError

    def after_call(self, model: OperationModel, **_: Any) -> None:
        if model.name in WRITES and self.at is not None and len(self.writes) >= self.at:
            raise KilledError


def deaths(writes: int) -> Iterator[Fate]:
    """Give every moment at which what an invocation wrote differs: right after a write is right before the next."""
    yield Fate(1)
    yield from (Fate(at, after=True) for at in range(1, writes + 1))


@dataclass(frozen=True)
class World:
    """A bucket and tables of its own, on the emulator."""

    s3: S3Client
    dynamodb: DynamoDBClient
    tables: Tables
    bucket: str
    succession_allowed: bool = False

    @classmethod
    def new(
        cls, s3: S3Client, dynamodb: DynamoDBClient, tables: Tables, *, succession_allowed: bool = False
    ) -> "World":
        """Make the bucket: versioned, as the template has it."""
        name = f"exchange-{uuid.uuid4().hex}"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return cls(s3, dynamodb, tables, name, succession_allowed)

    def drop(self, content: bytes, name: str) -> tuple[str, str]:
        """Drop a file; give its key and version, as an event tells them."""
        key = f"inkomend/{name}"
        return key, self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)["VersionId"]

    def deliver(
        self, event: tuple[str, str], fate: Fate | None = None, time_left: TimeLeft = lambda: 900.0
    ) -> Report | None:
        """Deliver an event to a new invocation.

        Raises:
            KilledError: its fate was to die.
        """
        bucket = S3Bucket(self.s3, self.bucket)
        intake = Intake(
            bucket=bucket,
            applied=S3Applied(bucket.objects),
            persons=DynamoPersons(
                self.dynamodb,
                self.tables.persons,
                no_sleep,
                version_1,
                clock=lambda: NOW,
                succession_allowed=self.succession_allowed,
            ),
            ledger=DynamoLedger(self.dynamodb, self.tables.ledger),
            pseudonyms=lambda: PSEUDONYMS,
            rules=SMALL_CHUNKS,
            clock=lambda: NOW,
            sleep=no_sleep,
            successions=(
                DynamoLedger(self.dynamodb, self.tables.ledger, Kind.SUCCESSIONS) if self.succession_allowed else None
            ),
        )
        with _bound(fate or Fate(), self.s3, self.dynamodb):
            try:
                return intake.take_in(bucket.incoming(*event), time_left)
            except ObjectMissingError:
                key, version = event
                assert intake.was_concluded(IncomingFile(key.removeprefix(INCOMING), key, version, NOW))
                return None

    def go_round(self, fate: Fate | None = None) -> Round:
        """Make the notices that can be made.

        Raises:
            KilledError: its fate was to die.
        """
        objects = Objects(self.s3, self.bucket)
        queues, waiting = DynamoQueues(self.dynamodb, self.tables.notices), S3Waiting(objects)
        audience = Audience(
            DynamoRegistrations(self.dynamodb, self.tables.registrations, lambda: NOW, no_sleep),
            lambda: PSEUDONYMS,
            lambda: NOW,
        )
        suspensions = DynamoSuspensions(self.dynamodb, self.tables.suspensions, no_sleep)
        notices = Notices(
            Telling(S3Announced(objects), audience, queues, waiting, no_sleep),
            Delivery(queues, waiting, Outgoing(objects), suspensions, audience, lambda: NOW, no_sleep),
        )
        with _bound(fate or Fate(), self.s3, self.dynamodb):
            return notices.go_round(lambda: 900.0)

    def put_source_stand_out(self, keys: Pseudonyms = PSEUDONYMS, fate: Fate | None = None) -> bytes:
        """Put the source's stand out; give its bytes.

        Raises:
            KilledError: its fate was to die.
        """
        standing = Standing(keys.version)
        scan = DynamoPersonScan(
            self.dynamodb,
            self.tables.persons,
            lambda: standing,
            no_sleep,
            lambda: NOW,
            succession_allowed=self.succession_allowed,
        )
        outgoing = Outgoing(Objects(self.s3, self.bucket))
        with _bound(fate or Fate(), self.s3, self.dynamodb):
            Publisher(scan, lambda: keys, lambda: True, outgoing, 5, lambda: NOW).publish()
        key = f"{OUTGOING}{WEWIS.kbo}/{FILE_NAME}"
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def register(self, party: str, *numbers: str) -> None:
        """Register persons at a party."""
        store = DynamoRegistrations(self.dynamodb, self.tables.registrations, lambda: NOW, no_sleep)
        store.write({PSEUDONYMS.names(number): OPEN for number in numbers}, party)

    def outcome(self) -> dict[str, Any]:
        """Give all that is left: what the undisturbed life and every other must have in common."""
        return {
            "persons": _by_key(all_items(self.dynamodb, self.tables.persons)),
            "notices": _by_key(all_items(self.dynamodb, self.tables.notices)),
            "ledger": _by_key(all_items(self.dynamodb, self.tables.ledger)),
            "objects": dict(self._objects()),
        }

    def _objects(self) -> Iterator[tuple[str, Any]]:
        for item in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", []):
            content = self.s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read()
            key = item["Key"]
            if key.startswith(PROGRESS):
                # Named by the version of the object, which each world has of its own.
                key = f"{PROGRESS}{content.decode()}"
            yield key, json.loads(content) if key.startswith(REPORTS) else content


@contextmanager
def _bound(fate: Fate, *clients: S3Client | DynamoDBClient) -> Iterator[None]:
    for client in clients:
        client.meta.events.register("before-call", fate.before_call)
        client.meta.events.register("after-call", fate.after_call)
    try:
        yield
    finally:
        for client in clients:
            client.meta.events.unregister("before-call", fate.before_call)
            client.meta.events.unregister("after-call", fate.after_call)


def _by_key(items: list[Any]) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in items)
