"""What people are shown, whatever room there is: nothing is cut, and no word is broken."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.bar import Bar
from rich.console import Console, RenderableType
from rich.text import Text

from jbplus_cli.screen import looks

NAME = "werk.publiceermutatiejobbonusplus-0100_20250304183000000.1234abcd.00000000.ndjson"
WIDTHS = st.integers(1, 200)


def shown(what: RenderableType, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(what, crop=False)
    return out.getvalue()


@given(width=WIDTHS)
def test_a_field_s_words_are_never_broken(width: int) -> None:
    fields = looks.fields()
    fields.add_row("Name", Text.assemble((NAME, "bold"), " and 123,456.78 of it"))
    fields.add_row("Other", "short")

    assert shown(fields, width).split() == ["Name", NAME, "and", "123,456.78", "of", "it", "Other", "short"]


@given(width=WIDTHS)
def test_no_cell_of_a_table_is_cut(width: int) -> None:
    table = looks.table("Of all")
    table.add_column("Name", no_wrap=True)
    table.add_column("Amount", justify="right")
    table.add_column("")
    table.add_row(Text(NAME), "-123456789012.34", "withheld")

    assert {NAME, "-123456789012.34", "withheld"} <= set(shown(table, width).split())


@pytest.mark.parametrize(("width", "is_table"), [(200, True), (40, False)])
def test_a_table_stays_one_where_there_is_room(width: int, *, is_table: bool) -> None:
    table = looks.table("Of all")
    table.add_column("Name")
    table.add_row(Text(NAME))

    assert ("┃" in shown(table, width)) == is_table


def test_what_is_drawn_makes_room_for_the_figures() -> None:
    table = looks.table("Of all")
    table.add_column("Name")
    table.add_column("")
    table.add_row(Text("one"), Bar(10, 0, 5, width=30))

    assert "█" in shown(table, 60)
    assert "┃ Name ┃" in shown(table, 20)
    assert "█" not in shown(table, 20)


def test_long_words_go_on_below_what_they_belong_to() -> None:
    fields = looks.fields()
    fields.add_row("A", "one two three")

    assert shown(fields, 10) == "A  one two\n   three\n"
