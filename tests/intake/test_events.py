"""From S3's event to the intake, and what operators see of it."""

import io
import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from jbplus.errors import ObjectMissingError, UnavailableError, WithoutTtlError
from jbplus.intake.events import FileDelayedError, IntakeEvents
from jbplus.intake.incoming import IncomingFile
from jbplus.intake.service import Intake, IntakeRules
from jbplus.persons.merging import PersonChange, PersonStore, StoredPerson
from tests.intake.fakes import FakeBucket, FakeLedger
from tests.notices.fakes import FakeApplied
from tests.persons.fakes import FakePersons, UnlinkedPersons
from tests.support.fakes import NOW, PSEUDONYMS, no_sleep
from tests.support.files import mutation_file, record
from tests.support.people import ANNA


@dataclass
class FailingPersons(UnlinkedPersons):
    """A table of persons that always fails in the same way."""

    error: Exception

    def read(self, _: Collection[str]) -> dict[str, StoredPerson]:
        raise self.error

    def write(self, _: Sequence[PersonChange]) -> None:
        raise self.error


@dataclass
class Scene:
    """Events of the intake, with what they write for operators."""

    persons: PersonStore = field(default_factory=FakePersons)
    bucket: FakeBucket = field(default_factory=FakeBucket)
    delivered: list[dict[str, Any]] = field(default_factory=list)
    written: io.StringIO = field(default_factory=io.StringIO)
    metrics: Metrics = field(default_factory=lambda: Metrics(namespace="test", service="mutations"))
    chunk: int = 1000

    def events(self) -> IntakeEvents:
        rules = IntakeRules(5, test_numbers_allowed=True, chunk=self.chunk)
        intake = Intake(
            self.bucket, FakeApplied(), self.persons, FakeLedger(), lambda: PSEUDONYMS, rules, lambda: NOW, no_sleep
        )
        # Loggers of one name share their stream: each scene has a name of its own.
        logger = Logger(service=uuid.uuid4().hex, stream=self.written)
        return IntakeEvents(intake, self.find, self.delivered.append, logger, self.metrics)

    def find(self, key: str, version: str | None) -> IncomingFile:
        name = key.removeprefix("inkomend/")
        if name not in self.bucket.incoming:
            raise ObjectMissingError(key)
        return IncomingFile(name, key, version, NOW)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written.getvalue().splitlines()]

    def codes(self) -> list[str]:
        return [line["message"].split()[0] for line in self.lines()]

    def counted(self) -> dict[str, Any]:
        return {name: metric["Value"] for name, metric in self.metrics.metric_set.items()}


@pytest.fixture(autouse=True)
def fresh_metrics() -> None:
    """Metrics of one process share their set: begin with none."""
    Metrics(namespace="test", service="mutations").clear_metrics()


def event(*keys: str, version: str | None = "1") -> dict[str, Any]:
    named = {} if version is None else {"versionId": version}
    return {"Records": [{"s3": {"object": {"key": key, **named}}} for key in keys]}


def long_enough() -> float:
    return 900.0


def test_a_file_is_taken_in_logged_and_counted() -> None:
    scene = Scene()
    scene.bucket.drop(mutation_file([record(ANNA), "bad"]), "one day.json")

    scene.events().take_in(event("inkomend/one+day.json"), long_enough)

    assert scene.codes() == ["INTAKE001"]
    assert scene.lines()[0]["counts"] == {"gelezen": 2, "toegepast": 1, "verouderd": 0, "geweigerd": 1}
    counted = scene.counted()
    assert counted["FilesGedeeltelijkVerwerkt"] == counted["RecordsApplied"] == counted["RecordsRefused"] == [1]
    assert counted["FileDuration"] == [0]


def test_a_refused_file_is_told_by_a_code_of_its_own() -> None:
    scene = Scene()
    scene.bucket.drop(b"{", "a.json")

    scene.events().take_in(event("inkomend/a.json"), long_enough)

    assert scene.codes() == ["INTAKE002"]
    assert scene.counted()["FilesGeweigerd"] == [1]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"Event": "s3:TestEvent"}, id="test event"),
        pytest.param(event("verslagen/a.json"), id="other folder"),
        pytest.param(event("inkomend/readme.txt"), id="other ending"),
        pytest.param(event("inkomend/a.JSON"), id="ending in capitals"),
        pytest.param(event("inkomend/"), id="folder"),
        pytest.param({"Records": None}, id="no records"),
        pytest.param({"Records": []}, id="empty records"),
        pytest.param({"Records": [{"body": "hello"}]}, id="a message of a queue"),
        pytest.param(
            {"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {"object": {"key": "inkomend/a.json"}}}]},
            id="a removal",
        ),
    ],
)
def test_an_event_about_something_else_is_ignored(other: dict[str, Any]) -> None:
    scene = Scene()

    scene.events().take_in(other, long_enough)

    assert scene.codes() == ["INTAKE005"]


