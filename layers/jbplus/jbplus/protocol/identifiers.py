"""No person's number in what is kept, logged or named: one rule for identifiers and free texts, and that of refertes.

Digits of every script count as digits: NFKC, then the decimal value. What nobody sees between them counts as nothing,
and every dash, blank and such as the sign on a keyboard that it looks like.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from jbplus.protocol import insz

_SEPARATOR = r"[-./_ ]"
_GROUPINGS = ((11,), (2, 2, 2, 3, 2), (6, 3, 2), (6, 5), (9, 2))
_GROUPED = "|".join(_SEPARATOR.join(f"[0-9]{{{size}}}" for size in sizes) for sizes in _GROUPINGS)
# A lookahead, since one candidate may begin inside another.
_CANDIDATE = re.compile(rf"(?<![0-9])(?=({_GROUPED})(?![0-9]))")
_ELEVEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{11}(?![0-9])")
_RANDOM = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32}")
_ASCII_PUNCTUATION = re.compile(r"[^0-9A-Za-z]")

_UNSEEN = frozenset({"Cc", "Cf", "Me", "Mn"})
_BY_CATEGORY = {"Pd": "-", "Pc": "_"}
_LOOKALIKES = {"\u2212": "-", "\u2044": "/", "\u2215": "/", "\u00b7": ".", "\u2022": ".", "\u2027": ".", "\u2219": "."}


def holds_number(text: str, *, year: int, of_request: Collection[str] = ()) -> bool:
    """Tell whether a person's number stands in a text that is to be kept, logged or named.

    Refused is a text that, its punctuation taken out, contains a number of the very request; and one with a valid INSZ
    as eleven adjacent digits, or grouped 2.2.2-3-2, 6-3-2, 6-5 or 9-2 with single separators, with no digit beside it.
    A UUID, or 32 hexadecimal digits, may hold such digits by chance.

    Args:
        text: the text.
        year: the calendar year in Brussels: nobody is born after it.
        of_request: the numbers that the request is about, as given by `numbers_among`.
    """
    if of_request and any(number in bare(text) for number in of_request):
        return True
    if _RANDOM.fullmatch(_folded(text)):
        return False
    return any(insz.kind(number, year=year) is not None for number in numbers_in(text))


def numbers_in(text: str) -> Iterator[str]:
    """Give what stands in a text in a form that a person's number is written in, as eleven digits."""
    return (bare(found[1]) for found in _CANDIDATE.finditer(_folded(text)))


def numbers_among(texts: Iterable[str]) -> tuple[str, ...]:
    """Give those texts that are eleven digits, punctuation taken out: persons' numbers, mistyped ones too."""
    return tuple(number for text in texts if _ELEVEN_DIGITS.fullmatch(number := bare(text)))


def eleven_digits_in(text: str) -> tuple[str, ...]:
    """Give every eleven adjacent digits of a text that could not be read: any of them may be a person's number."""
    return tuple(_ELEVEN_DIGITS.findall(text))


def is_number(text: str, *, year: int) -> bool:
    """Tell whether a text is an INSZ, of any kind, once its punctuation is taken out: no `referte` is one."""
    return insz.kind(bare(text), year=year) is not None


def bare(text: str) -> str:
    """Take the punctuation out of a text: letters and digits stay, each digit as one of 0 to 9."""
    if text.isascii():
        return _ASCII_PUNCTUATION.sub("", text)
    return "".join(filter(str.isalnum, _folded(text)))


def _folded(text: str) -> str:
    if text.isascii():
        # Nearly all texts are: a lookup of one person folds ten, 4 % of its instructions sign by sign.
        return text.translate(_FOLDED_ASCII)
    return "".join(map(_fold, unicodedata.normalize("NFKC", text)))


def _fold(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in _UNSEEN:
        return ""
    return _BY_CATEGORY.get(category) or _LOOKALIKES.get(character, character)


_FOLDED_ASCII = {code: _fold(chr(code)) for code in range(128)}
