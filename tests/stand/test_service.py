"""A party's stand is what its lookups would answer, of its own active registrations, each once."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.consultation.service import Lookup, Lookups
from jbplus.consultation.table import DynamoLookupStore
from jbplus.consultation.versions import Answered
from jbplus.doubts.rules import Doubt, ReportStatus
from jbplus.doubts.table import DynamoDoubts
from jbplus.errors import UnavailableError
from jbplus.persons.merging import PersonChange, StoredPerson
from jbplus.persons.pseudonym import KeyRing, Name, Pseudonyms
from jbplus.persons.rotation import KeysInUse, Phase, Standing
from jbplus.persons.table import DynamoPersons
from jbplus.protocol.access import Refusal, RefusedError
from jbplus.protocol.parties import OPGROEIEN
from jbplus.protocol.purposes import SCOPE_REGISTRATION, Purpose, Right
from jbplus.registrations.rules import Registration
from jbplus.registrations.service import draw_handle
from jbplus.registrations.table import DynamoRegistrations
from jbplus.stand.calls import OpenBody, StandCalls
from jbplus.stand.document import Stand
from jbplus.stand.rules import Pair, ranges_of
from jbplus.stand.service import Outcome, Pairs, Publisher, Stands
from jbplus.stand.table import DynamoHandles
from jbplus.suspensions.rules import Stream, Suspension
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.engine import Tables
from tests.support.fakes import ACCEPTS, NOW, caller, no_count, no_sleep, version_1
from tests.support.known import INFINO, OPEN, PARENTIA, entry, stored
from tests.support.people import person_number
from tests.suspensions.fakes import FakeSuspensionStore

KEYS = (b"1" * 32, b"2" * 32)
NUMBERS = [person_number(serial) for serial in range(1, 8)]
PAID, EXPIRED, DOUBTED, NOTHING, ENDED, AHEAD, NAMELESS = NUMBERS
ASKING = caller(INFINO, SCOPE_REGISTRATION, "jbplus:dossierbeheer")
TODAY = NOW.date()


@dataclass
class World:
    """Infino and Parentia have registered the same persons, in every state that there is."""

    client: DynamoDBClient
    tables: Tables
    standing: Standing = field(default_factory=Standing)

    def __post_init__(self) -> None:
        self.suspensions = FakeSuspensionStore()
        self.outbox: dict[tuple[str, str], bytes] = {}
        persons = DynamoPersons(self.client, self.tables.persons, no_sleep, version_1)
        expired = StoredPerson(stored({"R-1": entry()}).state, int(NOW.timestamp()))
        persons.write(
            [
                PersonChange(self.name(PAID), None, stored({"R-1": entry()})),
                PersonChange(self.name(EXPIRED), None, expired),
            ]
        )
        doubt = Doubt("report", INFINO, ReportStatus.REPORTED, int(NOW.timestamp()) + 9)
        doubts = DynamoDoubts(self.client, self.tables.registrations, no_sleep)
        self.client.transact_write_items(TransactItems=doubts.puts((Name(self.name(DOUBTED), 1),), doubt, NOW))
        for party in (INFINO, PARENTIA):
            for number, registration in self.registrations().items():
                self.register(number, registration, party)

    @staticmethod
    def registrations() -> Mapping[str, Registration]:
        ended = Registration(date(2025, 1, 1), TODAY - timedelta(days=1), Right.RUNNING)
        ahead = Registration(TODAY + timedelta(days=1), None, Right.RUNNING)
        active = {number: replace(OPEN, handle=draw_handle()) for number in (PAID, EXPIRED, DOUBTED, NOTHING)}
        later = {ENDED: replace(ended, handle=draw_handle()), AHEAD: replace(ahead, handle=draw_handle())}
        return {**active, **later, NAMELESS: OPEN}

    def name(self, number: str, version: int = 1) -> str:
        return Pseudonyms(KEYS).of_every_version(number)[version - 1]

    def register(self, number: str, registration: Registration, party: str, version: int = 1) -> None:
        kept = DynamoRegistrations(self.client, self.tables.registrations, lambda: NOW, no_sleep)
        kept.write({(Name(self.name(number, version), version),): registration}, party)

    @property
    def keys(self) -> KeysInUse:
        return KeysInUse(lambda _anew: KeyRing(self.standing.version, KEYS), lambda: self.standing)

    @property
    def store(self) -> DynamoLookupStore:
        tables = self.tables
        return DynamoLookupStore(
            self.client, tables.persons, tables.registrations, tables.suspensions, no_sleep, lambda: NOW
        )

    @property
    def pairs(self) -> Pairs:
        return Pairs(DynamoHandles(self.client, self.tables.registrations), self.store, self.keys.alone, lambda: NOW)

    def of(self, party: str) -> list[Pair]:
        return [pair for page in self.pairs.of(party) for pair in page]

    def open(self, *ranges: str) -> list[Pair]:
        return Stands(self.pairs, self.suspensions, lambda: NOW).open(ranges, ASKING)

    def put_out(self, party: str, name: str, content: bytes) -> None:
        self.outbox[party, name] = content

    def publish(self, party: str = INFINO) -> tuple[Outcome, int]:
        keys = self.keys
        return Publisher(self.pairs, self.suspensions, self, keys.is_alone, lambda: NOW).publish(party)

    def suspend(self, stream: Stream) -> None:
        self.suspensions.items[INFINO] = (Suspension("s", INFINO, (stream,), (), "proef", NOW, None),)


@pytest.fixture
def world(dynamodb: DynamoDBClient, tables: Tables) -> World:
    return World(dynamodb, tables)


def test_a_stand_has_the_versions_that_lookups_answer_of_active_registrations(world: World) -> None:
    lookups = Lookups(world.store, FakePrivacyLog(), world.keys.current, lambda: NOW, ACCEPTS, no_count)
    answers = lookups.look_up(Lookup(tuple(NUMBERS), Purpose.SOCIAL_SUPPLEMENT), ASKING)
    answered = {answer.version for answer in answers if isinstance(answer, Answered)}

    pairs = world.of(INFINO)

    assert {pair.version for pair in pairs} == answered - {None}
    assert len(pairs) == len({pair.version for pair in pairs}) == 4


def test_two_parties_stands_have_nothing_in_common(world: World) -> None:
    mine, theirs = world.of(INFINO), world.of(PARENTIA)

    assert len(mine) == len(theirs) == 4
    assert not {text for pair in mine for text in pair} & {text for pair in theirs for text in pair}


def test_a_change_that_an_answer_shows_changes_one_version_and_no_handle(world: World) -> None:
    before = dict(world.of(INFINO))
    persons = DynamoPersons(world.client, world.tables.persons, no_sleep, version_1)
    persons.write([PersonChange(world.name(NOTHING), None, stored({"R-9": entry()}))])

    after = dict(world.of(INFINO))

    assert before.keys() == after.keys()
    assert sum(before[handle] != after[handle] for handle in before) == 1


def test_ranges_are_opened_in_the_order_of_their_handles(world: World) -> None:
    pairs = sorted(world.of(INFINO))
    ranges = sorted({pair.handle[:3] for pair in pairs})

    assert world.open(*ranges) == pairs
    assert world.open(ranges[0]) == [pair for pair in pairs if pair.handle.startswith(ranges[0])]


def test_what_a_finished_rotation_has_not_removed_yet_counts_once(world: World) -> None:
    before = {pair.handle for pair in world.of(INFINO)}
    kept = DynamoRegistrations(world.client, world.tables.registrations, lambda: NOW, no_sleep)
    for number in NUMBERS:
        found = kept.read([world.name(number)], INFINO)[world.name(number)]
        world.register(number, found, INFINO, version=2)
    world.standing = Standing(2, Phase.SWEEPING)

    after = world.of(INFINO)

    assert sorted(pair.handle for pair in after) == sorted(before)


@pytest.mark.parametrize("phase", [Phase.OPENING, Phase.COPYING, Phase.RESTORING, Phase.REPLAYING])
def test_stands_wait_for_a_rotation_and_a_restore(world: World, phase: Phase) -> None:
    world.standing = Standing(1, phase)

    with pytest.raises(UnavailableError):
        world.open("000")
    assert world.publish() == (Outcome.WAITS, 0)
    assert world.outbox == {}


def test_a_stand_is_put_out_and_again_to_the_byte(world: World) -> None:
    assert world.publish() == (Outcome.PUBLISHED, 4)
    first = dict(world.outbox)
    assert world.publish() == (Outcome.PUBLISHED, 4)

    assert world.outbox == first
    ((party, name), content) = first.popitem()
    assert (party, name) == (INFINO, "werk.publiceerstandjobbonusplus-0100.json")
    assert Stand.model_validate_json(content).ranges == ranges_of(world.of(INFINO))
    assert not any(number.encode() in content for number in NUMBERS)


def test_a_party_that_is_suspended_from_mutations_gets_none_and_opens_none(world: World) -> None:
    world.suspend(Stream.MUTATIONS)

    assert world.publish() == (Outcome.HELD_BACK, 0)
    with pytest.raises(RefusedError) as refused:
        world.open("000")
    assert refused.value.refusal is Refusal.SUSPENDED
    assert world.outbox == {}


def test_a_suspension_from_lookups_alone_changes_nothing(world: World) -> None:
    world.suspend(Stream.CONSULTATION)

    assert world.publish() == (Outcome.PUBLISHED, 4)


@pytest.mark.parametrize("kbo", [OPGROEIEN.kbo, "0000000097"])
def test_who_registers_nobody_has_no_stand(world: World, kbo: str) -> None:
    asked = caller(kbo, SCOPE_REGISTRATION)
    with pytest.raises(RefusedError):
        Stands(world.pairs, world.suspensions, lambda: NOW).open(["000"], asked)


def test_a_party_that_has_left_gets_none(world: World) -> None:
    gone: Callable[[str], None] = lambda _kbo: None  # noqa: E731 - a party that nobody knows
    publisher = Publisher(world.pairs, world.suspensions, world, world.keys.is_alone, lambda: NOW, gone)

    assert publisher.publish(INFINO) == (Outcome.HELD_BACK, 0)


def test_the_call_says_handles_and_versions_alone(world: World) -> None:
    pairs = sorted(world.of(INFINO))
    body = OpenBody.model_validate_json(json.dumps({"bereiken": sorted({pair.handle[:3] for pair in pairs})}))

    answer = StandCalls(Stands(world.pairs, world.suspensions, lambda: NOW)).query(body, ASKING)

    assert answer.wire() == {"items": [{"handle": pair.handle, "versie": pair.version} for pair in pairs]}
