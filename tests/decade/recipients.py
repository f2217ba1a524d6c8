"""The recipients: the library of each on a store in memory, and what it hears of the exchange."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Protocol, TypeVar

from jbplus.ftps.server import DropserverError
from jbplus.notices.notice import AnyNotice, Notice, SuccessionNotice
from jbplus.protocol.parties import PAYMENT_ACTORS, Party
from jbplus.registrations.rules import Registration
from jbplus.registrations.wire import RegistrationAnswer
from jbplus.stand.wire import PairAnswer, PairsAnswer
from jbplus.wire import Wire
from jbplus_recipient import changes
from jbplus_recipient.answers import LookupItem, LookupItems, Problem, RegistrationItem, RegistrationItems
from jbplus_recipient.client import Recipient
from jbplus_recipient.deductions import JSON_LINES_NAME
from jbplus_recipient.errors import ExchangeError, ProblemError
from jbplus_recipient.mailbox import Mailbox
from jbplus_recipient.notices import PATTERN, SUCCESSION_PATTERN
from jbplus_recipient.store import Store
from tests.decade.edges import mortal
from tests.decade.exchange import Exchange
from tests.recipient.fakes import memory

_W = TypeVar("_W", bound=Wire)


class Listener(Protocol):
    """Is told of each call that was answered, right after it."""

    def registered(self, party: Party, numbers: Sequence[str], registration: Registration, made: int) -> None:
        """A party registered persons; `made` is how many records of the log were there before."""

    def unregistered(self, party: Party, number: str, made: int) -> None:
        """A party deleted a registration."""

    def answered(self, party: Party, numbers: Sequence[str], items: Sequence[LookupItem], after_notice: bool) -> None:  # noqa: FBT001
        """A party was answered about persons."""


@dataclass
class Api:
    """The exchange as a recipient's library sees it."""

    exchange: Exchange
    party: Party
    listener: Listener
    is_down: bool = False
    has_failed: bool = False
    _until_failure: int = 0

    def fail(self, call: int) -> None:
        """Give no answer to one of the calls to come, from 1; to none when it is 0."""
        self._until_failure, self.has_failed = call, False

    def register(self, numbers: Sequence[str], registration: Registration) -> Sequence[RegistrationItem]:
        term = {"begin": registration.begin.isoformat()}
        if registration.end is not None:
            term["einde"] = registration.end.isoformat()
        items = [{"insz": number, "periode": term, "recht": registration.right.value} for number in numbers]
        made = len(self.exchange.log.entries)
        found = self._call("/v1/inschrijvingen", {"items": items}, RegistrationItems).items
        self.listener.registered(self.party, numbers, registration, made)
        return found

    def unregister(self, number: str) -> None:
        made = len(self.exchange.log.entries)
        self._send("/v1/inschrijvingen/delete", {"insz": number})
        self.listener.unregistered(self.party, number, made)

    def registration(self, number: str) -> Registration | None:
        found = self._call("/v1/inschrijvingen/get", {"insz": number}, RegistrationAnswer)
        if found.periode is None or found.recht is None:
            return None
        return Registration(found.periode.begin, found.periode.einde, found.recht)

    def open(self, ranges: Sequence[str]) -> Sequence[PairAnswer]:
        return self._call("/v1/stand/query", {"bereiken": list(ranges)}, PairsAnswer).items

    def lookup(self, numbers: Sequence[str], *, after_notice: bool) -> Sequence[LookupItem]:
        body = {
            "inszLijst": list(numbers),
            "doel": "socialeToeslag",
            "naarAanleidingVanMutatie": after_notice,
        }
        items = self._call("/v1/verrichtingen/query", body, LookupItems).items
        self.listener.answered(self.party, numbers, items, after_notice)
        return items

    def report(self, number: str) -> str | None:
        """Report on a person's data; None when that is refused."""
        try:
            return str(json.loads(self._send("/v1/kwaliteitsmeldingen", {"insz": number, "aard": "foutief"}))["id"])
        except ProblemError as error:
            if error.problem.code != "40003":
                raise
            return None

    def _call(self, path: str, body: object, form: type[_W]) -> _W:
        return form.model_validate_json(self._send(path, body))

    def _send(self, path: str, body: object) -> str:
        self._until_failure -= 1
        if self.is_down or self._until_failure == 0:
            self.has_failed = True
            raise ExchangeError("no answer")
        status, text = self.exchange.call(self.party, path, body)
        if status >= HTTPStatus.BAD_REQUEST:
            raise ProblemError(Problem.model_validate_json(text))
        return text


