"""Makes sample mutation files about test persons, of any size in bounded memory (the command `make-file`).

The same arguments give the same bytes, on any day and any computer.
"""

import gzip
import io
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from jbplus.mutation_file.records import FIRST_DAY
from jbplus.protocol.calendar import BRUSSELS, brussels_day
from jbplus.protocol.parties import WEWIS
from jbplus_cli.samples.flaws import FLAWS
from jbplus_cli.samples.persons import CAPACITY
from jbplus_cli.samples.records import Plan, records
from jbplus_recipient.errors import ExchangeError

_FIRST_FILE_DAY: Final = date(2025, 1, 1)
_FILE_TIME: Final = time(18, 30)
_DAYS: Final = 365


class OrderError(ValueError):
    """No file can be made of what was asked; the text says what is possible."""


@dataclass(frozen=True, slots=True)
class Order:
    """What kind of file is wanted.

    Attributes:
        persons: number of test persons, 0 or more.
        volgnummer: the file's number, from 1.
        seed: decides who the persons are and what happens to them; the same seed, the same persons.
        bad: share of bad records, 0 to 1.
        tijdstip: the file's moment, with its offset.

    Raises:
        OrderError: no file can be made of it.
    """

    persons: int
    volgnummer: int
    seed: int
    tijdstip: datetime
    bad: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no file can be made of."""
        if not 0 <= self.persons <= CAPACITY:
            raise OrderError(f"A file can be about 0 to {CAPACITY} test persons.")
        if not 0 <= self.bad <= 1:
            raise OrderError("The share of bad records lies between 0 and 1.")
        if self.tijdstip.tzinfo is None:
            raise OrderError("The moment needs its offset, for instance 2025-03-04T18:30:00+01:00.")
        if self.plan.file_day < FIRST_DAY:
            raise OrderError(f"No payment was made before {FIRST_DAY}: choose a later moment.")

    @property
    def plan(self) -> Plan:
        """The part that decides the records."""
        return Plan(self.persons, self.volgnummer, self.seed, brussels_day(self.tijdstip))


@dataclass(frozen=True, slots=True)
class Made:
    """A sample file that was written.

    Attributes:
        path: where.
        volgnummer: its number.
        tijdstip: its moment.
        persons: number of test persons.
        records: number of records, bad ones included.
        bad: number of bad records.
        size: bytes on the disk.
    """

    path: Path
    volgnummer: int
    tijdstip: datetime
    persons: int
    records: int
    bad: int
    size: int


def moment_of(volgnummer: int) -> datetime:
    """Give a file's moment from its number alone: a working evening of 2025, one day further for each number.

    After a year it begins again: the intake takes no file from the future, and does not order by moments.
    """
    day = _FIRST_FILE_DAY + timedelta(days=(volgnummer - 1) % _DAYS)
    return datetime.combine(day, _FILE_TIME, tzinfo=BRUSSELS)


def write_file(order: Order, path: Path, advance: Callable[[int], None] = lambda _count: None) -> Made:
    """Write a sample file; it stands under its name only when it is whole.

    Args:
        order: what kind of file.
        path: where to; compressed when it ends in `.gz`.
        advance: is told how many records were written.

    Raises:
        ExchangeError: the file cannot be written.
    """
    count = order.plan.count()
    bad = round(order.bad * count)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with _opened(unfinished, compressed=path.name.endswith(".gz")) as file:
            for piece in _pieces(order, count, bad, advance):
                file.write(piece.encode())
        unfinished.replace(path)
        size = path.stat().st_size
    except OSError as error:
        raise ExchangeError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return Made(path, order.volgnummer, order.tijdstip, order.persons, count, bad, size)


def _pieces(order: Order, count: int, bad: int, advance: Callable[[int], None]) -> Iterator[str]:
    yield f'{{"context": {json.dumps(_context(order, count))},\n"mutaties": ['
    separator = "\n"
    for record in _records(order.plan, count, bad):
        yield f"{separator}{json.dumps(record, separators=(',', ':'))}"
        separator = ",\n"
        advance(1)
    yield "\n]}\n"


def _context(order: Order, count: int) -> dict[str, str | int]:
    said = f"{order.persons} {order.volgnummer} {order.seed} {order.bad} {order.tijdstip.isoformat()}"
    return {
        "naam": "PubliceerMutatieJobbonusPlus",
        "versie": "01.00.0000",
        "referte": str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:jbplus:sample-file:{said}")),
        "volgnummer": order.volgnummer,
        "tijdstip": order.tijdstip.isoformat(timespec="seconds"),
        "afzender": WEWIS.kbo,
        "aantal": count,
    }


def _records(plan: Plan, count: int, bad: int) -> Iterator[object]:
    """Give the records, exactly `bad` of them spoilt, wherever chance puts them."""
    rng = plan.rng("flaws")
    bad_left = bad
    for position, record in enumerate(records(plan)):
        # Knuth, The Art of Computer Programming 3.4.2, algorithm S: a sample of a fixed size in one pass.
        if rng.random() * (count - position) < bad_left:
            bad_left -= 1
            yield rng.choice(FLAWS)(record, plan.file_day)
        else:
            yield record


@contextmanager
def _opened(path: Path, *, compressed: bool) -> Iterator[BinaryIO | io.BufferedIOBase]:
    with path.open("wb") as raw:
        if not compressed:
            yield raw
            return
        # Neither the hour nor the name may show in the bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
            yield file
