"""No person's number in what is kept, logged or named; the rule against one that walks over runs of digits."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jbplus.protocol import insz
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.identifiers import bare, eleven_digits_in, holds_number, is_number, numbers_among
from tests.support.people import ANNA, BRAM, person_number

YEAR = 2026
BIRTH, SERIAL, CHECK = ANNA[:6], ANNA[6:9], ANNA[9:]
FULL_WIDTH = ANNA.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
ARABIC = ANNA.translate({ord("0") + n: 0x0660 + n for n in range(10)})
BOLD = ANNA.translate({ord("0") + n: 0x1D7CE + n for n in range(10)})
HOLDING = [
    ANNA,
    f"{ANNA}/2024",
    f"2024/{ANNA}",
    f"D{ANNA}",
    f"u{ANNA}x",
    f"{BIRTH[:2]}.{BIRTH[2:4]}.{BIRTH[4:]}-{SERIAL}.{CHECK}",
    f"GP/{BIRTH[:2]}.{BIRTH[2:4]}.{BIRTH[4:]}-{SERIAL}.{CHECK}/1",
    f"{BIRTH[:2]} {BIRTH[2:4]} {BIRTH[4:]} {SERIAL} {CHECK}",
    f"GP-{BIRTH}-{SERIAL}.{CHECK}",
    f"{BIRTH}-{SERIAL}-{CHECK}",
    f"{BIRTH}_{SERIAL}{CHECK}",
    f"{BIRTH}{SERIAL}/{CHECK}",
    f"({ANNA})",
    f"insz={ANNA};",
    f"zie {FULL_WIDTH}.",
    ARABIC,
    BOLD,
    f"{BIRTH[:2]}.{BIRTH[2:4]}.{BIRTH[4:]}\u2013{SERIAL}.{CHECK}",
    f"{BIRTH}\u00a0{SERIAL}\u2011{CHECK}",
    f"{ANNA[:4]}\u00ad{ANNA[4:8]}\u200b{ANNA[8:]}",
    "".join(f"{digit}\ufe0f\u20e3" for digit in ANNA),
    f"{ANNA}\n{BRAM[:4]}",
    f"12.34.{BIRTH}-{SERIAL}-{CHECK}",
]
PASSING = [
    "",
    "an.peeters",
    f"{ANNA}0",
    f"7{ANNA}",
    f"7{BIRTH}-{SERIAL}{CHECK}",
    f"{BIRTH}-{SERIAL}{CHECK}7",
    "_".join(ANNA),
    f"{BIRTH}--{SERIAL}{CHECK}",
    f"{BIRTH}:{SERIAL}{CHECK}",
    f"{BIRTH[:3]}.{BIRTH[3:]}-{SERIAL}.{CHECK}",
    f"{ANNA[:5]}x{ANNA[5:]}",
    "GP-2024/000123456789",
    "0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11",
    f"0b0e8d5e-6f0c-4a39-9a53-a{ANNA}",
    f"{'ab' * 10}a{ANNA}",
]


@pytest.mark.parametrize("text", HOLDING)
def test_a_number_is_found_in_all_that_people_write(text: str) -> None:
    assert holds_number(text, year=YEAR)


@pytest.mark.parametrize("text", PASSING)
def test_other_digits_pass(text: str) -> None:
    assert not holds_number(text, year=YEAR)


@pytest.mark.parametrize(
    "text",
    [*HOLDING, *(text for text in PASSING if bare(text).find(ANNA) >= 0), f"0b0e8d5e-6f0c-4a39-9a53-a{ANNA}"],
)
def test_a_number_of_the_request_is_found_however_it_is_spread(text: str) -> None:
    assert holds_number(text, year=YEAR, of_request=(BRAM, ANNA))


def test_a_mistyped_number_of_the_request_counts_too() -> None:
    wrong = ANNA[:-1] + str((int(ANNA[-1]) + 1) % 10)

    assert numbers_among([wrong, "1", "", f"{wrong[:6]}-{wrong[6:]}", "abc"]) == (wrong, wrong)
    assert holds_number(f"D-{wrong}", year=YEAR, of_request=numbers_among([wrong]))
    assert not holds_number(f"D-{wrong}", year=YEAR)


@pytest.mark.parametrize("month", [1, 21, 41, 60, 61, 72, 80, 92])
def test_a_number_of_any_kind_is_found(month: int) -> None:
    number = person_number(997, month=month)

    assert holds_number(f"{number[:6]}-{number[6:]}", year=YEAR)
    assert is_number(f"{number[:6]}-{number[6:]}", year=YEAR)


def test_the_year_decides_about_a_number_of_somebody_not_yet_born() -> None:
    nine = "270115999"
    number = nine + insz.check_digits(nine, born_2000=True)

    assert [holds_number(number, year=year) for year in (2026, 2027)] == [False, True]


def test_what_could_not_be_read_gives_every_eleven_digits() -> None:
    assert eleven_digits_in(f'{{"insz":"{ANNA}","x":"{BRAM}0",{BRAM}') == (ANNA, BRAM)


def test_the_numbers_that_a_call_may_name_go_by_the_year_in_brussels() -> None:
    nine = "270115999"
    number = nine + insz.check_digits(nine, born_2000=True)
    new_year = datetime(2026, 12, 31, 23, tzinfo=UTC)  # midnight in Brussels

    last, first = (
        insz.accepting(lambda moment=moment: moment, test_numbers_allowed=False)(number)  # type: ignore[misc]
        for moment in (new_year - timedelta(seconds=1), new_year)
    )

    assert brussels_day(new_year).year == 2027
    assert (last, first) == (False, True)


def runs(text: str) -> Iterator[tuple[bool, str]]:
    """Give the text as runs of digits and of other signs; what nobody sees is passed over."""
    seen = [sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign)[:1] != "M"]
    seen = [sign for sign in seen if unicodedata.category(sign) not in {"Cf", "Cc"} or sign.isspace()]
    for is_digit, signs in groupby(seen, str.isdecimal):
        yield is_digit, "".join(str(int(sign)) if is_digit else sign for sign in signs)


def is_separator(sign: str) -> bool:
    return len(sign) == 1 and (
        sign in "./-_\u2212\u2044\u2215\u00b7" or sign.isspace() or unicodedata.category(sign) in {"Pd", "Pc"}
    )


def oracle(text: str, own: str | None) -> bool:
    """Decide the other way: every row of neighbouring runs whose lengths are those of a written number."""
    parts = list(runs(text))
    if own is not None and own in "".join(part for is_digit, part in parts for part in part if part.isalnum()):
        return True
    letters = "".join(part for _, part in parts)
    plain = letters.replace("-", "")
    if len(plain) == 32 and set(plain.lower()) <= set("0123456789abcdef"):
        places = [at for at, sign in enumerate(letters) if sign == "-"]
        if places in ([], [8, 13, 18, 23]):
            return False
    for first, (is_digit, _) in enumerate(parts):
        for groups in (1, 2, 3, 5):
            row = parts[first : first + 2 * groups - 1]
            if not is_digit or len(row) < 2 * groups - 1 or not all(is_separator(sign) for _, sign in row[1::2]):
                continue
            digits = [part for _, part in row[0::2]]
            written = [len(each) for each in digits] in ([11], [6, 5], [9, 2], [6, 3, 2], [2, 2, 2, 3, 2])
            if written and insz.kind("".join(digits), year=YEAR) is not None:
                return True
    return False


DIGITS = st.sampled_from([0x30, 0x660, 0x966, 0xFF10, 0x1D7CE])
BETWEEN = st.sampled_from(
    ["", "", "", ".", "-", "/", "_", " ", ":", ",", "..", "a", "\u2013", "\u00a0", "\u00ad", "\ufe0f"]
)
SIZES = st.sampled_from([(11,), (2, 2, 2, 3, 2), (6, 3, 2), (6, 5), (9, 2), (3, 3, 3, 2), (1,) * 11, (4, 7)])
VALID = st.sampled_from([ANNA, BRAM, person_number(9, month=1), person_number(9, month=21), ANNA[:10] + "0"])


@st.composite
def disguised(draw: st.DrawFn) -> str:
    number, zero, text = draw(VALID), draw(DIGITS), ""
    for size in draw(SIZES):
        text += draw(BETWEEN) + number[:size]
        number = number[size:]
    text = "".join(chr(zero + int(sign)) if sign in "0123456789" else sign for sign in text)
    return draw(BETWEEN) + text + draw(BETWEEN)


TEXTS = st.lists(disguised() | st.text("0123456789abf.-/_ :\u0665\u00e9", max_size=12), max_size=3).map("".join)


@given(TEXTS | st.text(), st.sampled_from([None, ANNA, BRAM]))
@example(f"{ANNA[:8]}-{ANNA[8:]}00-0000-0000-000000000000", None)
def test_any_text_is_judged_as_one_who_walks_over_its_digits_does(text: str, own: str | None) -> None:
    expected = oracle(text, own)

    assert holds_number(text, year=YEAR, of_request=() if own is None else (own,)) == expected
