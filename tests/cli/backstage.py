"""What stands behind the fake stack: the real intake on buckets and tables in memory, and fake functions."""

import io
import json
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError
from moto.sqs.models import sqs_backends

from jbplus.intake.applying import Merger
from jbplus.intake.bucket import S3Bucket
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.intake.release import Release
from jbplus.intake.service import Intake, IntakeRules
from jbplus.intake.wire import ReleaseOrder
from jbplus.mutation_file.report import Report
from jbplus.notices.bucket import S3Announced, S3Applied
from jbplus_cli.stack.aws import CloudWatch
from tests.persons.fakes import FakePersons
from tests.support.fakes import PSEUDONYMS, no_sleep

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

    from jbplus_cli.stack.aws import ApiGateway

BUCKET, LEDGER, QUEUE, SUSPENSIONS = "exchange", "ledger", "failures", "suspensions"
INTAKE, RELEASE, NOTICES, DROPSERVER = "prod-intake", "prod-intake_release", "prod-notices", "prod-dropserver"
RECOMPUTING, PUBLISHING = "prod-persons_recomputing", "prod-statistics_publishing"
PERSONS, REGISTRATIONS, PRIVACY_LOG = "persons", "registrations", "privacy-log"
ALARM_TOPIC = "arn:aws:sns:eu-central-1:123456789012:jbplus-AlarmTopic-1"
FUNCTION_ARN = f"arn:aws:lambda:eu-central-1:123456789012:function:{INTAKE}"

Json = dict[str, Any]


@dataclass
class FakeFunctions:
    """Lambda: remembers the events it is to deliver, and runs the release function.

    Attributes:
        run_release: what the release function does.
        events: what was to be delivered.
        refusals: the codes of the errors of the next calls; empty for a call that is taken.
        raised: what the release function says instead, as an error.
        on_event: happens at each event.
        clockwork: what the functions that the clock runs say, one after the other.
        ran: which of them ran.
        on_clock: happens at each of them.
        concurrency: how many invocations the intake was allowed, one setting after the other.
        published: how often the statistics were to be published.
    """

    run_release: Callable[[str], Json]
    events: list[Json] = field(default_factory=list)
    refusals: deque[str] = field(default_factory=deque)
    raised: Json | None = None
    on_event: Callable[[], object] = lambda: None
    clockwork: dict[str, deque[Json]] = field(
        default_factory=lambda: {name: deque() for name in (NOTICES, DROPSERVER, RECOMPUTING)}
    )
    ran: list[str] = field(default_factory=list)
    on_clock: Callable[[], object] = lambda: None
    concurrency: list[int] = field(default_factory=list)
    published: int = 0

    def put_function_concurrency(self, *, FunctionName: str, ReservedConcurrentExecutions: int) -> None:  # noqa: N803 - boto3's names
        assert FunctionName == INTAKE
        self.concurrency.append(ReservedConcurrentExecutions)

    def delete_function_concurrency(self, *, FunctionName: str) -> None:  # noqa: N803 - boto3's names
        assert FunctionName == INTAKE
        self.concurrency.append(-1)

    def invoke(self, *, FunctionName: str, Payload: bytes, InvocationType: str = "RequestResponse") -> Json:  # noqa: N803 - boto3's names
        if self.refusals and (code := self.refusals.popleft()):
            raise ClientError({"Error": {"Code": code}}, "Invoke")
        if InvocationType == "Event":
            self._deliver(FunctionName, Payload)
            return {"StatusCode": 202}
        if FunctionName in self.clockwork:
            self.ran.append(FunctionName)
            self.on_clock()
            said = self.clockwork[FunctionName].popleft()
            if "errorType" in said:
                return self._failed(said)
            return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(said).encode())}
        assert FunctionName == RELEASE
        if self.raised is not None:
            return self._failed(self.raised)
        try:
            said = self.run_release(ReleaseOrder.model_validate_json(Payload).name)
        except Exception as error:  # noqa: BLE001 - as Lambda does
            return self._failed({"errorType": type(error).__name__, "errorMessage": str(error)})
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(said).encode())}

    def _deliver(self, function: str, payload: bytes) -> None:
        if function == PUBLISHING:
            self.published += 1
            return
        assert function == INTAKE
        self.events.append(json.loads(payload))
        self.on_event()

    @staticmethod
    def _failed(said: Json) -> Json:
        return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(said).encode())}


