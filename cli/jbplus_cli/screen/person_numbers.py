"""Person numbers as the operator gives them: typed, from a file, or through a pipe.

A typed number stays in the shell's history and is seen by anyone who lists the processes; a file or a pipe
keeps it out of both. What is wrong is said by place, never by number.
"""

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from jbplus.protocol import insz

STDIN = "-"
_PUNCTUATION = str.maketrans("", "", ".- ")


class NumbersError(ValueError):
    """There are no usable person numbers; the text says where to look."""


def read_numbers(arguments: Sequence[str], file: Path | None, stdin: BinaryIO, *, year: int) -> list[str]:
    """Collect person numbers, each once, in the order given.

    Args:
        arguments: as typed; `-` stands for standard input.
        file: with one number a line; empty lines and lines that begin with `#` do not count; `-` for
            standard input.
        stdin: standard input.
        year: the present year; nobody is born after it.

    Raises:
        NumbersError: there are none, one of them cannot be a person's, or the file cannot be read.
    """
    numbers: dict[str, None] = {}
    wrong: list[str] = []
    for place, text in _written(arguments, file, stdin):
        number = text.translate(_PUNCTUATION)
        if insz.kind(number, year=year) is None:
            wrong.append(place)
        numbers[number] = None
    if wrong:
        places = ", ".join(wrong[:10]) + (" and more" if len(wrong) > 10 else "")  # noqa: PLR2004 - enough to begin with
        raise NumbersError(f"Not a person number (eleven digits, right check digits): {places}.")
    if not numbers:
        raise NumbersError("Give at least one person number, or --file, or - to read them from standard input.")
    return list(numbers)


def _written(arguments: Sequence[str], file: Path | None, stdin: BinaryIO) -> Iterator[tuple[str, str]]:
    for position, argument in enumerate(arguments, start=1):
        if argument == STDIN:
            yield from _lines(stdin.read(), "standard input")
        else:
            yield f"argument {position}", argument
    if file is not None and str(file) == STDIN:
        yield from _lines(stdin.read(), "standard input")
    elif file is not None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise NumbersError(f"{file} cannot be read.") from error
        yield from _lines(content, str(file))


def _lines(content: bytes, name: str) -> Iterator[tuple[str, str]]:
    try:
        lines = content.decode(_encoding(content)).splitlines()
    except UnicodeDecodeError as error:
        raise NumbersError(f"{name} cannot be read as text.") from error
    for position, line in enumerate(lines, start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield f"line {position} of {name}", text


def _encoding(content: bytes) -> str:
    """Tell how a text is written: Windows pipes and editors write UTF-16, and marks before UTF-8."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    match content[:2].find(b"\0"):
        case 0:
            return "utf-16-be"
        case 1:
            return "utf-16-le"
    return "utf-8-sig"
