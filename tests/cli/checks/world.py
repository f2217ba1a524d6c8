"""A small exchange on the emulator's tables and bucket, by the layer's own code; and `jbplus fsck` over it."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from moto import mock_aws
from typer.testing import Result
from typing_extensions import override

from jbplus.aws.objects import Objects
from jbplus.aws.outgoing import Outgoing
from jbplus.intake.bucket import S3Bucket
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.intake.service import Intake, IntakeRules
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.report import Report
from jbplus.notices.audience import Audience
from jbplus.notices.bucket import S3Announced, S3Applied, S3Waiting
from jbplus.notices.delivery import Delivery
from jbplus.notices.round import Notices
from jbplus.notices.table import DynamoQueues
from jbplus.notices.telling import Telling
from jbplus.persons.pseudonym import KeyRing, Pseudonyms
from jbplus.persons.rotation import KeysInUse, Standing
from jbplus.persons.table import DynamoPersons, DynamoStanding, StandingItem, standing_values
from jbplus.protocol.parties import PAYMENT_ACTORS
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus.registrations.table import DynamoRegistrations
from jbplus.retry import TimeLeft, no_deadline
from jbplus.successions.table import DynamoLinks
from jbplus.suspensions.table import DynamoSuspensions
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from tests.checkpoints.fakes import Sealing
from tests.cli.backstage import INTAKE, PUBLISHING, FakeFunctions
from tests.cli.sealed import seal
from tests.cli.world import REGION
from tests.privacy_log.fakes import log_entry
from tests.support import command
from tests.support.engine import Tables
from tests.support.fakes import no_sleep
from tests.support.files import mutation_file, succession_file
from tests.support.known import INFINO

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    Clients = tuple[DynamoDBClient, S3Client]

Json = dict[str, Any]
OPEN = Registration(date(2025, 1, 1), None, Right.RUNNING)


class _Registrations(DynamoRegistrations):
    """Asks for each party's: of a statement with IN, this engine looks at the first value alone."""

    @override
    def of_persons(self, persons: Sequence[str]) -> dict[tuple[str, str], Registration]:
        return self.read_all(persons, [party.kbo for party in PAYMENT_ACTORS])


