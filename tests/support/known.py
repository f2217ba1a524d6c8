"""What the exchange knows of persons, made for the occasion."""

from datetime import date
from decimal import Decimal

from jbplus.persons import retention
from jbplus.persons.merging import StoredPerson
from jbplus.persons.state import Entry, Payment, PersonState, Rank, encode
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from tests.consultation.fakes import FakeLookupStore
from tests.support.fakes import PSEUDONYMS

INFINO, PARENTIA = "0685540471", "0686764255"
OPEN = Registration(date(2025, 1, 1), None, Right.RUNNING)
RETENTION_YEARS = 5


def entry(
    amount: str = "600.00",
    *,
    rank: tuple[int, int] = (17, 0),
    year: int = 2024,
    instalment: str = "1",
    day: date = date(2025, 3, 3),
) -> Entry:
    """Make a live payment or recovery."""
    return Entry.live(Rank(*rank), Payment(year, instalment, Decimal(amount), day))


def annulled(*, rank: tuple[int, int] = (17, 0), day: date = date(2025, 3, 3)) -> Entry:
    """Make a tombstone."""
    return Entry.tombstone(Rank(*rank), file_day=day, body_day=None)


def stored(entries: dict[str, Entry]) -> StoredPerson:
    """Make a person's item from entries by `referte`."""
    state = PersonState(entries)
    return StoredPerson(encode(state), retention.expires_at(state, RETENTION_YEARS))


def registered(*numbers: str, kbo: str = INFINO, registration: Registration = OPEN) -> FakeLookupStore:
    """Make a store in which a party has registered these persons."""
    return FakeLookupStore(registrations={(PSEUDONYMS(number), kbo): registration for number in numbers})
