"""A recipient's client: it registers persons, takes notices in, looks up who is due, and writes what to deduct.

Example:
    with Store.opened(folder, INFINO) as store:
        recipient = Recipient(store, PartyService(exchange, INFINO, question), now=clock)
        recipient.add(numbers, Registration(today, None, Right.RUNNING))
        outcome = recipient.sync(mailbox, output=folder)
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TypeVar

from jbplus.ftps.server import ConnectionLostError, DropserverError, Server
from jbplus.notices.notice import SuccessionNotice
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.registrations.rules import Registration
from jbplus.stand.document import Stand
from jbplus_recipient import changes, deductions
from jbplus_recipient.answers import Person, Problem, Refused, Registered, RegistrationItem
from jbplus_recipient.comparing import Comparing
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.exchange import BATCH, batches, expect_about
from jbplus_recipient.mailbox import Mailbox, read
from jbplus_recipient.notices import (
    PATTERN,
    STAND_PATTERN,
    SUCCESSION_PATTERN,
    NoticeError,
    read_as,
    read_notice,
)
from jbplus_recipient.service import Service
from jbplus_recipient.standing import Due, Standing
from jbplus_recipient.stands import Divergence
from jbplus_recipient.store import Store, StoreError
from jbplus_recipient.witness import Witness

_Item = TypeVar("_Item", Person | Refused, Registered | Refused)
_Result = TypeVar("_Result")

Advance = Callable[[int], None]
"""Is told how many more of a step's things are done."""

Follow = Callable[[str, int], AbstractContextManager[Advance]]
"""Follows a step that takes long: is given its name and how many things it has to do."""


