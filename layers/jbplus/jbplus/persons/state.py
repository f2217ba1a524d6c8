"""The state of one person: the payments and recoveries that are so now, decided by rank (Article 3 a).

A person's state is a join-semilattice: each record of a mutation file is an `Entry`, and two entries of one
`referte` join into one. Joining is commutative, associative and idempotent, so that any files in any order,
any number of times, give the same state.

A record dated after the end of all that was live before it starts the person anew (Article 3 b): what had ended by
its day loses its amount and never returns, whether or not DynamoDB had deleted it by then. That is a rule on the
days of the records, not on the clock; only a record that comes later and is dated in between may depend on order.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import groupby
from typing import Final, NamedTuple, NotRequired, Self, TypedDict

from pydantic_core import from_json, to_json

from jbplus.protocol.calendar import anniversary

MAX_ENTRIES = 200
# What has ended takes no room of what is there now, but an item of DynamoDB holds 400 kB.
_MAX_KEPT = 5 * MAX_ENTRIES
MEASURE: Final = "Jobbonus plus"


class Rank(NamedTuple):
    """What decides between two records of one `referte`: the higher rank wins; time stamps order nothing.

    Attributes:
        volgnummer: the sequence number of the record's file.
        position: the record's index in that file, from 0.
    """

    volgnummer: int
    position: int


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment to a person or a recovery from that person: a `verrichting` of Article 3 a.

    Attributes:
        fiscal_year: the income year that it counts for.
        instalment: "1" or "2" (`bedragtype`).
        amount: EUR, exact; positive is paid, negative is reclaimed.
        day: the calendar day in Brussels on which it took effect.
    """

    fiscal_year: int
    instalment: str
    amount: Decimal
    day: date

    @property
    def is_recovery(self) -> bool:
        """Tell whether the amount was reclaimed."""
        return self.amount < 0


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one `referte` of a person.

    Attributes:
        rank: the highest rank that spoke of it.
        payment: what is now so; None for a tombstone, which keeps no amount.
        day: the calendar day that counts for retention: of the highest-ranked record with a body; while none
            is known, the Brussels day of the annulling file's `tijdstip`.
        body_rank: the rank of that record with a body, or None while none is known.
        ended: whether it had ended when a later record started the person anew; it has no amount any more.
    """

    rank: Rank
    payment: Payment | None
    day: date
    body_rank: Rank | None
    ended: bool = False

    @property
    def is_annulled(self) -> bool:
        """Tell whether it is a tombstone: what has ended was not annulled."""
        return self.payment is None and not self.ended

    @classmethod
    def live(cls, rank: Rank, payment: Payment) -> Self:
        """Make the entry of a record of type 01 or 02: "is now so"."""
        return cls(rank, payment, payment.day, rank)

    @classmethod
    def tombstone(cls, rank: Rank, *, file_day: date, body_day: date | None) -> Self:
        """Make the entry of a record of type 03, an annulment.

        Args:
            rank: the record's rank.
            file_day: the calendar day in Brussels of its file's `tijdstip`.
            body_day: the day in the record's own `verrichting`, when it has one.
        """
        return cls(rank, None, file_day if body_day is None else body_day, None if body_day is None else rank)

    def join(self, other: Self) -> Self:
        """Join two entries of the same `referte`: the higher rank decides, the highest body dates it.

        What has ended does not return when the very record comes again.
        """
        winner, loser = (self, other) if (self.rank, self.ended) >= (other.rank, other.ended) else (other, self)
        if loser.body_rank is None or (winner.body_rank is not None and winner.body_rank >= loser.body_rank):
            return winner
        return replace(winner, day=loser.day, body_rank=loser.body_rank)


class Outcome(Enum):
    """What became of a good record."""

    APPLIED = "toegepast"
    SUPERSEDED = "verouderd"
    TOO_MANY = "teVeelVerrichtingen"


@dataclass(frozen=True, slots=True)
class PersonState:
    """All that is kept of one person.

    Attributes:
        entries: by `referte`; at most `MAX_ENTRIES`, tombstones included, besides what has ended.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def merge(self, changes: Iterable[tuple[str, Entry]], years: int | None) -> tuple[Self, list[Outcome]]:
        """Join records into the state (Article 3 a), and end what they start anew (Article 3 b).

        Args:
            changes: pairs of `referte` and entry, in the order of the file.
            years: the retention term; None of a number that is one of several, which start anew together.

        Returns:
            The new state, and the outcome of each record in the order given.
        """
        entries = _started_anew(self.entries, years)
        outcomes = []
        for referte, entry in changes:
            known = entries.get(referte)
            joined = _started_anew({**entries, referte: entry if known is None else known.join(entry)}, years)
            if known is None and not _has_room(joined):
                outcomes.append(Outcome.TOO_MANY)
                continue
            entries = joined
            superseded = known is not None and known.rank.volgnummer > entry.rank.volgnummer
            outcomes.append(Outcome.SUPERSEDED if superseded else Outcome.APPLIED)
        return type(self)(entries), outcomes

    def started_anew(self, years: int) -> Self:
        """End what had ended by the day of a later record (Article 3 b)."""
        return type(self)(_started_anew(self.entries, years))

    def without(self, ended: Collection[str]) -> Self:
        """Take the amounts away of refertes that have ended."""
        gone = {
            referte: replace(self.entries[referte], payment=None, ended=True)
            for referte in ended
            if referte in self.entries and self.entries[referte].payment is not None
        }
        return type(self)({**self.entries, **gone}) if gone else self

    def retention_anchor(self) -> date | None:
        """Find the calendar day from which the retention runs (Article 3 b), or None for an empty state.

        The latest live payment; without one the latest live recovery, else the latest tombstone. So a recovery
        does not prolong, and an annulled payment no longer counts.
        """
        days = (entry.day for entry in self.entries.values())
        return _latest_live(self.entries.values()) or max(days, default=None)

    @property
    def volgnummer(self) -> int | None:
        """The highest volgnummer that touched this person, annulments included; None for an empty state."""
        return max((entry.rank.volgnummer for entry in self.entries.values()), default=None)

    @property
    def payments(self) -> list[tuple[str, Payment]]:
        """The live payments and recoveries with their `referte`, by fiscal year, instalment, day, referte."""
        live = [(ref, entry.payment) for ref, entry in self.entries.items() if entry.payment is not None]
        return sorted(live, key=lambda pair: (pair[1].fiscal_year, pair[1].instalment, pair[1].day, pair[0]))