@dataclass
class CheckedWorld:
    """An exchange that takes files in, tells recipients, and is looked at.

    Attributes:
        dynamodb, s3: clients of the emulator.
        tables: new tables.
        bucket: a new bucket.
        keys: the keys of the pseudonyms.
        standing: which version the tables are at.
        parameters: the stack's parameters.
        hours: how much later it is by the clock of the command than in the world.
        behind: how much earlier it is by the clock of the intake.
        chunk: how many records the intake applies together.
        while_sleeping: what goes on when the command waits.
        operators: the clients of the command, when they are others.
        functions: the stack's functions.
        name: the stack's name.
        others: other stacks that the command can find.
    """

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    tables: Tables
    bucket: str
    keys: tuple[bytes, ...] = (b"1" * 32,)
    standing: Standing = field(default_factory=Standing)
    parameters: dict[str, str] = field(
        default_factory=lambda: {
            "RetentionYears": "5",
            "TestNumbersAllowed": "true",
            "PartyEnds": "",
            "IntakeConcurrency": "4",
        }
    )
    hours: float = 0.0
    behind: timedelta = timedelta(0)
    chunk: int = 2
    while_sleeping: Callable[[], object] = lambda: None
    operators: "Clients | None" = None
    functions: FakeFunctions = field(default_factory=lambda: FakeFunctions(lambda _: {}))
    name: str = "prod"
    others: "Sequence[CheckedWorld]" = ()

    @property
    def ring(self) -> KeyRing:
        return KeyRing(self.standing.version, self.keys)

    @property
    def pseudonyms(self) -> Pseudonyms:
        return self.ring.pseudonyms

    @property
    def objects(self) -> Objects:
        return Objects(self.s3, self.bucket, no_sleep)

    @property
    def intake(self) -> Intake:
        return Intake(
            bucket=S3Bucket(self.s3, self.bucket),
            applied=S3Applied(self.objects),
            persons=DynamoPersons(
                self.dynamodb, self.tables.persons, no_sleep, lambda: self.standing.version, succession_allowed=True
            ),
            ledger=DynamoLedger(self.dynamodb, self.tables.ledger),
            pseudonyms=self.in_use.settled,
            rules=IntakeRules(5, test_numbers_allowed=True, workers=1, chunk=self.chunk, chunks_between_progress=1),
            clock=lambda: self.now() - self.behind,
            sleep=no_sleep,
            successions=DynamoLedger(self.dynamodb, self.tables.ledger, Kind.SUCCESSIONS),
        )

    @property
    def in_use(self) -> KeysInUse:
        """The keys as a function that starts now has them."""
        items = [StandingItem.of_persons(self.tables.persons), StandingItem.of_registrations(self.tables.registrations)]
        return KeysInUse(lambda _: self.ring, DynamoStanding(self.dynamodb, items, no_sleep).read)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def drop(self, records: Sequence[object], volgnummer: int, **changes: Any) -> str:
        """Put a file under `inkomend/`; give its key."""
        key = f"inkomend/werk.publiceermutatiejobbonusplus-0100_{uuid.uuid4().int % 10**17:017d}.json"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=mutation_file(records, volgnummer, **changes))
        return key

    def take_in(
        self, records: Sequence[object], volgnummer: int, *, time_left: TimeLeft = no_deadline, **changes: Any
    ) -> Report | None:
        """Drop a file and take it in."""
        file = S3Bucket(self.s3, self.bucket).incoming(self.drop(records, volgnummer, **changes), None)
        return self.intake.take_in(file, time_left)

    def take_in_successions(self, records: Sequence[object], volgnummer: int) -> Report | None:
        """Take in a succession file."""
        key = f"inkomend/{Kind.SUCCESSIONS.prefix}{uuid.uuid4().int % 10**17:017d}.json"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=succession_file(records, volgnummer))
        return self.intake.take_in(S3Bucket(self.s3, self.bucket).incoming(key, None))

    def register(self, *numbers: str, party: str = INFINO, registration: Registration = OPEN) -> None:
        store = DynamoRegistrations(self.dynamodb, self.tables.registrations, self.now, no_sleep)
        store.write({self.pseudonyms.names(number): registration for number in numbers}, party)

    @property
    def notices(self) -> Notices:
        """What makes the notices."""
        queues, waiting = DynamoQueues(self.dynamodb, self.tables.notices), S3Waiting(self.objects)
        registrations = _Registrations(self.dynamodb, self.tables.registrations, self.now, no_sleep)
        links = DynamoLinks(self.dynamodb, self.tables.persons, self.now, no_sleep)
        audience = Audience(registrations, lambda: self.pseudonyms, self.now, links=links)
        suspensions = DynamoSuspensions(self.dynamodb, self.tables.suspensions, no_sleep)
        return Notices(
            Telling(S3Announced(self.objects), audience, queues, waiting, no_sleep),
            Delivery(queues, waiting, Outgoing(self.objects), suspensions, audience, self.now, no_sleep),
        )

    def seal(self) -> None:
        """Write records of the privacy log, and seal them."""
        sealing = Sealing()
        sealing.log.put(log_entry("trace-1"), log_entry("trace-2"))
        for item in sealing.log.items.values():
            self.dynamodb.put_item(TableName=self.tables.privacy_log, Item=item)
        seal(sealing, self.s3, SEGMENTS)

    def tell(self) -> None:
        """Make all notices that can be made."""
        assert self.notices.go_round(no_deadline).failures == []

    def queue(self) -> None:
        """Put what was applied in the queues, and no further."""
        telling = self.notices.telling
        for file in telling.files.announced():
            assert telling.tell(file, no_deadline)

    def stand(self, standing: Standing) -> None:
        """Have the tables say which version of the key they are at."""
        self.standing = standing
        for item in (
            StandingItem.of_persons(self.tables.persons),
            StandingItem.of_registrations(self.tables.registrations),
        ):
            self.dynamodb.put_item(TableName=item.table, Item=item.key | standing_values(standing))

    def person(self, number: str) -> Json:
        """Read a person's item."""
        return dict(self.dynamodb.get_item(TableName=self.tables.persons, Key=self.key(number))["Item"])

    def key(self, number: str) -> Json:
        return {"person": {"S": self.pseudonyms(number)}}

    def put_person(self, item: Json) -> None:
        self.dynamodb.put_item(TableName=self.tables.persons, Item=item)

    def remove_version(self, key: str) -> None:
        """Remove an object so that no trace of it is left."""
        version = self.s3.head_object(Bucket=self.bucket, Key=key)["VersionId"]
        self.s3.delete_object(Bucket=self.bucket, Key=key, VersionId=version)

    def names(self, folder: str) -> list[str]:
        return [f"{folder}{name}" for name in self.objects.names(folder)]

    def run(self, *words: str) -> Result:
        """Run `jbplus` over it."""
        stacks = {each.name: each for each in (self, *self.others)}
        surroundings = Surroundings(
            folder=Path("/"),
            environment={},
            now=lambda: self.now() + timedelta(hours=self.hours),
            clock=time.monotonic,
            sleep=self._sleep,
            http=cast("Callable[[str], Any]", None),
            aws=lambda target: cast("Any", stacks[target.name].aws),
            find_stack=lambda name: stacks[name].target,
        )
        return command.run([*words, "--stack", self.name], surroundings)

    @property
    def target(self) -> Target:
        return Target(name=self.name, api="", bucket=self.bucket, issuer="", region="eu-central-1")

    @property
    def aws(self) -> SimpleNamespace:
        """The services of the stack."""
        outputs = {
            "PersonsTable": self.tables.persons,
            "RegistrationsTable": self.tables.registrations,
            "LedgerTable": self.tables.ledger,
            "NoticesTable": self.tables.notices,
            "PrivacyLogTable": self.tables.privacy_log,
            "SuspensionsTable": self.tables.suspensions,
            "QualityTable": self.tables.quality,
            "StatisticsTable": self.tables.statistics,
            "SegmentsBucket": SEGMENTS,
            "PseudonymSecret": "pseudonyms",
            "IntakeFunction": INTAKE,
            "StatisticsPublishingFunction": PUBLISHING,
        }
        stack = {
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()],
        }
        dynamodb, s3 = self.operators or (self.dynamodb, self.s3)
        secrets = SimpleNamespace(get_secret_value=self._secret, put_secret_value=self._put_secret)
        return SimpleNamespace(
            s3=lambda: s3,
            dynamodb=lambda: dynamodb,
            functions=lambda: self.functions,
            secrets=lambda: secrets,
            cloudformation=lambda: SimpleNamespace(describe_stacks=lambda **_: {"Stacks": [stack]}),
        )

    def _secret(self, **_: str) -> Json:
        keys = {f"k{n}": key.decode() for n, key in enumerate(self.keys, 1)}
        return {"SecretString": json.dumps({"version": self.standing.version, **keys})}

    def _put_secret(self, *, SecretString: str, **_: str) -> None:  # noqa: N803 - boto3's names
        said = json.loads(SecretString)
        self.keys = tuple(said[f"k{n}"].encode() for n in range(1, len(said)))
        self.standing = replace(self.standing, version=said["version"])

    def _sleep(self, _: float) -> None:
        self.while_sleeping()

    def fsck(self, *words: str) -> Json:
        """Run `jbplus fsck`, and read what it tells programs."""
        result = self.run("fsck", "--json", *words)
        said: Json = json.loads(result.stdout)
        assert "error" not in said, said
        assert (result.exit_code == 0) == said["agree"]
        return said


