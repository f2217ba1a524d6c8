"""Article 3 b: who is paid again after the end starts anew, in whatever order the files come."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from jbplus.persons.retention import expires_at
from jbplus.persons.state import Payment, PersonState, decode, encode
from tests.support.oracles import Decided, Told, anchor_of, decide, retention_end
from tests.support.strategies import change

_YEARS = 2
_FIRST_DAY = date(2022, 1, 1)
# All days of a life lie within a year, and the next life begins after the term of the last of them.
_LIFE = timedelta(days=365 * (_YEARS + 2))


def _told(place: tuple[int, int], content: tuple[int, str, int, int | None, bool]) -> Told:
    life, referte, days, cents, annuls = content
    day = _FIRST_DAY + life * _LIFE + timedelta(days=days)
    body = None if cents is None else Payment(2024, "1", Decimal(cents).scaleb(-2), day)
    return Told(f"{life}{referte}", place, annuls=annuls or body is None, body=body, file_day=day)


_CONTENTS = st.tuples(
    st.integers(0, 2),
    st.sampled_from("ab"),
    st.integers(0, 365),
    st.none() | st.integers(-500, 500).filter(bool),
    st.booleans(),
)
_STORIES = st.dictionaries(st.tuples(st.integers(1, 5), st.integers(0, 3)), _CONTENTS, min_size=1, max_size=12).map(
    lambda places: [_told(place, content) for place, content in places.items()]
)


def _life_of(told: Told) -> int:
    return int(told.referte[0])


def _merged(state: PersonState, story: list[Told]) -> PersonState:
    """Merge records one by one, as files of one record each, with the state written down in between."""
    for told in story:
        state = decode(encode(state.merge([change(told)], _YEARS)[0]))
    return state


def _expected(story: list[Told]) -> dict[str, Decided]:
    """Decide by all records at once: only what is dated as late as the last record with a body has an amount left."""
    last = max((_life_of(told) for told in story if told.body is not None), default=0)
    return {
        referte: one if int(referte[0]) >= last else Decided(one.rank, None, one.day)
        for referte, one in decide(story).items()
    }


@given(_STORIES, st.data())
def test_any_order_and_repetition_leaves_only_what_lives_after_the_last_beginning(
    story: list[Told], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(story), max_size=4))
    arriving = data.draw(st.permutations([*story, *again]))

    state = _merged(PersonState(), arriving)

    found = {
        referte: Decided((entry.rank.volgnummer, entry.rank.position), entry.payment, entry.day)
        for referte, entry in state.entries.items()
    }
    assert found == _expected(story)
    assert expires_at(state, _YEARS) == retention_end(anchor_of(_expected(story)), _YEARS)
    assert encode(state) == encode(PersonState().merge(map(change, story), _YEARS)[0])


@given(_STORIES, _STORIES)
def test_it_makes_no_difference_whether_dynamodb_had_deleted_what_ended(before: list[Told], after: list[Told]) -> None:
    ended = [told for told in before if _life_of(told) == 0]
    new = [told for told in after if _life_of(told) == 1]

    kept, deleted = _merged(_merged(PersonState(), ended), new), _merged(PersonState(), new)

    if any(told.body is not None for told in new):
        assert kept.payments == deleted.payments
        assert expires_at(kept, _YEARS) == expires_at(deleted, _YEARS)
        assert _merged(kept, ended) == kept
