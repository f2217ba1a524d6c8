"""What is said on a wire: strict when written, tolerant when read."""

import warnings
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from jbplus.wire import Euro, Unknown, Wire, euro


class Word(StrEnum):
    KNOWN = "bekend"


class Part(Wire):
    een_getal: int


class Said(Wire):
    woord: Annotated[Word | Unknown[str], Field(union_mode="left_to_right")]
    bedrag: Euro = Decimal(0)
    delen: tuple[Part, ...] = ()


NEWER = '{"woord":"nieuw","bedrag":"600.00","delen":[{"eenGetal":1,"meer":[true]}],"later":{"a":null}}'


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_what_a_newer_version_wrote_is_read_and_comes_out_as_it_came() -> None:
    said = Said.read(NEWER)

    assert said.woord == "nieuw"
    assert said.delen[0].een_getal == 1
    assert said.wire() == {
        "woord": "nieuw",
        "bedrag": "600.00",
        "delen": [{"eenGetal": 1, "meer": [True]}],
        "later": {"a": None},
    }


def test_what_is_known_is_read_as_such() -> None:
    assert Said.read('{"woord":"bekend"}').woord is Word.KNOWN


def test_an_unknown_word_is_not_written() -> None:
    with pytest.raises(ValidationError, match="must be one that is known"):
        Said(woord="nieuw")


def test_what_does_not_fit_is_not_read_and_no_value_is_told() -> None:
    with pytest.raises(ValidationError) as raised:
        Said.read('{"woord":"bekend","delen":[{"eenGetal":"12642599819x"}]}')

    assert "12642599819" not in str(raised.value)


def test_what_was_not_said_is_not_said_when_it_is_passed_on() -> None:
    assert Said.read('{"woord":"bekend"}').wire() == {"woord": "bekend"}


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=2))
def test_an_amount_is_written_with_two_decimals_and_read_exactly(amount: Decimal) -> None:
    written = Said(woord=Word.KNOWN, bedrag=euro(amount)).model_dump_json(by_alias=True)

    assert f'"bedrag":"{amount:.2f}"' in written
    assert Said.read(written).bedrag == amount


@pytest.mark.parametrize(("amount", "written"), [(0, "0.00"), (3000, "3000.00"), (Decimal(-600), "-600.00")])
def test_an_amount_has_two_decimals(amount: Decimal | int, written: str) -> None:
    assert str(euro(amount)) == written
