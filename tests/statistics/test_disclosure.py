"""Nobody who knows all that is published, now and later, learns what stands in a withheld cell (Article 2 b)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.persons.state import Payment
from jbplus.statistics.cells import Cell, Line, Month, Tally
from jbplus.statistics.disclosure import FEWEST_PERSONS, Total
from jbplus.statistics.publication import Publication, publish
from tests.statistics.fakes import TENTH_OF_MAY, paid, person, published

FEWER_THAN_FIVE = {0, 1, 2, 3, 4}
DAYS = [date(2022, 3, 3), date(2022, 4, 4)]
AMOUNTS = st.sampled_from(["600.00", "600.00", "1200.00", "-600.00", "0.01", "999999.99"])
PAYMENTS = st.builds(
    paid, AMOUNTS, year=st.sampled_from([2022, 2023]), instalment=st.sampled_from("12"), day=st.sampled_from(DAYS)
)
PEOPLE = st.lists(st.lists(PAYMENTS, min_size=1, max_size=3), max_size=40)

Published = dict[tuple[int, str], Publication]
People = Sequence[Sequence[Payment]]


def publications(people: People, earlier: Published | None = None, days_later: int = 0) -> Published:
    persons = [person(*payments) for payments in people if payments]
    return published(persons, TENTH_OF_MAY + timedelta(days=days_later), earlier)


def cell_of(payment: Payment) -> tuple[int, str, str]:
    return payment.fiscal_year, Month.of(payment.day).text, payment.instalment


@st.composite
def people_and_what_may_stand_in_a_cell(draw: st.DrawFn) -> tuple[People, People]:
    """Draw people, and the same ones with other things in the cells that are withheld."""
    people = draw(PEOPLE)
    told = publications(people)
    withheld = {
        (year, month, instalment)
        for (year, month), publication in told.items()
        for instalment, figures in publication.cells.items()
        if figures is None and month in {Month.of(day).text for day in DAYS}
    }
    others = [[payment for payment in payments if cell_of(payment) not in withheld] for payments in people]
    for year, month, instalment in sorted(withheld):
        few = draw(st.lists(st.lists(AMOUNTS, min_size=1, max_size=3), max_size=4))
        day = next(day for day in DAYS if Month.of(day).text == month)
        for number, amounts in enumerate(few):
            new = [paid(amount, year=year, instalment=instalment, day=day) for amount in amounts]
            # Persons who are in other cells too, and persons who are in no other.
            if number < len(people) and draw(st.booleans()):
                others[number] = [*others[number], *new]
            else:
                others.append(new)
    return people, others


@settings(max_examples=60)
@given(people_and_what_may_stand_in_a_cell())
def test_nothing_that_is_published_depends_on_what_stands_in_a_withheld_cell(worlds: tuple[People, People]) -> None:
    people, others = worlds

    assert publications(people) == publications(others)


def test_an_attacker_who_tries_all_worlds_finds_every_number_from_nought_to_four_possible() -> None:
    """One month: so many in each instalment, so many in both, and some of them paid back."""
    worlds = defaultdict(list)
    for first, second, paid_back in product(range(12), range(12), range(4)):
        for both in range(min(first, second) + 1):
            if paid_back <= second:
                world = _Month(first, second, both, paid_back)
                worlds[publish(_LINE, world.tally, None, DAYS[0]).model_dump_json()].append(world)

    for shown, possible in worlds.items():
        told = Publication.model_validate_json(shown).cells
        if told["1"] is None:
            assert {world.first for world in possible} == FEWER_THAN_FIVE
        if told["2"] is None:
            assert {world.second for world in possible} == FEWER_THAN_FIVE
            assert len({world.net_of_second for world in possible}) >= 5
        if told["1"] and told["2"]:
            # Who is in both instalments is nobody's cell, but is not told either.
            assert {world.both for world in possible} >= set(range(FEWEST_PERSONS))


def test_an_attacker_who_subtracts_totals_of_successive_months_finds_every_number_possible() -> None:
    sizes = range(8)
    worlds = defaultdict(list)
    for first, second in product(product(sizes, sizes), product(sizes, sizes)):
        months = [_Month(*first), _Month(*second)]
        one = publish(_LINE, months[0].tally, None, DAYS[0])
        two = publish(Line(2022, _LINE.month.next), months[1].tally, one, DAYS[1])
        worlds[one.model_dump_json(), two.model_dump_json()].append(months)

    for shown, possible in worlds.items():
        for number, text in enumerate(shown):
            told = Publication.model_validate_json(text).cells
            for instalment, name in (("1", "first"), ("2", "second")):
                if told[instalment] is None:
                    assert {getattr(months[number], name) for months in possible} == FEWER_THAN_FIVE


_LINE = Line(2022, Month.of(DAYS[0]))


@dataclass(frozen=True)
class _Month:
    """What may have happened in a month: persons in each instalment and in both, and how many paid the second back."""

    first: int
    second: int
    both: int = 0
    paid_back: int = 0

    @property
    def tally(self) -> dict[str, Cell]:
        tally = Tally.of({_LINE})
        seconds = [[paid(instalment="2")] for _ in range(self.second)]
        for payments in seconds[: self.paid_back]:
            payments.append(paid("-600.00", instalment="2"))
        for payments in seconds[: self.both]:
            payments.append(paid())
        for payments in [*seconds, *([paid()] for _ in range(self.first - self.both))]:
            tally.add_person(payments)
        return tally.lines[_LINE]

    @property
    def net_of_second(self) -> int:
        return 600 * (self.second - self.paid_back)


@settings(max_examples=40)
@given(PEOPLE, PEOPLE, PEOPLE)
def test_a_later_publication_tells_nothing_new_of_an_earlier_month(
    before: People, late: People, later_still: People
) -> None:
    """Whoever was added, changed or forgotten in a published month: neither it nor any later one shows it."""
    earlier = publications(before)
    may = [[paid(day=date(2022, 5, 5))]] * 6

    one = publications([*late, *may], earlier, days_later=31)
    other = publications([*later_still, *may], earlier, days_later=31)

    assert {key: one[key] for key in earlier} == earlier
    assert one == other


@settings(max_examples=40)
@given(PEOPLE)
def test_the_difference_of_two_totals_is_the_cell_between_them(people: People) -> None:
    told = publications(people)

    for instalment, year in product("12", (2022, 2023)):
        march, april = told[year, "2022-03"].cumulative[instalment], told[year, "2022-04"].cumulative[instalment]
        between = told[year, "2022-04"].cells[instalment]
        assert april == march + Total.of([between])
        assert april.left_out == march.left_out + (between is None)
        assert april.figures.net - march.figures.net == (between.net if between else 0)


@settings(max_examples=40)
@given(PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_persons_and_their_division_do_not_matter(people: People, random: object) -> None:
    shuffled = list(people)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # random.Random, which hypothesis does not say

    assert publications(people) == publications(shuffled)


@settings(max_examples=60)
@given(PEOPLE)
def test_every_figure_is_rounded_and_of_five_persons_or_more(people: People) -> None:
    for (year, month), publication in publications(people).items():
        for instalment, figures in publication.cells.items():
            persons = [one for one in people if (year, month, instalment) in map(cell_of, one)]
            if figures is not None:
                assert len(persons) >= 5
                assert abs(figures.persons - len(persons)) <= 2
                assert (figures.persons % 5, figures.payments % 5, figures.recoveries % 5, figures.net % 1000) == (
                    (0,) * 4
                )
        parts = publication.cells.values()
        assert publication.month_total.left_out == sum(figures is None for figures in parts)
        assert publication.month_total.figures.persons == sum(figures.persons for figures in parts if figures)
