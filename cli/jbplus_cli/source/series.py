"""WEWIS's series of files: each gets the next volgnummer of its kind, whatever dies and whenever.

A folder holds `outbox/` (made, not sent), `sent/`, `lines/` (what each was made of), `reports/`, and `state.json`: the
last mutation file's number and referte; `successions.json` says the same of succession files. A file is
whole in the outbox before the state says so, and the state says so before a file leaves the outbox. So the last
number is always the higher of both.
"""

import fcntl
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.reader import Limits, inspect
from jbplus.protocol.calendar import BRUSSELS, Clock
from jbplus.protocol.parties import WEWIS
from jbplus_cli.source.payments import Payments
from jbplus_recipient.atomic import sync_folder, written_whole
from jbplus_recipient.errors import ExchangeError

_STATES: Final = {Kind.MUTATIONS: "state.json", Kind.SUCCESSIONS: "successions.json"}
_MADE_OF: Final = {Kind.MUTATIONS: "payments", Kind.SUCCESSIONS: "successions"}
_BLOCK: Final = 1024 * 1024


class Last(BaseModel):
    """The last file of the series.

    Attributes:
        volgnummer: its number.
        referte: its referte; it follows from the number and the content of the CSV. None when it was made elsewhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    volgnummer: int
    referte: str | None = None


class MadeOf(BaseModel):
    """What a mutation file was made of.

    Attributes:
        csv: name of the CSV.
        lines: the line of the CSV that each record is from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    csv: str
    lines: list[int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mutation file in the outbox.

    Attributes:
        path: where it is.
        last: what the series' state says when this file is its last.
        records: how many records it has.
    """

    path: Path
    last: Last
    records: int


class Series:
    """The series in a folder; `opened` opens it, for one process at a time.

    Args:
        folder: where it is; its outbox has files that the state may not know of.
        now: gives the present moment.
        kind: of its files; the kinds share the folder.

    Raises:
        ExchangeError: something in the folder cannot be read or written.
    """

    def __init__(self, folder: Path, now: Clock, kind: Kind = Kind.MUTATIONS) -> None:
        self._folder, self._kind = folder, kind
        self._state, self._outbox, self._sent = folder / _STATES[kind], folder / "outbox", folder / "sent"
        self._lines, self.reports = folder / "lines", folder / "reports"
        self._now = now
        for made in (self._outbox, self._sent, self._lines, self.reports):
            made.mkdir(mode=0o700, exist_ok=True)
        self._last = self._read_state()
        self.resumed: Waiting | None = None
        waiting = self.outbox()
        if waiting and (self._last is None or waiting[-1].last.volgnummer > self._last.volgnummer):
            # The run that made it died before it could say so.
            self.resumed = waiting[-1]
            self._say(waiting[-1].last)

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, now: Clock) -> Iterator[Self]:
        """Open the series in a folder, which is made when it is not there.

        Raises:
            ExchangeError: another process has it open, or something in the folder cannot be read or written.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (folder / "lock").open("wb") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise ExchangeError(f"{folder} is in use by another run. Try again later.") from error
                yield cls(folder, now)
        except OSError as error:
            raise ExchangeError(f"{error.filename or folder} cannot be used ({error.strerror}).") from error

    def of(self, kind: Kind) -> "Series":
        """Give the series of another kind in the same folder, for as long as this one is open."""
        return Series(self._folder, self._now, kind)

    def outbox(self) -> list[Waiting]:
        """List what is made and not sent, in the order of the numbers."""
        found = [self._waiting(path) for path in self._outbox.glob(f"{self._kind.prefix}*.json")]
        return sorted(found, key=lambda one: one.last.volgnummer)

    def make(self, payments: Payments, *, moment: datetime, first: int | None, again: bool) -> Waiting:
        """Make the next file, in the outbox.

        Args:
            payments: what it says.
            moment: its `tijdstip`, with the offset.
            first: its number, to take over a series that was kept elsewhere; None to go on.
            again: whether the last CSV may be made into a file once more.

        Raises:
            ExchangeError: it was made already, or the number is not the next one.
        """
        last = self._last
        # Days without payments look alike.
        if last is not None and payments.records and last.referte == self._referte(payments, last.volgnummer):
            if self.resumed is not None and self.resumed.last == last:
                return self.resumed
            if not again:
                raise ExchangeError(
                    f"The last file, volgnummer {last.volgnummer}, was made of this CSV. If that is meant: --again."
                )
        number = self._next(first)
        path, tijdstip = self._free_name(moment.astimezone(BRUSSELS))
        made = Last(volgnummer=number, referte=self._referte(payments, number))
        with written_whole(self._lines / path.name) as file:
            file.write(MadeOf(csv=payments.name, lines=list(payments.lines)).model_dump_json().encode())
        with written_whole(path) as file:
            for piece in self._pieces(made, payments, tijdstip):
                file.write(piece.encode())
        self._say(made)
        return Waiting(path, made, len(payments.records))

    @property
    def last_number(self) -> int | None:
        """The number of the last file; None before the first."""
        return None if self._last is None else self._last.volgnummer

    def go_on_at(self, number: int) -> None:
        """Have the next file get this number: numbers before it are used elsewhere, or it was set free by a refusal.

        Raises:
            ExchangeError: a file in the outbox has it, or a higher one.
        """
        waiting = self.outbox()
        if waiting and waiting[-1].last.volgnummer >= number:
            raise ExchangeError(
                f"Volgnummer {waiting[-1].last.volgnummer} waits in the outbox. Send it, or take it out of "
                f"{self._outbox}."
            )
        self._say(Last(volgnummer=number - 1))

    def made_of(self, name: str) -> MadeOf | None:
        """Tell what a mutation file was made of; None when it was made elsewhere.

        Args:
            name: the file's name.
        """
        try:
            # A name from elsewhere leads nowhere else.
            return MadeOf.model_validate_json((self._lines / Path(name).name).read_bytes())
        except (OSError, ValidationError):
            return None

    def put_away(self, sent: Waiting) -> None:
        """Move a file that was sent out of the outbox."""
        sent.path.rename(self._sent / sent.path.name)
        sync_folder(self._sent)
        sync_folder(self._outbox)

    def unanswered(self) -> list[Path]:
        """List what was sent and has no report here yet, in the order of the names."""
        sent = sorted(self._sent.glob(f"{self._kind.prefix}*.json"))
        return [path for path in sent if not any(self.reports.glob(f"{path.stem}.*.json"))]

    def _next(self, first: int | None) -> int:
        if self._last is None:
            if first is None and any(self._sent.glob(f"{self._kind.prefix}*")):
                raise ExchangeError(
                    f"{self._state} is gone, and files were sent. Say the next number: --first-volgnummer."
                )
            return first or 1
        number = self._last.volgnummer + 1
        if first not in {None, number}:
            raise ExchangeError(
                f"The next volgnummer of this series is {number}. Leave out --first-volgnummer, or change it with: "
                f"jbplus source number {first}"
            )
        return number

    def _free_name(self, moment: datetime) -> tuple[Path, datetime]:
        """Name a file after its moment, or the first one after it that no file is named after."""
        while True:
            name = f"{self._kind.prefix}{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}.json"
            if not any((folder / name).exists() for folder in (self._outbox, self._sent)):
                return self._outbox / name, moment
            moment += timedelta(milliseconds=1)

    def _read_state(self) -> Last | None:
        try:
            return Last.model_validate_json(self._state.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise ExchangeError(
                f"{self._state} is damaged. Take it away, and say the next number with --first-volgnummer."
            ) from error

    def _say(self, last: Last) -> None:
        with written_whole(self._state) as file:
            file.write(last.model_dump_json().encode())
        self._last = last

    def _waiting(self, path: Path) -> Waiting:
        with path.open("rb") as file:
            blocks = iter(lambda: file.read(_BLOCK), b"")
            found = inspect(blocks, received=self._now(), limits=Limits())
        if found.context is None or found.refusal is not None:
            raise ExchangeError(f"{path} is no file that the exchange takes. Take it out of the outbox.")
        last = Last(volgnummer=found.context.volgnummer, referte=found.context.referte)
        return Waiting(path, last, found.count)

    def _referte(self, payments: Payments, volgnummer: int) -> str:
        name = f"urn:jbplus:{_MADE_OF[self._kind]}:{payments.sha256}:{volgnummer}"
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    def _pieces(self, last: Last, payments: Payments, moment: datetime) -> Iterator[str]:
        context = {
            "naam": self._kind,
            "versie": "01.00.0000",
            "referte": last.referte,
            "volgnummer": last.volgnummer,
            "tijdstip": moment.isoformat(timespec="milliseconds"),
            "afzender": WEWIS.kbo,
            "aantal": len(payments.records),
        }
        yield f'{{"context": {json.dumps(context)},\n"{self._kind.records}": ['
        for position, record in enumerate(payments.records):
            yield f"{',' if position else ''}\n{json.dumps(record, separators=(',', ':'))}"
        yield "\n]}\n"
