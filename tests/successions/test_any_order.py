"""Any order, repetition, chain, fork, circle and taking back, between mutations, gives the same under every number."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jbplus.persons.joining import joined
from jbplus.persons.linking import link
from jbplus.persons.merging import merge
from jbplus.persons.state import PersonState, decode
from jbplus.successions.rules import Link, is_replaced, linked
from tests.persons.fakes import FakeLinks, FakePersons
from tests.support.fakes import NOW, no_sleep
from tests.support.oracles import Told
from tests.support.strategies import STORIES, change
from tests.support.succession_oracle import Oracle, Said

NUMBERS = "ABCDE"
# Longer than any story: nobody starts anew in it.
_YEARS = 10
_FIRST_FILE = date(2025, 1, 1)

Record = tuple[str, Told] | Said


@dataclass(frozen=True)
class History:
    """What was told and said, and an order in which it comes, some of it more than once."""

    told: list[tuple[str, Told]]
    said: list[Said]
    comes: list[Record]


def _said(place: tuple[int, int], content: tuple[str, str, bool]) -> Said:
    old, new, takes_back = content
    return Said(old, new, place, takes_back, _FIRST_FILE + timedelta(days=300 * place[0]))


SAYINGS = st.dictionaries(
    st.tuples(st.integers(1, 4), st.integers(0, 2)),
    st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS), st.sampled_from([False, False, True])).filter(
        lambda content: content[0] != content[1]
    ),
    max_size=7,
).map(lambda places: [_said(place, content) for place, content in places.items()])


@st.composite
def histories(draw: st.DrawFn) -> History:
    told = [(draw(st.sampled_from(NUMBERS)), one) for one in draw(STORIES)]
    said = draw(SAYINGS)
    records: list[Record] = [*told, *said]
    again = draw(st.lists(st.sampled_from(records), max_size=4))
    return History(told, said, draw(st.permutations([*records, *again])))


def take(persons: FakePersons, record: Record) -> None:
    if isinstance(record, Said):
        new = None if record.takes_back else record.new
        link(
            persons,
            record.old,
            Link(new, record.rank, record.file_day),
            retention_years=_YEARS,
            clock=lambda: NOW,
            sleep=no_sleep,
        )
    else:
        number, told = record
        merge(persons, {number: [change(told)]}, retention_years=_YEARS, clock=lambda: NOW, sleep=no_sleep)


def kept(history: History) -> FakePersons:
    persons = FakePersons()
    for record in history.comes:
        take(persons, record)
    return persons


def whole_under(persons: FakePersons, number: str) -> PersonState:
    found = FakeLinks(persons).read([number])
    numbers = linked(number, found)
    states = {each: decode(persons.items[each].state) for each in numbers if each in persons.items}
    if not states:
        return PersonState()
    return joined(states, found[number]) if number in found else states[number]


@given(histories())
def test_every_number_answers_what_the_oracle_decides(history: History) -> None:
    persons = kept(history)
    oracle = Oracle(history.told, history.said, _YEARS)

    for number in NUMBERS:
        expected, state = oracle.whole(number), whole_under(persons, number)
        assert dict(state.payments) == expected.payments
        assert state.volgnummer == expected.volgnummer
        assert is_replaced(number, FakeLinks(persons).read([number])) == oracle.is_replaced(number)


@given(histories())
def test_every_item_carries_the_end_of_the_whole_and_a_link_lives_as_long_as_what_it_joins(history: History) -> None:
    persons = kept(history)
    oracle = Oracle(history.told, history.said, _YEARS)

    for number in NUMBERS:
        if number in persons.items:
            assert persons.items[number].expires_at == oracle.whole(number).end
        links = persons.linked.get(number)
        assert (None if links is None else links.expires_at) == oracle.links_end(number)


@given(histories(), st.data())
def test_another_order_leaves_the_same_tables(history: History, data: st.DataObject) -> None:
    other = History(history.told, history.said, data.draw(st.permutations(history.comes)))

    one, two = kept(history), kept(other)

    assert (one.items, one.linked) == (two.items, two.linked)


@given(histories())
def test_what_comes_again_writes_nothing(history: History) -> None:
    persons = kept(history)
    writes = persons.writes

    for record in history.comes:
        take(persons, record)

    assert persons.writes == writes