@dataclass
class Backstage:
    """The intake of the fake stack, and what it leaves.

    Attributes:
        s3, sqs, dynamodb, logs: clients that moto answers.
        now: gives the present moment.
        parameters: the stack's parameters.
        secrets: a client that moto answers, where one is needed.
        alarms: the alarms that ring, as CloudWatch describes them.
        further_outputs: the stack's outputs that only some commands need.
        others: further ones, by AWS's name of the service.
        resources: what the stack is made of, as CloudFormation lists it.
        test_numbers_allowed: as the stack's parameter.
    """

    s3: "S3Client"
    sqs: "SQSClient"
    dynamodb: "DynamoDBClient"
    logs: "CloudWatchLogsClient"
    now: Callable[[], datetime]
    test_numbers_allowed: bool = True
    persons: FakePersons = field(default_factory=FakePersons)
    missing_outputs: set[str] = field(default_factory=set)
    parameters: dict[str, str] = field(default_factory=lambda: {"IntakeConcurrency": "4"})
    secrets: "SecretsManagerClient | None" = None
    alarms: list[Json] = field(default_factory=list)
    further_outputs: dict[str, str] = field(default_factory=dict)
    others: dict[str, object] = field(default_factory=dict)
    resources: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queue_url = self.sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        self.dynamodb.create_table(
            TableName=LEDGER,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "series", "AttributeType": "S"},
                {"AttributeName": "number", "AttributeType": "N"},
            ],
            KeySchema=[
                {"AttributeName": "series", "KeyType": "HASH"},
                {"AttributeName": "number", "KeyType": "RANGE"},
            ],
        )
        self.dynamodb.create_table(
            TableName=SUSPENSIONS,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "party", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "party", "KeyType": "HASH"}],
        )
        self.functions = FakeFunctions(self._release)

    @property
    def bucket(self) -> S3Bucket:
        return S3Bucket(self.s3, BUCKET)

    @property
    def ledger(self) -> DynamoLedger:
        return DynamoLedger(self.dynamodb, LEDGER)

    @property
    def outputs(self) -> dict[str, str]:
        outputs = {
            "AlarmTopic": ALARM_TOPIC,
            "FailureQueue": self.queue_url,
            "LedgerTable": LEDGER,
            "SuspensionsTable": SUSPENSIONS,
            "IntakeFunction": INTAKE,
            "IntakeReleaseFunction": RELEASE,
            "PersonsRecomputingFunction": RECOMPUTING,
            "NoticesFunction": NOTICES,
            "DropserverFunction": DROPSERVER,
            "StatisticsPublishingFunction": PUBLISHING,
            "PersonsTable": PERSONS,
            "RegistrationsTable": REGISTRATIONS,
            "PrivacyLogTable": PRIVACY_LOG,
            "PseudonymSecret": "pseudonyms",
            **self.further_outputs,
        }
        return {name: value for name, value in outputs.items() if name not in self.missing_outputs}

    def take_in(self) -> list[Report | None]:
        """Take in every file under `inkomend/`, as the intake function would."""
        intake = Intake(
            bucket=self.bucket,
            applied=S3Applied(self.bucket.objects),
            persons=self.persons,
            ledger=self.ledger,
            pseudonyms=lambda: PSEUDONYMS,
            rules=IntakeRules(5, self.test_numbers_allowed, workers=1),
            clock=self.now,
            sleep=no_sleep,
        )
        versions = self.s3.list_object_versions(Bucket=BUCKET, Prefix="inkomend/").get("Versions", [])
        files = [self.bucket.incoming(version["Key"], version["VersionId"]) for version in versions]
        return [intake.take_in(file) for file in files]

    def drop(self, content: bytes, name: str | None = None) -> Report | None:
        """Put a file under `inkomend/` and take it in."""
        name = name or f"werk.publiceermutatiejobbonusplus-0100_{uuid.uuid4().int % 10**17:017d}.json"
        self.s3.put_object(Bucket=BUCKET, Key=f"inkomend/{name}", Body=content)
        return self.take_in()[-1]

    def tell(self) -> None:
        """Take the announcements away, as the notices function does once it has told the files."""
        files = S3Announced(self.bucket.objects)
        for file in files.announced():
            files.forget(file)

    def fail(self, event: Json, **changes: Any) -> str:
        """Put an event on the failure queue as Lambda does; give the message's identifier."""
        record = {
            "version": "1.0",
            "timestamp": "2026-03-31T20:00:00.000Z",
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"{FUNCTION_ARN}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 3,
            },
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": {"errorMessage": "INTAKE003 store out of reach", "errorType": "FileDelayedError"},
        }
        return self.send(json.dumps(record | changes))

    def send(self, body: str) -> str:
        """Put any message on the failure queue."""
        return self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)["MessageId"]

    def queued(self) -> int:
        """Count the messages that anyone could receive right now."""
        found = self.sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(found["Attributes"]["ApproximateNumberOfMessages"])

    def show_all_again(self) -> None:
        """Let the time pass that received messages are hidden."""
        for message in sqs_backends["123456789012"]["eu-central-1"].queues[QUEUE]._messages:
            message.visible_at = 0

    def _release(self, name: str) -> Json:
        merger = Merger(self.persons, 5, self.now, no_sleep)
        release = Release(
            self.bucket, S3Applied(self.bucket.objects), merger, lambda: PSEUDONYMS, self.test_numbers_allowed
        )
        return release.release(name).model_dump()