_KEYS = {
    "persons": ["person"],
    "registrations": ["person", "party"],
    "privacy_log": ["subject", "entry"],
    "ledger": ["series", "number"],
    "statistics": ["fiscalYear", "month"],
    "suspensions": ["party"],
    "notices": ["party", "entry"],
    "quality": ["party", "report"],
}
_NUMBERS = {"number", "fiscalYear"}
BUCKET, SEGMENTS = "exchange", "segments"


@contextmanager
def empty_world(dynamodb: "DynamoDBClient", s3: "S3Client") -> Iterator[CheckedWorld]:
    """Make an exchange with nothing in it, in memory."""
    with mock_aws():
        _make_bucket(s3, SEGMENTS)
        yield new_world(dynamodb, s3)


def new_world(dynamodb: "DynamoDBClient", s3: "S3Client", prefix: str = "") -> CheckedWorld:
    """Make another one beside it; what it consists of has names that begin otherwise."""
    _make_bucket(s3, prefix + BUCKET)
    for table, keys in _KEYS.items():
        dynamodb.create_table(
            TableName=prefix + table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": "N" if key in _NUMBERS else "S"} for key in keys
            ],
            KeySchema=[
                {"AttributeName": key, "KeyType": "RANGE" if place else "HASH"} for place, key in enumerate(keys)
            ],
        )
    return CheckedWorld(dynamodb, s3, Tables(lambda kind: prefix + kind), prefix + BUCKET)


def _make_bucket(s3: "S3Client", name: str) -> None:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
