"""A mutation file judged by the exchange's own rules, without sending it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from jbplus.mutation_file.codes import MESSAGES, Finding
from jbplus.mutation_file.reader import Limits, inspect, read_records
from jbplus.mutation_file.records import Circumstances
from jbplus.mutation_file.report import ReportedError
from jbplus.mutation_file.successions import mistakes
from jbplus_recipient.errors import ExchangeError

_BLOCK: Final = 1024 * 1024


def check_file(path: Path, *, received: datetime, test_numbers_allowed: bool) -> tuple[int, list[ReportedError]]:
    """Read a mutation file as the intake does; what only the exchange's ledger knows is not looked at.

    Args:
        path: the file, JSON or gzip.
        received: the moment that it is judged by.
        test_numbers_allowed: whether test persons are taken.

    Returns:
        How many records it has, and all that is wrong: a refused file has one entry without an index.

    Raises:
        ExchangeError: it cannot be read.
    """
    try:
        found = inspect(_blocks(path), received=received, limits=Limits())
        if found.refusal is not None or found.context is None:
            return found.count, [_said(finding, None) for finding in (found.refusal,) if finding is not None]
        kind = found.context.kind
        circumstances = Circumstances(found.context.file_day, test_numbers_allowed)
        wrong = [
            _said(finding, one.place)
            for one in read_records(_blocks(path))
            for finding in ((one.flaw,) if one.flaw else mistakes(one.value, one.place, kind, circumstances))
        ]
    except OSError as error:
        raise ExchangeError(f"{path} cannot be read ({error.strerror}).") from error
    return found.count, wrong


def _said(finding: Finding, index: int | None) -> ReportedError:
    return ReportedError(index=index, code=finding.code, pad=finding.path, melding=MESSAGES[finding.code])


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
