"""Books beside a stand: whatever was told in whatever order, exactly what differs is named."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.mutation_file.records import Circumstances, Record
from jbplus.mutation_file.successions import Succession
from jbplus.persons.joining import weave
from jbplus.persons.state import PersonState, Rank
from jbplus.source_stand.document import SourceStandContext
from jbplus.source_stand.rules import Line, lines_of
from jbplus.successions.rules import Link, Links
from jbplus_cli.source.comparing import Booked, Books, Difference, Kind, Numbers, compare_books, differences
from tests.cli.source.stood import KEY
from tests.support.files import annulment, record, succession
from tests.support.oracles import Told, decide
from tests.support.people import ANNA, BRAM, CELINE
from tests.support.strategies import STORIES, change

# Long enough for nobody to end.
_YEARS, _TODAY = 20, date(2031, 1, 1)
_CIRCUMSTANCES = Circumstances(_TODAY, test_numbers_allowed=True)
_CONTEXT = SourceStandContext.of(_TODAY, retention_years=_YEARS, key=KEY, highest=5, count=0)
_WHOSE = (ANNA, BRAM, CELINE)


def row(insz: str, told: Told) -> Record:
    body: dict[str, Any] = {}
    if told.body is not None:
        body = {
            "fiscaalJaar": told.body.fiscal_year,
            "bedragtype": told.body.instalment,
            "verrichtingbedrag": f"{told.body.amount:.2f}",
            "effectieveVerrichtingsdatum": told.body.day.isoformat(),
        }
    said = record(insz, told.referte, "03" if told.annuls else "01", **body) if body else annulment(insz, told.referte)
    return Record.model_validate(said, context=_CIRCUMSTANCES)


def rows_of(stories: dict[str, list[Told]]) -> list[tuple[Record, int]]:
    """Write the books: what was told, in the order of the ranks."""
    told = sorted(((one.rank, insz, one) for insz, story in stories.items() for one in story), key=lambda one: one[:2])
    return [(row(insz, one), line) for line, (_, insz, one) in enumerate(told, start=2)]


def compared(
    rows: Sequence[tuple[Record, int]], lines: Sequence[Line], successions: Sequence[Succession] = ()
) -> tuple[list[Difference], int]:
    books = Books(Numbers(successions, _TODAY), _CONTEXT, KEY, _TODAY)
    found = list(compare_books(rows, books, sorted(lines), Path("/tmp")))  # noqa: S108 - files without a name
    return [one for one in found if one is not None], found.count(None)


_PEOPLE = st.dictionaries(st.sampled_from(_WHOSE), STORIES, min_size=1)


@settings(deadline=None)
@given(_PEOPLE, st.data())
def test_the_same_told_in_any_order_is_in_step_and_each_planted_difference_is_named(
    stories: dict[str, list[Told]], data: st.DataObject
) -> None:
    lines: list[Line] = []
    for story in stories.values():
        state, _ = PersonState().merge(map(change, data.draw(st.permutations(story))), _YEARS)
        lines += lines_of(state, KEY)
    rows = rows_of(stories)

    assert compared(rows, lines) == ([], len(lines))
    oracle = [one.payment for story in stories.values() for one in decide(story).values() if one.payment is not None]
    assert len(lines) == len(oracle)

    spoilt, expected = [], Counter[tuple[Kind, str]]()
    for line in lines:
        match data.draw(st.sampled_from(["same", "gone", "twice", "other"])):
            case "gone":
                expected[Kind.MISSING, line.referte] += 1
            case "twice":
                spoilt += [line, line._replace(rank=Rank(99, 0))]
                expected[Kind.SUPERFLUOUS, line.referte] += 1
            case "other":
                flipped = f"{int(line.mark, 16) ^ 1:032x}"
                spoilt.append(line._replace(mark=flipped))
                expected[Kind.DIFFERENT, line.referte] += 1
            case _:
                spoilt.append(line)
    found, same = compared(rows, spoilt)
    if len({line.referte for line in lines}) == len(lines):
        assert Counter((one.kind, one.referte) for one in found) == expected
    # Of one referte of several persons, one that is gone and one too many are one that differs.
    assert {one.referte for one in found} <= {referte for _, referte in expected}
    assert same + sum(one.line is not None for one in found) == len(lines)


_PAIRS = st.tuples(st.sampled_from(_WHOSE), st.sampled_from(_WHOSE), st.sampled_from(["01", "01", "03"]))
_SUCCESSIONS = st.lists(_PAIRS.filter(lambda pair: pair[0] != pair[1]), max_size=4)


@settings(deadline=None)
@given(_PEOPLE, _SUCCESSIONS)
def test_books_of_numbers_that_replace_each_other_are_joined_as_the_exchange_joins_them(
    stories: dict[str, list[Told]], pairs: list[tuple[str, str, str]]
) -> None:
    # No two records have the same rank, as in one series of files.
    stories = {
        insz: [replace(one, rank=(one.rank[0], one.rank[1] * len(_WHOSE) + _WHOSE.index(insz))) for one in story]
        for insz, story in stories.items()
    }
    states = {insz: PersonState().merge(map(change, story), _YEARS)[0] for insz, story in stories.items()}
    links = Links()
    for place, (old, new, type_) in enumerate(pairs):
        links = links.joined(Links({old: Link(None if type_ == "03" else new, (1, place), _TODAY)}))
    persons = [*links.persons, *(frozenset({insz}) for insz in states if insz not in links.numbers)]
    lines: list[Line] = []
    for person in persons:
        own = {insz: states[insz] for insz in person if insz in states}
        lines += lines_of(weave(own, links, _YEARS).whole, KEY) if own else ()
    said = [Succession.model_validate(succession(*pair[:2], type_=pair[2]), context=_CIRCUMSTANCES) for pair in pairs]

    assert compared(rows_of(stories), lines, said) == ([], len(lines))


def test_both_ends_are_read_as_streams() -> None:
    read: list[str] = []

    def reading(name: str, count: int) -> Iterator[Any]:
        for place in range(count):
            read.append(name)
            made = (f"{place:05d}", "0" * 32)
            yield Booked(*made, place) if name == "books" else Line(*made, Rank(1, place))

    found = differences(reading("books", 1000), reading("stand", 1000))
    assert next(found) is None
    assert len(read) < 10
    assert list(found) == [None] * 999
