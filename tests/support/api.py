"""The API without AWS: events in, answers out, with fakes behind it."""

import io
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from jbplus.api.gateway import Gateway, Reply
from jbplus.consultation.calls import LookupCalls
from jbplus.consultation.service import Lookups, LookupStore
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.privacy_log.calls import PrivacyLogCalls
from jbplus.privacy_log.rules import PrivacyLog
from jbplus.privacy_log.service import LogArchive, LogInquiry
from jbplus.protocol.calendar import Clock
from jbplus.protocol.insz import Accepts, accepting
from jbplus.protocol.usage import CountUse
from jbplus.registrations.calls import RegistrationCalls
from jbplus.registrations.quota import Quota
from jbplus.registrations.service import Registrations, RegistrationStore
from tests.consultation.fakes import FakeLookupStore
from tests.privacy_log.fakes import FakeLogArchive, FakePrivacyLog
from tests.registrations.fakes import FakeRegistrationStore, quota
from tests.support.events import HEADERS, api_event, claims
from tests.support.fakes import NOW, PSEUDONYMS, no_count
from tests.support.known import INFINO

GET, QUERY = "/v1/verrichtingen/get", "/v1/verrichtingen/query"
REGISTER, FIND, DELETE = "/v1/inschrijvingen", "/v1/inschrijvingen/get", "/v1/inschrijvingen/delete"
PRIVACY_LOG = "/v1/privacylog/query"
CALLS = (GET, QUERY, REGISTER, FIND, DELETE, PRIVACY_LOG)

TOKEN: Mapping[str, str] = claims(INFINO, "jbplus:dossierbeheer", "jbplus:inschrijving")
"""The token of a payment actor that may do all that payment actors may."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str

    @classmethod
    def by(cls, reply: Reply) -> "Answered":
        """Take the parts of a reply that go out to the caller."""
        return cls(reply["statusCode"], reply["headers"], reply["body"])

    @property
    def json(self) -> Json:
        """The body, which is an object."""
        content: Json = json.loads(self.body)
        return content

    @property
    def problem(self) -> tuple[int, str, str | None]:
        """Status, short type and code of a problem."""
        return self.status, short_type(self.json), self.json.get("code")


def short_type(problem: Json) -> str:
    """Give the last part of a Belgif problem type."""
    return str(problem["type"]).removeprefix("urn:problem-type:belgif:")


@dataclass
class Api:
    """Both functions of the API; the attributes are what stands behind them and what operators see."""

    lookup_store: LookupStore = field(default_factory=FakeLookupStore)
    registration_store: RegistrationStore = field(default_factory=FakeRegistrationStore)
    log: PrivacyLog = field(default_factory=FakePrivacyLog)
    archive: LogArchive = field(default_factory=FakeLogArchive)
    keys: Callable[[], Pseudonyms] = lambda: PSEUDONYMS
    clock: Clock = lambda: NOW
    test_numbers_allowed: bool = True
    quota: Quota = field(default_factory=quota)
    count_use: CountUse = no_count
    lines: io.StringIO = field(default_factory=io.StringIO)
    metrics: Metrics = field(default_factory=lambda: Metrics(namespace="jbplus", service="api"))

    def __post_init__(self) -> None:
        self.metrics.clear_metrics()
        # Powertools keeps one handler for each service name: each test has its own.
        self._logger = Logger(service=f"api-{uuid.uuid4()}", stream=self.lines)

    def post(
        self,
        path: str,
        body: object,
        token: Mapping[str, str] | None = TOKEN,
        headers: Mapping[str, str] = HEADERS,
    ) -> Answered:
        """Send an object as JSON, as API Gateway would hand it over."""
        return self.post_raw(path, self.text_of(body), token, headers)

    @staticmethod
    def text_of(body: object) -> str:
        """Write a body as JSON."""
        return json.dumps(body)

    def post_raw(
        self,
        path: str,
        body: str | bytes | None,
        token: Mapping[str, str] | None = TOKEN,
        headers: Mapping[str, str] = HEADERS,
    ) -> Answered:
        """Send any body; one of bytes goes in base64."""
        calls = (*self._lookups.all, *self._registrations.all, *self._inquiry.all)
        gateway = Gateway({call.route: call for call in calls}, self.clock, self._logger, self.metrics)
        return Answered.by(gateway.answer(api_event(path, body, token, headers)))

    @property
    def emitted(self) -> str:
        """All that operators see: the log lines, and the metrics as they would be written."""
        return self.lines.getvalue() + json.dumps(self.metrics.serialize_metric_set())

    @property
    def _lookups(self) -> LookupCalls:
        return LookupCalls(Lookups(self.lookup_store, self.log, self.keys, self.clock, self._accepts, self.count_use))

    @property
    def _inquiry(self) -> PrivacyLogCalls:
        return PrivacyLogCalls(LogInquiry(self.archive, self.log, self.keys, self.clock, self._accepts))

    @property
    def _registrations(self) -> RegistrationCalls:
        return RegistrationCalls(
            Registrations(
                self.registration_store, self.log, self.keys, self.clock, self._accepts, self.quota, self.count_use
            )
        )

    @property
    def _accepts(self) -> Accepts:
        return accepting(self.clock, test_numbers_allowed=self.test_numbers_allowed)
