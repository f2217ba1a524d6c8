"""Nobody who knows all that is published, now and later, learns what stands in a withheld cell (Article 2 b)."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.persons.state import Payment
from jbplus.statistics.cells import Month
from jbplus.statistics.disclosure import Figures, Total
from jbplus.statistics.publication import Publication
from tests.statistics.fakes import TENTH_OF_MAY, paid, person, published

DAYS = [date(2022, 3, 3), date(2022, 4, 4)]
AMOUNTS = st.sampled_from(["600.00", "600.00", "600.00", "1200.00", "-600.00", "-600.00", "0.01", "999999.99"])
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
    """Draw people, and the same ones with other things in the cells and recoveries that are withheld."""
    people = draw(PEOPLE)
    told = publications(people)

    def cell(payment: Payment) -> Figures | None:
        year, month, instalment = cell_of(payment)
        return told[year, month].cells[instalment]

    def is_told(payment: Payment) -> bool:
        figures = cell(payment)
        return figures is not None and (not payment.is_recovery or figures.recoveries is not None)

    others = [[payment for payment in payments if is_told(payment)] for payments in people]
    for year, day, instalment in product((2022, 2023), DAYS, "12"):
        few = draw(st.lists(st.lists(AMOUNTS, min_size=1, max_size=3), max_size=4))
        for number, amounts in enumerate(few):
            new = [paid(amount, year=year, instalment=instalment, day=day) for amount in amounts]
            new = [payment for payment in new if not is_told(payment)]
            # Persons who are in other cells too, and persons who are in no other.
            if number < len(people) and draw(st.booleans()):
                others[number] = [*others[number], *new]
            else:
                others.append(new)
    return people, others


@settings(max_examples=60)
@given(people_and_what_may_stand_in_a_cell())
def test_nothing_that_is_published_depends_on_what_is_withheld(worlds: tuple[People, People]) -> None:
    people, others = worlds

    assert publications(people) == publications(others)


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
        assert april.figures.paid - march.figures.paid == (between.paid if between else 0)


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
            here = [[each for each in one if cell_of(each) == (year, month, instalment)] for one in people]
            paid_to = [one for one in here if any(not each.is_recovery for each in one)]
            back_of = [one for one in here if any(each.is_recovery for each in one)]
            if figures is not None:
                assert len(paid_to) >= 5
                assert abs(figures.persons - len(paid_to)) <= 2
                assert (figures.persons % 5, figures.payments % 5, figures.paid % 3000) == (0, 0, 0)
                if figures.recoveries is not None:
                    assert len(back_of) >= 5
                    assert (figures.recoveries.count % 5, figures.recoveries.amount % 3000) == (0, 0)
        parts = publication.cells.values()
        assert publication.month_total.left_out == sum(figures is None for figures in parts)
        assert publication.month_total.figures.persons == sum(figures.persons for figures in parts if figures)
