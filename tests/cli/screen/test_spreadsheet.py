"""CSV for people opens in columns, with every zero, in a spreadsheet set to Dutch."""

import csv
import io
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from jbplus_cli.screen.spreadsheet import table


def cell_of(text: str) -> str:
    """Write a text beside another, and read it back."""
    ((_, cell),) = csv.reader(io.StringIO(table([("a", text)])[1:], newline=""), delimiter=";")
    return cell


def test_it_begins_with_the_mark_and_has_semicolons_and_commas() -> None:
    written = table([("party", "persons", "paid"), ("0685540471", 15, Decimal("600.50")), ("x", 0, None)])

    assert written.encode() == (b'\xef\xbb\xbfparty;persons;paid\r\n"=""0685540471""";15;600,50\r\nx;0;\r\n')


@given(st.text(alphabet="0123456789", min_size=1, max_size=20))
def test_a_text_of_digits_keeps_each_of_them(digits: str) -> None:
    # The one formula there is gives the text itself.
    assert cell_of(digits) == f'="{digits}"'


@given(st.text(alphabet='=+-@\t\r ab;"12\n', max_size=12).filter(lambda text: not text.isdecimal()))
def test_no_other_text_is_a_formula_and_none_is_lost(text: str) -> None:
    cell = cell_of(text)

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in {text, f"'{text}"}
