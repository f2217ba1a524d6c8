"""A recipient's client: notices in any order, late and repeated, with deaths at any step, end in the same state."""

import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus_recipient.answers import Person
from jbplus_recipient.client import Recipient
from jbplus_recipient.deductions import CSV_NAME, JSON_LINES_NAME
from jbplus_recipient.store import Store
from tests.recipient.fakes import (
    FOLDER,
    INFINO,
    NOW,
    Fate,
    KilledError,
    MemoryServer,
    MemoryService,
    MortalStore,
    memory,
    notice_bytes,
    notice_name,
    person,
)
from tests.support.people import person_number

PERSONS = [person_number(serial) for serial in range(1, 5)]
ALL = ("SELECT * FROM persons", "SELECT * FROM notices", "SELECT * FROM written")
REGISTRATION = Registration(date(2025, 1, 1), None, Right.RUNNING)


@dataclass(frozen=True)
class Mutation:
    """A mutation file of one record a person, and the notice that it gives; both have the same number here."""

    volgnummer: int
    cents: dict[str, int]

    @property
    def notice(self) -> bytes:
        return notice_bytes(self.volgnummer, [(insz, self.volgnummer) for insz in sorted(self.cents)])


@dataclass
class World:
    """One recipient's life."""

    folder: Path
    connection: sqlite3.Connection = field(default_factory=memory)
    server: MemoryServer = field(default_factory=MemoryServer)
    service: MemoryService = field(default_factory=MemoryService)
    earlier: dict[str, Person] = field(default_factory=dict)

    def publish(self, mutation: Mutation) -> None:
        for insz, cents in mutation.cents.items():
            before = self.service.known.get(insz)
            if before is None or (before.volgnummer or 0) < mutation.volgnummer:
                if before is not None:
                    self.earlier[insz] = before
                self.service.known[insz] = person(insz, mutation.volgnummer, f"{Decimal(cents).scaleb(-2):f}")

    def deliver(self, mutation: Mutation) -> None:
        self.server.held[FOLDER, notice_name(mutation.volgnummer)] = mutation.notice

    def live(self, fate: Fate, *, add: Sequence[str] = (), lagging: bool = False) -> bool:
        """Add persons and sync; tell whether the run lived to its end.

        Args:
            fate: when it dies.
            add: whom to add first.
            lagging: whether the exchange answers with what it knew one mutation before, where it knew anything.
        """
        known = self.service.known
        self.server.fate = self.service.fate = fate
        self.service.known = known | self.earlier if lagging else known
        recipient = Recipient(MortalStore(self.connection, fate=fate), self.service, now=lambda: NOW)
        try:
            if add:
                recipient.add(add, REGISTRATION)
            recipient.sync(self.server.mailbox(), output=self.folder)
        except KilledError:
            return False
        finally:
            self.service.known = known
        return True

    def remembered(self) -> set[str]:
        """Give whom an earlier `add` came far enough for: the client has to see to them by itself."""
        waiting = MortalStore(self.connection).unconfirmed().values()
        return self.service.registered.union(*waiting)

    def end(self) -> tuple[Any, ...]:
        """Give all that is left: the tables, what lies on the server, and the files."""
        tables = [self.connection.execute(all_of).fetchall() for all_of in ALL]
        files = [(self.folder / name).read_bytes() for name in (CSV_NAME, JSON_LINES_NAME)]
        changes = Store(self.connection, INFINO).changes_since(date.min)
        return *tables, changes, self.server.names(), self.service.registered, files


CENTS = st.integers(-60_000, 60_000).filter(bool)
MUTATIONS = st.lists(st.dictionaries(st.sampled_from(PERSONS[:3]), CENTS, min_size=1), min_size=2, max_size=5).map(
    lambda files: [Mutation(number, cents) for number, cents in enumerate(files, start=1)]
)
FATES = st.builds(Fate, at=st.none() | st.integers(1, 25), after=st.booleans())
ACTS = st.sets(st.sampled_from(["publish", "deliver", "live", "add"]))
STEPS = st.lists(st.tuples(st.integers(0, 4), ACTS, FATES, st.booleans()), max_size=12)


@settings(max_examples=100, deadline=None)
@given(MUTATIONS, st.sets(st.sampled_from(PERSONS), min_size=1), st.data())
def test_any_order_repetition_lateness_and_death_ends_as_the_orderly_run(
    mutations: list[Mutation], added: set[str], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        orderly, crooked = World(Path(one)), World(Path(other))
        for mutation in mutations:
            orderly.publish(mutation)
            orderly.deliver(mutation)
        assert orderly.live(Fate(), add=sorted(added))

        for one_of, acts, fate, lagging in data.draw(STEPS):
            mutation = mutations[one_of % len(mutations)]
            if "publish" in acts:
                crooked.publish(mutation)
            if "deliver" in acts:
                # A notice comes after its file was applied.
                crooked.publish(mutation)
                crooked.deliver(mutation)
            if "live" in acts:
                crooked.live(fate, add=sorted(added) if "add" in acts else (), lagging=lagging)
        for mutation in mutations:
            crooked.publish(mutation)
        for mutation in data.draw(st.permutations(mutations)):
            crooked.deliver(mutation)
            crooked.live(data.draw(FATES))
        assert crooked.live(Fate(), add=sorted(added - crooked.remembered()))

        assert crooked.end() == orderly.end()


@settings(max_examples=30, deadline=None)
@given(MUTATIONS, st.sets(st.sampled_from(PERSONS), min_size=1), st.data())
def test_the_newest_volgnummer_of_each_added_person_is_written(
    mutations: list[Mutation], added: set[str], data: st.DataObject
) -> None:
    newest = {insz: (m.volgnummer, cents) for m in mutations for insz, cents in m.cents.items() if insz in added}

    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.live(Fate(), add=sorted(added))
        for mutation in data.draw(st.permutations(mutations)):
            world.publish(mutation)
            world.deliver(mutation)
            world.live(Fate())

        lines = (world.folder / CSV_NAME).read_text().splitlines()[1:]
        written = {cells[0]: (int(cells[6]), cells[4], cells[5]) for cells in (line.split(",") for line in lines)}
    assert written == {
        insz: (volgnummer, f"{cents / 100:.2f}", f"{max(cents, 0) / 100:.2f}")
        for insz, (volgnummer, cents) in newest.items()
    }


def test_a_death_at_every_single_step_is_made_good_by_the_next_run(tmp_path: Path) -> None:
    mutations = [Mutation(1, dict.fromkeys(PERSONS, 100)), Mutation(2, {PERSONS[0]: 250})]

    def world(name: str) -> World:
        made = World(tmp_path / name)
        for mutation in mutations:
            made.publish(mutation)
            made.deliver(mutation)
        return made

    whole, counted = world("whole"), Fate()
    assert whole.live(counted, add=PERSONS[:4])
    deaths = [(at, after) for at in range(1, counted.effects + 1) for after in (False, True)]
    # Expect, register, confirm; expire; take and remove, twice; look up, keep; let go; settle.
    assert counted.effects == 12

    for at, after in deaths:
        killed = world(f"{at}-{after}")
        assert not killed.live(Fate(at, after), add=PERSONS[:4])
        assert killed.live(Fate(), add=PERSONS[:4] if at == 1 and not after else ())
        assert killed.end() == whole.end(), (at, after)
