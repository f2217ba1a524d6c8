"""A recipient against the exchange itself: whatever became of files, and whenever it looked, both end equal."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.persons.state import totals
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus_recipient.answers import LookupItem, Person, Registered, RegistrationItem
from jbplus_recipient.client import Outcome, Recipient
from jbplus_recipient.deductions import Deduction, deductions
from jbplus_recipient.store import Store
from tests.notices.fakes import NoticesWorld
from tests.recipient.fakes import FOLDER, INFINO, MemoryServer, WithoutStands, memory, refused
from tests.support.fakes import PSEUDONYMS
from tests.support.files import annulment, mutation_file, record
from tests.support.people import person_number

PERSONS = [person_number(serial) for serial in range(1, 4)]
OPEN = Registration(date(2025, 1, 1), None, Right.RUNNING)


@dataclass
class History(WithoutStands):
    """An exchange that takes files in, and a recipient that looks at moments of its own."""

    folder: Path
    files: list[bytes]
    exchange: NoticesWorld = field(default_factory=lambda: NoticesWorld(chunk=1))
    server: MemoryServer = field(default_factory=MemoryServer)
    registered: set[str] = field(default_factory=set)
    fetched: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.store = Store(memory(), INFINO)
        self.recipient = Recipient(self.store, self, now=lambda: self.exchange.now)

    def register(self, numbers: Sequence[str], _registration: Registration) -> list[RegistrationItem]:
        self.exchange.register(INFINO.kbo, *numbers)
        self.registered.update(numbers)
        return [Registered.model_validate({"insz": number, "resultaat": "geregistreerd"}) for number in numbers]

    def unregister(self, number: str) -> None:
        self.exchange.unregister(INFINO.kbo, number)
        self.registered.discard(number)

    def lookup(self, numbers: Sequence[str], *, after_notice: bool) -> list[LookupItem]:
        assert after_notice or self.registered
        return [self.answer(number) if number in self.registered else refused(number) for number in numbers]

    def answer(self, number: str) -> Person:
        """Answer from the exchange's own state, as its API does."""
        stored = self.exchange.persons.items.get(PSEUDONYMS(number))
        state = None if stored is None else stored.state_at(self.exchange.now)
        said: dict[str, Any] = {"insz": number, "verrichtingen": [], "nettoPerFiscaalJaar": []}
        if state is None or state.volgnummer is None:
            return Person.model_validate(said)
        said["volgnummer"] = state.volgnummer
        for referte, payment in state.payments:
            body = {"maatregel": "Jobbonus plus", "fiscaalJaar": payment.fiscal_year, "bedragtype": payment.instalment}
            when = {"effectieveVerrichtingsdatum": payment.day.isoformat()}
            said["verrichtingen"].append(
                {"referte": referte, **body, "verrichtingbedrag": f"{payment.amount:.2f}", **when}
            )
        for total in totals(payment for _, payment in state.payments):
            amounts = {"betaald": total.paid, "teruggevorderd": total.reclaimed, "netto": total.net}
            said["nettoPerFiscaalJaar"].append({"fiscaalJaar": total.fiscal_year} | amounts)
        return Person.model_validate(said)

    def take(self, number: int, time_left: Callable[[], float] = lambda: 900.0) -> None:
        self.exchange.take_in(self.files[number], f"{number}.json", time_left)

    def take_half(self, number: int) -> None:
        looks = iter([900.0])
        self.take(number, lambda: next(looks, 10.0))

    def quarantine(self, number: int) -> None:
        """Have a wrong setting send all records to quarantine; then it is mended."""
        self.exchange.test_numbers_allowed = False
        self.take(number)
        self.exchange.test_numbers_allowed = True

    def release(self, _number: int = 0) -> None:
        for name in list(self.exchange.bucket.quarantined):
            self.exchange.release(self.exchange.bucket, name)

    def tell(self, _number: int = 0) -> None:
        self.exchange.go_round()

    def add(self, number: int) -> None:
        self.recipient.add([PERSONS[number % len(PERSONS)]], OPEN)

    def sync(self, _number: int = 0) -> Outcome:
        for name, content in self.exchange.folders.outgoing.get(INFINO.kbo, {}).items():
            if name not in self.fetched:
                self.fetched.add(name)
                self.server.held[FOLDER, name] = content
        return self.recipient.sync(self.server.mailbox(), output=self.folder)

    def expected(self) -> list[Deduction]:
        return [row for number in sorted(self.registered) for row in deductions(self.answer(number))]


def records(said: Sequence[tuple[int, str, int | None]]) -> list[dict[str, Any]]:
    return [
        annulment(PERSONS[who], referte)
        if cents is None
        else record(PERSONS[who], referte, verrichtingbedrag=f"{cents / 100:.2f}")
        for who, referte, cents in said
    ]


RECORDS = st.tuples(
    st.integers(0, len(PERSONS) - 1), st.sampled_from("ABC"), st.none() | st.integers(-999, 999).filter(bool)
)
FILES = st.lists(st.lists(RECORDS, min_size=1, max_size=3), min_size=2, max_size=4)
ACTS = st.sampled_from(["take", "take_half", "quarantine", "release", "tell", "sync", "add"])
STEPS = st.lists(st.tuples(ACTS, st.integers(0, 3)), max_size=14)


@settings(max_examples=100, deadline=None)
@given(FILES, STEPS, st.data())
def test_any_history_of_files_and_lookups_ends_equal_to_the_exchange(
    said: list[list[tuple[int, str, int | None]]], steps: list[tuple[str, int]], data: st.DataObject
) -> None:
    files = [mutation_file(records(one), volgnummer=number) for number, one in enumerate(said, start=1)]
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder), files)
        history.recipient.add(PERSONS[:2], OPEN)
        for act, number in steps:
            getattr(history, act)(number % len(files))
        for number in data.draw(st.permutations(range(len(files)))):
            history.take(number)
        history.release()
        for _ in range(3):
            history.tell()

        outcome = history.sync()

        assert list(history.store.deductions()) == history.expected()
        assert (outcome.standing.due, outcome.standing.missing) == ((), ())
