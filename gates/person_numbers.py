"""Looks for persons' numbers in the repository: nobody's but test numbers, which are nobody's, may stand in it."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from jbplus.protocol import insz
from jbplus.protocol.identifiers import numbers_in

_DIGEST: Final = re.compile(r"\b(sha(256|384|512):[0-9a-f]{64,128}|[0-9a-f]{40}|[0-9a-f]{64})\b")
"""A hash of requirements or of a commit: it holds such digits by chance."""


def found(files: Iterable[Path], *, year: int) -> Iterator[str]:
    """Say where a number of a person stands: file and line, never the number.

    Args:
        files: the files to look in; those that are no text are passed over.
        year: the calendar year: nobody is born after it.
    """
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            kinds = {insz.kind(each, year=year) for each in numbers_in(_DIGEST.sub(" ", line))}
            if kinds & {insz.InszKind.NATIONAL_REGISTER, insz.InszKind.BIS}:
                yield f"{file}:{number} holds a number that may be a person's; use a test number."
