"""A payment actor with many persons, in step with the exchange: the real code of both, on edges in memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from typing_extensions import override

from jbplus.privacy_log.rules import LogEntry, Service
from jbplus.protocol.parties import Party
from jbplus.stand.document import FILE_NAME
from jbplus.stand.wire import PairAnswer, PairsAnswer
from jbplus_recipient.answers import LookupItem, Person
from jbplus_recipient.client import Outcome, Recipient
from jbplus_recipient.exchange import batches
from jbplus_recipient.mailbox import Mailbox
from jbplus_recipient.store import Store
from tests.decade.exchange import Exchange
from tests.decade.recipients import Api
from tests.decade.tables import Clock as SharedClock
from tests.recipient.fakes import INFINO, memory
from tests.support.known import OPEN, entry, stored
from tests.support.people import person_number

BEGAN = datetime(2026, 3, 5, 1, 30, tzinfo=UTC)


def persons(count: int) -> list[str]:
    """Make so many numbers of test persons."""

    def numbers() -> Iterator[str]:
        for year in range(50, 99):
            for month in range(61, 73):
                for serial in range(1, 998):
                    yield person_number(serial, year=year, month=month)

    found = numbers()
    return [next(found) for _ in range(count)]


def cents_of(number: str) -> int:
    """Say what a person was paid; one in five was paid nothing."""
    serial = int(number[6:9])
    return 0 if serial % 5 == 0 else 60_000 + serial


class _Nobody:
    """Listens to nothing."""

    def registered(self, *_: object) -> None: ...

    def unregistered(self, *_: object) -> None: ...

    def answered(self, *_: object) -> None: ...


class CountingApi(Api):
    """Counts what stands cost on the wire, and may answer as an older exchange does, without versions."""

    calls = 0
    bytes = 0
    is_older = False

    @override
    def lookup(self, numbers: Sequence[str], *, after_notice: bool) -> Sequence[LookupItem]:
        found = super().lookup(numbers, after_notice=after_notice)
        if not self.is_older:
            return found
        return [item.model_copy(update={"versie": None}) if isinstance(item, Person) else item for item in found]

    @override
    def open(self, ranges: Sequence[str]) -> Sequence[PairAnswer]:
        found = super().open(ranges)
        self.calls += 1
        self.bytes += len(PairsAnswer(items=tuple(found)).model_dump_json())
        return found


@dataclass
class World:
    """The exchange, and a party with its own list.

    Attributes:
        folder: where deductions are written.
        own: the party's own list.
        party: who it is.
        exchange: the exchange, which other parties may share.
    """

    folder: Path
    own: list[str]
    party: Party = INFINO
    exchange: Exchange = field(default_factory=lambda: Exchange(SharedClock(BEGAN)))

    def __post_init__(self) -> None:
        self.stand_bytes = 0
        self.store = Store(memory(), self.party)
        self.api = CountingApi(self.exchange, self.party, _Nobody())
        self.recipient = Recipient(self.store, self.api, now=self.exchange.clock)

    def begin(self) -> "World":
        """Have the exchange know everybody, and the party registered and looked up."""
        for number in self.own:
            self.pay(number, cents_of(number))
        self.recipient.add(self.own, OPEN)
        self.sync()
        self.exchange.logged()
        return self

    def name(self, number: str) -> str:
        return self.exchange.pseudonyms().names(number)[0].person

    def pay(self, number: str, cents: int, volgnummer: int = 17) -> None:
        """Have the exchange know of a payment, of which nobody is told."""
        if cents:
            known = stored({"R-1": entry(f"{Decimal(cents) / 100:.2f}", rank=(volgnummer, 0))})
            self.exchange.persons.items[self.name(number)] = known

    def deliver_stand(self) -> None:
        """Publish the stand and have it in the party's folder."""
        self.exchange.publish_stand(self.party)
        content = self.exchange.folders.outgoing[self.party.kbo].pop(FILE_NAME)
        self.exchange.server.held[self.party.kbo, FILE_NAME] = (content, BEGAN)
        self.stand_bytes = len(content)

    def sync(self) -> Outcome:
        mailbox = Mailbox(self.exchange.server.connect, self.party.kbo)
        return self.recipient.sync(mailbox, output=self.folder, own=self.own)

    def compare(self) -> Outcome:
        """Live a night and a morning: a new stand, and a sync."""
        self.exchange.clock.at(date.fromordinal(self.exchange.clock().toordinal() + 1), 9000)
        self.deliver_stand()
        return self.sync()

    def alter(self, number: str, alter: Callable[[bytes], bytes]) -> None:
        """Alter the stored answer of a person, past the library."""
        connection = self.store._database.connection
        ((answer,),) = connection.execute("SELECT CAST(answer AS BLOB) FROM persons WHERE insz = ?", (number,))
        connection.execute("UPDATE persons SET answer = CAST(? AS TEXT) WHERE insz = ?", (alter(answer), number))

    def delete_here(self, number: str) -> None:
        self.store._database.do("DELETE FROM persons WHERE insz = ?", (number,))

    def lose(self, number: str) -> None:
        """Have the exchange lose a registration."""
        del self.exchange.registrations.items[self.name(number), self.party.kbo]

    def end(self, number: str, day: date) -> None:
        """End a registration at the exchange, as another application of the party does."""
        term = {"begin": OPEN.begin.isoformat(), "einde": day.isoformat()}
        body = {"items": [{"insz": number, "periode": term, "recht": OPEN.right.value}]}
        assert self.exchange.call(self.party, "/v1/inschrijvingen", body)[0] == 200

    def expire_here(self, number: str) -> None:
        self.store._database.do("UPDATE persons SET expires = 1 WHERE insz = ?", (number,))

    def deducts(self) -> dict[str, int]:
        """Say what the party deducts, in cents."""
        return {row.insz: int(row.deducted * 100) for row in self.store.deductions()}

    def logged(self) -> tuple[list[str], list[LogEntry]]:
        """Give the names of whom was looked up since this was asked last, and the other entries."""
        entries = self.exchange.logged()
        lookups = [str(each.subject) for each in entries if each.service is Service.LOOKUP]
        return sorted(lookups), [each for each in entries if each.service is not Service.LOOKUP]


__all__ = ["BEGAN", "INFINO", "World", "batches", "cents_of", "persons"]
