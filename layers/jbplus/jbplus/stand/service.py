"""The stand of a party: what is in step is what a lookup would answer, read by the same means."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from jbplus.consultation.service import LookupStore, answer_at, read_whole
from jbplus.consultation.versions import version_of
from jbplus.persons.pseudonym import Name, Pseudonyms
from jbplus.protocol.access import FindParty, Refusal, RefusedError, require_scope
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Caller
from jbplus.protocol.outbox import Outbox
from jbplus.protocol.parties import party_of
from jbplus.protocol.purposes import SCOPE_REGISTRATION
from jbplus.stand.document import FILE_NAME, Stand
from jbplus.stand.rules import Pair, Range, joined, ranges_of
from jbplus.suspensions.rules import bars_notices, subject_of
from jbplus.suspensions.service import SuspensionStore


class Handles(Protocol):
    """Where a party's registrations are found by their handles."""

    def of_party(self, party: str, version: int, ranges: Collection[str] | None) -> Iterator[Sequence[str]]:
        """List the pseudonyms of whom a party has registered, each once, at most 100 at a time.

        Args:
            party: KBO number.
            version: of the key that made the pseudonyms.
            ranges: the ranges that are wanted; None for all.
        """
        ...


@dataclass(frozen=True, slots=True)
class Pairs:
    """Reads what is compared.

    Attributes:
        handles: finds registrations.
        store: reads what is known of persons, as a lookup does.
        keys: gives the keys, to who must find each person once.
        clock: gives the present moment.
    """

    handles: Handles
    store: LookupStore
    keys: Callable[[], Pseudonyms]
    clock: Clock

    def of(self, party: str, ranges: Collection[str] | None = None) -> Iterator[list[Pair]]:
        """Give the pairs of a party's active registrations, a page at a time.

        Args:
            party: KBO number.
            ranges: the ranges that are wanted; None for all.

        Raises:
            UnavailableError: a store is out of reach; or while a rotation or a restore runs.
        """
        version = self.keys().version
        for persons in self.handles.of_party(party, version, ranges):
            # Asked anew for each page: a rotation that begins meanwhile makes copies.
            yield self._page(party, persons, self.keys())

    def _page(self, party: str, persons: Sequence[str], pseudonyms: Pseudonyms) -> list[Pair]:
        now = self.clock()
        key, today = pseudonyms.key_of_versions(party), brussels_day(now)
        found = read_whole(self.store, persons, [party], subject_of(party))
        pairs = []
        for person in persons:
            known = found.under([Name(person, pseudonyms.version)])
            registration = known.registrations.get(party)
            if registration is not None and registration.handle is not None and registration.is_active(today):
                answered = answer_at(known, party, now)
                pairs.append(Pair(registration.handle, version_of(answered, key, registration.handle)))
        return pairs


@dataclass(frozen=True, slots=True)
class Stands:
    """Opens ranges of a party's own stand, as it is now."""

    pairs: Pairs
    suspensions: SuspensionStore
    clock: Clock

    def open(self, ranges: Collection[str], caller: Caller) -> list[Pair]:
        """Give the pairs of these ranges, in the order of their handles.

        Raises:
            RefusedError: the party may not register, or is suspended from mutations.
            UnavailableError: nothing may be answered.
        """
        now, party = self.clock(), caller.asker.kbo
        require_scope(caller.asker, SCOPE_REGISTRATION, brussels_day(now))
        if bars_notices(self.suspensions.read([subject_of(party)])[subject_of(party)].suspensions, now):
            raise RefusedError(Refusal.SUSPENDED, scope=SCOPE_REGISTRATION)
        return sorted(pair for page in self.pairs.of(party, ranges) for pair in page)


class Outcome(StrEnum):
    """What became of a party's stand."""

    PUBLISHED = "published"
    HELD_BACK = "held back"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Puts a party's stand out.

    Nothing tells that it was done: a run that dies is run again, and puts the same file out.

    Attributes:
        pairs: reads what the stand is of.
        suspensions: tells who gets none.
        outbox: where it is put out.
        is_alone: tells whether each person is there now, and once.
        clock: gives the present moment.
        find_party: finds a party by its KBO number; nobody known gets none.
    """

    pairs: Pairs
    suspensions: SuspensionStore
    outbox: Outbox
    is_alone: Callable[[], bool]
    clock: Clock
    find_party: FindParty = party_of

    def publish(self, party: str) -> tuple[Outcome, int]:
        """Put the stand of a party out; give how many registrations it is of.

        Args:
            party: KBO number.

        Raises:
            UnavailableError: nothing was put out; run again.
        """
        began = self.clock()
        if self._is_held_back(party, began):
            return Outcome.HELD_BACK, 0
        if not self.is_alone():
            return Outcome.WAITS, 0
        ranges: dict[str, Range] = {}
        for page in self.pairs.of(party):
            ranges = joined(ranges, ranges_of(page))
        stand = Stand.of(party, began, ranges)
        self.outbox.put_out(party, FILE_NAME, stand.to_json())
        return Outcome.PUBLISHED, stand.context.aantal

    def _is_held_back(self, party: str, now: datetime) -> bool:
        known = self.find_party(party)
        if known is None or not known.takes_part(brussels_day(now)):
            return True
        return bars_notices(self.suspensions.read([party])[party].suspensions, now)
