"""A recipient's surroundings in memory: a dropserver, an exchange, and a death at any step."""

import fnmatch
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, BinaryIO, TypeVar

from typing_extensions import override

from jbplus.ftps.server import DropserverError, RemoteFile, Server
from jbplus.notices.notice import Notice, SuccessionNotice
from jbplus.protocol.parties import PARTIES, Party
from jbplus.registrations.rules import Registration
from jbplus.stand.wire import PairAnswer
from jbplus_recipient.answers import LookupItem, Person, Problem, Refused, Registered, RegistrationItem
from jbplus_recipient.changes import Change
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.mailbox import Mailbox
from jbplus_recipient.standing import Due
from jbplus_recipient.store import Store

INFINO = next(party for party in PARTIES if party.key == "infino")
FOLDER = "To_Vip"
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)

_T = TypeVar("_T")


class KilledError(BaseException):
    """The process died: nothing of ours catches it."""


@dataclass
class Fate:
    """Counts the effects of a run, and ends it at one of them.

    Attributes:
        at: the effect at which it dies, from 1; None to live.
        after: whether it dies after the effect, or before.
        effects: how many there were.
    """

    at: int | None = None
    after: bool = False
    effects: int = 0

    def __call__(self, effect: Callable[[], _T]) -> _T:
        self.effects += 1
        if self.at == self.effects and not self.after:
            raise KilledError
        result = effect()
        if self.at == self.effects:
            raise KilledError
        return result


@dataclass
class MemoryServer:
    """A dropserver in memory."""

    held: dict[tuple[str, str], bytes] = field(default_factory=dict)
    unreadable: dict[str, DropserverError] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)
    fate: Fate = field(default_factory=Fate)
    expires: datetime | None = None

    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        return [
            RemoteFile(name, len(content), NOW)
            for (where, name), content in sorted(self.held.items())
            if where == folder and fnmatch.fnmatchcase(name, pattern)
        ]

    def look(self, folder: str, name: str) -> RemoteFile | None:
        return next(iter(self.files(folder, name)), None)

    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO, start: int = 0) -> None:
        if file.name in self.unreadable:
            raise self.unreadable[file.name]
        into.write(self.held[folder, file.name][start:])

    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        self.fate(lambda: self.held.update({(folder, name): content.read()}))

    def size(self, folder: str, name: str) -> int | None:
        return len(self.held[folder, name]) if (folder, name) in self.held else None

    def rename(self, folder: str, name: str, to: str) -> None:
        self.fate(lambda: self.held.update({(folder, to): self.held.pop((folder, name))}))

    def remove(self, folder: str, name: str) -> None:
        if name in self.fixed:
            raise DropserverError(f"removing from {folder}: not allowed (550)")
        self.fate(lambda: self.held.pop((folder, name), None))

    def names(self, folder: str = FOLDER) -> list[str]:
        return sorted(name for where, name in self.held if where == folder)

    @contextmanager
    def connect(self) -> Iterator[Server]:
        yield self

    def mailbox(self, **how: Any) -> Mailbox:
        return Mailbox(self.connect, FOLDER, **how)


class MortalStore(Store):
    """A state whose every change may be the last thing that a run does."""

    def __init__(self, connection: sqlite3.Connection, party: Party = INFINO, fate: Fate | None = None) -> None:
        super().__init__(connection, party)
        self._fate = fate or Fate()

    @override
    def expect(self, numbers: Sequence[str], registration: Registration) -> None:
        self._fate(lambda: super(MortalStore, self).expect(numbers, registration))

    @override
    def confirm(
        self, numbers: Iterable[str], refused: Mapping[str, str], handles: Mapping[str, str | None] | None = None
    ) -> None:
        self._fate(lambda: super(MortalStore, self).confirm(numbers, refused, handles))

    @override
    def take(self, name: str, notice: Notice) -> None:
        self._fate(lambda: super(MortalStore, self).take(name, notice))

    @override
    def take_succession(self, name: str, notice: SuccessionNotice) -> None:
        self._fate(lambda: super(MortalStore, self).take_succession(name, notice))

    @override
    def let_go(self) -> list[str]:
        return self._fate(lambda: super(MortalStore, self).let_go())

    @override
    def left(self, number: str) -> None:
        self._fate(lambda: super(MortalStore, self).left(number))

    @override
    def keep(
        self,
        answers: Sequence[tuple[Due, Person]],
        refused: Sequence[tuple[Due, str]],
        *,
        asked: datetime | None = None,
        began: datetime | None = None,
    ) -> None:
        self._fate(lambda: super(MortalStore, self).keep(answers, refused, asked=asked, began=began))

    @override
    def expire(self, now: datetime) -> int:
        return self._fate(lambda: super(MortalStore, self).expire(now))

    @override
    def settle(self, changes: Sequence[Change], now: datetime) -> None:
        self._fate(lambda: super(MortalStore, self).settle(changes, now))


