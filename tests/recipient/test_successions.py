"""A person's number changes: the client registers the new one, looks it up, and only then lets the old one go."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.consultation.wire import PersonAnswer
from jbplus.notices.notice import SUCCESSION_PREFIX
from jbplus.persons.merging import joined_items
from jbplus.persons.state import PersonState
from jbplus.registrations.rules import Registration
from jbplus.successions.rules import is_replaced, linked
from jbplus_recipient.answers import LookupItem, Person, Registered, RegistrationItem
from jbplus_recipient.client import Outcome, Recipient
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.store import Store
from tests.notices.fakes import NoticesWorld
from tests.persons.fakes import FakeLinks
from tests.recipient.fakes import (
    FOLDER,
    INFINO,
    Fate,
    KilledError,
    MemoryServer,
    MortalStore,
    WithoutStands,
    memory,
    refused,
)
from tests.support.fakes import PSEUDONYMS
from tests.support.files import annulment, mutation_file, record, succession, succession_file
from tests.support.known import OPEN
from tests.support.people import ANNA, BRAM, CELINE

OLD, NEW = ANNA, BRAM


@dataclass
class World(WithoutStands):
    """The exchange itself with fakes at its edges, and one recipient of it."""

    folder: Path
    exchange: NoticesWorld = field(default_factory=NoticesWorld)
    server: MemoryServer = field(default_factory=MemoryServer)
    fate: Fate = field(default_factory=Fate)
    volgnummers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))
    fetched: set[str] = field(default_factory=set)
    out_of_reach: bool = False

    def __post_init__(self) -> None:
        self.connection = memory()

    @property
    def registered(self) -> set[str]:
        names = {PSEUDONYMS(number): number for number in (ANNA, BRAM, CELINE)}
        return {names[person] for person, party in self.exchange.registrations.items if party == INFINO.kbo}

    def register(self, numbers: Sequence[str], _registration: Registration) -> list[RegistrationItem]:
        self.fate(lambda: self.exchange.register(INFINO.kbo, *numbers))
        return [Registered.model_validate({"insz": number, "resultaat": "geregistreerd"}) for number in numbers]

    def unregister(self, number: str) -> None:
        self.fate(lambda: self.exchange.unregister(INFINO.kbo, number))

    def lookup(self, numbers: Sequence[str], *, after_notice: bool) -> list[LookupItem]:
        assert isinstance(after_notice, bool)
        if self.out_of_reach:
            raise ExchangeError("The exchange is out of reach.")
        return self.fate(lambda: [self.answer(number) for number in numbers])

    def answer(self, number: str) -> LookupItem:
        """Answer as the API does: by any number, on the ground of any."""
        person, persons = PSEUDONYMS(number), self.exchange.persons
        found = FakeLinks(persons).read([person])
        numbers = linked(person, found)
        if not any((each, INFINO.kbo) in self.exchange.registrations.items for each in numbers):
            return refused(number)
        stored = {each: persons.items[each] for each in numbers if each in persons.items}
        whole = joined_items(stored, found[person]) if person in found else stored.get(person)
        state = PersonState() if whole is None else whole.state_at(self.exchange.now)
        said = PersonAnswer.of(number, state, None, is_replaced=is_replaced(person, found))
        return Person.model_validate_json(said.model_dump_json(by_alias=True, exclude_none=True))

    def paid(self, number: str, referte: str = "a", amount: str = "600.00") -> None:
        body = {"verrichtingbedrag": amount}
        self.exchange.take_in(mutation_file([record(number, referte, **body)], next(self.volgnummers)))

    def annulled(self, number: str, referte: str = "a") -> None:
        self.exchange.take_in(mutation_file([annulment(number, referte)], next(self.volgnummers)))

    def replaced(self, old: str = OLD, new: str = NEW, type_: str = "01") -> None:
        self.exchange.take_in(succession_file([succession(old, new, type_=type_)], next(self.volgnummers)))

    def deliver(self) -> None:
        """Have what was told lie on the dropserver."""
        self.exchange.go_round()
        for name, content in self.exchange.folders.outgoing.get(INFINO.kbo, {}).items():
            if name not in self.fetched:
                self.server.held[FOLDER, name] = content
                self.fetched.add(name)

    def recipient(self, fate: Fate | None = None) -> Recipient:
        self.fate = self.server.fate = fate or Fate()
        return Recipient(MortalStore(self.connection, fate=self.fate), self, now=lambda: self.exchange.now)

    def sync(self, fate: Fate | None = None) -> Outcome:
        return self.recipient(fate).sync(self.server.mailbox(), output=self.folder)

    def follow(self, *numbers: str) -> None:
        self.recipient().add(numbers, OPEN)
        self.sync()

    def moves(self, *numbers: tuple[str, str]) -> None:
        """Have the recipient follow a person from number to number, and let each old one go."""
        for old, new in numbers:
            self.replaced(old, new)
            self.deliver()
            self.sync()
            self.sync()

    @property
    def deducted(self) -> dict[str, Decimal]:
        return {row.insz: row.deducted for row in Store(self.connection, INFINO).deductions()}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_new_number_takes_the_old_ones_place(world: World) -> None:
    world.paid(OLD)
    world.follow(OLD)
    world.replaced()
    world.paid(NEW, "b", "300.00")
    world.deliver()

    world.sync()

    assert world.deducted == {NEW: Decimal("900.00")}
    assert world.registered == {NEW}
    world.paid(OLD, "c", "50.00")
    world.deliver()
    world.sync()
    assert world.deducted == {NEW: Decimal("950.00")}
    assert world.registered == {NEW}


def test_until_the_new_number_is_answered_the_old_one_stays(world: World) -> None:
    world.paid(OLD)
    world.follow(OLD)
    world.replaced()
    world.deliver()
    world.out_of_reach = True

    with pytest.raises(ExchangeError):
        world.sync()

    assert world.deducted == {OLD: Decimal("600.00")}
    assert world.registered == {OLD, NEW}
    world.out_of_reach = False
    world.sync()
    assert world.deducted == {NEW: Decimal("600.00")}


def test_whoever_hears_nothing_of_the_new_number_counts_the_person_once_and_is_in_step(world: World) -> None:
    """The notice of the succession is lost: the old number is asked about whenever an unknown one is told of."""
    world.paid(OLD)
    world.follow(OLD)
    world.replaced()
    world.deliver()
    world.server.held.clear()
    Store(world.connection, INFINO).expect([OLD], OPEN)
    world.sync()

    world.paid(NEW, "b", "300.00")
    world.deliver()
    world.sync()

    assert sum(world.deducted.values()) == Decimal("900.00")
    assert len(world.deducted) == 1


def test_who_had_both_counts_the_person_once(world: World) -> None:
    world.paid(OLD)
    world.follow(OLD, NEW)
    world.replaced()
    world.deliver()

    world.sync()

    assert world.deducted == {NEW: Decimal("600.00")}
    assert world.registered == {NEW}


def test_a_succession_that_is_taken_back_gives_the_old_number_back_and_lets_the_new_one_go(world: World) -> None:
    world.paid(OLD)
    world.paid(NEW, "b", "300.00")
    world.follow(OLD)
    world.replaced()
    world.deliver()
    world.sync()
    assert world.deducted == {NEW: Decimal("900.00")}

    world.replaced(type_="03")
    world.deliver()
    world.sync()

    assert world.deducted == {OLD: Decimal("600.00")}
    assert world.registered == {OLD}


def test_a_notice_that_a_later_one_overtook_changes_no_registration(world: World) -> None:
    world.paid(OLD)
    world.follow(OLD)
    world.replaced()
    world.deliver()
    (late,) = (item for item in world.server.held.items() if item[0][1].startswith(SUCCESSION_PREFIX))
    world.server.held.clear()
    world.replaced(type_="03")
    world.deliver()
    world.sync()
    world.server.held[late[0]] = late[1]

    world.sync()

    assert world.deducted == {OLD: Decimal("600.00")}
    assert world.registered == {OLD}


def test_what_was_told_under_one_number_alone_makes_the_answer_under_another_one_stale(world: World) -> None:
    """The party registered the new number after the succession: the old one it does not know."""
    world.paid(OLD)
    world.replaced()
    world.deliver()
    world.follow(NEW)
    assert world.deducted == {NEW: Decimal("600.00")}

    world.annulled(OLD)
    world.deliver()
    world.sync()

    assert world.deducted == {}


def test_what_was_asked_last_counts_whichever_number_it_was_asked_under(world: World) -> None:
    world.paid(OLD)
    world.replaced()
    world.deliver()
    world.follow(OLD, NEW)
    low = next(world.volgnummers)
    world.paid(OLD, "b", "300.00")
    world.deliver()
    world.exchange.now += timedelta(days=1)
    world.sync()

    # A file with a lower number comes late: the answer changes, and its number does not.
    world.exchange.take_in(mutation_file([record(OLD, "c", verrichtingbedrag="25.00")], low))
    world.deliver()
    world.exchange.now += timedelta(days=1)
    world.sync()

    assert sum(world.deducted.values()) == Decimal("925.00")


def test_of_who_has_both_numbers_both_are_asked_about(world: World) -> None:
    """The one that was told of may be let go or end before the other is told of."""
    world.paid(OLD)
    world.replaced()
    world.deliver()
    world.follow(NEW)
    ends = world.exchange.now.date() + timedelta(days=1)
    world.recipient().add([OLD], Registration(OPEN.begin, ends, OPEN.right))
    world.sync()
    world.paid(OLD, "b", "300.00")
    world.deliver()
    world.sync()

    world.exchange.now += timedelta(days=3)
    world.sync()

    assert world.deducted == {NEW: Decimal("900.00")}


def test_a_number_that_was_registered_for_its_own_sake_stays_when_the_succession_is_taken_back(world: World) -> None:
    world.paid(OLD)
    world.paid(NEW, "b", "300.00")
    world.follow(OLD)
    world.replaced()
    world.deliver()
    world.sync()
    world.follow(NEW)

    world.replaced(type_="03")
    world.deliver()
    world.sync()

    assert world.deducted == {OLD: Decimal("600.00"), NEW: Decimal("300.00")}
    assert world.registered == {OLD, NEW}


def test_a_chain_that_is_taken_back_at_its_beginning_is_left_to_its_end(world: World) -> None:
    world.paid(OLD)
    world.paid(CELINE, "c", "25.00")
    world.follow(OLD)
    world.moves((OLD, NEW), (NEW, CELINE))
    assert (world.deducted, world.registered) == ({CELINE: Decimal("625.00")}, {CELINE})

    world.replaced(OLD, NEW, type_="03")
    world.deliver()
    world.sync()

    assert (world.deducted, world.registered) == ({OLD: Decimal("600.00")}, {OLD})


@pytest.mark.parametrize("is_taken_back_first", [True, False])
def test_somebody_who_was_taken_back_is_not_followed_to_a_further_number(
    world: World, *, is_taken_back_first: bool
) -> None:
    world.paid(OLD)
    world.follow(OLD)
    world.replaced(OLD, NEW)
    world.deliver()
    world.sync()

    # Both are heard of in one night.
    told = [(OLD, NEW, "03"), (NEW, CELINE, "01")]
    for old, new, kind in told if is_taken_back_first else reversed(told):
        world.replaced(old, new, type_=kind)
    world.deliver()
    world.sync()

    assert (world.deducted, world.registered) == ({OLD: Decimal("600.00")}, {OLD})


def test_the_last_word_on_a_person_goes_on_to_the_numbers_that_replaced_it(world: World) -> None:
    world.paid(OLD)
    world.paid(CELINE, "c", "25.00")
    world.follow(OLD)
    world.moves((OLD, NEW), (NEW, CELINE))
    ends = world.exchange.now.date() + timedelta(days=1)
    world.recipient().add([NEW], Registration(OPEN.begin, ends, OPEN.right))
    world.replaced(OLD, NEW, type_="03")
    world.deliver()
    world.sync()
    assert world.registered == {OLD, NEW, CELINE}
    assert sum(world.deducted.values()) == Decimal("625.00")

    world.exchange.now += timedelta(days=3)
    world.sync()

    assert world.deducted == {OLD: Decimal("600.00")}


def test_what_is_paid_under_the_old_number_before_it_is_let_go_is_not_lost_with_it(world: World) -> None:
    world.follow(OLD)
    world.replaced()
    world.deliver()
    with pytest.raises(KilledError):
        world.sync(Fate(8))
    assert world.registered == {OLD, NEW}

    world.paid(OLD)
    world.deliver()
    world.sync()

    assert (world.deducted, world.registered) == ({NEW: Decimal("600.00")}, {NEW})


def test_an_old_number_that_was_answered_after_the_new_one_is_not_let_go(world: World) -> None:
    world.follow(OLD)
    world.replaced()
    world.deliver()
    with pytest.raises(KilledError):
        world.sync(Fate(8))
    world.exchange.now += timedelta(minutes=1)
    world.paid(OLD)
    world.connection.execute("UPDATE persons SET due = 99 WHERE insz = ?", (OLD,))

    world.sync()

    assert (world.deducted, world.registered) == ({OLD: Decimal("600.00")}, {OLD, NEW})


@pytest.mark.parametrize("is_all_taken_back", [True, False])
def test_of_two_successions_that_are_taken_back_at_once_nobody_tells_the_first(
    world: World, *, is_all_taken_back: bool
) -> None:
    world.paid(OLD)
    world.paid(NEW, "b", "25.00")
    world.follow(OLD)
    world.moves((OLD, NEW), (NEW, CELINE))
    assert world.registered == {CELINE}

    back = [succession(NEW, CELINE, type_="03"), succession(OLD, NEW, type_="03")]
    world.exchange.take_in(succession_file(back if is_all_taken_back else back[:1], next(world.volgnummers)))
    world.deliver()
    world.sync()

    own, amount = (OLD, "600.00") if is_all_taken_back else (NEW, "625.00")
    assert world.registered == {own}
    assert world.deducted == {own: Decimal(amount)}


def test_who_has_the_last_of_three_numbers_hears_that_the_first_two_are_one(world: World) -> None:
    first, second, third = ANNA, BRAM, CELINE
    for number, amount in ((first, "600.00"), (second, "25.00"), (third, "1.00")):
        world.paid(number, f"of-{amount}", amount)
    world.deliver()  # to nobody
    world.follow(third)
    for old, new in ((second, third), (first, second)):
        world.exchange.now += timedelta(minutes=1)
        world.replaced(old, new)
        world.deliver()
        world.sync()

    assert list(world.deducted.values()) == [Decimal("626.00")]
    assert world.registered == {third}


@pytest.mark.parametrize("is_own_taken_back", [False, True])
def test_whom_we_had_before_somebody_elses_number_led_to_it_stays(world: World, *, is_own_taken_back: bool) -> None:
    world.paid(OLD)
    world.paid(CELINE, "c", "25.00")
    world.follow(OLD)
    world.follow(CELINE)
    told = [(OLD, NEW, "01"), (CELINE, OLD, "01"), (OLD, NEW, "03"), (CELINE, OLD, "03")]
    for old, new, kind in told if is_own_taken_back else [*told[:2], told[3]]:
        world.replaced(old, new, type_=kind)
        world.deliver()
        world.sync()
        world.sync()

    own = OLD if is_own_taken_back else NEW
    assert world.registered == {own, CELINE}
    assert world.deducted == {own: Decimal("600.00"), CELINE: Decimal("25.00")}


def test_the_last_word_on_an_old_number_counts_when_it_comes_back(world: World) -> None:
    world.paid(OLD)
    world.follow(OLD, NEW)
    world.replaced()
    world.deliver()
    world.out_of_reach = True
    with pytest.raises(ExchangeError):
        world.sync()
    world.out_of_reach = False
    ends = world.exchange.now.date() + timedelta(days=1)
    world.recipient().add([OLD], Registration(OPEN.begin, ends, OPEN.right))
    world.sync()
    assert world.registered == {NEW}

    world.exchange.now += timedelta(days=3)
    world.replaced(type_="03")
    world.deliver()
    world.sync()
    world.sync()

    assert world.deducted == {}


def test_the_old_number_stays_while_it_is_registered_for_longer(world: World) -> None:
    world.paid(OLD)
    world.follow(OLD)
    world.recipient().add([NEW], Registration(OPEN.begin, world.exchange.now.date() + timedelta(days=9), OPEN.right))
    world.replaced()
    world.deliver()

    world.sync()

    assert len(world.deducted) == 1
    assert world.registered == {OLD, NEW}


def test_who_had_a_payment_of_somebody_else_by_mistake_is_not_that_person(world: World) -> None:
    world.paid(OLD)
    world.replaced()
    world.follow(CELINE)
    world.recipient().add([NEW], Registration(OPEN.begin, world.exchange.now.date() + timedelta(days=1), OPEN.right))
    world.sync()
    world.paid(OLD, "c", "25.00")
    world.paid(CELINE, "c", "25.00")
    world.deliver()
    world.sync()
    world.annulled(OLD, "c")
    world.deliver()
    world.sync()

    world.exchange.now += timedelta(days=3)
    world.sync()

    assert world.deducted == {CELINE: Decimal("25.00")}


def test_two_persons_of_whom_one_payment_was_told_are_both_counted(world: World) -> None:
    """WEWIS took the two for one, and spoke of a payment of the one under the number of the other."""
    world.paid(OLD)
    world.paid(CELINE, "b", "300.00")
    world.replaced()
    world.deliver()
    world.follow(OLD, CELINE)

    for told in ((CELINE, "a", "25.00"), (OLD, "d", "100.00")):
        world.paid(*told)
        world.deliver()
        world.exchange.now += timedelta(days=1)
        world.sync()

        assert world.deducted[CELINE] == Decimal("325.00")
    assert world.deducted == {OLD: Decimal("700.00"), CELINE: Decimal("325.00")}


def test_an_answer_that_lies_apart_since_an_earlier_version_is_not_another_person(world: World) -> None:
    world.paid(OLD)
    world.replaced()
    world.deliver()
    world.follow(OLD, NEW)
    ((before,),) = world.connection.execute("SELECT answer FROM persons WHERE insz = ?", (OLD,)).fetchall()
    world.paid(NEW, "b", "300.00")
    world.deliver()
    world.sync()
    assert sum(world.deducted.values()) == Decimal("900.00")

    world.connection.execute("UPDATE persons SET answer = ?, asked = asked - 86400 WHERE insz = ?", (before, OLD))

    assert world.deducted == {NEW: Decimal("900.00")}


def test_what_is_known_under_other_numbers_goes_with_the_registration(world: World) -> None:
    world.paid(OLD)
    world.replaced()
    world.deliver()
    ends = world.exchange.now.date() + timedelta(days=2)
    world.recipient().add([OLD], Registration(OPEN.begin, ends, OPEN.right))
    world.sync()
    world.paid(NEW, "b", "300.00")
    world.deliver()
    world.sync()
    assert sum(world.deducted.values()) == Decimal("900.00")

    world.exchange.now += timedelta(days=3)
    world.sync()

    assert world.deducted == {}


@pytest.mark.parametrize("after", [False, True])
def test_a_death_at_any_step_is_made_good_by_the_next_run(world: World, tmp_path: Path, *, after: bool) -> None:
    def begun(folder: Path) -> World:
        begun = World(folder)
        begun.paid(OLD)
        begun.follow(OLD)
        begun.replaced()
        begun.paid(NEW, "b", "300.00")
        begun.deliver()
        return begun

    counted = Fate()
    begun(tmp_path).sync(counted)
    for at in range(1, counted.effects + 1):
        mortal = begun(tmp_path)
        with pytest.raises(KilledError):
            mortal.sync(Fate(at, after))
        assert sum(mortal.deducted.values()) in {Decimal("600.00"), Decimal("900.00")}, f"counted twice after {at}"

        mortal.sync()

        assert (mortal.deducted, mortal.registered) == ({NEW: Decimal("900.00")}, {NEW}), f"died at {at}"
    assert world.deducted == {}


ACTS = {
    "pay old": lambda world: world.paid(OLD, "a"),
    "pay new": lambda world: world.paid(NEW, "b", "300.00"),
    "annul": lambda world: world.annulled(NEW, "a"),
    "replace": lambda world: world.replaced(),
    "further": lambda world: world.replaced(NEW, CELINE),
    "take back": lambda world: world.replaced(type_="03"),
    "deliver": World.deliver,
    "sync": World.sync,
}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.none() | st.integers(1, 12)), max_size=12),
    st.sampled_from([(OLD,), (NEW,), (OLD, NEW)]),
)
def test_whatever_happens_the_person_is_counted_once_and_right(
    steps: list[tuple[str, int | None]], followed: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.follow(*followed)
        for name, dies_at in steps:
            act: Callable[[World], object] = ACTS[name]
            if name == "sync":
                try:
                    world.sync(Fate(dies_at))
                except KilledError:
                    continue
            else:
                act(world)
        world.deliver()
        world.sync()
        world.sync()

        expected = {
            frozenset(linked(PSEUDONYMS(number), FakeLinks(world.exchange.persons).read([PSEUDONYMS(number)]))): answer
            for number in world.registered
            if isinstance(answer := world.answer(number), Person)
        }
        total = sum(total.netto for answer in expected.values() for total in answer.netto_per_fiscaal_jaar)
        assert sum(world.deducted.values()) == total
