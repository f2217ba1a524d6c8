"""From a recipient's queue to its notices: numbered without gaps, given out once, held back while it is suspended."""

from collections.abc import Callable
from dataclasses import dataclass

from jbplus.errors import ConflictError, ThrottledError, UnavailableError
from jbplus.notices.applied import kind_of
from jbplus.notices.audience import Audience
from jbplus.notices.notice import compose, file_name, next_moment
from jbplus.notices.queue import Decision, Queues, Waiting
from jbplus.notices.telling import TIME_FOR_A_PART, WaitingContents, from_lines, may_hear
from jbplus.protocol.calendar import Clock
from jbplus.protocol.outbox import Outbox
from jbplus.retry import Sleep, attempts
from jbplus.suspensions.rules import bars_notices
from jbplus.suspensions.service import SuspensionStore

_MOST_ATTEMPTS = 12


class LostContentsError(Exception):
    """The notifications of a part that waits are gone, though nothing was decided on it."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one visit to a recipient's queue brought.

    Attributes:
        notices: how many were put out.
        notifications: how many they hold together.
    """

    notices: int = 0
    notifications: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        """Add up."""
        return Delivered(self.notices + other.notices, self.notifications + other.notifications)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Makes notices of what waits.

    Number, name and content of a notice are decided in one write. What comes after that write may be repeated: it
    follows from the decision.
    """

    queues: Queues
    contents: WaitingContents
    outbox: Outbox
    suspensions: SuspensionStore
    audience: Audience
    clock: Clock
    sleep: Sleep

    def deliver(self, recipient: str, time_left: Callable[[], float]) -> Delivered:
        """Make notices of all that waits for a recipient, unless it is suspended (Article 8).

        Args:
            recipient: KBO number.
            time_left: gives the number of seconds that this invocation may still run.

        Raises:
            UnavailableError: a store is out of reach; delivering again is harmless.
            LostContentsError: what waits cannot be read.
        """
        done = Delivered()
        while time_left() >= TIME_FOR_A_PART and (waiting := self.queues.first(recipient)) is not None:
            if waiting.decision is None:
                stored = self.suspensions.read([recipient])[recipient]
                if bars_notices(stored.suspensions, self.clock()):
                    return done
                waiting = self._decided(waiting)
            if waiting is not None and waiting.decision is not None:
                done += self._carry_out(waiting, waiting.decision)
        return done

    def _decided(self, waiting: Waiting) -> Waiting | None:
        """Decide on the first part of a queue; None when a rival is done with it."""
        for _ in attempts(_MOST_ATTEMPTS, self.sleep):
            decision = self._decide(waiting)
            if decision is not None:
                try:
                    self.queues.decide(waiting, decision)
                except (ConflictError, ThrottledError):
                    pass
                else:
                    return Waiting(waiting.recipient, waiting.position, waiting.part, decision)
            now_first = self.queues.first(waiting.recipient)
            if now_first is None or now_first.position != waiting.position:
                return None
            if now_first.decision is not None:
                return now_first
            if decision is None:
                raise LostContentsError
        raise UnavailableError("notices: throttled, or others kept writing the same queue")

    def _decide(self, waiting: Waiting) -> Decision | None:
        content = self.contents.read_waiting(waiting.recipient, waiting.part)
        if content is None:
            return None
        kind = kind_of(waiting.part.file)
        told = from_lines(content, kind)
        audience = self.audience.of({n for each in told for n in each.numbers}, only=waiting.recipient)
        left_out = tuple(n for n, each in enumerate(told) if not may_hear(waiting.recipient, each, audience))
        if len(left_out) == len(told):
            return Decision(None, self.clock())
        given = self.queues.given(waiting.recipient, kind)
        return Decision(given.number + 1, next_moment(self.clock(), given.moment), left_out)

    def _carry_out(self, waiting: Waiting, decision: Decision) -> Delivered:
        recipient, part = waiting.recipient, waiting.part
        # Without contents it was carried out before: they go after the notice is out.
        content = self.contents.read_waiting(recipient, part)
        done = Delivered()
        if content is not None and decision.number is not None:
            left_out = frozenset(decision.left_out)
            kind = kind_of(part.file)
            told = [each for place, each in enumerate(from_lines(content, kind)) if place not in left_out]
            notice = compose(recipient, decision.number, decision.moment, told, kind)
            self.outbox.put_out(recipient, file_name(decision.moment, kind), notice.to_json())
            done = Delivered(1, len(told))
        self.contents.remove_waiting(recipient, part)
        self.queues.remove(waiting)
        return done