@dataclass(frozen=True, slots=True)
class FakeAws:
    """The AWS services of the fake stack."""

    behind: Backstage

    def s3(self) -> "S3Client":
        return self.behind.s3

    def sqs(self) -> "SQSClient":
        return self.behind.sqs

    def functions(self) -> "LambdaClient":
        return cast("LambdaClient", self.behind.functions)

    def dynamodb(self) -> "DynamoDBClient":
        return self.behind.dynamodb

    def logs(self) -> "CloudWatchLogsClient":
        return self.behind.logs

    def api_gateway(self) -> "ApiGateway":
        return cast("ApiGateway", self.behind.others["apigatewayv2"])

    def secrets(self) -> "SecretsManagerClient":
        assert self.behind.secrets is not None
        return self.behind.secrets

    def cloudwatch(self) -> CloudWatch:
        if "cloudwatch" in self.behind.others:
            return cast("CloudWatch", self.behind.others["cloudwatch"])
        pages = SimpleNamespace(paginate=lambda **_: [{"MetricAlarms": self.behind.alarms}])
        return cast("CloudWatch", SimpleNamespace(get_paginator=lambda _: pages))

    def cloudformation(self) -> "CloudFormationClient":
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.behind.outputs.items()]
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.behind.parameters.items()]
        answer = {"Stacks": [{"Outputs": outputs, "Parameters": given}]}
        parts = SimpleNamespace(paginate=lambda **_: [{"StackResourceSummaries": self.behind.resources}])
        return cast(
            "CloudFormationClient",
            SimpleNamespace(describe_stacks=lambda **_: answer, get_paginator=lambda _: parts),
        )


def s3_event(key: str, version: str = "v-1") -> Json:
    """Make the event that S3 sends; the key as S3 encodes it."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventTime": "2026-03-31T17:30:00.000Z",
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "bucket": {"name": BUCKET},
                    "object": {"key": key, "versionId": version, "size": 12, "sequencer": "00"},
                },
            }
        ]
    }