_NAMED = json.dumps(event("inkomend/a.json"))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"source": "aws.s3", "detail": {"object": {"key": "inkomend/a.json"}}}, id="EventBridge"),
        pytest.param({"Records": [{"eventSource": "aws:sqs", "body": _NAMED}]}, id="SQS"),
        pytest.param({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": _NAMED}}]}, id="SNS"),
        pytest.param({"Records": [{"body": json.dumps({"Message": _NAMED.replace("/", "\\/")})}]}, id="SNS in SQS"),
        pytest.param({"Records": [{"s3": {"object": {"name": "inkomend%2Fa.json"}}}]}, id="no key"),
        pytest.param({"key": "inkomend/a.json"}, id="anything else"),
    ],
)
def test_an_event_that_names_an_incoming_file_and_is_not_understood_fails(other: dict[str, Any]) -> None:
    scene = Scene()

    with pytest.raises(FileDelayedError):
        scene.events().take_in(other, long_enough)

    assert scene.codes() == ["INTAKE010"]
    assert scene.lines()[0]["level"] == "ERROR"
    assert "a.json" not in scene.written.getvalue()


def test_an_event_that_comes_again_after_the_file_was_put_away_repairs_the_copy_and_no_more() -> None:
    scene = Scene()
    scene.bucket.drop(mutation_file([record(ANNA)]), "a.json")
    events = scene.events()
    events.take_in(event("inkomend/a.json"), long_enough)
    scene.bucket.copies.clear()

    events.take_in(event("inkomend/a.json"), long_enough)

    assert scene.codes() == ["INTAKE001", "INTAKE006"]
    assert scene.bucket.copies == scene.bucket.reports


@pytest.mark.parametrize("version", ["2", None], ids=["another version", "no version"])
def test_a_file_that_is_gone_without_a_report_of_that_very_version_fails(version: str | None) -> None:
    scene = Scene()
    scene.bucket.drop(mutation_file([record(ANNA)]), "a.json")
    events = scene.events()
    events.take_in(event("inkomend/a.json"), long_enough)

    with pytest.raises(FileDelayedError):
        events.take_in(event("inkomend/a.json", version=version), long_enough)

    assert scene.codes() == ["INTAKE001", "INTAKE009"]


def test_a_file_that_is_gone_half_applied_fails() -> None:
    scene = Scene(chunk=1)
    scene.bucket.drop(mutation_file([record(ANNA, "JBP-1"), record(ANNA, "JBP-2")]), "a.json")
    events = scene.events()
    left = iter([900.0])
    events.take_in(event("inkomend/a.json"), lambda: next(left, 0.0))
    del scene.bucket.incoming["a.json"]

    with pytest.raises(FileDelayedError):
        events.take_in(event("inkomend/a.json"), long_enough)

    assert scene.codes() == ["INTAKE007", "INTAKE009"]


def test_when_the_time_is_up_the_same_event_is_delivered_to_a_new_invocation() -> None:
    scene = Scene(chunk=1)
    scene.bucket.drop(mutation_file([record(ANNA, "JBP-1"), record(ANNA, "JBP-2")]), "a.json")
    events = scene.events()
    left = iter([900.0])

    events.take_in(event("inkomend/a.json"), lambda: next(left, 0.0))

    assert scene.codes() == ["INTAKE007"]
    assert scene.delivered == [event("inkomend/a.json")]
    events.take_in(scene.delivered[0], long_enough)
    assert scene.codes() == ["INTAKE007", "INTAKE001"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnavailableError("dynamodb:BatchGetItem: ThrottlingException"), "INTAKE003"),
        (RuntimeError(f"something about {ANNA}"), "INTAKE004"),
        (WithoutTtlError(), "INTAKE008"),
    ],
)
def test_a_failure_of_ours_has_the_event_delivered_again_and_tells_no_value(error: Exception, code: str) -> None:
    scene = Scene(persons=FailingPersons(error))
    scene.bucket.drop(mutation_file([record(ANNA)]), "a.json")

    with pytest.raises(FileDelayedError) as raised:
        scene.events().take_in(event("inkomend/a.json"), long_enough)

    assert scene.codes() == [code]
    assert ANNA not in scene.written.getvalue()
    assert ANNA not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert scene.bucket.incoming
