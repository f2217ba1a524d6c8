"""Article 2 b: anonymous statistics, of closed months, published once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from typing_extensions import override

from jbplus.errors import UnavailableError
from jbplus.persons.merging import StoredPerson
from jbplus.persons.state import Payment
from jbplus.protocol.access import Refusal, refuse_scope
from jbplus.protocol.parties import OPGROEIEN
from jbplus.protocol.purposes import SCOPE_STATISTICS
from jbplus.statistics.cells import Cell, Month
from jbplus.statistics.disclosure import Figures, Total, tell
from jbplus.statistics.publication import Publication
from jbplus.statistics.service import Publisher
from tests.statistics.fakes import TENTH_OF_MAY, FakeScan, FakeStatistics, paid, person, published
from tests.support.fakes import caller
from tests.support.known import annulled, stored

MARCH_2022 = (2022, "2022-03")


def figures(persons: int, payments: int, recoveries: int, net: int) -> Figures:
    return Figures(persons=persons, payments=payments, recoveries=recoveries, net=net)


def cell(*people: list[str]) -> Cell:
    """Count people by the amounts of each."""
    counted = Cell()
    for amounts in people:
        counted.add_person(paid(amount) for amount in amounts)
    return counted


def march(persons: list[StoredPerson]) -> Publication:
    return published(persons)[MARCH_2022]


def test_a_cell_counts_persons_payments_recoveries_and_their_net() -> None:
    people = [["600.00"]] * 11 + [["600.00", "-600.00"], ["-150.00"]]

    told = tell(cell(*people))

    # 13 persons, 12 payments, 2 recoveries, EUR 6,450
    assert told == figures(15, 10, 0, 6000)


@pytest.mark.parametrize(
    ("persons", "told"), [(0, None), (1, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (998, 1000)]
)
def test_fewer_than_five_persons_are_withheld_and_counts_are_rounded_to_five(persons: int, told: int | None) -> None:
    found = tell(cell(*[["600.00"]] * persons))

    assert (found and found.persons) == told


@pytest.mark.parametrize(
    ("amount", "persons", "net"),
    [("600.00", 5, 3000), ("-600.00", 6, -4000), ("99.99", 5, 0), ("299.99", 5, 1000), ("300.00", 5, 2000)],
)
def test_the_net_is_rounded_to_a_thousand_euro(amount: str, persons: int, net: int) -> None:
    found = tell(cell(*[[amount]] * persons))

    assert found is not None
    assert found.net == net


def test_a_cell_that_is_about_one_persons_money_is_withheld() -> None:
    others = [["600.00"]] * 6

    assert tell(cell(*others, ["3600.00"])) is not None
    assert tell(cell(*others, ["3600.01"])) is None
    assert tell(cell(*others, ["1800.00", "-1800.01"])) is None


def test_the_total_of_a_month_adds_up_what_is_published() -> None:
    first, second = paid(), paid(instalment="2")
    told = march([person(first, second)] * 9 + [person(first), person(second)])

    assert told.cells == {"1": figures(10, 10, 0, 6000), "2": figures(10, 10, 0, 6000)}
    assert told.month_total == Total(figures=figures(20, 20, 0, 12000), left_out=0)


def test_the_true_total_of_a_month_is_withheld_with_an_instalment() -> None:
    told = march([person(paid())] * 21 + [person(paid(instalment="2"))] * 4)

    assert told.cells == {"1": figures(20, 20, 0, 13000), "2": None}
    assert told.month_total == Total(figures=figures(20, 20, 0, 13000), left_out=1)


def test_totals_over_months_add_up_what_is_published_and_say_what_they_leave_out() -> None:
    february, april = date(2022, 2, 28), date(2022, 4, 1)
    persons = [
        *[person(paid(day=february))] * 6,
        *[person(paid())] * 4,
        *[person(paid("-600.00", day=april))] * 8,
        *[person(paid(instalment="2", day=april))] * 3,
    ]

    told = published(persons)[2022, "2022-04"]

    assert told.cumulative == {
        "1": Total(figures=figures(15, 5, 10, -1000), left_out=2),  # withheld: January and March
        "2": Total(figures=Figures(), left_out=4),
    }
    assert told.cumulative_total == Total(figures=figures(15, 5, 10, -1000), left_out=6)


def test_what_was_annulled_is_not_counted() -> None:
    gone = StoredPerson(stored({"R-1": annulled(day=date(2022, 3, 3))}).state, 2**40)

    assert march([person(paid())] * 4 + [gone]).cells["1"] is None


def test_expired_persons_are_left_out() -> None:
    moment = int(TENTH_OF_MAY.timestamp())
    expired = StoredPerson(person(paid()).state, moment)
    nearly = StoredPerson(person(paid()).state, moment + 1)

    assert march([person(paid())] * 4 + [expired]).cells["1"] is None
    assert march([person(paid())] * 4 + [nearly]).cells["1"] == figures(5, 5, 0, 3000)


def test_a_month_is_that_of_the_effective_day_and_belongs_to_one_fiscal_year() -> None:
    def counted(payment: Payment) -> list[tuple[int, str]]:
        told = published([person(payment)] * 5)
        return [key for key, publication in told.items() if publication.cells["2"]]

    assert counted(paid(instalment="2", day=date(2022, 3, 31))) == [(2022, "2022-03")]
    assert counted(paid(instalment="2", day=date(2022, 4, 1))) == [(2022, "2022-04")]
    assert counted(paid(instalment="2", day=date(2022, 4, 1), year=2023)) == [(2023, "2022-04")]


def test_a_month_closes_on_the_tenth_of_the_next_in_brussels() -> None:
    before = TENTH_OF_MAY - timedelta(seconds=1)

    assert max(month for _, month in published([], before)) == "2022-03"
    assert max(month for _, month in published([], TENTH_OF_MAY)) == "2022-04"


def test_every_closed_month_is_published_whether_anybody_was_paid_or_not() -> None:
    now = datetime(2024, 2, 10, 4, 0, tzinfo=UTC)

    months = sorted(published([], now))

    expected = {2022: (2022, 1), 2023: (2022, 1), 2024: (2023, 1), 2025: (2024, 1)}
    for year, (since, _) in expected.items():
        found = [month for fiscal_year, month in months if fiscal_year == year]
        assert found == [f"{y}-{n:02d}" for y in range(since, 2025) for n in range(1, 13) if (y, n) <= (2024, 1)]
    assert {year for year, _ in months} == set(expected)


def test_what_is_published_stays_and_the_next_month_is_added() -> None:
    earlier = published([person(paid())] * 5)
    may = [person(paid(day=date(2022, 5, 31)))] * 7

    later = published([person(paid())] * 50 + may, TENTH_OF_MAY + timedelta(days=31), earlier)

    assert {key: later[key] for key in earlier} == earlier
    assert sorted(later.keys() - earlier.keys()) == [(2022, "2022-05"), (2023, "2022-05")]
    assert later[2022, "2022-05"].cumulative["1"].figures == figures(10, 10, 0, 7000)


def test_nobody_is_read_when_there_is_nothing_to_publish() -> None:
    scan, store = FakeScan([person(paid())] * 5), FakeStatistics(published([]))

    made = Publisher(scan, store, lambda: TENTH_OF_MAY).publish()

    assert (made, scan.segments, store.writes) == (0, [], 0)


def test_all_segments_are_counted_together() -> None:
    scan, store = FakeScan([person(paid())] * 11), FakeStatistics()

    Publisher(scan, store, lambda: TENTH_OF_MAY, segments=4).publish()

    assert sorted(scan.segments) == [0, 1, 2, 3]
    assert store.kept[MARCH_2022].cells["1"] == figures(10, 11 - 1, 0, 7000)


@pytest.mark.parametrize("write", range(1, 9))
def test_a_run_that_dies_goes_on_where_it_ended(write: int) -> None:
    persons = [person(paid())] * 5 + [person(paid(day=date(2022, 4, 1)))] * 8
    store = FakeStatistics(fails_at=write)

    with pytest.raises(UnavailableError):
        Publisher(FakeScan(persons), store, lambda: TENTH_OF_MAY).publish()
    assert store.kept != published(persons)
    Publisher(FakeScan(persons), store, lambda: TENTH_OF_MAY).publish()

    assert store.kept == published(persons)


def test_of_two_runs_at_once_the_first_publication_stands_and_totals_go_on_from_it() -> None:
    february, april = date(2022, 2, 1), date(2022, 4, 1)
    seen_first = [person(paid(day=february))] * 5
    seen_later = [person(paid(day=february))] * 20 + [person(paid(day=april))] * 10
    theirs = published(seen_first)[2022, "2022-02"]

    class Rivalled(FakeStatistics):
        @override
        def keep(self, publication: Publication) -> Publication:
            if (publication.fiscal_year, publication.month) == (2022, "2022-01"):
                self.kept[2022, "2022-02"] = theirs  # the rival is a step ahead
            return super().keep(publication)

    store = Rivalled()
    Publisher(FakeScan(seen_later), store, lambda: TENTH_OF_MAY).publish()

    assert store.kept[2022, "2022-02"] == theirs
    assert store.kept[2022, "2022-04"].cumulative["1"].figures == figures(5 + 10, 5 + 10, 0, 9000)


def test_months_follow_each_other_over_the_year() -> None:
    assert Month(2025, 12).next == Month(2026, 1)
    assert Month.read(Month(2026, 1).text) == Month(2026, 1)
    assert Month.of(date(2026, 1, 31)) == Month(2026, 1)


def test_amounts_are_added_exactly() -> None:
    assert cell(*[["0.10"]] * 3).net == Decimal("0.30")


def test_a_director_that_left_the_protocol_gets_no_statistics_from_that_day() -> None:
    """Article 12."""
    leaving = replace(OPGROEIEN, ends=date(2026, 7, 1))
    asker = caller(OPGROEIEN.kbo, SCOPE_STATISTICS).asker

    def refusal(day: date) -> Refusal | None:
        return refuse_scope(asker, SCOPE_STATISTICS, day, lambda _: leaving)

    assert (refusal(date(2026, 6, 30)), refusal(date(2026, 7, 1))) == (None, Refusal.PURPOSE_NOT_ALLOWED)
