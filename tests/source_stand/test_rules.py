"""The marks of the source's stand, and the order of its lines."""

import hashlib
import hmac
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from jbplus.persons.joining import joined
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.state import Entry, Payment, PersonState, Rank
from jbplus.source_stand.rules import Line, lines_of, mark_of, mark_of_key
from jbplus.successions.rules import Link, Links
from tests.support.known import entry
from tests.support.oracles import Told
from tests.support.strategies import PAYMENTS, STORIES, change

KEY = b"s" * 32
REFERTES = st.text("AZaz09._-", min_size=1, max_size=4)


def test_a_mark_is_what_the_page_says_and_no_more() -> None:
    paid = Payment(2024, "1", Decimal(600), date(2025, 3, 3))
    text = b"JBP-1\n2024\n1\n600.00\n2025-03-03"

    assert mark_of(KEY, "JBP-1", paid) == hmac.new(KEY, text, hashlib.sha256).hexdigest()[:32]
    assert mark_of_key(KEY) == hmac.new(KEY, b"sleutel", hashlib.sha256).hexdigest()[:32]


@given(PAYMENTS, PAYMENTS, REFERTES, REFERTES)
def test_marks_are_equal_exactly_when_referte_and_body_are(one: Payment, other: Payment, here: str, there: str) -> None:
    assert (mark_of(KEY, here, one) == mark_of(KEY, there, other)) == ((here, one) == (there, other))
    assert mark_of(KEY, here, one) != mark_of(b"t" * 32, here, one)


@given(PAYMENTS)
def test_each_field_of_a_body_counts(paid: Payment) -> None:
    others = [
        replace(paid, fiscal_year=paid.fiscal_year + 1),
        replace(paid, instalment="2" if paid.instalment == "1" else "1"),
        replace(paid, amount=paid.amount + Decimal("0.01")),
        replace(paid, amount=-paid.amount),
        replace(paid, day=date(2021, 1, 1)),
    ]

    assert len({mark_of(KEY, "a", each) for each in [paid, *others]}) == 6


def test_the_key_is_of_no_other_use_and_no_rotation_changes_it() -> None:
    first, rotated = Pseudonyms((b"1" * 32,)), Pseudonyms((b"1" * 32, b"2" * 32))

    assert first.key_of_source_stand() == rotated.key_of_source_stand()
    assert first.key_of_source_stand() not in {
        *first.keys,
        first.key_of_versions("0685540471"),
        Pseudonyms((b"2" * 32,)).key_of_source_stand(),
    }


LINES = st.builds(
    Line,
    REFERTES,
    st.text("0123456789abcdef", min_size=32, max_size=32),
    st.builds(Rank, st.integers(1, 10**15), st.integers(0, 10_000_000)),
)


@given(st.lists(LINES, max_size=8))
def test_texts_are_in_the_order_of_the_lines_that_they_are_read_as(lines: list[Line]) -> None:
    assert [Line.read(text) for text in sorted(line.text for line in lines)] == sorted(lines)


def test_a_line_tells_the_record_that_paid_though_a_later_one_annulled_it_under_another_number() -> None:
    annulled = Entry.tombstone(Rank(9, 0), file_day=date(2025, 3, 4), body_day=None)
    states = {"old": PersonState({"a": annulled}), "new": PersonState({"a": entry(rank=(7, 2))})}
    whole = joined(states, Links({"old": Link("new", (1, 0), date(2025, 3, 4))}))

    assert [line.rank for line in lines_of(whole, KEY)] == [Rank(7, 2)]


@given(STORIES)
def test_what_is_live_has_a_line_with_the_rank_of_what_is_now_so(story: list[Told]) -> None:
    state, _ = PersonState().merge(map(change, story), 10)

    lines = {line.referte: line for line in lines_of(state, KEY)}

    assert {referte for referte, _ in state.payments} == lines.keys()
    for referte, line in lines.items():
        last = max((told for told in story if told.referte == referte), key=lambda told: told.rank)
        assert last.body is not None
        assert line == Line(referte, mark_of(KEY, referte, last.body), Rank(*last.rank))
