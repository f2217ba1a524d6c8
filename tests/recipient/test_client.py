"""A recipient's client, step by step."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus_recipient.answers import Refused
from jbplus_recipient.client import Advance, Malformed, Outcome, Recipient
from jbplus_recipient.deductions import CSV_NAME
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.notices import LARGEST
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

    def __post_init__(self) -> None:
        self.store = MortalStore(memory())
        self.recipient = Recipient(self.store, self.service, now=lambda: NOW, follow=self._follow)

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


def test_an_answer_about_somebody_else_is_no_answer(world: World) -> None:
    world.recipient.add([ANNA], OPEN)
    world.service.known[ANNA] = person(BRAM, 1, "600.00")

    with pytest.raises(ExchangeError, match="did not answer about the persons"):
        world.sync()

    assert list(world.store.answers()) == []
    assert [due.insz for due in world.store.due()] == [ANNA]


def test_deductions_that_cannot_be_written_are_an_error_in_words(world: World) -> None:
    (world.folder / CSV_NAME).mkdir()

    with pytest.raises(ExchangeError, match="cannot be written"):
        world.sync()


def test_the_store_knows_whose_it_is(world: World) -> None:
    assert world.store.party is INFINO
