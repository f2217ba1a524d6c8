"""Article 2 b: anonymous statistics, of closed months, published once."""

from collections.abc import Collection, Iterator, Mapping
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
from jbplus.statistics.disclosure import Figures, Recoveries, Total, tell
from jbplus.statistics.publication import Publication
from jbplus.statistics.service import Publisher
from tests.statistics.fakes import TENTH_OF_MAY, FakeProgress, FakeScan, FakeStatistics, paid, person, published
from tests.support.fakes import caller
from tests.support.known import annulled, stored

MARCH_2022 = (2022, "2022-03")


def figures(persons: int, payments: int, paid: int, recoveries: Recoveries | None = None) -> Figures:
    return Figures(persons=persons, payments=payments, paid=paid, recoveries=recoveries)


def cell(*people: list[str]) -> Cell:
    """Count people by the amounts of each."""
    counted = Cell()
    for amounts in people:
        counted.add_person([paid(amount) for amount in amounts])
    return counted


def march(persons: list[StoredPerson]) -> Publication:
    return published(persons)[MARCH_2022]


def test_a_cell_counts_who_was_paid_and_apart_from_it_what_was_reclaimed() -> None:
    people = [["600.00"]] * 11 + [["600.00", "-600.00"]] * 2 + [["-600.00"]] * 6

    told = tell(cell(*people))

    # 13 persons were paid EUR 7,800; 8 recoveries of EUR 4,800
    assert told == figures(15, 15, 9000, Recoveries(count=10, amount=6000))
    assert told is not None
    assert told.net == 3000


