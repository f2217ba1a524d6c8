"""Suspending parties, and lifting that again (Article 8): the source does, each party sees its own."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from jbplus.errors import ConflictError, ThrottledError, UnavailableError, UnknownIdError
from jbplus.protocol.access import FindParty, Refusal, RefusedError, admitted, refuse_scope, require_scope
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Asker, Caller
from jbplus.protocol.parties import RECIPIENTS, WEWIS_KBOS, Role, party_of
from jbplus.protocol.purposes import SCOPE_SOURCE, Purpose
from jbplus.retry import Sleep, attempts
from jbplus.suspensions.rules import Stream, Suspension, add, kept, subject_of

_MOST_ATTEMPTS = 6
_RECIPIENTS = tuple(party.kbo for party in RECIPIENTS)


@dataclass(frozen=True, slots=True)
class StoredSuspensions:
    """A party's suspensions as they stand in the table.

    Attributes:
        suspensions: in the order in which they were made.
        version: the version that a conditional write names; None when there is no item.
    """

    suspensions: tuple[Suspension, ...] = ()
    version: str | None = None


class SuspensionStore(Protocol):
    """Where suspensions are kept, together for each party."""

    def read(self, parties: Collection[str]) -> dict[str, StoredSuspensions]:
        """Read the suspensions of parties, by KBO number, consistently; each party is there."""
        ...

    def write(self, party: str, suspensions: Sequence[Suspension], replaces: str | None) -> None:
        """Write a party's suspensions, on condition that they are as they were read.

        Raises:
            ConflictError: they are not; nothing was written.
        """
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the source asks for.

    Attributes:
        party: KBO number of a recipient.
        streams: what it is to be suspended from.
        purposes: the purposes that it covers; empty for all.
        reason: why.
        begin: the moment from which it works; None for at once.
    """

    party: str
    streams: tuple[Stream, ...]
    purposes: tuple[Purpose, ...]
    reason: str
    begin: datetime | None = None


_Change = Callable[[tuple[Suspension, ...]], tuple[Suspension, ...]]


@dataclass(frozen=True, slots=True)
class Suspensions:
    """Makes, shows and lifts suspensions."""

    store: SuspensionStore
    clock: Clock
    new_id: Callable[[], str]
    sleep: Sleep

    def suspend(self, wanted: Wanted, caller: Caller) -> Suspension:
        """Suspend a party; asking for what is so already gives the suspension that is there.

        Raises:
            RefusedError: the caller is not the source.
            TooManySuspensionsError: no room is left for it.
            UnavailableError: the store is out of reach; asking again is harmless.
        """
        now = self.clock()
        require_scope(caller.asker, SCOPE_SOURCE, brussels_day(now))
        new = Suspension(
            self.new_id(), wanted.party, wanted.streams, wanted.purposes, wanted.reason, wanted.begin or now
        )

        def change(present: tuple[Suspension, ...]) -> tuple[Suspension, ...]:
            return present if _same(present, new, wanted.begin, now) is not None else add(present, new)

        return _same(self._change(wanted.party, change), new, wanted.begin, now) or new

    def visible_to(self, caller: Caller) -> list[Suspension]:
        """List all suspensions for the source, its own for another party; oldest first.

        Raises:
            RefusedError: the caller is no party, or the source without its scope.
            UnavailableError: the store is out of reach.
        """
        now = self.clock()
        refusal = may_see_suspensions(caller.asker, brussels_day(now))
        if refusal is not None:
            raise RefusedError(refusal, scope=SCOPE_SOURCE)
        asking = caller.asker.kbo
        stored = self.store.read(_RECIPIENTS if asking in WEWIS_KBOS else [subject_of(asking)])
        seen = [each for party in stored.values() for each in kept(party.suspensions, now)]
        return sorted(seen, key=lambda each: (each.begin, each.id))

    def lift(self, suspension_id: str, caller: Caller) -> Suspension:
        """Lift a suspension; lifting it again changes nothing.

        Raises:
            RefusedError: the caller is not the source.
            UnknownIdError: there is no such suspension.
            UnavailableError: the store is out of reach; asking again is harmless.
        """
        now = self.clock()
        require_scope(caller.asker, SCOPE_SOURCE, brussels_day(now))
        party = _holder(self.store.read(_RECIPIENTS), suspension_id, now)

        def change(present: tuple[Suspension, ...]) -> tuple[Suspension, ...]:
            return tuple(each.lift(now) if each.id == suspension_id else each for each in present)

        for each in self._change(party, change):
            if each.id == suspension_id:
                return each
        raise UnknownIdError

    def _change(self, party: str, change: _Change) -> tuple[Suspension, ...]:
        """Change a party's suspensions, whoever else does so at the same time.

        Returns:
            The suspensions as they are now.
        """
        for _ in attempts(_MOST_ATTEMPTS, self.sleep):
            try:
                stored = self.store.read([party])[party]
                present = kept(stored.suspensions, self.clock())
                changed = change(present)
                if changed != stored.suspensions:
                    self.store.write(party, changed, stored.version)
            except (ConflictError, ThrottledError):
                continue
            return changed
        raise UnavailableError("suspensions: throttled, or others kept writing the same item")


def _same(present: Sequence[Suspension], new: Suspension, begin: datetime | None, now: datetime) -> Suspension | None:
    """Find a suspension, not lifted, that does what is asked: a call that is repeated makes no second one."""
    for each in present:
        begins_alike = each.begin <= now if begin is None else each.begin == begin
        if each.lifted is None and begins_alike and each.says_the_same(new):
            return each
    return None


def _holder(stored: Mapping[str, StoredSuspensions], suspension_id: str, now: datetime) -> str:
    for party, item in stored.items():
        if any(each.id == suspension_id for each in kept(item.suspensions, now)):
            return party
    raise UnknownIdError


def may_see_suspensions(asker: Asker, today: date, find_party: FindParty = party_of) -> Refusal | None:
    """Decide whether a party may see suspensions: the source all of them, others their own with any token."""
    party = admitted(asker, today, find_party)
    if party is None:
        return Refusal.PURPOSE_NOT_ALLOWED
    return refuse_scope(asker, SCOPE_SOURCE, today, find_party) if party.role is Role.SOURCE else None
