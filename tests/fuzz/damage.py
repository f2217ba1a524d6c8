"""Ways to spoil a mutation file: as bytes, or as words, so that it often stays JSON."""

import re
from collections.abc import Callable
from random import Random

from tests.fuzz import seeds

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[^][{}:,"\s]+|[][{}:,]')
_MARKS = b"[]{}:,"
_LONGEST_SPAN = 40


def of_bytes(content: bytes, rng: Random) -> bytes:
    """Flip bits, cut, repeat and insert, anywhere."""
    for _ in range(rng.randint(1, 4)):
        start, end = _span(len(content), rng)
        piece = rng.choice(_DAMAGE)(content[start:end], rng)
        content = content[:start] + piece + content[end:]
    return content


def of_words(content: bytes, rng: Random) -> bytes:
    """Change, add, drop, repeat and swap texts, numbers, literals and the marks between them."""
    tokens = _TOKEN.findall(content)
    for _ in range(rng.randint(1, 3)):
        rng.choice(_REWORDING)(tokens, rng)
    return b"".join(tokens)


def _span(length: int, rng: Random) -> tuple[int, int]:
    start = rng.randint(0, length)
    return start, rng.choice([start, min(length, start + rng.randint(0, _LONGEST_SPAN)), length])


def _flip(piece: bytes, rng: Random) -> bytes:
    return bytes(byte ^ 1 << rng.randint(0, 7) for byte in piece[:2]) + piece[2:]


_DAMAGE: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip,
    lambda _piece, _rng: b"",
    lambda piece, _rng: piece * 2,
    lambda _piece, rng: rng.randbytes(rng.randint(0, 4)),
    lambda _piece, rng: rng.choice(seeds.TOKENS),
    lambda piece, rng: rng.choice(seeds.TOKENS) + piece,
)


def _change(tokens: list[bytes], rng: Random) -> None:
    words = [place for place, token in enumerate(tokens) if token not in _MARKS]
    if words:
        tokens[rng.choice(words)] = rng.choice((rng.choice(seeds.VALUES), tokens[rng.choice(words)]))


def _add(tokens: list[bytes], rng: Random) -> None:
    tokens.insert(rng.choice([0, rng.randint(0, len(tokens)), len(tokens)]), rng.choice(seeds.TOKENS))


def _drop(tokens: list[bytes], rng: Random) -> None:
    start, end = _span(len(tokens), rng)
    del tokens[start:end]


def _repeat(tokens: list[bytes], rng: Random) -> None:
    start, end = _span(len(tokens), rng)
    tokens[end:end] = [b",", *tokens[start:end]]


def _swap(tokens: list[bytes], rng: Random) -> None:
    if tokens:
        one, other = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        tokens[one], tokens[other] = tokens[other], tokens[one]


# A changed word leaves JSON most often, and so gets the furthest.
_REWORDING = (_change, _change, _change, _add, _drop, _repeat, _swap)
