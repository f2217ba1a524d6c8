"""The exchange: the real code of each of its functions, on edges in memory, with one clock and one fate."""

import io
import itertools
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from jbplus.api.gateway import Gateway
from jbplus.consultation.calls import LookupCalls
from jbplus.consultation.service import Lookups
from jbplus.doubts.rules import ReportStatus
from jbplus.dropserver.holding import Holding
from jbplus.dropserver.round import Round, RoundFailedError
from jbplus.dropserver.sending import Sending
from jbplus.dropserver.taking import Taking
from jbplus.ended_parties.service import EndedParties
from jbplus.errors import ObjectMissingError
from jbplus.intake.applying import Merger
from jbplus.intake.events import IntakeEvents
from jbplus.intake.incoming import IncomingFile
from jbplus.intake.linking import Linker
from jbplus.intake.release import Release
from jbplus.intake.service import Intake, IntakeRules
from jbplus.intake.wire import Released
from jbplus.notices.audience import Audience
from jbplus.notices.delivery import Delivery
from jbplus.notices.queue import Part
from jbplus.notices.round import Notices
from jbplus.notices.telling import Telling
from jbplus.persons.merging import StoredPerson
from jbplus.persons.pseudonym import Name, Pseudonyms
from jbplus.persons.rotation import KeysInUse
from jbplus.privacy_log.rules import LogEntry
from jbplus.protocol.caller import Asker, Caller
from jbplus.protocol.insz import accepting
from jbplus.protocol.parties import WEWIS, Party
from jbplus.quality.calls import QualityCalls
from jbplus.quality.service import QualityReports
from jbplus.registrations.calls import RegistrationCalls
from jbplus.registrations.quota import Quota
from jbplus.registrations.service import Registrations
from jbplus.stand.calls import StandCalls
from jbplus.stand.rules import range_of
from jbplus.stand.service import Outcome, Pairs, Stands
from jbplus.stand.service import Publisher as StandPublisher
from jbplus.statistics.service import Publisher
from jbplus.successions.rules import StoredLinks
from jbplus.suspensions.rules import Stream
from jbplus.suspensions.service import Suspensions, Wanted
from jbplus_cli.keys.rotation import Rotation
from jbplus_recipient.exchange import batches
from tests.decade.edges import Dock, FileServer, KeyedItems, Keys, Life, mortal
from tests.decade.tables import Clock, LookupTable, PersonTable, RegistrationTable, Scan
from tests.intake.fakes import FakeBucket, FakeLedger
from tests.notices.fakes import FakeFolders, FakeQueues
from tests.persons.fakes import FakeLinks
from tests.privacy_log.fakes import FakePrivacyLog
from tests.quality.fakes import FakeOutbox, FakeReportStore
from tests.registrations.fakes import FakeQuotaStore
from tests.statistics.fakes import FakeProgress, FakeStatistics
from tests.support.events import api_event, claims
from tests.support.fakes import no_count, no_sleep
from tests.suspensions.fakes import FakeSuspensionStore

YEARS = 5
RULES = IntakeRules(YEARS, test_numbers_allowed=True, workers=1, chunk=7, chunks_between_progress=1)
SCOPES = ("jbplus:dossierbeheer", "jbplus:inschrijving", "jbplus:melding")
LONG = 900.0