class Fleeting(sqlite3.Connection):
    """A connection that closes when nobody holds it any more: whoever dies in a test closes nothing.

    It may be collected in any thread, a server's of another test too, so it must be one that any thread may close.
    """

    def __del__(self) -> None:
        self.close()


def memory() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None, factory=Fleeting, check_same_thread=False)


def person(
    insz: str, volgnummer: int | None, net: str | None = None, *, day: str = "2025-03-03", **more: Any
) -> Person:
    """Make an answer: one payment or recovery in 2024, or none; `more` are further fields of it."""
    if net is None:
        said: dict[str, Any] = {"verrichtingen": [], "nettoPerFiscaalJaar": []}
    else:
        zero = "0.00"
        paid, reclaimed = (zero, net) if Decimal(net) < 0 else (net, zero)
        body = {"maatregel": "Jobbonus plus", "fiscaalJaar": 2024, "bedragtype": "1", "verrichtingbedrag": net}
        said = {
            "verrichtingen": [{"referte": "a", **body, "effectieveVerrichtingsdatum": day}],
            "nettoPerFiscaalJaar": [{"fiscaalJaar": 2024, "betaald": paid, "teruggevorderd": reclaimed, "netto": net}],
        }
    return Person.model_validate(
        {"insz": insz, **said, **more, **({} if volgnummer is None else {"volgnummer": volgnummer})}
    )


def refused(insz: str, code: str = "40003") -> Refused:
    return Refused(insz=insz, problem=Problem(type="urn:problem-type:belgif:missingPermission", status=403, code=code))


class WithoutStands:
    """An exchange that puts no stands out: nobody asks it about one."""

    def registration(self, number: str) -> Registration | None:
        raise AssertionError(number)

    def open(self, ranges: Sequence[str]) -> Iterable[PairAnswer]:
        raise AssertionError(ranges)


@dataclass
class MemoryService(WithoutStands):
    """An exchange in memory: answers about whom is registered, refuses the others.

    Attributes:
        says: what it answers instead, whatever is asked.
        fails: what happens instead of an answer.
    """

    known: dict[str, Person] = field(default_factory=dict)
    registered: set[str] = field(default_factory=set)
    refuses: dict[str, str] = field(default_factory=dict)
    says: list[Any] | None = None
    fails: ExchangeError | None = None
    fate: Fate = field(default_factory=Fate)
    asked: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)
    registrations: list[tuple[tuple[str, ...], Registration]] = field(default_factory=list)

    def register(self, numbers: Sequence[str], registration: Registration) -> list[RegistrationItem]:
        self._fail()
        if self.says is not None:
            return self.says
        return self.fate(lambda: self._register(numbers, registration))

    def unregister(self, number: str) -> None:
        self._fail()
        self.fate(lambda: self.registered.discard(number))

    def lookup(self, numbers: Sequence[str], *, after_notice: bool) -> list[LookupItem]:
        self._fail()
        if self.says is not None:
            return self.says
        return self.fate(lambda: self._lookup(numbers, after_notice=after_notice))

    def _fail(self) -> None:
        if self.fails is not None:
            raise self.fails

    def _register(self, numbers: Sequence[str], registration: Registration) -> list[RegistrationItem]:
        self.registrations.append((tuple(numbers), registration))
        self.registered |= {number for number in numbers if number not in self.refuses}
        return [
            refused(number, self.refuses[number])
            if number in self.refuses
            else Registered.model_validate({"insz": number, "resultaat": "geregistreerd"})
            for number in numbers
        ]

    def _lookup(self, numbers: Sequence[str], *, after_notice: bool) -> list[LookupItem]:
        self.asked.append((tuple(numbers), after_notice))
        return [
            self.known.get(number, person(number, None)) if number in self.registered else refused(number)
            for number in numbers
        ]


def notice_name(number: int) -> str:
    return f"werk.publiceermutatiesnotificatiesjobbonusplus-0100_{number:017d}.json"


def notice(number: int, told: Sequence[tuple[str, int]], **changes: Any) -> dict[str, Any]:
    """Make a notice; the keywords change its context."""
    return {
        "context": {
            "naam": "PubliceerMutatiesNotificatiesJobbonusPlus",
            "versie": "01.00.0000",
            "referte": str(uuid.uuid5(uuid.NAMESPACE_OID, f"notice {number}")),
            "volgnummer": number,
            "tijdstip": "2025-03-05T04:00:01.123+01:00",
            "afzender": "0316380841",
            "ontvanger": INFINO.kbo,
            "aantal": len(told),
        }
        | changes,
        "notificaties": [
            {"referte": f"JBP-{place}", "type": "01", "insz": insz, "volgnummer": volgnummer}
            for place, (insz, volgnummer) in enumerate(told)
        ],
    }


def notice_bytes(number: int, told: Sequence[tuple[str, int]], **changes: Any) -> bytes:
    return json.dumps(notice(number, told, **changes)).encode()