def unfollowed(_step: str, _count: int) -> AbstractContextManager[Advance]:
    """Follow nothing."""
    return nullcontext(lambda _done: None)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A file in the recipient's folder that is no notice for it, or no checkpoint; it stays where it is.

    Attributes:
        name: its name.
        reason: what is wrong, never with a value.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A notice that could not be fetched, or not be put away; the next sync tries again.

    Attributes:
        name: its name.
        reason: the dropserver's words.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync did.

    Attributes:
        taken: how many notices were new.
        malformed: the files that are no notices.
        unread: the notices that could not be fetched or put away.
        looked_up: how many persons were looked up.
        expired: how many answers were forgotten, since they may not be kept any longer.
        rows: how many deductions were written.
        changes: how many of them are not what the last run wrote.
        standing: how the recipient stands now.
        differed: what differed from what the exchange has, and whether it was mended.
    """

    taken: int
    malformed: tuple[Malformed, ...]
    unread: tuple[Unread, ...]
    looked_up: int
    expired: int
    rows: int
    changes: int
    standing: Standing
    differed: tuple[Divergence, ...] = ()

    @property
    def healed(self) -> int:
        """How many things differed and were mended."""
        return sum(one.is_healed for one in self.differed)


class Recipient:
    """A payment actor, or whoever keeps persons' files, at its end of the exchange.

    Each step may be repeated: killed anywhere and run again, it ends in the same state and the same files.

    Args:
        store: what it remembers.
        service: the exchange.
        now: gives the present moment.
        follow: follows what takes long.
        witness: keeps the checkpoints of the privacy log; None leaves them where they are.
    """

    def __init__(
        self,
        store: Store,
        service: Service,
        *,
        now: Clock,
        follow: Follow = unfollowed,
        witness: Witness | None = None,
    ) -> None:
        self._store = store
        self._service = service
        self._now = now
        self._follow = follow
        self._witness = witness

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

    def sync(self, mailbox: Mailbox, *, output: Path, own: Collection[str] | None = None) -> Outcome:
        """Take the notices in, look up who is due, compare with the stand, and write the deductions and their changes.

        What fails does not hold up the rest: all that can be done is done, and then the first failure is raised.

        Args:
            mailbox: where the notices lie.
            output: the folder of the deductions.
            own: the party's own list of persons (INSZ): it tells who is missing here, and who is still ours.

        Raises:
            DropserverError: the dropserver cannot be used.
            ExchangeError: the exchange gives no answer or refuses, or the deductions cannot be written.
        """
        began = self._now()
        look_up = partial(self._look_up, began)
        # First: what the exchange forgot too is no measure of its answers.
        expired = self._store.expire(began)
        step = _Steps()
        step(self._register)
        taken = _Taken()
        step(lambda: self._take(mailbox, taken))
        # Notices of successions tell of new numbers.
        step(self._register)
        looked_up = step(look_up) or 0
        step(self._let_go)
        comparing = Comparing(self._store, self._service, self._now, register=self._register, look_up=look_up, own=own)
        before = self._store.stands.divergences()
        mended = step(comparing.run) or 0
        differed = [one for one in self._store.stands.divergences() if one not in before]
        rows, changes = self._write(output)
        if step.failure is not None:
            raise step.failure
        standing = self._store.standing(brussels_day(self._now()))
        return Outcome(
            taken.count,
            tuple(taken.malformed),
            tuple(taken.unread),
            looked_up + mended,
            expired,
            rows,
            changes,
            standing,
            tuple(differed),
        )

    def _register(self) -> list[RegistrationItem]:
        waiting = self._store.unconfirmed()
        found: list[RegistrationItem] = []
        with self._follow("Registering", sum(map(len, waiting.values()))) as advance:
            for registration, numbers in waiting.items():
                for batch in batches(numbers):
                    items = _of(batch, self._service.register(batch, registration))
                    self._confirm(items)
                    found += items.values()
                    advance(len(batch))
        return found

    def _confirm(self, items: Mapping[str, Registered | Refused]) -> None:
        made = {item.insz: item.handle for item in items.values() if isinstance(item, Registered)}
        # Who is refused for now, as when too many were registered today, waits for the next run.
        refused = {
            item.insz: _code(item.problem)
            for item in items.values()
            if isinstance(item, Refused) and not item.problem.passes
        }
        self._store.confirm(made, refused, made)

    def _let_go(self) -> None:
        """Let old numbers go, now that the new ones are answered."""
        for number in self._store.let_go():
            self._service.unregister(number)
            self._store.left(number)

    def _take(self, mailbox: Mailbox, taken: "_Taken") -> None:
        with mailbox.connect() as server:
            # Successions first: then it is known whose new numbers the others tell of.
            files = [each for p in (SUCCESSION_PATTERN, PATTERN) for each in server.files(mailbox.folder, p)]
            with self._follow("Taking notices in", len(files)) as advance:
                for file in files:
                    try:
                        if not self._store.has_notice(file.name):
                            self._take_one(file.name, read(server, mailbox.folder, file))
                            taken.count += 1
                        mailbox.put_away(server, file.name)
                    except NoticeError as error:
                        taken.malformed.append(Malformed(file.name, str(error)))
                    except ConnectionLostError:
                        raise
                    except DropserverError as error:
                        taken.unread.append(Unread(file.name, str(error)))
                    advance(1)
            self._take_stand(server, mailbox, taken)
            if self._witness is not None:
                put_away = partial(mailbox.put_away, server)
                left = self._witness.take(server, mailbox.folder, put_away)
                taken.malformed += [Malformed(name, reason) for name, reason in left]

    def _take_stand(self, server: Server, mailbox: Mailbox, taken: "_Taken") -> None:
        """Remember the stand until it is compared; there is one, and each night another comes in its place."""
        for file in server.files(mailbox.folder, STAND_PATTERN):
            try:
                content = read(server, mailbox.folder, file)
                self._store.stands.take(content, read_as(Stand, content, recipient=self._store.party))
                if not mailbox.keep:
                    server.remove(mailbox.folder, file.name)
            except NoticeError as error:
                taken.malformed.append(Malformed(file.name, str(error)))
            except ConnectionLostError:
                raise
            except DropserverError as error:
                taken.unread.append(Unread(file.name, str(error)))

    def _take_one(self, name: str, content: bytes) -> None:
        if fnmatchcase(name, SUCCESSION_PATTERN):
            notice = read_as(SuccessionNotice, content, recipient=self._store.party)
            self._store.take_succession(name, notice)
        else:
            self._store.take(name, read_notice(content, recipient=self._store.party))

    def _look_up(self, began: datetime) -> int:
        asked: set[Due] = set()
        # Twice: an answer may make it doubtful whether another one is still so.
        for _ in range(2):
            due = [one for one in self._store.due(brussels_day(self._now())) if one not in asked]
            self._look_up_all(due, began)
            asked |= set(due)
        return len(asked)

    def _look_up_all(self, due: Sequence[Due], began: datetime) -> None:
        with self._follow("Looking up", len(due)) as advance:
            # The privacy log tells lookups after a notice from others, and a call is one or the other.
            for after_notice in (True, False):
                alike = [one for one in due if one.after_notice is after_notice]
                for start in range(0, len(alike), BATCH):
                    batch = alike[start : start + BATCH]
                    self._ask(batch, began, after_notice=after_notice)
                    advance(len(batch))

    def _ask(self, batch: Sequence[Due], began: datetime, *, after_notice: bool) -> None:
        numbers = [one.insz for one in batch]
        asked = self._now()
        items = _of(numbers, self._service.lookup(numbers, after_notice=after_notice))
        answers: list[tuple[Due, Person]] = []
        refused: list[tuple[Due, str]] = []
        for one in batch:
            item = items[one.insz]
            if isinstance(item, Person):
                answers.append((one, item))
            elif not item.problem.passes:
                refused.append((one, _code(item.problem)))
        self._store.keep(answers, refused, asked=asked, began=began)

    def _write(self, output: Path) -> tuple[int, int]:
        now: dict[changes.Key, changes.Written] = {}
        try:
            rows = deductions.write(changes.noting(self._store.deductions(), now), output)
            found = self._store.changes(now)
            changes.write(found, output)
        except OSError as error:
            raise ExchangeError(f"The deductions cannot be written in {output} ({error.strerror}).") from error
        # Killed before this, the next run tells the same changes again: rather twice than never.
        self._store.settle(found, self._now())
        return rows, len(found)


@dataclass(slots=True)
class _Taken:
    count: int = 0
    malformed: list[Malformed] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


class _Steps:
    """Runs steps that do not hold each other up, and keeps the first failure for the end."""

    def __init__(self) -> None:
        self.failure: ExchangeError | DropserverError | None = None

    def __call__(self, step: Callable[[], _Result]) -> _Result | None:
        try:
            return step()
        except StoreError:
            raise
        except (ExchangeError, DropserverError) as error:
            self.failure = self.failure or error
            return None


def _of(numbers: Sequence[str], items: Iterable[_Item]) -> Mapping[str, _Item]:
    """Give the items by person; an answer about anybody else than was asked is no answer."""
    found = list(items)
    expect_about(numbers, [item.insz for item in found])
    return {item.insz: item for item in found}


def _code(problem: Problem) -> str:
    return problem.code or problem.type.rpartition(":")[2]