@dataclass
class Exchange:
    """The exchange: its stores, and what each of its functions makes of them."""

    clock: Clock
    life: Life = field(default_factory=Life)
    bucket: FakeBucket = field(default_factory=FakeBucket)
    persons: PersonTable = field(init=False)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    successions: FakeLedger = field(default_factory=FakeLedger)
    registrations: RegistrationTable = field(default_factory=RegistrationTable)
    suspensions: FakeSuspensionStore = field(default_factory=FakeSuspensionStore)
    log: FakePrivacyLog = field(default_factory=FakePrivacyLog)
    reports: FakeReportStore = field(default_factory=FakeReportStore)
    statistics: FakeStatistics = field(default_factory=FakeStatistics)
    keys: Keys = field(default_factory=Keys)
    is_strict: bool = False

    def __post_init__(self) -> None:
        self.persons = PersonTable(clock=self.clock)
        self.links = FakeLinks(self.persons)
        self.folders, self.queues = FakeFolders(self.life), FakeQueues(self.life)
        self.server = FileServer(self.life, self.clock)
        self.dock = Dock(self.life, self.bucket, self.folders, self.clock)
        self._logger = Logger(service="decade", stream=io.StringIO())
        self._metrics = Metrics(namespace="decade", service="decade")
        self._lookup_table = LookupTable(self.persons, self.registrations, self.reports, self.suspensions)
        self._gateway = self._api()
        self._ids = itertools.count(1)

    def pseudonyms(self) -> Pseudonyms:
        """Give what makes the names of persons now; nobody is answered while persons are missing."""
        self.keys.standing.demand_all()
        return self.keys.standing.pseudonyms(self.keys.ring())

    def settled(self) -> Pseudonyms:
        """Give the same to the intake, which waits for a rotation."""
        assert self.keys.standing.settled_version
        return self.keys.standing.pseudonyms(self.keys.ring())

    def _api(self) -> Gateway:
        accepts = accepting(self.clock, test_numbers_allowed=True)
        log = mortal(self.log, self.life, "write")
        registrations = mortal(self.registrations, self.life, "write", "delete")
        quota = Quota(FakeQuotaStore(), 1_000_000, self.clock, no_sleep)
        calls = (
            *LookupCalls(Lookups(self._lookup_table, log, self.pseudonyms, self.clock, accepts, no_count)).all,
            *RegistrationCalls(
                Registrations(registrations, log, self.pseudonyms, self.clock, accepts, quota, no_count, self.links)
            ).all,
            *QualityCalls(self._quality(log)).all,
            *StandCalls(Stands(self._pairs, self.suspensions, self.clock)).all,
        )
        return Gateway({call.route: call for call in calls}, self.clock, self._logger, self._metrics)

    def _quality(self, log: FakePrivacyLog) -> QualityReports:
        store, accepts = (
            mortal(self.reports, self.life, "add", "answer"),
            accepting(self.clock, test_numbers_allowed=True),
        )
        pseudonyms = self.pseudonyms
        return QualityReports(store, self.registrations, FakeOutbox(), log, pseudonyms, self.clock, accepts, self.links)

    def answer_report(self, report: str, status: str) -> None:
        """Have WEWIS answer a quality report."""
        self._quality(self.log).answer(report, ReportStatus(status), "nagekeken", _WEWIS)

    def call(self, party: Party, path: str, body: object) -> tuple[int, str]:
        """Make a call of the API; give the status and the body of its answer."""
        reply = self._gateway.answer(api_event(path, json.dumps(body), claims(party.kbo, *SCOPES)))
        self._metrics.clear_metrics()
        return reply["statusCode"], reply["body"]

    def take_in(self) -> None:
        """Take in what came, as S3's events tell of it; an event goes when it was served to its end."""
        bucket = mortal(
            self.bucket,
            self.life,
            *("begin_progress", "write_progress", "quarantine_file", "quarantine_records", "publish_report"),
            *("publish_again", "put_away", "remove"),
        )
        intake = Intake(
            bucket=bucket,
            applied=self.folders,
            persons=self._mortal_persons(),
            ledger=mortal(self.ledger, self.life, "claim", "finish"),
            pseudonyms=self.settled,
            rules=replace(RULES, test_numbers_allowed=not self.is_strict),
            clock=self.clock,
            sleep=no_sleep,
            successions=mortal(self.successions, self.life, "claim", "finish"),
        )
        events = IntakeEvents(intake, self._incoming, self._go_on, self._logger, self._metrics)
        while self.dock.events:
            key, version = self.dock.events[0]
            s3 = {"object": {"key": key, "versionId": version}}
            events.take_in({"Records": [{"eventName": "ObjectCreated:Put", "s3": s3}]}, lambda: LONG)
            self.dock.events.pop(0)
        self._metrics.clear_metrics()

    def _mortal_persons(self) -> PersonTable:
        return mortal(self.persons, self.life, "write", "write_together")

    def release(self, name: str) -> Released:
        """Hand quarantined records in again."""
        persons, bucket = (
            self._mortal_persons(),
            mortal(self.bucket, self.life, "quarantine_records", "remove_quarantined"),
        )
        merger, linker = (
            Merger(persons, YEARS, self.clock, no_sleep),
            Linker(persons, YEARS, self.clock, no_sleep),
        )
        return Release(bucket, self.folders, merger, self.settled, test_numbers_allowed=True, linker=linker).release(
            name
        )

    def publish(self) -> int:
        """Publish the statistics of the months that have closed."""
        store = mortal(self.statistics, self.life, "keep")
        made = Publisher(Scan(self.persons, self.keys), store, FakeProgress(), self.clock, parts=1).publish()
        assert made is not None
        return made

    def _incoming(self, key: str, version: str | None) -> IncomingFile:
        name = key.removeprefix("inkomend/")
        if name not in self.bucket.incoming:
            raise ObjectMissingError(name)
        return IncomingFile(name, key, version, self.clock())

    def _go_on(self, _event: Mapping[str, Any]) -> None:
        raise AssertionError("no file of a day takes longer than an invocation")

    def audience(self) -> Audience:
        """Give who may be told of whom."""
        return Audience(self.registrations, self.pseudonyms, self.clock, links=self.links)

    def tell(self) -> None:
        """Make the notices that can be made."""
        audience = self.audience()
        notices = Notices(
            Telling(self.folders, audience, self.queues, self.folders, no_sleep),
            Delivery(self.queues, self.folders, self.folders, self.suspensions, audience, self.clock, no_sleep),
        )
        assert notices.go_round(lambda: LONG).failures == []

    @property
    def _keys_in_use(self) -> KeysInUse:
        return KeysInUse(lambda _anew: self.keys.ring(), self.keys.read)

    def _alone(self) -> Pseudonyms:
        return self._keys_in_use.alone()

    @property
    def _pairs(self) -> Pairs:
        return Pairs(_Handles(self.registrations), self._lookup_table, self._alone, self.clock)

    def publish_stand(self, party: Party) -> Outcome:
        """Put a party's stand out."""
        outbox = mortal(_Folders(self.folders), self.life, "put_out")
        is_alone = self._keys_in_use.is_alone
        return StandPublisher(self._pairs, self.suspensions, outbox, is_alone, self.clock).publish(party.kbo)[0]

    def visit(self) -> None:
        """Go to the dropserver and back; it may be down, and nothing else may fail."""
        taking = Taking(
            inbox=self.dock,
            memory=self.dock,
            folder="From_Vip",
            pattern="werk.publiceer*-0100_*.json*",
            after_taking="remove",
            settle=10,
            broken_after=timedelta(hours=1),
            sleep=no_sleep,
            now=self.clock,
        )
        sending = Sending(self.dock, "{party}", Holding(self.suspensions, self.clock))
        try:
            Round(self.server.connect, taking, sending, self._logger, self._metrics).run(lambda: LONG)
        except RoundFailedError:
            assert self.server.is_down
        self._metrics.clear_metrics()

    def let_ended_go(self) -> None:
        """Delete what is left of parties that left."""
        version = self.keys.standing.version
        ended = EndedParties(
            registrations=_OfParties(mortal(self.registrations, self.life, "delete"), version),
            log=mortal(self.log, self.life, "write"),
            queues=self.queues,
            contents=_Clearing(self.folders),
            standing=lambda: self.keys.standing,
            clock=self.clock,
        )
        assert ended.go_round(lambda: LONG).is_complete

    def suspend(self, party: Party, streams: Sequence[Stream]) -> None:
        """Suspend a party."""
        self._source().suspend(Wanted(party.kbo, tuple(streams), (), "onderzoek"), _WEWIS)

    def lift(self, party: Party) -> None:
        """Lift what a party is suspended from."""
        for each in self.suspensions.items.get(party.kbo, ()):
            if each.lifted is None:
                self._source().lift(each.id, _WEWIS)

    def _source(self) -> Suspensions:
        return Suspensions(self.suspensions, self.clock, lambda: f"s-{next(self._ids)}", no_sleep)

    def rotate(self, version_of: Callable[[str], int], meanwhile: Callable[[], None]) -> None:
        """Rotate the key; the world goes on at each of its waits."""
        tables = [
            KeyedItems("persons", self.persons.items, version_of),
            KeyedItems("registrations", self.registrations.items, version_of),
            KeyedItems("doubts", self.reports.doubts, version_of),
            KeyedItems("links", self.persons.linked, version_of, with_links_renamed),
        ]
        Rotation(
            tables=tables,
            standings=self.keys,
            secret=self.keys,
            halted=_Halted(),
            longest=LONG,
            progress=_unfollowed,
            sleep=lambda _: meanwhile(),
            monotonic=lambda: 0.0,
        ).run()

    def expire(self, delays: Callable[[], float]) -> None:
        """Delete what has expired, each after a delay in seconds: DynamoDB takes its time."""
        now = self.clock().timestamp()
        for person, stored in list(self.persons.items.items()):
            if stored.expires_at + delays() <= now:
                del self.persons.items[person]
        for person, links in list(self.persons.linked.items()):
            if links.expires_at + delays() <= now:
                del self.persons.linked[person]

    def stored(self, number: str) -> StoredPerson | None:
        """Give a person's item."""
        return self.persons.items.get(self.pseudonyms().names(number)[0].person)

    def stored_links(self, number: str) -> StoredLinks | None:
        """Give the links of a number, though they may have ended."""
        return self.persons.linked.get(self.pseudonyms().names(number)[0].person)

    def waits_for(self, party: Party) -> bool:
        """Tell whether anything of a party stands in a queue or waits."""
        return bool(self.queues.queues.get(party.kbo)) or any(kbo == party.kbo for kbo, _ in self.folders.waiting)

    def logged(self) -> list[LogEntry]:
        """Take what was logged since this was asked last."""
        found, self.log.entries = self.log.entries, []
        return found


