"""A recipient's client, step by step."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from jbplus.ftps.server import ConnectionLostError, DropserverError
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus_recipient.answers import Person, Problem, Refused, Registered
from jbplus_recipient.changes import COLUMNS, Key, Written, noting
from jbplus_recipient.changes import CSV_NAME as CHANGES
from jbplus_recipient.client import Advance, Malformed, Outcome, Recipient, Unread
from jbplus_recipient.deductions import CSV_NAME
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.notices import LARGEST
from jbplus_recipient.store import StoreError
from tests.recipient.fakes import (
    FOLDER,
    INFINO,
    NOW,
    MemoryServer,
    MemoryService,
    MortalStore,
    memory,
    notice_bytes,
    notice_name,
    person,
)
from tests.support.people import ANNA, BRAM, CELINE, person_number

OPEN = Registration(date(2025, 1, 1), None, Right.RUNNING)
MANY = [person_number(serial) for serial in range(1, 251)]


@dataclass
class World:
    """A recipient and what it talks to."""

    folder: Path
    server: MemoryServer = field(default_factory=MemoryServer)
    service: MemoryService = field(default_factory=MemoryService)
    steps: dict[str, list[int]] = field(default_factory=dict)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.store = MortalStore(memory())
        self.recipient = Recipient(self.store, self.service, now=lambda: self.now, follow=self._follow)

    @contextmanager
    def _follow(self, step: str, count: int) -> Iterator[Advance]:
        done = self.steps.setdefault(step, [])
        yield done.append
        assert sum(done) >= count

    def drop(self, number: int, *told: tuple[str, int]) -> None:
        self.server.held[FOLDER, notice_name(number)] = notice_bytes(number, told)

    def sync(self, **how: object) -> Outcome:
        return self.recipient.sync(self.server.mailbox(**how), output=self.folder)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_registered_persons_are_looked_up_once_without_a_notice(world: World) -> None:
    world.service.known[ANNA] = person(ANNA, 3, "600.00")
    world.recipient.add([ANNA, BRAM], OPEN)

    first, second = world.sync(), world.sync()

    assert world.service.registrations == [((ANNA, BRAM), OPEN)]
    assert world.service.asked == [((ANNA, BRAM), False)]
    assert (first.looked_up, first.rows, second.looked_up, second.rows) == (2, 1, 0, 1)
    assert first.standing.last_volgnummer == 3


def test_who_is_told_of_is_looked_up_after_a_mutation(world: World) -> None:
    world.service.registered |= {ANNA, BRAM}
    world.drop(1, (ANNA, 17), (BRAM, 17))
    world.recipient.add([CELINE], OPEN)

    outcome = world.sync()

    assert world.service.asked == [((ANNA, BRAM), True), ((CELINE,), False)]
    assert outcome.taken == 1
    assert world.server.names() == []


def test_many_persons_are_registered_and_looked_up_by_the_hundred(world: World) -> None:
    world.recipient.add(MANY, OPEN)
    world.sync()

    assert [len(numbers) for numbers, _ in world.service.registrations] == [100, 100, 50]
    assert [len(numbers) for numbers, _ in world.service.asked] == [100, 100, 50]
    assert world.steps["Registering"] == world.steps["Looking up"] == [100, 100, 50]


def test_a_malformed_notice_stays_and_the_others_go_on(world: World) -> None:
    world.service.registered.add(ANNA)
    world.drop(1, (ANNA, 1))
    world.server.held[FOLDER, notice_name(2)] = b'{"context": '
    world.drop(3, (ANNA, 3))

    outcome = world.sync()

    assert outcome.malformed == (Malformed(notice_name(2), "it is not JSON"),)
    assert (outcome.taken, world.server.names()) == (2, [notice_name(2)])
    assert [gap.words for gap in outcome.standing.missing] == ["2"]


def test_a_file_that_is_far_too_large_is_not_fetched(world: World) -> None:
    world.server.held[FOLDER, notice_name(1)] = b" " * (LARGEST + 1)

    (malformed,) = world.sync().malformed

    assert malformed.reason == "it is larger than any notice"


def test_other_files_in_the_folder_are_not_touched(world: World) -> None:
    world.server.held[FOLDER, "werk.iets-anders_1.json"] = b""
    world.server.held[FOLDER, notice_name(1) + ".part"] = b"{"

    outcome = world.sync()

    assert (outcome.taken, outcome.malformed, len(world.server.names())) == (0, (), 2)


def test_taken_notices_stay_where_they_are_kept_and_are_not_fetched_again(world: World) -> None:
    world.drop(1, (ANNA, 1))
    assert world.sync(keep=True).taken == 1
    world.server.held[FOLDER, notice_name(1)] = b"now something else"

    outcome = world.sync(keep=True)

    assert (outcome.taken, outcome.malformed, world.server.names()) == (0, (), [notice_name(1)])
    world.sync()
    assert world.server.names() == []


def test_taken_notices_may_be_moved(world: World) -> None:
    world.drop(1, (ANNA, 1))

    world.sync(moved_to="done")

    assert world.server.names() == [f"done/{notice_name(1)}"]


def test_a_refused_registration_is_told_and_not_looked_up(world: World) -> None:
    world.service.refuses[BRAM] = "20002"

    items = world.recipient.add([ANNA, BRAM], OPEN)
    outcome = world.sync()

    assert [isinstance(item, Refused) for item in items] == [False, True]
    assert world.service.asked == [((ANNA,), False)]
    assert outcome.standing.refused == {BRAM: "20002"}


@pytest.mark.parametrize("answers", [[person(BRAM, 1, "600.00")], [], [person(ANNA, 1), person(ANNA, 1)]])
def test_an_answer_about_somebody_else_is_no_answer(world: World, answers: list[Person]) -> None:
    world.recipient.add([ANNA], OPEN)
    world.service.says = answers

    with pytest.raises(ExchangeError, match="did not answer about the persons"):
        world.sync()

    assert list(world.store.deductions()) == []
    assert [due.insz for due in world.store.due()] == [ANNA]


NOT_ALLOWED = DropserverError("dropserver: fetching from To_Vip: it is not there, or not allowed (550)")
CUT = ConnectionLostError("dropserver: fetching from To_Vip: the connection was cut")


def test_a_notice_that_cannot_be_fetched_holds_up_nothing_else(world: World) -> None:
    world.service.registered |= {ANNA, BRAM}
    world.service.known |= {ANNA: person(ANNA, 17, "600.00"), BRAM: person(BRAM, 18, "25.00")}
    world.drop(1, (ANNA, 17))
    world.drop(2, (BRAM, 18))
    world.server.unreadable[notice_name(1)] = NOT_ALLOWED

    outcome = world.sync()
    world.server.unreadable.clear()
    after = world.sync()

    assert (outcome.taken, outcome.unread) == (1, (Unread(notice_name(1), str(NOT_ALLOWED)),))
    assert (outcome.rows, [gap.words for gap in outcome.standing.missing]) == (1, ["1"])
    assert (after.taken, after.unread, after.rows, world.server.names()) == (1, (), 2, [])


def test_a_notice_that_cannot_be_put_away_is_taken_and_told(world: World) -> None:
    world.service.registered.add(ANNA)
    world.drop(1, (ANNA, 17))
    world.server.fixed.add(notice_name(1))

    first, second = world.sync(), world.sync()

    assert (first.taken, first.looked_up, second.taken, second.looked_up) == (1, 1, 0, 0)
    assert [one.name for one in (*first.unread, *second.unread)] == [notice_name(1)] * 2


def test_what_can_be_done_without_the_dropserver_is_done_before_its_failure_is_told(world: World) -> None:
    world.service.known |= {ANNA: person(ANNA, 17, "600.00"), BRAM: person(BRAM, 18, "25.00")}
    world.recipient.add([ANNA, BRAM], OPEN)
    for number in (1, 2, 3):
        world.drop(number, (ANNA, 17))
    world.server.unreadable[notice_name(2)] = CUT

    with pytest.raises(ConnectionLostError, match="was cut"):
        world.sync()

    assert world.server.names() == [notice_name(2), notice_name(3)]
    assert len((world.folder / CSV_NAME).read_text().splitlines()) == 3
    now: dict[Key, Written] = {}
    assert len(list(noting(world.store.deductions(), now))) == 2
    assert world.store.changes(now) == []


def test_what_can_be_done_without_the_exchange_is_done_before_its_failure_is_told(world: World) -> None:
    world.service.known[ANNA] = person(ANNA, 17, "600.00")
    world.recipient.add([ANNA], OPEN)
    world.sync()
    world.drop(1, (ANNA, 18))
    world.service.fails = ExchangeError("The exchange gives no answer.")
    world.store.expect([BRAM], OPEN)
    (world.folder / CSV_NAME).unlink()

    with pytest.raises(ExchangeError, match="no answer"):
        world.sync()

    assert world.server.names() == []
    assert world.store.standing().due == tuple(sorted([ANNA, BRAM]))
    assert len((world.folder / CSV_NAME).read_text().splitlines()) == 2


def test_of_several_failures_the_first_is_told(world: World) -> None:
    world.store.expect([ANNA], OPEN)
    world.service.fails = ExchangeError("The exchange gives no answer.")
    world.drop(1, (BRAM, 17))
    world.server.unreadable[notice_name(1)] = CUT

    with pytest.raises(ExchangeError, match="no answer"):
        world.sync()


def test_with_a_state_that_cannot_be_used_nobody_is_asked(world: World) -> None:
    world.recipient.add([ANNA], OPEN)
    world.drop(1, (ANNA, 17))
    world.store._database.do("DROP TABLE notices")

    with pytest.raises(StoreError, match="cannot be read or written"):
        world.sync()

    assert world.service.asked == []


def test_who_is_refused_for_now_only_is_tried_again(world: World) -> None:
    world.service.known[ANNA] = person(ANNA, 17, "600.00")
    too_many = Problem(type="urn:problem-type:belgif:tooManyRequests", status=429)
    world.service.says = [Refused(insz=ANNA, problem=too_many)]

    (item,) = world.recipient.add([ANNA], OPEN)
    assert isinstance(item, Refused)
    assert (world.store.standing().refused, world.store.standing().due) == ({}, (ANNA,))
    world.service.says = None
    world.recipient.add([], OPEN)
    world.service.says = [Refused(insz=ANNA, problem=Problem(status=503))]
    assert world.sync().standing.due == (ANNA,)
    world.service.says = None

    assert (world.sync().standing.due, world.sync().rows) == ((), 1)


def test_who_is_registered_from_tomorrow_on_is_looked_up_tomorrow(world: World) -> None:
    world.service.known[ANNA] = person(ANNA, 17, "600.00")
    world.recipient.add([ANNA], Registration(date(2026, 3, 6), None, Right.RUNNING))

    today = world.sync()
    world.now += timedelta(days=1)
    tomorrow = world.sync()

    assert (today.looked_up, today.standing.due, tomorrow.looked_up, tomorrow.rows) == (0, (), 1, 1)


def test_handles_and_moments_are_kept(world: World) -> None:
    world.service.says = [Registered.model_validate({"insz": ANNA, "resultaat": "geregistreerd", "handle": "h-1"})]
    world.recipient.add([ANNA], OPEN)
    world.service.says = [person(ANNA, 1)]

    world.sync()

    assert list(world.store._database.rows("SELECT handle, asked FROM persons")) == [("h-1", int(NOW.timestamp()))]


def changes_in(folder: Path) -> list[str]:
    return (folder / CHANGES).read_text().splitlines()[1:]


def test_each_run_tells_what_changed_since_the_last_one(world: World) -> None:
    world.service.known |= {ANNA: person(ANNA, 1, "600.00"), BRAM: person(BRAM, 1, "-25.00")}
    world.recipient.add([ANNA, BRAM, CELINE], OPEN)

    def told(number: int, **known: Person) -> list[str]:
        world.service.known |= {answer.insz: answer for answer in known.values()}
        world.drop(number, (ANNA, number), (CELINE, number))
        assert world.sync().changes == len(changes_in(world.folder))
        return changes_in(world.folder)

    assert told(1) == [f"{ANNA},2024,0.00,600.00,nee,nee"]
    assert told(2) == []
    assert told(3, a=person(ANNA, 3, "600.00", inOnderzoek=True), c=person(CELINE, 3, "50.00")) == [
        f"{ANNA},2024,600.00,600.00,nee,ja",
        f"{CELINE},2024,0.00,50.00,nee,nee",
    ]
    assert told(4, a=person(ANNA, 4)) == [f"{ANNA},2024,600.00,0.00,ja,nee"]
    assert (world.folder / CHANGES).stat().st_mode & 0o777 == 0o600


def test_what_could_not_be_written_is_told_by_the_next_run(world: World) -> None:
    world.service.known[ANNA] = person(ANNA, 1, "600.00")
    world.recipient.add([ANNA], OPEN)
    (world.folder / CHANGES).mkdir()

    with pytest.raises(ExchangeError, match="cannot be written"):
        world.sync()
    (world.folder / CHANGES).rmdir()
    world.sync()

    assert changes_in(world.folder) == [f"{ANNA},2024,0.00,600.00,nee,nee"]


def test_changes_since_a_day_are_told_net(world: World) -> None:
    world.recipient.add([ANNA, BRAM], OPEN)
    for number, (anna, bram) in enumerate([("600.00", "10.00"), ("700.00", "20.00"), ("600.00", "30.00")], start=1):
        world.now = NOW + timedelta(days=number)
        world.service.known |= {ANNA: person(ANNA, number, anna), BRAM: person(BRAM, number, bram)}
        world.drop(number, (ANNA, number), (BRAM, number))
        world.sync()

    since = [[change.wire() for change in world.store.changes_since(date(2026, 3, 5 + day))] for day in (1, 2, 3, 4)]

    def row(insz: str, before: str, after: str) -> dict[str, object]:
        return dict(zip(COLUMNS, (insz, 2024, before, after, False, False), strict=True))

    assert since == [
        [row(ANNA, "0.00", "600.00"), row(BRAM, "0.00", "30.00")],
        [row(BRAM, "10.00", "30.00")],
        [row(ANNA, "700.00", "600.00"), row(BRAM, "20.00", "30.00")],
        [],
    ]


def test_changes_are_forgotten_after_a_year_and_with_the_person(world: World) -> None:
    world.service.known |= {
        ANNA: person(ANNA, 1, "600.00"),
        BRAM: person(BRAM, 1, "25.00", bewaarTot="2026-03-06"),
    }
    world.recipient.add([ANNA, BRAM], OPEN)
    world.sync()

    world.now = NOW + timedelta(days=2)
    outcome = world.sync()
    # What had to be forgotten is no change: its amount would be told once more.
    assert (outcome.expired, outcome.changes, changes_in(world.folder)) == (1, 0, [])
    assert [change.key.insz for change in world.store.changes_since(date(2026, 1, 1))] == [ANNA]
    world.now = NOW + timedelta(days=365)
    world.sync()

    assert world.store.changes_since(date(2026, 1, 1)) == []


def test_deductions_that_cannot_be_written_are_an_error_in_words(world: World) -> None:
    (world.folder / CSV_NAME).mkdir()

    with pytest.raises(ExchangeError, match="cannot be written"):
        world.sync()


def test_the_store_knows_whose_it_is(world: World) -> None:
    assert world.store.party is INFINO
