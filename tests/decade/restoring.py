"""Setting the tables back to an earlier moment: the real code of the command, on copies in memory."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from jbplus.intake.incoming import IncomingFile
from jbplus.intake.ledger import Claimed, FileId
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.report import Report
from jbplus.persons.pseudonym import KeyRing, Name
from jbplus_cli.checks.kept_files import KeptFiles
from jbplus_cli.files.delivery import Deliveries
from jbplus_cli.restoring.files_since import FilesSince
from jbplus_cli.restoring.restoration import Advance, Restoration
from jbplus_cli.restoring.tables import EARLIER
from tests.decade.exchange import LONG, Exchange, with_links_renamed
from tests.intake.fakes import sha256


@dataclass
class Copies:
    """A table, and what it was at earlier moments, under the key of then.

    Attributes:
        label: what is in it.
        parts: what it is made of.
        exchange: whose it is.
        earlier: how much before the moment it is copied.
        renamed: gives a part's items under the next key; None of a table without pseudonyms.
    """

    label: str
    parts: Sequence[dict[Any, Any]]
    exchange: Exchange
    earlier: timedelta = timedelta(0)
    renamed: Sequence[Callable[[Any, Callable[[str], Name]], Any]] = ()
    taken: list[tuple[datetime, int, list[dict[Any, Any]]]] = field(default_factory=list)

    def take(self) -> None:
        """Take a copy of what is so now; ten days' are kept."""
        self.taken.append((self.exchange.clock.now, self.exchange.keys.standing.version, [dict(p) for p in self.parts]))
        del self.taken[:-30]

    def begin_copy(self, moment: datetime) -> None:
        """Have the copy made."""
        assert self._of(moment)

    def is_copied(self, _moment: datetime) -> bool:
        """It is made at once."""
        return True

    def set_back(self, moment: datetime, ring: KeyRing, version: int, _advance: Advance) -> None:
        """Make the table what the copy is; what has ended since is left out."""
        _, at, copied = self._of(moment)
        now = self.exchange.clock.now.timestamp()
        for place, (part, copy) in enumerate(zip(self.parts, copied, strict=True)):
            items = {key: item for key, item in copy.items() if getattr(item, "expires_at", now + 1) > now}
            for step in range(at, version) if self.renamed else ():

                def successor(name: str, step: int = step) -> Name:
                    return Name(ring.successor(name, step + 1), step + 1)

                items = {successor(key).person: self.renamed[place](item, successor) for key, item in items.items()}
            part.clear()
            part.update(items)

    def remove_copy(self, _moment: datetime) -> None:
        """It may stay."""

    def _of(self, moment: datetime) -> tuple[datetime, int, list[dict[Any, Any]]]:
        return max((each for each in self.taken if each[0] <= moment - self.earlier), key=lambda each: each[0])


@dataclass(frozen=True)
class _Claims:
    exchange: Exchange

    def claimed(self) -> list[Claimed]:
        return [
            Claimed(file, since, str(ledger.finished[file][0]) if file in ledger.finished else None, is_whole=True)
            for ledger in (self.exchange.ledger, self.exchange.successions)
            for file, since in ledger.claimed.items()
        ]


@dataclass(frozen=True)
class _Kept:
    exchange: Exchange

    def incoming(self) -> Iterator[Any]:
        return iter(())

    def processed(self) -> Iterator[tuple[str, Any]]:
        for own_name, content in self.exchange.bucket.processed.items():
            context = json.loads(content)["context"]
            file = IncomingFile(f"{own_name}.json", f"verwerkt/{own_name}.json", None, self.exchange.clock.now)
            yield (
                file.key,
                SimpleNamespace(
                    file=file,
                    context=SimpleNamespace(kind=Kind(context["naam"]), volgnummer=context["volgnummer"]),
                    file_id=FileId(context["referte"], context["volgnummer"], sha256(content)),
                ),
            )


@dataclass(frozen=True)
class _Again:
    exchange: Exchange

    def deliver_again(self, source: str, name: str, own_name: str) -> str:
        del source
        self.exchange.dock.drop(name, self.exchange.bucket.processed[own_name])
        return own_name

    def wait(self, own_name: str, _timeout: float) -> Report:
        self.exchange.take_in()
        names = [name for name in self.exchange.bucket.reports if name.startswith(own_name)]
        return Report.model_validate_json(self.exchange.bucket.reports[names[-1]])


@dataclass
class Restorer:
    """Keeps copies of the tables that belong together, and sets them back."""

    exchange: Exchange
    tables: Sequence[Copies] = field(init=False)

    def __post_init__(self) -> None:
        world = self.exchange
        ledgers = (world.ledger, world.successions)
        parts = [p for each in ledgers for p in (each.by_referte, each.by_volgnummer, each.claimed, each.finished)]
        self.tables = [
            Copies(
                "persons",
                [world.persons.items, world.persons.linked],
                world,
                renamed=(lambda item, _: item, with_links_renamed),
            ),
            Copies("ledger", cast("list[dict[Any, Any]]", parts), world, EARLIER),
        ]

    def take(self) -> None:
        """Take copies of what is so now."""
        for table in self.tables:
            table.take()

    def run(self, moment: datetime, meanwhile: Callable[[], None]) -> Sequence[int]:
        """Set the tables back to a moment; the world goes on at each of its waits."""
        files = FilesSince(
            cast("KeptFiles", _Kept(self.exchange)),
            cast("DynamoLedger", _Claims(self.exchange)),
            cast("Deliveries", _Again(self.exchange)),
            LONG,
            _unfollowed,
        )
        return Restoration(
            tables=self.tables,
            standings=self.exchange.keys,
            secret=self.exchange.keys,
            halted=_Halted(),
            replay=files,
            longest=LONG,
            progress=_unfollowed,
            sleep=lambda _: meanwhile(),
        ).run(moment)


class _Halted:
    def stop(self) -> None:
        """No file comes at night."""

    def let_in(self) -> None:
        """None waited."""

    def publish(self) -> None:
        """They are published by day."""


def _unfollowed(_description: str, _steps: int | None) -> AbstractContextManager[Advance]:
    return nullcontext(lambda _done: None)
