"""Within a day after a party left the protocol (Article 12): its registrations, its queue and what waits for it go.

Nothing tells that it was done: every round looks again, and finds nothing once all is gone. So it may die anywhere.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from jbplus.notices.queue import Part, Waiting
from jbplus.persons.pseudonym import Name
from jbplus.persons.rotation import Standing
from jbplus.privacy_log.rules import LogEntry, LogOutcome, PrivacyLog, Service
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Asker, Caller
from jbplus.protocol.parties import RECIPIENTS, Party
from jbplus.retry import TimeLeft

EXCHANGE = "jbplus"
"""What the privacy log has for application and end user, where the exchange acts by itself."""
_TIME_FOR_A_PAGE = 60.0


class RegistrationStore(Protocol):
    """Where registrations are kept."""

    def of_party(self, party: str) -> Iterator[Sequence[Name]]:
        """List whom a party has registered, at most 100 at a time."""
        ...

    def delete(self, names: Sequence[Name], party: str) -> None:
        """Delete a party's registrations under these names, all or none; fine if there are none."""
        ...


class Queues(Protocol):
    """Where the recipients' queues are kept."""

    def first(self, recipient: str) -> Waiting | None:
        """Give the first in a recipient's queue."""
        ...

    def remove(self, waiting: Waiting) -> None:
        """Take a part out of the queue; fine when it is gone."""
        ...


class WaitingContents(Protocol):
    """Where the notifications of waiting parts are kept."""

    def remove_waiting(self, recipient: str, part: Part) -> None:
        """Remove those of a part; fine when they are gone."""
        ...

    def clear_waiting(self, recipient: str) -> None:
        """Remove all that wait for a recipient."""
        ...


@dataclass(frozen=True, slots=True)
class Gone:
    """What went in one round.

    Attributes:
        registrations: how many were deleted.
        parts: how many left a queue.
        is_complete: whether nothing of a party that left is there any more.
    """

    registrations: int = 0
    parts: int = 0
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class EndedParties:
    """Deletes what is left of parties that left.

    Attributes:
        registrations: who registered whom.
        log: takes a record of each registration that goes, as of any that its party deletes.
        queues: what waits for recipients.
        contents: the contents of that.
        standing: reads which version of the key the tables are at.
        clock: gives the present moment.
        parties: those that may leave.
    """

    registrations: RegistrationStore
    log: PrivacyLog
    queues: Queues
    contents: WaitingContents
    standing: Callable[[], Standing]
    clock: Clock
    parties: Sequence[Party] = RECIPIENTS

    def go_round(self, time_left: TimeLeft) -> Gone:
        """Delete what there is time for.

        Raises:
            UnavailableError: a store or the log is out of reach; the next round goes on.
        """
        gone = Gone()
        for party in self.parties:
            if not party.takes_part(brussels_day(self.clock())):
                gone = self._delete(party.kbo, gone, time_left)
        return gone

    def _delete(self, kbo: str, gone: Gone, time_left: TimeLeft) -> Gone:
        registrations, parts = gone.registrations, gone.parts
        while (waiting := self.queues.first(kbo)) is not None:
            self.contents.remove_waiting(kbo, waiting.part)
            self.queues.remove(waiting)
            parts += 1
        self.contents.clear_waiting(kbo)
        # While each stands under two names, a copy could come back: the next round finds them under one.
        if self.standing().is_rotating:
            return Gone(registrations, parts, is_complete=False)
        for names in self.registrations.of_party(kbo):
            if time_left() < _TIME_FOR_A_PAGE:
                return Gone(registrations, parts, is_complete=False)
            self._write_log(kbo, names)
            self.registrations.delete(names, kbo)
            registrations += len(names)
        return Gone(registrations, parts, gone.is_complete)

    def _write_log(self, kbo: str, names: Sequence[Name]) -> None:
        trace = str(uuid.uuid4())
        caller = Caller(Asker(kbo, EXCHANGE, frozenset()), EXCHANGE, trace, trace)
        moment = self.clock()
        self.log.write(
            [
                LogEntry(
                    caller=caller,
                    position=position,
                    service=Service.REGISTRATION,
                    moment=moment,
                    subject=name.person,
                    key_version=name.key_version,
                    outcome=LogOutcome.DELETED,
                )
                for position, name in enumerate(names)
            ]
        )
