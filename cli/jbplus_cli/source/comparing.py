"""WEWIS's books beside the exchange's stand: what should be live by the rules, and how what is live differs.

Whatever the number of rows, the memory stays bounded: rows are sorted on disk by person, to judge by the exchange's own
rules what is live of each, and then by referte, to be read beside the stand.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby, repeat, zip_longest
from pathlib import Path
from typing import NamedTuple, Self

from jbplus.mutation_file.records import ANNULMENT, Record
from jbplus.mutation_file.successions import Succession
from jbplus.persons.joining import weave
from jbplus.persons.retention import expires_at, is_expired
from jbplus.persons.state import Entry, Payment, PersonState, Rank
from jbplus.protocol.calendar import start_of_day
from jbplus.source_stand.document import SourceStandContext
from jbplus.source_stand.rules import Line, mark_of
from jbplus.source_stand.sorting import Sorted
from jbplus.successions.rules import Link, Links


class Booked(NamedTuple):
    """What the books say of a verrichting that is live.

    Attributes:
        referte: its name.
        mark: of what it says.
        line: the line of the table that says what is now so.
    """

    referte: str
    mark: str
    line: int

    @property
    def text(self) -> str:
        """All of it as one text; texts are in the order of what they say."""
        return f"{self.referte}\t{self.mark}\t{self.line:012d}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `text` gave."""
        referte, mark, line = text.split("\t")
        return cls(referte, mark, int(line))


class Kind(StrEnum):
    """How books and exchange differ."""

    MISSING = "missing"
    SUPERFLUOUS = "superfluous"
    DIFFERENT = "different"


class Difference(NamedTuple):
    """A verrichting of which the exchange does not have what the books have.

    Attributes:
        kind: how they differ.
        referte: its name.
        line: the line of the table; None for what is superfluous.
        rank: of the record that the exchange has it from; None for what is missing.
    """

    kind: Kind
    referte: str
    line: int | None
    rank: Rank | None


class Numbers:
    """Which numbers are one person.

    Args:
        successions: in the order of the table: of each number the last one decides.
        today: the calendar day in Brussels.
    """

    def __init__(self, successions: Iterable[Succession], today: date) -> None:
        said = Links(
            {
                each.oud: Link(None if each.is_taken_back else each.nieuw, (1, place), today)
                for place, each in enumerate(successions)
            }
        )
        self._clusters = said.clusters()
        self._first = {number: min(cluster.linked_with(number)) for number, cluster in self._clusters.items()}

    def person(self, number: str) -> str:
        """Give the number by which a person is known here."""
        return self._first.get(number, number)

    def links(self, number: str) -> Links:
        """Give the links that a number is in."""
        return self._clusters.get(number, Links())


@dataclass(frozen=True, slots=True)
class Books:
    """What should be live, by what the table says.

    Attributes:
        numbers: which numbers are one person.
        stand: the envelope of the stand: its day and retention term decide what is still kept.
        key: the key of its marks.
        today: the calendar day in Brussels, which dates what nothing else does.
    """

    numbers: Numbers
    stand: SourceStandContext
    key: bytes
    today: date

    def add(self, record: Record, line: int, by_person: Sorted) -> None:
        """Take a row of the table."""
        paid = None if record.verrichting is None else record.verrichting.payment
        body = "" if paid is None else f"{paid.fiscal_year} {paid.instalment} {paid.amount} {paid.day}"
        person = self.numbers.person(record.insz)
        by_person.add(f"{person}\t{line:012d}\t{record.insz}\t{record.referte}\t{record.type}\t{body}")

    def live(self, by_person: Sorted) -> Iterator[Booked]:
        """Give what is live of all persons, in their order."""
        for person, rows in groupby(by_person, key=lambda text: text.partition("\t")[0]):
            yield from self._live_of(person, rows)

    def _live_of(self, person: str, rows: Iterable[str]) -> Iterator[Booked]:
        entries: dict[str, dict[str, Entry]] = {}
        for row in rows:
            _, line, number, referte, type_, body = row.split("\t")
            # They come in the order of their lines, so that the last one of a referte stays.
            entries.setdefault(number, {})[referte] = self._entry(int(line), type_, body)
        whole = self._whole({number: PersonState(own) for number, own in entries.items()}, person)
        for referte, entry in whole.entries.items():
            if entry.payment is not None and entry.body_rank is not None:
                yield Booked(referte, mark_of(self.key, referte, entry.payment), entry.body_rank.position)

    def _whole(self, states: Mapping[str, PersonState], person: str) -> PersonState:
        years = self.stand.bewaartermijn
        whole = weave(states, self.numbers.links(person), years).whole
        has_ended = is_expired(expires_at(whole, years), start_of_day(self.stand.dag))
        return PersonState() if has_ended else whole

    def _entry(self, line: int, type_: str, body: str) -> Entry:
        rank, paid = Rank(1, line), _payment(body)
        if type_ == ANNULMENT or paid is None:
            return Entry.tombstone(rank, file_day=self.today, body_day=None if paid is None else paid.day)
        return Entry.live(rank, paid)


def _payment(body: str) -> Payment | None:
    if not body:
        return None
    year, instalment, amount, day = body.split()
    return Payment(int(year), instalment, Decimal(amount), date.fromisoformat(day))


def compare_books(
    rows: Iterable[tuple[Record, int]], books: Books, there: Iterable[Line], folder: Path
) -> Iterator[Difference | None]:
    """Compare a table with a stand.

    Args:
        rows: of the table, each with its line.
        books: judge what is live of them.
        there: the lines of the stand, in their order.
        folder: where rows are sorted on disk; they hold personal data.

    Returns:
        Each difference, in the order of the refertes; None for each that is the same.
    """
    with Sorted(folder) as by_person, Sorted(folder) as booked:
        for record, line in rows:
            books.add(record, line, by_person)
        for one in books.live(by_person):
            booked.add(one.text)
        yield from differences(map(Booked.read, booked), there)


def differences(booked: Iterable[Booked], there: Iterable[Line]) -> Iterator[Difference | None]:
    """Compare books and stand, both in their order: give a difference, or None for what is the same."""
    merged: Iterator[Booked | Line] = heapq.merge(booked, there, key=lambda one: one[:2])
    for referte, alike in groupby(merged, key=lambda one: one.referte):
        # One referte may be of several persons, and come more than once.
        ours: list[Booked] = []
        theirs: list[Line] = []
        for _, same in groupby(alike, key=lambda one: one.mark):
            found = list(same)
            booked_here = [one for one in found if isinstance(one, Booked)]
            there_too = [one for one in found if isinstance(one, Line)]
            both = min(len(booked_here), len(there_too))
            yield from repeat(None, both)
            ours += booked_here[both:]
            theirs += there_too[both:]
        for our, their in zip_longest(ours, theirs):
            yield _difference(referte, our, their)


def _difference(referte: str, our: Booked | None, their: Line | None) -> Difference:
    if our is not None and their is not None:
        return Difference(Kind.DIFFERENT, referte, our.line, their.rank)
    if our is not None:
        return Difference(Kind.MISSING, referte, our.line, None)
    return Difference(Kind.SUPERFLUOUS, referte, None, None if their is None else their.rank)
