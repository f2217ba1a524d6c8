"""Article 3 a: any files, in any order, any number of times, give the same state and the same TTL."""

import json
from functools import reduce
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jbplus.persons.retention import expires_at
from jbplus.persons.state import Entry, PersonState, Rank, decode, encode, version_of
from tests.support.oracles import Decided, Told, anchor_of, decide, retention_end
from tests.support.strategies import STORIES, change

# Longer than any story: nobody starts anew in it.
_YEARS = 10


def _merged(records: list[Told]) -> PersonState:
    return PersonState().merge((change(told) for told in records), _YEARS)[0]


def _as_decided(state: PersonState) -> dict[str, Decided]:
    return {
        referte: Decided((entry.rank.volgnummer, entry.rank.position), entry.payment, entry.day)
        for referte, entry in state.entries.items()
    }


@st.composite
def _tellings(draw: st.DrawFn) -> tuple[list[Told], list[list[Told]]]:
    """Draw a story, and a telling of it: records repeated, shuffled, and handed over in parts."""
    story = draw(STORIES)
    repeated = draw(st.lists(st.sampled_from(story), max_size=6))
    shuffled = draw(st.permutations([*story, *repeated]))
    cuts = sorted(draw(st.sets(st.integers(0, len(shuffled)), max_size=4)) | {0, len(shuffled)})
    return story, [list(shuffled[start:end]) for start, end in pairwise(cuts)]


@given(_tellings())
def test_any_order_repetition_and_interleaving_gives_what_the_oracle_decides(
    telling: tuple[list[Told], list[list[Told]]],
) -> None:
    story, parts = telling
    text = encode(PersonState())

    for part in parts:
        state, _ = decode(text).merge((change(told) for told in part), _YEARS)
        text = encode(state)

    assert _as_decided(decode(text)) == decide(story)
    assert text == encode(_merged(story))
    assert expires_at(decode(text), 5) == retention_end(anchor_of(decide(story)), 5)


def _join_all(entries: list[Entry]) -> Entry:
    return reduce(Entry.join, entries)


_ONE_REFERTE = STORIES.map(lambda story: [change(told)[1] for told in story])


@given(_ONE_REFERTE, st.data())
def test_joining_is_commutative_associative_and_idempotent(entries: list[Entry], data: st.DataObject) -> None:
    parts = st.lists(st.sampled_from(entries), min_size=1, max_size=4).map(_join_all)
    one, two, three = data.draw(parts), data.draw(parts), data.draw(parts)

    assert one.join(two) == two.join(one)
    assert one.join(two).join(three) == one.join(two.join(three))
    assert one.join(one) == one
    assert one.join(two).join(two) == one.join(two)


@given(STORIES)
def test_what_is_decoded_is_what_was_encoded(story: list[Told]) -> None:
    state = _merged(story)

    assert decode(encode(state)) == state
    assert encode(decode(encode(state))) == encode(state)


@given(STORIES, st.data())
def test_versions_are_equal_exactly_when_states_are(story: list[Told], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.sampled_from(story), unique_by=lambda told: told.rank))
    one_state, other_state = _merged(story), _merged(other)

    same_version = version_of(encode(one_state)) == version_of(encode(other_state))

    assert same_version == (one_state == other_state)


@given(STORIES)
def test_what_was_annulled_last_keeps_no_amount(story: list[Told]) -> None:
    stored = json.loads(encode(_merged(story)))

    for referte, entry in stored.items():
        last = max((told for told in story if told.referte == referte), key=lambda told: told.rank)
        held = {"amount", "year", "instalment"} & entry.keys()
        assert held == (set() if last.annuls else {"amount", "year", "instalment"})
        assert Rank(*entry["rank"]) == Rank(*last.rank)
