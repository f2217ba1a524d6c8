"""Where faults and load are tried: tables, bucket and secret on the emulator, functions before what goes wrong."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from jbplus.aws.folders import REPORTS
from jbplus.persons.pseudonym import KeyRing
from jbplus.registrations.table import DynamoRegistrations
from jbplus_local.aws import REGION, Aws
from tests.reliability.between import Between, between
from tests.reliability.environment import ERROR, Environment
from tests.support.engine import Tables, all_items, new_tables
from tests.support.every_call import event_of
from tests.support.fakes import NOW, no_sleep
from tests.support.files import mutation_file, record
from tests.support.known import INFINO, OPEN

GET: Final = "POST /v1/verrichtingen/get"
BASE: Final = 600
_SECRET: Final = json.dumps({"version": 1, "k1": "k" * 64})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a lookup got.

    Attributes:
        status: of HTTP.
        amount: what to deduct, in EUR; None when none was told.
        trace: the reference of its record in the privacy log.
        problem: the last word of the problem's type, if it is one.
        retry_after: whether it says when to try again.
    """

    status: int
    amount: int | None
    trace: str
    problem: str | None
    retry_after: bool


@dataclass(frozen=True)
class Stage:
    """The stage.

    Attributes:
        aws: the emulator.
        stands: between the functions and the emulator.
        tables: the tables.
        bucket: its name.
        secret: its ARN.
        folder: takes what the functions print.
        persons: who is registered and in the files.
        answers: what lookups got so far.
    """

    aws: Aws
    stands: Between
    tables: Tables
    bucket: str
    secret: str
    folder: Path
    persons: tuple[str, ...]
    answers: list[Answer] = field(default_factory=list)

    def environment(self, service: str, seconds: float = 900.0) -> Environment:
        """Start an environment of a function, whose invocations may run so long."""
        return Environment(service, self._variables(), self.folder / "printed.log", seconds)

    def look_up(self, environment: Environment, person: str) -> Answer:
        """Look one person up."""
        reply = environment.run(event_of(GET, {"insz": person, "doel": "socialeToeslag"}))
        body = json.loads(reply["body"])
        years = body.get("nettoPerFiscaalJaar", [])
        answer = Answer(
            status=reply["statusCode"],
            amount=int(float(years[0]["netto"])) if years else None,
            trace=reply["headers"]["BelGov-Trace-Id"],
            problem=body["type"].rpartition(":")[2] if "type" in body else None,
            retry_after="Retry-After" in reply["headers"],
        )
        self.answers.append(answer)
        return answer

    def drop(self, number: int) -> dict[str, Any]:
        """Drop a file that says for each person that EUR 600 plus its number were paid; give S3's event."""
        records = [
            record(person, f"JBP-{at}", verrichtingbedrag=f"{BASE + number}.00")
            for at, person in enumerate(self.persons)
        ]
        key = f"inkomend/werk.publiceermutatiejobbonusplus-0100_{number:017d}.json"
        put = self.aws.s3().put_object(Bucket=self.bucket, Key=key, Body=mutation_file(records, number))
        about = {"bucket": {"name": self.bucket}, "object": {"key": key, "versionId": put["VersionId"]}}
        return {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": about}]}

    def take_in(self, environment: Environment, event: Mapping[str, Any]) -> bool:
        """Deliver an event; tell whether it was taken in, or is to be delivered again."""
        reply = environment.run(event)
        return reply is None or ERROR not in reply

    def reports(self) -> dict[int, list[str]]:
        """Give the status of each report, by the number of its file."""
        found: dict[int, list[str]] = {}
        s3 = self.aws.s3()
        for item in s3.list_objects_v2(Bucket=self.bucket, Prefix=REPORTS).get("Contents", []):
            report = json.loads(s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read())
            found.setdefault(report["context"]["volgnummer"], []).append(report["status"])
        return found

    def unlogged(self) -> list[str]:
        """Give the references of the lookups that were answered or refused without a record."""
        logged = {item["entry"]["S"].split("#")[1] for item in all_items(self.aws.dynamodb(), self.tables.privacy_log)}
        told = [answer for answer in self.answers if answer.status != HTTPStatus.SERVICE_UNAVAILABLE]
        return [answer.trace for answer in told if answer.trace not in logged]

    def printed(self) -> str:
        """Give all that the functions printed."""
        return (self.folder / "printed.log").read_text(encoding="utf-8")

    def _variables(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.stands.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "PSEUDONYM_SECRET": self.secret,
            "TEST_NUMBERS_ALLOWED": "true",
            "SUCCESSION_ALLOWED": "false",
            "PERSONS_TABLE": self.tables.persons,
            "REGISTRATIONS_TABLE": self.tables.registrations,
            "PRIVACY_LOG_TABLE": self.tables.privacy_log,
            "SUSPENSIONS_TABLE": self.tables.suspensions,
            "LEDGER_TABLE": self.tables.ledger,
            "BUCKET": self.bucket,
            "RETENTION_YEARS": "5",
            "INTAKE_FUNCTION": "none",
            "IGNORED_QUERY_PARAMETERS": "",
            "POWERTOOLS_METRICS_NAMESPACE": "jbplus",
        }


@contextmanager
def stage(aws: Aws, folder: Path, persons: tuple[str, ...]) -> Iterator[Stage]:
    """Set the stage: Infino has a file on each person, and nothing came in yet."""
    tables = new_tables(aws.dynamodb())
    bucket = f"exchange-{uuid.uuid4().hex}"
    aws.s3().create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    aws.s3().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    secret = aws.secrets().create_secret(Name=bucket, SecretString=_SECRET)["ARN"]
    pseudonyms = KeyRing.from_secret(_SECRET).pseudonyms
    registrations = DynamoRegistrations(aws.dynamodb(), tables.registrations, lambda: NOW, no_sleep)
    for at in range(0, len(persons), 100):
        registrations.write({pseudonyms.names(person): OPEN for person in persons[at : at + 100]}, INFINO)
    with between(aws.url) as stands:
        yield Stage(aws, stands, tables, bucket, secret, folder, persons)