def with_links_renamed(stored: StoredLinks, successor: Callable[[str], Name]) -> StoredLinks:
    """Give links as they are under the next names."""
    return replace(stored, links=stored.links.renamed(lambda name: successor(name).person))


_WEWIS = Caller(Asker(WEWIS.kbo, "application-1", frozenset({"jbplus:bron"})), "an.peeters", "c-1", "t-1")


@dataclass(frozen=True)
class _OfParties:
    registrations: RegistrationTable
    version: int

    def of_party(self, party: str) -> Any:
        return iter(self.registrations.of_party(party, self.version))

    def delete(self, names: Sequence[Name], party: str) -> None:
        self.registrations.delete(names, party)


@dataclass(frozen=True)
class _Handles:
    registrations: RegistrationTable

    def of_party(self, party: str, _version: int, ranges: Collection[str] | None) -> Iterator[Sequence[str]]:
        persons = [
            person
            for (person, each), found in self.registrations.items.items()
            if each == party and found.handle is not None and (ranges is None or range_of(found.handle) in ranges)
        ]
        yield from batches(persons)


@dataclass(frozen=True)
class _Folders:
    folders: FakeFolders

    def put_out(self, party: str, name: str, content: bytes) -> None:
        self.folders.outgoing.setdefault(party, {})[name] = content


@dataclass(frozen=True)
class _Clearing:
    folders: FakeFolders

    def remove_waiting(self, recipient: str, part: Part) -> None:
        self.folders.remove_waiting(recipient, part)

    def clear_waiting(self, recipient: str) -> None:
        for party, part in list(self.folders.waiting):
            if party == recipient:
                self.folders.remove_waiting(recipient, part)


class _Halted:
    def stop(self) -> None:
        """No file comes at night."""

    def go_on(self) -> None:
        """None waited."""


class _unfollowed:  # noqa: N801 - stands for a function that gives a context
    def __init__(self, _description: str, _steps: int) -> None: ...

    def __enter__(self) -> Callable[[int], None]:
        return lambda _done: None

    def __exit__(self, *_: object) -> None: ...
