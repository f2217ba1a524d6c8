"""A person's number changes: the stand stays what lookups would answer, under every number, and both stay in step."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jbplus.consultation.calls import LookupCalls, QueryBody
from jbplus.consultation.service import Found, Known, Lookups
from jbplus.notices.notice import SUCCESSION_PREFIX
from jbplus.protocol.purposes import SCOPE_REGISTRATION, Purpose
from jbplus.registrations.rules import Registration
from jbplus.registrations.service import draw_handle
from jbplus.stand.document import FILE_NAME
from jbplus.stand.rules import range_of
from jbplus.stand.service import Pairs, Publisher, Stands
from jbplus.stand.wire import PairAnswer
from jbplus_recipient.answers import LookupItem, LookupItems, Registered, RegistrationItem
from jbplus_recipient.client import Outcome, Recipient
from jbplus_recipient.store import Store
from tests.notices.fakes import NoticesWorld
from tests.persons.fakes import FakeLinks
from tests.privacy_log.fakes import FakePrivacyLog
from tests.recipient.fakes import FOLDER, INFINO, MemoryServer, memory
from tests.support.fakes import ACCEPTS, PSEUDONYMS, caller, no_count
from tests.support.files import mutation_file, record, succession, succession_file
from tests.support.known import OPEN
from tests.support.people import ANNA, BRAM, CELINE

OLD, NEW, OTHER = ANNA, BRAM, CELINE
ASKING = caller(INFINO.kbo, SCOPE_REGISTRATION, "jbplus:dossierbeheer")


@dataclass
class World:
    """The exchange with links on edges in memory, and a payment actor."""

    folder: Path
    exchange: NoticesWorld = field(default_factory=NoticesWorld)
    server: MemoryServer = field(default_factory=MemoryServer)
    fetched: set[str] = field(default_factory=set)
    volgnummers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))
    opened: int = 0

    def __post_init__(self) -> None:
        self.recipient = Recipient(Store(memory(), INFINO), self, now=self.now)
        lookups = Lookups(self, FakePrivacyLog(), lambda: PSEUDONYMS, self.now, ACCEPTS, no_count)
        self.lookups = LookupCalls(lookups)
        self.pairs = Pairs(self, self, lambda: PSEUDONYMS, self.now)

    def now(self) -> datetime:
        return self.exchange.now.astimezone(UTC)

    # What the exchange reads.

    def read(self, persons: Sequence[str], parties: Sequence[str], asking: str) -> Found:
        links = FakeLinks(self.exchange.persons).read(persons)
        found = self.exchange.registrations.read_all(persons, parties)
        known = {
            person: Known(
                self.exchange.persons.items.get(person),
                {party: found[person, party] for party in parties if (person, party) in found},
                links=links.get(person),
            )
            for person in persons
        }
        return Found(known, self.exchange.suspensions.items.get(asking, ()))

    def of_party(self, party: str, _version: int, ranges: Collection[str] | None) -> Iterator[Sequence[str]]:
        for (person, each), found in self.exchange.registrations.items.items():
            if each == party and found.handle and (ranges is None or range_of(found.handle) in ranges):
                yield [person]

    # What the recipient asks.

    def register(self, numbers: Sequence[str], registration: Registration) -> list[RegistrationItem]:
        handles = {number: draw_handle() for number in numbers}
        for number, handle in handles.items():
            made = replace(registration, handle=handle)
            self.exchange.register(INFINO.kbo, number, registration=made)
        return [
            Registered.model_validate({"insz": number, "resultaat": "geregistreerd", "handle": handle})
            for number, handle in handles.items()
        ]

    def unregister(self, number: str) -> None:
        self.exchange.unregister(INFINO.kbo, number)

    def registration(self, number: str) -> Registration | None:
        return self.exchange.registrations.items.get((PSEUDONYMS(number), INFINO.kbo))

    def open(self, ranges: Sequence[str]) -> list[PairAnswer]:
        self.opened += 1
        pairs = Stands(self.pairs, self.exchange.suspensions, self.now).open(ranges, ASKING)
        return [PairAnswer(handle=pair.handle, versie=pair.version) for pair in pairs]

    def lookup(self, numbers: Sequence[str], *, after_notice: bool) -> Sequence[LookupItem]:
        body = QueryBody(inszLijst=list(numbers), doel=Purpose.SOCIAL_SUPPLEMENT, naarAanleidingVanMutatie=after_notice)
        answer = self.lookups.query(body, ASKING)
        return LookupItems.model_validate_json(answer.model_dump_json(by_alias=True, exclude_none=True)).items

    # What happens.

    def paid(self, number: str, referte: str) -> None:
        self.exchange.take_in(mutation_file([record(number, referte)], next(self.volgnummers)))

    def replaced(self, type_: str = "01") -> None:
        self.exchange.take_in(succession_file([succession(OLD, NEW, type_=type_)], next(self.volgnummers)))

    def deliver(self) -> None:
        self.exchange.go_round()
        for name, content in self.exchange.folders.outgoing.get(INFINO.kbo, {}).items():
            if name not in self.fetched:
                self.server.held[FOLDER, name] = content
                self.fetched.add(name)

    def put_out(self, _party: str, name: str, content: bytes) -> None:
        self.server.held[FOLDER, name] = content

    def compare(self) -> Outcome:
        self.exchange.go_round()
        Publisher(self.pairs, self.exchange.suspensions, self, lambda: True, self.now).publish(INFINO.kbo)
        assert (FOLDER, FILE_NAME) in self.server.held
        return self.recipient.sync(self.server.mailbox(), output=self.folder)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.paid(OLD, "a")
    world.recipient.add([OLD, OTHER], OPEN)
    assert world.compare().standing.is_in_step
    return world


@pytest.mark.parametrize("type_", ["01", "03"])
def test_a_succession_that_is_told_leaves_nothing_that_differs(world: World, type_: str) -> None:
    world.replaced()
    world.paid(NEW, "b")
    world.deliver()
    assert world.compare().standing.is_in_step
    if type_ == "03":
        world.replaced(type_)
        world.deliver()

    # The first stand may be older than what the notice had it do.
    outcome = world.compare()
    assert (outcome.differed, outcome.standing.is_in_step) == ((), True)
    opened = world.opened
    outcome = world.compare()
    assert (outcome.differed, outcome.standing.is_in_step, world.opened) == ((), True, opened)


def test_a_succession_that_nobody_told_is_found(world: World) -> None:
    world.replaced()
    world.paid(NEW, "b")
    world.deliver()
    for name in world.server.names():
        world.server.held.pop((FOLDER, name))

    outcome = world.compare()

    assert [(one.name, str(one.kind), one.is_healed) for one in outcome.differed] == [(OLD, "outdated", True)]
    assert sum(row.deducted for row in world.recipient._store.deductions()) == 1200
    assert world.compare().differed == ()


def test_the_new_number_counts_under_its_own_registration(world: World) -> None:
    world.replaced()
    world.deliver()
    assert any(name.startswith(SUCCESSION_PREFIX) for name in world.server.names())
    world.compare()

    handles = {pair.handle for page in world.pairs.of(INFINO.kbo) for pair in page}

    assert handles == set(world.recipient._store.stands.handles())
    assert set(world.recipient._store.stands.handles().values()) == {NEW, OTHER}
