"""Tables whose key is rotated while calls go on, by instances that know the latest phase or the one before."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.consultation.service import Lookup, Lookups
from jbplus.consultation.table import DynamoLookupStore
from jbplus.consultation.versions import Answered
from jbplus.doubts.rules import ReportStatus
from jbplus.doubts.table import DynamoDoubts
from jbplus.errors import UnavailableError
from jbplus.persons.merging import PersonChange, StoredPerson
from jbplus.persons.pseudonym import KeyRing, Pseudonyms
from jbplus.persons.rotation import KeysInUse, Phase
from jbplus.persons.table import DynamoPersons, StandingItem
from jbplus.privacy_log.table import DynamoPrivacyLog, person_partition
from jbplus.protocol.access import Refusal
from jbplus.protocol.caller import Caller
from jbplus.protocol.parties import WEWIS
from jbplus.protocol.purposes import SCOPE_REGISTRATION, Purpose
from jbplus.quality.rules import Flaw, Told
from jbplus.quality.service import QualityReports
from jbplus.quality.table import DynamoReports
from jbplus.registrations.quota import Quota
from jbplus.registrations.service import Registrations
from jbplus.registrations.table import DynamoQuota, DynamoRegistrations
from jbplus.retry import chunks
from jbplus_cli.keys.rotation import LONGEST_CALL, Advance, Rotation
from jbplus_cli.keys.tables import DynamoKeyedTable, DynamoStandings
from tests.quality.fakes import FakeOutbox
from tests.support.engine import Tables, all_items
from tests.support.fakes import NOW, caller, no_sleep
from tests.support.known import INFINO, OPEN, entry, stored
from tests.support.lives import KilledError
from tests.support.people import ANNA, BRAM, CELINE, person_number

KNOWN: dict[str, StoredPerson] = {
    ANNA: stored({"R-1": entry("600.00")}),
    BRAM: stored({"R-2": entry("300.00"), "R-3": entry("-150.00")}),
}
PERSONS = (ANNA, BRAM, CELINE)
# Each comes or goes once, at one moment, and nothing later mends it.
COMING = [person_number(serial) for serial in range(100, 150)]
GOING = [person_number(serial) for serial in range(200, 250)]
CALLER = caller(INFINO, SCOPE_REGISTRATION, "jbplus:dossierbeheer", "jbplus:melding")
SOURCE = caller(WEWIS.kbo, "jbplus:bron")


@dataclass
class FakeSecret:
    """The secret with the keys.

    Attributes:
        strike: is called before and after each write, with its name.
        version: what it names.
        keys: what it holds.
    """

    strike: Callable[[str], None]
    version: int = 1
    keys: tuple[bytes, ...] = (b"1" * 32,)

    def ring(self) -> KeyRing:
        return KeyRing(self.version, self.keys[: self.version + 1])

    def add_key(self, version: int) -> None:
        self.strike("before add_key")
        assert version == len(self.keys) + 1
        self.keys = (*self.keys, str(version).encode() * 32)
        self.strike("after add_key")

    def name_version(self, version: int) -> None:
        self.strike("before name_version")
        self.version = version
        self.strike("after name_version")


@dataclass
class FakeHalted:
    """What waits."""

    strike: Callable[[str], None]
    is_stopped: bool = False

    def stop(self) -> None:
        self.strike("before stop")
        self.is_stopped = True

    def go_on(self) -> None:
        self.strike("before go_on")
        self.is_stopped = False
        self.strike("after go_on")


@dataclass
class Instance:
    """A running function: it goes by a phase that it read for as long as any call may."""

    world: "World"
    known: Pseudonyms | None = None
    read_at: float = 0.0

    def pseudonyms(self) -> Pseudonyms:
        if self.known is None or self.world.seconds - self.read_at >= LONGEST_CALL:
            self.known, self.read_at = self.world.keys().current(), self.world.seconds
        return self.known

    @property
    def registrations(self) -> Registrations:
        world = self.world
        return Registrations(
            DynamoRegistrations(world.dynamodb, world.tables.registrations, lambda: NOW, no_sleep),
            DynamoPrivacyLog(world.dynamodb, world.tables.privacy_log),
            self.pseudonyms,
            lambda: NOW,
            lambda _: True,
            Quota(DynamoQuota(world.dynamodb, world.tables.registrations, no_sleep), 10_000, lambda: NOW, no_sleep),
            lambda *_: None,
        )

    @property
    def reports(self) -> QualityReports:
        world = self.world
        registrations = DynamoRegistrations(world.dynamodb, world.tables.registrations, lambda: NOW, no_sleep)
        doubts = DynamoDoubts(world.dynamodb, world.tables.registrations, no_sleep)
        return QualityReports(
            DynamoReports(world.dynamodb, world.tables.quality, doubts, no_sleep),
            registrations,
            FakeOutbox(),
            DynamoPrivacyLog(world.dynamodb, world.tables.privacy_log),
            self.pseudonyms,
            lambda: NOW,
            lambda _: True,
        )

    @property
    def lookups(self) -> Lookups:
        world = self.world
        tables = world.tables
        return Lookups(
            DynamoLookupStore(world.dynamodb, tables.persons, tables.registrations, tables.suspensions, no_sleep),
            DynamoPrivacyLog(world.dynamodb, tables.privacy_log),
            self.pseudonyms,
            lambda: NOW,
            lambda _: True,
            lambda *_: None,
        )


@dataclass
class World:
    """The tables, and what goes on at them.

    Attributes:
        dynamodb: the client of the calls.
        operators: the client of the rotation.
        seconds: the time.
        registered: whom the party has registered, as it knows itself.
        busy: whether calls go on.
        deadly: whether the rotation dies at each write, in each phase.
        reports: what was reported on each person, by id and how far it has come, as the party knows itself.
        seen: the moments of the rotation that came.
        deaths: how often it died.
        logged: how many records of the log there must be about each person.
    """

    dynamodb: DynamoDBClient
    operators: DynamoDBClient
    tables: Tables
    busy: bool = True
    deadly: bool = False
    seconds: float = 0.0
    registered: set[str] = field(default_factory=lambda: {ANNA, BRAM, *GOING})
    reports: dict[str, dict[str, ReportStatus]] = field(default_factory=lambda: {number: {} for number in PERSONS})
    seen: set[str] = field(default_factory=set)
    deaths: int = 0
    logged: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PERSONS, 0))
    turns: int = 0
    moves: int = 0

    def __post_init__(self) -> None:
        self.secret = FakeSecret(self.strike)
        self.halted = FakeHalted(self.strike)
        self.lagging = Instance(self)
        self._remembered = self.secret.ring()
        first = self.keys().current()
        persons = DynamoPersons(self.dynamodb, self.tables.persons, no_sleep, self.keys().version)
        persons.write([PersonChange(first(number), None, known) for number, known in KNOWN.items()])
        store = DynamoRegistrations(self.dynamodb, self.tables.registrations, lambda: NOW, no_sleep)
        for numbers in chunks(self.registered, 100):
            store.write({first.names(number): OPEN for number in numbers}, INFINO)

    def keys(self) -> KeysInUse:
        """The keys as a function that starts now has them; its secret was read long ago."""
        return KeysInUse(self._ring, self.standings.read, lambda: self.seconds)

    def _ring(self, anew: bool) -> KeyRing:  # noqa: FBT001 - as the protocol has it
        if anew:
            self._remembered = self.secret.ring()
        return self._remembered

    @property
    def standings(self) -> DynamoStandings:
        items = [StandingItem.of_persons(self.tables.persons), StandingItem.of_registrations(self.tables.registrations)]
        return DynamoStandings(self.operators, items, no_sleep)

    def rotation(self) -> Rotation:
        return Rotation(
            tables=[
                DynamoKeyedTable(self.operators, self.tables.persons, "persons", no_sleep),
                DynamoKeyedTable(self.operators, self.tables.registrations, "registrations", no_sleep),
            ],
            standings=self.standings,
            secret=self.secret,
            halted=self.halted,
            longest=900,
            progress=_unseen,
            sleep=self.sleep,
            monotonic=lambda: self.seconds,
        )

    def rotate(self) -> None:
        """Rotate, begun again after each death."""
        version = self.standings.read().version
        with self._watched():
            while True:
                try:
                    self.rotation().run()
                except KilledError:
                    # It may have died when all was done.
                    if self.standings.read().phase is not Phase.SETTLED or self.standings.read().version == version:
                        continue
                return

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self._pass_by("while waiting")

    def strike(self, write: str) -> None:
        """Come right before or right after a write: calls go on, and it may be the end of the rotation."""
        if write.startswith("before"):
            self.lagging = Instance(self)
            self.lagging.pseudonyms()
        if self._pass_by(write) and self.deadly:
            self.deaths += 1
            raise KilledError

    def _pass_by(self, moment: str) -> bool:
        """Let calls go on at a moment of a phase, the first time it comes; tell whether it is the first time."""
        moment = f"{self.standings.read().phase} {moment}"
        if moment in self.seen:
            return False
        self.seen.add(moment)
        self.traffic()
        return True

    def traffic(self) -> None:
        """Look up, register and delete, by one who may lag and one who may not; every answer must be right."""
        if not self.busy:
            return
        self.turns += 1
        pair = (self.lagging, Instance(self))
        writer, reader = pair if self.turns % 2 else (pair[1], pair[0])
        self._look_up(reader)
        number = PERSONS[self.turns % 3]
        if number in self.registered:
            writer.registrations.delete(number, self.caller())
            self.registered.remove(number)
        else:
            writer.registrations.register({number: OPEN}, self.caller())
            self.registered.add(number)
        self.logged[number] += 1
        coming, going = COMING[self.moves % len(COMING)], GOING[self.moves % len(GOING)]
        self.moves += 1
        writer.registrations.register({coming: OPEN}, self.caller())
        writer.registrations.delete(going, self.caller())
        self.registered = (self.registered | {coming}) - {going}
        self._report(writer, PERSONS[(self.turns + 1) % 3])
        self._look_up(reader, coming, going)
        self._look_up(writer, coming, going)

    def _report(self, instance: Instance, number: str) -> None:
        """Have a person reported on, and what was reported before looked into or found right by turns."""
        for made, status in self.reports[number].items():
            after = ReportStatus.UNFOUNDED if status is ReportStatus.INVESTIGATED else ReportStatus.INVESTIGATED
            instance.reports.answer(made, after, "we look", SOURCE)
            self.reports[number][made] = after
            return
        if number in self.registered:
            report = instance.reports.report(Told(number, Flaw.WRONG), self.caller())
            self.reports[number][report.id] = report.status
            self.logged[number] += 1

    def _look_up(self, instance: Instance, *others: str) -> None:
        numbers = (*PERSONS, *others)
        answers = instance.lookups.look_up(Lookup(numbers, Purpose.SOCIAL_SUPPLEMENT), self.caller())
        for number, answer in zip(numbers, answers, strict=True):
            if number in PERSONS:
                self.logged[number] += 1
            if number not in self.registered:
                assert answer is Refusal.NOT_REGISTERED
            else:
                assert isinstance(answer, Answered)
                expected = KNOWN[number].state_at(NOW).payments if number in KNOWN else []
                assert answer.state.payments == expected
                assert answer.is_in_doubt is any(
                    status is not ReportStatus.UNFOUNDED for status in self.reports.get(number, {}).values()
                )

    @staticmethod
    def caller() -> Caller:
        return replace(CALLER, trace=str(uuid.uuid4()))

    def persons_can_be_written(self) -> bool:
        try:
            self.keys().settled()
        except UnavailableError:
            return False
        return True

    def log_of(self, number: str) -> int:
        """Count the records about a person, under every version."""
        return sum(
            self.dynamodb.query(
                TableName=self.tables.privacy_log,
                KeyConditionExpression="subject = :subject",
                ExpressionAttributeValues={":subject": {"S": person_partition(INFINO, person)}},
            )["Count"]
            for person in self.secret.ring().pseudonyms.of_every_version(number)
        )

    def kept(self) -> dict[str, list[dict[str, Any]]]:
        """All that is kept under pseudonyms, by table, in the order of the keys."""
        return {
            table: sorted(
                (item for item in all_items(self.dynamodb, table) if not item["person"]["S"].startswith("#")),
                key=lambda item: (item["person"]["S"], repr(item.get("party"))),
            )
            for table in (self.tables.persons, self.tables.registrations)
        }

    @contextmanager
    def _watched(self) -> Iterator[None]:
        def before(model: Any, **_: Any) -> None:
            if model.name == "TransactWriteItems":
                self.strike("before TransactWriteItems")

        def after(model: Any, **_: Any) -> None:
            if model.name == "TransactWriteItems":
                self.strike("after TransactWriteItems")

        events = self.operators.meta.events
        events.register("before-call.dynamodb", before)
        events.register("after-call.dynamodb", after)
        try:
            yield
        finally:
            events.unregister("before-call.dynamodb", before)
            events.unregister("after-call.dynamodb", after)


@contextmanager
def _unseen(_description: str, _total: int) -> Iterator[Advance]:
    yield lambda _: None