def _latest_live(entries: Iterable[Entry]) -> date | None:
    """Find the day of the latest live payment, without one of the latest live recovery; None when nothing is live."""
    live = [(entry.day, entry.payment.is_recovery) for entry in entries if entry.payment is not None]
    payments = [day for day, is_recovery in live if not is_recovery]
    return max(payments or (day for day, _ in live), default=None)


def _started_anew(entries: Mapping[str, Entry], years: int | None) -> Mapping[str, Entry]:
    """End what had ended by the day of a later record (Article 3 b).

    A tombstone starts the person anew like the payment that it annuls, when it is dated by one: else it would matter
    which of the two came first.
    """
    if years is None or len(entries) <= 1:
        return entries
    days = [entry.day for entry in entries.values()]
    if max(days) <= anniversary(min(days), years):
        return entries
    kept = dict(entries)
    live: dict[str, Entry] = {}
    for day, of_day in groupby(sorted(entries.items(), key=lambda item: item[1].day), key=lambda item: item[1].day):
        group = dict(of_day)
        anchor = _latest_live(live.values())
        dated = any(entry.body_rank is not None for entry in group.values())
        if dated and anchor is not None and day > anniversary(anchor, years):
            kept |= {referte: replace(entry, payment=None, ended=True) for referte, entry in live.items()}
            live = {}
        live |= {referte: entry for referte, entry in group.items() if entry.payment is not None}
    return kept


def _has_room(entries: Mapping[str, Entry]) -> bool:
    return len(entries) <= MAX_ENTRIES or (
        len(entries) <= _MAX_KEPT and sum(not entry.ended for entry in entries.values()) <= MAX_ENTRIES
    )


class FiscalYearTotal(NamedTuple):
    """What a payment actor deducts from the income of one fiscal year; amounts in EUR.

    Attributes:
        fiscal_year: the income year.
        paid: the sum of the payments, 0 or more.
        reclaimed: the sum of the recoveries, 0 or less.
    """

    fiscal_year: int
    paid: Decimal
    reclaimed: Decimal

    @property
    def net(self) -> Decimal:
        """Paid plus reclaimed; may be negative, and then nothing is deducted."""
        return self.paid + self.reclaimed


def totals(payments: Iterable[Payment]) -> list[FiscalYearTotal]:
    """Add up payments and recoveries by fiscal year, exactly, in the order of the years."""
    by_year: dict[int, list[Decimal]] = {}
    for payment in payments:
        sums = by_year.setdefault(payment.fiscal_year, [Decimal(0), Decimal(0)])
        sums[payment.is_recovery] += payment.amount
    return [FiscalYearTotal(year, paid, reclaimed) for year, (paid, reclaimed) in sorted(by_year.items())]


class _StoredEntry(TypedDict):
    rank: list[int]
    day: str
    body: NotRequired[list[int]]
    year: NotRequired[int]
    instalment: NotRequired[str]
    amount: NotRequired[str]
    ended: NotRequired[bool]


# JSON by pydantic's core: that of the standard library takes 7 % of a record more.
def encode(state: PersonState) -> str:
    """Write a state as compact JSON; equal states give equal texts, since all keys are sorted."""
    return to_json({referte: _store(state.entries[referte]) for referte in sorted(state.entries)}).decode()


def decode(text: str) -> PersonState:
    """Read a state that `encode` wrote."""
    stored: dict[str, _StoredEntry] = from_json(text)
    return PersonState({referte: _restore(entry) for referte, entry in stored.items()})


def version_of(text: str) -> str:
    """Name the version of an encoded state, for a conditional write: equal states have the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _store(entry: Entry) -> dict[str, object]:
    """Give an entry as it is stored, its keys in the order of the alphabet."""
    payment = entry.payment
    stored: dict[str, object] = {} if payment is None else {"amount": f"{payment.amount:.2f}"}
    if entry.body_rank is not None:
        stored["body"] = entry.body_rank
    stored["day"] = entry.day.isoformat()
    if entry.ended:
        stored["ended"] = True
    if payment is not None:
        stored["instalment"] = payment.instalment
    stored["rank"] = entry.rank
    if payment is not None:
        stored["year"] = payment.fiscal_year
    return stored


def _restore(stored: _StoredEntry) -> Entry:
    day = date.fromisoformat(stored["day"])
    payment = (
        Payment(stored["year"], stored["instalment"], Decimal(stored["amount"]), day) if "amount" in stored else None
    )
    body_rank = Rank(*stored["body"]) if "body" in stored else None
    return Entry(Rank(*stored["rank"]), payment, day, body_rank, ended=stored.get("ended", False))
