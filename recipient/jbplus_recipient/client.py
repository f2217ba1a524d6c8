"""A recipient's client: it registers persons, takes notices in, looks up who is due, and writes what to deduct.

Example:
    with Store.opened(folder, INFINO) as store:
        recipient = Recipient(store, PartyService(exchange, INFINO, question), now=clock)
        recipient.add(numbers, Registration(today, None, Right.RUNNING))
        outcome = recipient.sync(mailbox, output=folder)
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from jbplus.consultation.wire import PersonAnswer
from jbplus.protocol.calendar import Clock
from jbplus.registrations.rules import Registration
from jbplus.registrations.wire import RegisteredItem
from jbplus_recipient import deductions
from jbplus_recipient.answers import Problem, Refused, RegistrationItem
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.exchange import BATCH, batches
from jbplus_recipient.mailbox import Mailbox, read
from jbplus_recipient.notices import PATTERN, NoticeError, read_notice
from jbplus_recipient.service import Service
from jbplus_recipient.standing import Due, Standing
from jbplus_recipient.store import Store

_Item = TypeVar("_Item", PersonAnswer | Refused, RegisteredItem | Refused)

Advance = Callable[[int], None]
"""Is told how many more of a step's things are done."""

Follow = Callable[[str, int], AbstractContextManager[Advance]]
"""Follows a step that takes long: is given its name and how many things it has to do."""


def unfollowed(_step: str, _count: int) -> AbstractContextManager[Advance]:
    """Follow nothing."""
    return nullcontext(lambda _done: None)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A file in the recipient's folder that is no notice for it; it stays where it is.

    Attributes:
        name: its name.
        reason: what is wrong, never with a value.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync did.

    Attributes:
        taken: how many notices were new.
        malformed: the files that are no notices.
        looked_up: how many persons were looked up.
        expired: how many answers were forgotten, since they may not be kept any longer.
        rows: how many deductions were written.
        standing: how the recipient stands now.
    """

    taken: int
    malformed: tuple[Malformed, ...]
    looked_up: int
    expired: int
    rows: int
    standing: Standing


class Recipient:
    """A payment actor, or whoever keeps persons' files, at its end of the exchange.

    Each step may be repeated: killed anywhere and run again, it ends in the same state and the same files.

    Args:
        store: what it remembers.
        service: the exchange.
        now: gives the present moment.
        follow: follows what takes long.
    """

    def __init__(self, store: Store, service: Service, *, now: Clock, follow: Follow = unfollowed) -> None:
        self._store = store
        self._service = service
        self._now = now
        self._follow = follow

    def add(self, numbers: Sequence[str], registration: Registration) -> list[RegistrationItem]:
        """Register persons at the exchange; the next sync looks them up, since registering gives no notice.

        Args:
            numbers: different INSZs.
            registration: from when to when, and with which right; replaces earlier ones.

        Returns:
            What became of each, and of registrations that an earlier run could not finish.

        Raises:
            ExchangeError: the exchange gives no answer or refuses; the next `add` or `sync` goes on.
        """
        self._store.expect(numbers, registration)
        return self._register()

    def sync(self, mailbox: Mailbox, *, output: Path) -> Outcome:
        """Take the notices in, look up who is due, and write the deductions.

        Args:
            mailbox: where the notices lie.
            output: the folder of the deductions.

        Raises:
            DropserverError: the dropserver cannot be used.
            ExchangeError: the exchange gives no answer or refuses, or the deductions cannot be written.
        """
        self._register()
        taken, malformed = self._take(mailbox)
        looked_up = self._look_up()
        expired = self._store.expire(self._now())
        try:
            rows = deductions.write(self._store.deductions(), output)
        except OSError as error:
            raise ExchangeError(f"The deductions cannot be written in {output} ({error.strerror}).") from error
        return Outcome(taken, malformed, looked_up, expired, rows, self._store.standing())

    def _register(self) -> list[RegistrationItem]:
        waiting = self._store.unconfirmed()
        found: list[RegistrationItem] = []
        with self._follow("Registering", sum(map(len, waiting.values()))) as advance:
            for registration, numbers in waiting.items():
                for batch in batches(numbers):
                    items = _of(batch, self._service.register(batch, registration))
                    refused = {item.insz: _code(item.problem) for item in items.values() if isinstance(item, Refused)}
                    self._store.confirm([number for number in items if number not in refused], refused)
                    found += items.values()
                    advance(len(batch))
        return found

    def _take(self, mailbox: Mailbox) -> tuple[int, tuple[Malformed, ...]]:
        taken, malformed = 0, []
        with mailbox.connect() as server:
            files = server.files(mailbox.folder, PATTERN)
            with self._follow("Taking notices in", len(files)) as advance:
                for file in files:
                    try:
                        if not self._store.has_notice(file.name):
                            content = read(server, mailbox.folder, file)
                            self._store.take(file.name, read_notice(content, recipient=self._store.party))
                            taken += 1
                        mailbox.put_away(server, file.name)
                    except NoticeError as error:
                        malformed.append(Malformed(file.name, str(error)))
                    advance(1)
        return taken, tuple(malformed)

    def _look_up(self) -> int:
        due = self._store.due()
        with self._follow("Looking up", len(due)) as advance:
            # The privacy log tells lookups after a notice from others, and a call is one or the other.
            for after_notice in (True, False):
                alike = [one for one in due if one.after_notice is after_notice]
                for start in range(0, len(alike), BATCH):
                    batch = alike[start : start + BATCH]
                    self._ask(batch, after_notice=after_notice)
                    advance(len(batch))
        return len(due)

    def _ask(self, batch: Sequence[Due], *, after_notice: bool) -> None:
        numbers = [one.insz for one in batch]
        items = _of(numbers, self._service.lookup(numbers, after_notice=after_notice))
        answers: list[tuple[Due, PersonAnswer]] = []
        refused: list[tuple[Due, str]] = []
        for one in batch:
            item = items[one.insz]
            if isinstance(item, Refused):
                refused.append((one, _code(item.problem)))
            else:
                answers.append((one, item))
        self._store.keep(answers, refused)


def _of(numbers: Sequence[str], items: Iterable[_Item]) -> Mapping[str, _Item]:
    """Give the items by person; an answer about anybody else than was asked is no answer."""
    found = {item.insz: item for item in items}
    if set(found) != set(numbers):
        raise ExchangeError(
            "The exchange did not answer about the persons that it was asked about. Tell its operators."
        )
    return found


def _code(problem: Problem) -> str:
    return problem.code or problem.type.rpartition(":")[2]
