"""People who were paid, and where statistics about them are read from and kept, in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain

from jbplus.errors import UnavailableError
from jbplus.persons.merging import StoredPerson
from jbplus.persons.state import Payment
from jbplus.statistics.counting import Counted
from jbplus.statistics.publication import Publication
from jbplus.statistics.service import Publisher
from tests.support.known import entry, stored

TENTH_OF_MAY = datetime(2022, 5, 9, 22, 0, tzinfo=UTC)  # midnight in Brussels
MARCH = date(2022, 3, 3)


def paid(amount: str = "600.00", *, year: int = 2022, instalment: str = "1", day: date = MARCH) -> Payment:
    """Make a payment of March 2022; of a negative amount, a recovery."""
    return Payment(year, instalment, Decimal(amount), day)


def person(*payments: Payment) -> StoredPerson:
    """Make the item of a person with these payments, who expires long after."""
    entries = {
        f"R-{number}": entry(
            str(payment.amount), year=payment.fiscal_year, instalment=payment.instalment, day=payment.day
        )
        for number, payment in enumerate(payments)
    }
    return StoredPerson(stored(entries).state, 2**40)


@dataclass
class FakeScan:
    """Gives persons, divided over segments, and others who have several numbers."""

    persons: Sequence[StoredPerson] = ()
    segments: list[int] = field(default_factory=list)
    version: int = 1
    joined: Mapping[frozenset[str], StoredPerson] = field(default_factory=dict)
    looked: list[int] = field(default_factory=list)

    @property
    def succession_allowed(self) -> bool:
        return bool(self.joined)

    def key_version(self) -> int:
        return self.version

    def numbers_with_links(self, number: int, of: int) -> Iterator[str]:
        self.looked.append(number)
        yield from sorted(chain.from_iterable(self.joined))[number::of]

    def linked(self, numbers: Collection[str]) -> Mapping[frozenset[str], StoredPerson]:
        return {each: whole for each, whole in self.joined.items() if not each.isdisjoint(numbers)}

    def segment(self, number: int, of: int, without: Collection[str] = ()) -> Iterator[StoredPerson]:
        assert set(without) == set(chain.from_iterable(self.joined))
        self.segments.append(number)
        yield from self.persons[number::of]


@dataclass
class FakeProgress:
    """Keeps how far the counting has come, as it is written."""

    content: bytes | None = None

    def read(self) -> Counted | None:
        return None if self.content is None else Counted.from_json(self.content)

    def keep(self, counted: Counted) -> None:
        self.content = counted.to_json()

    def forget(self) -> None:
        self.content = None


@dataclass
class FakeStatistics:
    """Keeps publications; may fail at the write of a given number."""

    kept: dict[tuple[int, str], Publication] = field(default_factory=dict)
    fails_at: int | None = None
    writes: int = 0

    def read(self, fiscal_year: int) -> list[Publication]:
        return [publication for (year, _), publication in sorted(self.kept.items()) if year == fiscal_year]

    def last(self, fiscal_year: int) -> Publication | None:
        return max(self.read(fiscal_year), key=lambda publication: publication.month, default=None)

    def keep(self, publication: Publication) -> Publication:
        self.writes += 1
        if self.writes == self.fails_at:
            raise UnavailableError("statistics")
        return self.kept.setdefault((publication.fiscal_year, publication.month), publication)


def published(
    persons: Sequence[StoredPerson],
    now: datetime = TENTH_OF_MAY,
    earlier: Mapping[tuple[int, str], Publication] | None = None,
) -> dict[tuple[int, str], Publication]:
    """Publish what has closed at a moment, after what was published earlier; by fiscal year and month."""
    store = FakeStatistics(dict(earlier or {}))
    Publisher(FakeScan(persons), store, FakeProgress(), lambda: now, parts=4).publish()
    return store.kept