@pytest.mark.parametrize(
    ("persons", "told"), [(0, None), (1, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (998, 1000)]
)
def test_fewer_than_five_persons_are_withheld_and_counts_are_rounded_to_five(persons: int, told: int | None) -> None:
    found = tell(cell(*[["600.00"]] * persons))

    assert (found and found.persons) == told


@pytest.mark.parametrize(("persons", "told"), [(0, None), (1, None), (4, None), (5, 5), (7, 5), (8, 10)])
def test_recoveries_are_told_of_five_persons_or_more_and_up_to_four_look_like_none(
    persons: int, told: int | None
) -> None:
    found = tell(cell(*[["600.00"]] * 10, *[["-600.00"]] * persons))

    assert found is not None
    assert (found.recoveries and found.recoveries.count) == told
    assert (found.net is None) is (told is None)
    assert found.model_copy(update={"recoveries": None}) == figures(10, 10, 6000)


def test_who_only_paid_back_does_not_count_as_paid() -> None:
    assert tell(cell(*[["600.00"]] * 4, *[["-600.00"]] * 20)) is None


@pytest.mark.parametrize(
    ("amount", "persons", "paid"),
    [("600.00", 5, 3000), ("600.00", 7, 3000), ("600.00", 8, 6000), ("299.99", 5, 0), ("300.00", 5, 3000)],
)
def test_what_was_paid_is_rounded_to_three_thousand_euro(amount: str, persons: int, paid: int) -> None:
    found = tell(cell(*[[amount]] * persons))

    assert found is not None
    assert found.paid == paid


@pytest.mark.parametrize("amount", ["400.00", "600.00", "900.00", "1200.00", "9999.99"])
def test_the_amount_does_not_undo_the_rounding_of_the_number(amount: str) -> None:
    assert len({tell(cell(*[[amount]] * persons, *[["-600.00"]] * 5)) for persons in range(8, 13)}) == 1
    assert len({tell(cell(*[["9999.99"]] * 20, *[[f"-{amount}"]] * persons)) for persons in range(8, 13)}) == 1


def test_a_cell_that_is_about_one_persons_money_is_withheld() -> None:
    others = [["600.00"]] * 6

    assert tell(cell(*others, ["3600.00"])) is not None
    assert tell(cell(*others, ["3600.01"])) is None
    assert tell(cell(*others, ["1800.00", "1800.01"])) is None


def test_recoveries_that_are_about_one_persons_money_are_withheld() -> None:
    others = [*[["6000.00"]] * 10, *[["-600.00"]] * 6]

    assert tell(cell(*others, ["-3600.00"])) == figures(10, 10, 60_000, Recoveries(count=5, amount=3000))
    assert tell(cell(*others, ["-3600.01"])) == figures(10, 10, 60_000)


def test_more_payments_than_persons_are_told_of_five_persons_who_had_more_than_one() -> None:
    once, twice = ["600.00"], ["600.00", "600.00"]

    assert tell(cell(*[once] * 6, *[twice] * 4)) == tell(cell(*[once] * 10)) == figures(10, 10, 6000)
    assert tell(cell(*[once] * 5, *[twice] * 5)) == figures(10, 15, 9000)


def test_fewer_than_five_persons_who_were_paid_more_than_once_change_no_amount() -> None:
    others = [*[["600.00"]] * 5, *[["100.00"]] * 5]
    others_and_more = [tell(cell(*others, *[twice] * 2)) for twice in (["600.00"] * 2, ["9000.00", "50.00"])]

    assert others_and_more == [tell(cell(*others))] * 2


def test_another_amount_than_the_usual_one_is_told_of_five_persons_who_had_it() -> None:
    whole, half, double = ["600.00"], ["300.00"], ["1200.00"]

    assert tell(cell(*[whole] * 6, *[half] * 4)) == tell(cell(*[whole] * 6, *[double] * 4)) == figures(10, 10, 6000)
    # 10 at the average of EUR 420, and of EUR 900; 15 at EUR 433, and 20 at EUR 475
    assert tell(cell(*[whole] * 4, *[half] * 6)) == figures(10, 10, 3000)
    assert tell(cell(*[whole] * 5, *[double] * 5)) == figures(10, 10, 9000)
    assert tell(cell(*[["100.00"]] * 5, *[["100.00", "1100.00"]] * 5)) == figures(10, 15, 6000)
    assert tell(cell(*[whole] * 5, *[["600.00", "100.00", "600.00"]] * 5)) == figures(10, 20, 9000)


def test_a_cell_counted_in_parts_is_the_cell_counted_whole() -> None:
    parts = [["600.00"], ["600.00", "-100.00"]], [["600.00", "600.00"], ["9000.00"], ["-100.00"] * 3]

    counted = cell(*parts[0])
    counted.add(cell(*parts[1]))

    assert counted == cell(*parts[0], *parts[1])


@pytest.mark.parametrize(
    ("amounts", "recoveries"),
    [
        (["-300.00"] * 9, Recoveries(count=10, amount=3000)),
        (["-1200.00"] * 6, Recoveries(count=5, amount=6000)),
    ],
    ids=["number", "money"],
)
def test_recoveries_that_the_payments_told_cannot_account_for_are_withheld(
    amounts: list[str], recoveries: Recoveries
) -> None:
    """They would tell that somebody was paid in a month that is withheld."""
    april = date(2022, 4, 1)
    back = [person(paid(amount, day=april)) for amount in amounts]
    paid_in_april = [person(paid(day=april))] * 5

    withheld = published([*[person(paid())] * 4, *paid_in_april, *back])[2022, "2022-04"]
    told = published([*[person(paid())] * 5, *paid_in_april, *back])[2022, "2022-04"]

    assert withheld.cells["1"] == figures(5, 5, 3000)
    assert told.cells["1"] is not None
    assert told.cells["1"].recoveries == recoveries


def test_the_total_of_a_month_adds_up_what_is_published() -> None:
    first, second = paid(), paid(instalment="2")
    told = march([person(first, second)] * 9 + [person(first), person(second)])

    assert told.cells == {"1": figures(10, 10, 6000), "2": figures(10, 10, 6000)}
    assert told.month_total == Total(figures=figures(20, 20, 12000), left_out=0, without_recoveries=2)


def test_the_true_total_of_a_month_is_withheld_with_an_instalment() -> None:
    told = march([person(paid())] * 21 + [person(paid(instalment="2"))] * 4)

    assert told.cells == {"1": figures(20, 20, 12000), "2": None}
    assert told.month_total == Total(figures=figures(20, 20, 12000), left_out=1, without_recoveries=1)


def test_totals_over_months_add_up_what_is_published_and_say_what_they_leave_out() -> None:
    february, april = date(2022, 2, 28), date(2022, 4, 1)
    persons = [
        *[person(paid(day=february))] * 6,
        *[person(paid())] * 4,
        *[person(paid(day=april), paid("-600.00", day=april))] * 8,
        *[person(paid(instalment="2", day=april))] * 3,
    ]

    told = published(persons)[2022, "2022-04"]

    both = figures(15, 15, 9000, Recoveries(count=10, amount=6000))
    assert told.cumulative == {
        # Withheld: January and March; without recoveries: February.
        "1": Total(figures=both, left_out=2, without_recoveries=1),
        "2": Total(left_out=4),
    }
    assert told.cumulative_total == Total(figures=both, left_out=6, without_recoveries=1)
    assert both.net == 3000


def test_what_was_annulled_is_not_counted() -> None:
    gone = StoredPerson(stored({"R-1": annulled(day=date(2022, 3, 3))}).state, 2**40)

    assert march([person(paid())] * 4 + [gone]).cells["1"] is None


def test_expired_persons_are_left_out() -> None:
    moment = int(TENTH_OF_MAY.timestamp())
    expired = StoredPerson(person(paid()).state, moment)
    nearly = StoredPerson(person(paid()).state, moment + 1)

    assert march([person(paid())] * 4 + [expired]).cells["1"] is None
    assert march([person(paid())] * 4 + [nearly]).cells["1"] == figures(5, 5, 3000)


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
    assert later[2022, "2022-05"].cumulative["1"].figures == figures(10, 10, 6000)


def test_nobody_is_read_when_there_is_nothing_to_publish() -> None:
    scan, store = FakeScan([person(paid())] * 5), FakeStatistics(published([]))

    made = Publisher(scan, store, FakeProgress(), lambda: TENTH_OF_MAY, parts=4).publish()

    assert (made, scan.segments, store.writes) == (0, [], 0)


def test_all_segments_are_counted_together() -> None:
    scan, store = FakeScan([person(paid())] * 11), FakeStatistics()

    Publisher(scan, store, FakeProgress(), lambda: TENTH_OF_MAY, parts=4).publish()

    assert sorted(scan.segments) == [0, 1, 2, 3]
    assert store.kept[MARCH_2022].cells["1"] == figures(10, 10, 6000)


@pytest.mark.parametrize("write", range(1, 9))
def test_a_run_that_dies_goes_on_where_it_ended(write: int) -> None:
    persons = [person(paid())] * 5 + [person(paid(day=date(2022, 4, 1)))] * 8
    store = FakeStatistics(fails_at=write)

    with pytest.raises(UnavailableError):
        Publisher(FakeScan(persons), store, FakeProgress(), lambda: TENTH_OF_MAY, parts=4).publish()
    assert store.kept != published(persons)
    Publisher(FakeScan(persons), store, FakeProgress(), lambda: TENTH_OF_MAY, parts=4).publish()

    assert store.kept == published(persons)


PEOPLE = [person(paid())] * 11 + [person(paid("700.00"), paid("-20.00"))] * 6 + [person(paid(instalment="2"))] * 5


def test_a_run_that_has_no_time_left_is_gone_on_from_and_nobody_is_counted_twice() -> None:
    scan, store, progress = FakeScan(PEOPLE), FakeStatistics(), FakeProgress()
    publisher = Publisher(scan, store, progress, lambda: TENTH_OF_MAY, parts=11)

    made = [publisher.publish(lambda: 0.0) for _ in range(3)]

    assert made == [None, None, len(published(PEOPLE))]
    assert sorted(scan.segments) == list(range(11))
    assert (store.kept, progress.content) == (published(PEOPLE), None)


JOINED = {frozenset({"a", "b"}): person(paid()), frozenset({"c", "d", "e"}): person(paid("700.00"), paid("-20.00"))}


@pytest.mark.parametrize("hours", [0, 1])
def test_who_has_several_numbers_is_found_in_parts_too_and_counted_once(hours: int) -> None:
    scan, store, progress = FakeScan(PEOPLE, joined=JOINED), FakeStatistics(), FakeProgress()
    publisher = Publisher(scan, store, progress, lambda: TENTH_OF_MAY, parts=6)

    made = [publisher.publish(lambda: 3600.0 * hours) for _ in range(1 if hours else 4)]

    assert made[:-1] == [None] * (len(made) - 1)
    assert (sorted(scan.looked), sorted(scan.segments)) == (list(range(6)), list(range(6)))
    assert store.kept == published([*PEOPLE, *JOINED.values()])


def test_a_run_that_dies_between_finding_and_counting_counts_nobody_twice() -> None:
    class Dying(FakeScan):
        @override
        def linked(self, numbers: Collection[str]) -> Mapping[frozenset[str], StoredPerson]:
            raise UnavailableError

    store, progress = FakeStatistics(), FakeProgress()
    with pytest.raises(UnavailableError):
        Publisher(Dying(PEOPLE, joined=JOINED), store, progress, lambda: TENTH_OF_MAY, parts=6).publish()

    scan = FakeScan(PEOPLE, joined=JOINED)
    Publisher(scan, store, progress, lambda: TENTH_OF_MAY, parts=6).publish()

    assert sorted(scan.looked) == [4, 5]
    assert store.kept == published([*PEOPLE, *JOINED.values()])


def test_what_is_counted_is_counted_as_of_the_moment_it_began() -> None:
    ends_between = StoredPerson(person(paid()).state, int(TENTH_OF_MAY.timestamp()) + 60)
    store, progress, moments = FakeStatistics(), FakeProgress(), iter([0, 3600])
    publisher = Publisher(
        FakeScan([ends_between] * 5),
        store,
        progress,
        lambda: TENTH_OF_MAY + timedelta(seconds=next(moments)),
        parts=5,
    )

    assert [publisher.publish(lambda: 0.0), publisher.publish()] == [None, len(published(PEOPLE))]
    assert store.kept[MARCH_2022].cells["1"] == figures(5, 5, 3000)


@pytest.mark.parametrize(
    ("later", "version"),
    [(timedelta(hours=25), 1), (timedelta(days=31), 1), (timedelta(hours=1), 2)],
    ids=["a day ago", "of other months", "by other names"],
)
def test_counting_begins_anew_when_what_was_counted_does_not_fit(later: timedelta, version: int) -> None:
    progress, store = FakeProgress(), FakeStatistics()
    Publisher(FakeScan(PEOPLE * 3), store, progress, lambda: TENTH_OF_MAY, parts=11).publish(lambda: 0.0)
    scan = FakeScan(PEOPLE, version=version)

    Publisher(scan, store, progress, lambda: TENTH_OF_MAY + later, parts=11).publish()

    assert sorted(scan.segments) == list(range(11))
    assert store.kept == published(PEOPLE, TENTH_OF_MAY + later)


def test_names_that_change_while_persons_are_counted_publish_nothing() -> None:
    class Rotated(FakeScan):
        @override
        def segment(self, number: int, of: int, without: Collection[str] = ()) -> Iterator[StoredPerson]:
            self.version = 2
            return super().segment(number, of, without)

    store, progress = FakeStatistics(), FakeProgress()

    with pytest.raises(UnavailableError):
        Publisher(Rotated(PEOPLE), store, progress, lambda: TENTH_OF_MAY, parts=4).publish()

    assert (store.kept, progress.content) == ({}, None)


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
    Publisher(FakeScan(seen_later), store, FakeProgress(), lambda: TENTH_OF_MAY, parts=4).publish()

    assert store.kept[2022, "2022-02"] == theirs
    assert store.kept[2022, "2022-04"].cumulative["1"].figures == figures(5 + 10, 5 + 10, 9000)


def test_months_follow_each_other_over_the_year() -> None:
    assert Month(2025, 12).next == Month(2026, 1)
    assert Month.read(Month(2026, 1).text) == Month(2026, 1)
    assert Month.of(date(2026, 1, 31)) == Month(2026, 1)


def test_amounts_are_added_exactly() -> None:
    assert cell(*[["0.10"]] * 3).paid.total == Decimal("0.30")


def test_a_director_that_left_the_protocol_gets_no_statistics_from_that_day() -> None:
    """Article 12."""
    leaving = replace(OPGROEIEN, ends=date(2026, 7, 1))
    asker = caller(OPGROEIEN.kbo, SCOPE_STATISTICS).asker

    def refusal(day: date) -> Refusal | None:
        return refuse_scope(asker, SCOPE_STATISTICS, day, lambda _: leaving)

    assert (refusal(date(2026, 6, 30)), refusal(date(2026, 7, 1))) == (None, Refusal.PURPOSE_NOT_ALLOWED)
