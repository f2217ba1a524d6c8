"""A changed retention term reaches what is stored, wherever it stops and whatever comes between."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jbplus.errors import UnavailableError
from jbplus.persons.linking import link
from jbplus.persons.merging import StoredPerson, merge
from jbplus.persons.recomputing import Recomputed, Recomputing
from jbplus.persons.state import Entry, Payment, Rank, decode
from jbplus.successions.rules import Link
from tests.persons.fakes import FakePersons
from tests.support.fakes import NOW, no_sleep
from tests.support.oracles import end_of_next_day


@dataclass
class FakePages:
    """Reads persons in the order of their pseudonyms, two to a page."""

    persons: FakePersons

    def page(self, after: str | None) -> tuple[Mapping[str, StoredPerson | None], str | None]:
        known = sorted({*self.persons.items, *self.persons.linked})
        rest = [person for person in known if after is None or person > after]
        page = rest[:2]
        return {person: self.persons.items.get(person) for person in page}, page[-1] if len(rest) > len(page) else None


@dataclass
class FakeProgress:
    """Keeps progress; is out of reach at a number of writes."""

    kept: Recomputed | None = None
    deaths: list[bool] = field(default_factory=list)

    def read(self) -> Recomputed | None:
        return self.kept

    def keep(self, progress: Recomputed) -> None:
        if self.deaths and self.deaths.pop(0):
            raise UnavailableError("s3:PutObject")
        self.kept = progress

    def forget(self) -> None:
        self.kept = None


def stored(*days: date, years: int = 5) -> FakePersons:
    persons = FakePersons()
    for number, day in enumerate(days):
        entry = Entry.live(Rank(1, number), Payment(2022, "1", Decimal(600), day))
        merge(persons, {f"p{number}": [("r", entry)]}, retention_years=years, clock=lambda: NOW, sleep=no_sleep)
    return persons


def recomputing(persons: FakePersons, progress: FakeProgress, years: int = 2) -> Recomputing:
    return Recomputing(FakePages(persons), persons, progress, years, lambda: NOW, no_sleep, workers=2)


DAYS = [date(2024, 1, 1 + number) for number in range(7)]


def test_every_end_becomes_what_the_term_gives_and_once_more_changes_nothing() -> None:
    persons, progress = stored(*DAYS), FakeProgress()

    first = recomputing(persons, progress).go_on(lambda: 900.0)
    writes = persons.writes
    second = recomputing(persons, progress).go_on(lambda: 900.0)

    assert persons.items == stored(*DAYS, years=2).items
    assert (first.seen, first.changed, first.after) == (7, 7, None)
    assert (second.seen, second.changed, persons.writes) == (7, 0, writes)
    assert progress.kept is None


def test_without_time_each_call_does_a_page_and_the_next_goes_on() -> None:
    persons, progress = stored(*DAYS), FakeProgress()

    steps = [recomputing(persons, progress).go_on(lambda: 20.0) for _ in range(4)]

    assert [(step.seen, step.changed) for step in steps] == [(2, 2), (4, 4), (6, 6), (7, 7)]
    assert [step.after is None for step in steps] == [False, False, False, True]
    assert persons.items == stored(*DAYS, years=2).items


@given(st.lists(st.booleans(), max_size=12))
def test_wherever_it_dies_the_next_calls_end_the_same(deaths: list[bool]) -> None:
    persons, progress = stored(*DAYS), FakeProgress(deaths=deaths)
    for _ in islice(iter(int, 1), 30):
        try:
            if recomputing(persons, progress).go_on(lambda: 20.0).after is None:
                break
        except UnavailableError:
            continue

    assert persons.items == stored(*DAYS, years=2).items


def test_progress_of_another_term_is_begun_anew() -> None:
    persons, progress = stored(*DAYS), FakeProgress()
    recomputing(persons, progress).go_on(lambda: 20.0)

    recomputing(persons, progress, years=5).go_on(lambda: 900.0)

    assert persons.items == stored(*DAYS).items


@pytest.mark.parametrize("years", [2, 5])
def test_what_had_ended_by_the_shorter_term_loses_its_amount(years: int) -> None:
    persons = FakePersons()
    records = [
        (f"r{number}", Entry.live(Rank(1, number), Payment(2022, "1", Decimal(600), day)))
        for number, day in enumerate([date(2022, 1, 1), date(2025, 1, 1)])
    ]
    merge(persons, {"p": records}, retention_years=5, clock=lambda: NOW, sleep=no_sleep)

    recomputing(persons, FakeProgress(), years).go_on(lambda: 900.0)

    left = [referte for referte, _ in decode(persons.items["p"].state).payments]
    assert left == (["r1"] if years == 2 else ["r0", "r1"])


def test_links_of_numbers_without_data_follow_the_term_too() -> None:
    def linked(years: int) -> FakePersons:
        persons = stored(DAYS[0], years=years)
        for old, new in (("p0", "q1"), ("q8", "q9")):
            said = Link(new, (1, 0), date(2024, 1, 1))
            link(persons, old, said, retention_years=years, clock=lambda: NOW, sleep=no_sleep)
        return persons

    persons, wanted = linked(5), linked(2)
    assert persons.linked != wanted.linked

    first = recomputing(persons, FakeProgress()).go_on(lambda: 900.0)
    second = recomputing(persons, FakeProgress()).go_on(lambda: 900.0)

    assert persons.items == wanted.items
    # What had ended by the shorter term is kept till the end of the next day.
    until = end_of_next_day(NOW.timestamp())
    assert persons.linked == {name: replace(each, expires_at=until) for name, each in wanted.linked.items()}
    assert (first.seen, second.seen, second.changed) == (1, 1, 0)
