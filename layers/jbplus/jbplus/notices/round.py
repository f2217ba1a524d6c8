"""The notices, all of them: what was announced goes into the queues, and the queues go out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from jbplus.errors import UnavailableError
from jbplus.logs import LogCode, where_it_failed
from jbplus.notices.delivery import Delivered, Delivery
from jbplus.notices.telling import Telling
from jbplus.protocol.parties import PAYMENT_ACTORS

RECIPIENTS = tuple(party.kbo for party in PAYMENT_ACTORS)
"""Who can register persons, and so be told of them, by KBO number."""


class NoticesDelayedError(Exception):
    """Something was not told or not delivered; the next round goes on. The message holds no values."""


@dataclass(slots=True)
class Round:
    """What one round brought.

    Attributes:
        files: how many announced files were told to their end.
        delivered_to: the notices that were put out, by the KBO number of their recipient.
        waiting: how many parts wait for recipients that are suspended, or for the next round.
        failures: what went wrong; the rest of the round went on.
    """

    files: int = 0
    delivered_to: dict[str, Delivered] = field(default_factory=dict)
    waiting: int = 0
    failures: list[Exception] = field(default_factory=list)

    @property
    def delivered(self) -> Delivered:
        """All notices that were put out."""
        return sum(self.delivered_to.values(), Delivered())

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Keep a failure, so that one file or recipient does not hold up the others."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on, and it is told at the end
            self.failures.append(error)


@dataclass(frozen=True, slots=True)
class Notices:
    """Makes all notices that can be made. An event only wakes it: what is to be done stands in the stores."""

    telling: Telling
    delivery: Delivery
    recipients: Sequence[str] = RECIPIENTS

    def go_round(self, time_left: Callable[[], float]) -> Round:
        """Tell what was announced, then deliver what waits.

        Args:
            time_left: gives the number of seconds that this invocation may still run.
        """
        done = Round()
        with done.going_on():
            self._tell(done, time_left)
        for recipient in self.recipients:
            with done.going_on():
                done.delivered_to[recipient] = self.delivery.deliver(recipient, time_left)
        with done.going_on():
            done.waiting = sum(self.delivery.queues.lengths(self.recipients).values())
        return done

    def _tell(self, done: Round, time_left: Callable[[], float]) -> None:
        for file in self.telling.files.announced():
            with done.going_on():
                try:
                    if not self.telling.tell(file, time_left):
                        return
                except UnavailableError as error:
                    # Later files wait, so that they stay behind this one in the queues.
                    done.failures.append(error)
                    return
                done.files += 1


@dataclass(frozen=True, slots=True)
class NoticesRounds:
    """Goes round, and lets operators see what came of it."""

    notices: Notices
    logger: Logger
    metrics: Metrics

    def go_round(self, time_left: Callable[[], float]) -> None:
        """Go round once.

        Raises:
            NoticesDelayedError: something was not told or not delivered.
        """
        done = self.notices.go_round(time_left)
        for error in done.failures:
            if isinstance(error, UnavailableError):
                self.logger.error(LogCode.NOTICES_DELAYED, extra={"reason": str(error)})
            else:
                self.logger.error(LogCode.NOTICES_FAILED, extra=where_it_failed(error))
        counts = {
            "FilesTold": done.files,
            "NoticesGiven": done.delivered.notices,
            "NotificationsGiven": done.delivered.notifications,
            "PartsWaiting": done.waiting,
        }
        for name, value in counts.items():
            self.metrics.add_metric(name, MetricUnit.Count, value)
        given = {kbo: asdict(each) for kbo, each in done.delivered_to.items() if each.notices}
        self.logger.info(LogCode.NOTICES_GIVEN, extra={"counts": counts, "given": given})
        if done.failures:
            raise NoticesDelayedError(LogCode.NOTICES_FAILED)