_WRITES = ("expect", "confirm", "take", "take_succession", "keep", "let_go", "left", "expire", "settle")


class Actor:
    """A payment actor: the recipient's library on a store in memory, and what it took from its folder."""

    def __init__(self, exchange: Exchange, party: Party, listener: Listener, output: Path) -> None:
        self.party, self.exchange = party, exchange
        self.store = Store(memory(), party)
        self.api = Api(exchange, party, listener)
        self.took: list[AnyNotice] = []
        self.cannot_fetch = False
        self._output = output / party.key
        self._recipient = Recipient(
            mortal(self.store, exchange.life, *_WRITES),
            self.api,
            now=exchange.clock,
        )

    def register(self, numbers: Sequence[str], registration: Registration) -> None:
        """Register persons."""
        self._recipient.add(numbers, registration)

    def report(self, number: str, told: Callable[[str | None], object]) -> None:
        """Report that a person's data are wrong; tell the report's id, None when it was refused."""
        told(self.api.report(number))

    def sync(self) -> str:
        """Do what it does each night; tell what went wrong."""
        server = self.exchange.server
        before = dict(server.held)
        was_down, server.is_down = server.is_down, self.cannot_fetch
        try:
            outcome = self._recipient.sync(Mailbox(server.connect, self.party.kbo), output=self._output)
        except (ExchangeError, DropserverError) as error:
            return str(error)
        finally:
            server.is_down = was_down
            self.took += [
                notice for name, notice in notices(before, self.party) if (self.party.kbo, name) not in server.held
            ]
        return "; ".join(str(each) for each in (*outcome.malformed, *outcome.unread))

    def deducts(self) -> dict[str, dict[int, int]]:
        """Give what it deducts, in cents by person and fiscal year: what its last run wrote."""
        found: dict[str, dict[int, int]] = {}
        if (self._output / JSON_LINES_NAME).exists():
            for line in (self._output / JSON_LINES_NAME).read_bytes().splitlines():
                number, year, cents = _row(line)
                found.setdefault(number, {})[year] = cents
        return found

    def changes(self) -> dict[tuple[str, int], tuple[int, int]]:
        """Give what its last run wrote that changed: what was deducted and what is, in cents by person and year."""
        with (self._output / changes.CSV_NAME).open(newline="") as table:
            found = {
                (row["insz"], int(row["fiscaalJaar"])): (row["aftrekVoorheen"], row["aftrek"])
                for row in csv.DictReader(table)
            }
        return {key: (_cents(before), _cents(after)) for key, (before, after) in found.items() if before != after}


def notices(held: Mapping[tuple[str, str], tuple[bytes, object]], party: Party) -> list[tuple[str, AnyNotice]]:
    """Read the notices in a party's folder, of either kind, by name."""
    forms: dict[str, type[Notice | SuccessionNotice]] = {PATTERN: Notice, SUCCESSION_PATTERN: SuccessionNotice}
    return [
        (name, form.model_validate_json(content))
        for (folder, name), (content, _) in sorted(held.items())
        for pattern, form in forms.items()
        if folder == party.kbo and fnmatchcase(name, pattern)
    ]


@lru_cache(2**16)
def _row(line: bytes) -> tuple[str, int, int]:
    # Most rows are those of the day before.
    row = json.loads(line)
    return row["insz"], row["fiscaalJaar"], _cents(row["aftrek"])


def _cents(amount: str) -> int:
    return int(amount.replace(".", ""))


def actors(exchange: Exchange, listener: Listener, output: Path) -> dict[str, Actor]:
    """Give the payment actors, by KBO number; each writes in a folder of its own."""
    return {party.kbo: Actor(exchange, party, listener, output) for party in PAYMENT_ACTORS}
