"""One round at the dropserver: files are taken in, files are sent, and operators see what became of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import groupby

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from jbplus.dropserver.sending import Parcel, Sending
from jbplus.dropserver.taking import Fate, Taking
from jbplus.errors import ConflictError, ObjectMissingError, UnavailableError
from jbplus.ftps.server import ConnectionLostError, DropserverError, RemoteFile, Server
from jbplus.logs import LogCode, where_it_failed
from jbplus.mutation_file.report import shown_name
from jbplus.retry import TimeLeft

TIME_FOR_A_FILE = 90.0
"""Seconds that must be left to begin a file: enough for one of 200 MB at 5 MB/s, to the bucket and all.

A larger one may die with the invocation; the next round begins it with all of its time.
"""

_OURS = (DropserverError, UnavailableError, ConflictError)


class RoundFailedError(Exception):
    """Something did not work in this round; the log says what. The message holds no values."""


@dataclass(slots=True)
class Counts:
    """What became of the files of a round.

    Attributes:
        taken: came from the server into the bucket.
        taken_before: were in the bucket already, and are gone from the server now.
        waiting: were left for the next round: not whole yet, or no time for them.
        sent: went from the bucket to a party.
        failed: what did not work, the connection itself included.
    """

    taken: int = 0
    taken_before: int = 0
    waiting: int = 0
    sent: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """Goes to the dropserver and back.

    Attributes:
        connect: connects to the server, for as long as it is needed.
        taking: takes files in.
        sending: sends files.
        logger: takes a line for each file, and one for the round.
        metrics: counts files, and what failed.
    """

    connect: Callable[[], AbstractContextManager[Server]]
    taking: Taking
    sending: Sending
    logger: Logger
    metrics: Metrics

    def run(self, time_left: TimeLeft) -> Counts:
        """Take in what can be taken, and send what waits; what fails does not keep the rest.

        Args:
            time_left: gives the number of seconds that this invocation may still run.

        Raises:
            RoundFailedError: something did not work. It is tried again in the next round.
        """
        visit = _Visit(self, time_left)
        try:
            with self.connect() as server:
                visit.take_in(server)
                visit.send(server)
        except _OURS as error:
            visit.counts.failed += 1
            self.logger.error(LogCode.DROPSERVER_LOST, extra={"reason": str(error)})
        self._tell(visit.counts)
        if visit.counts.failed:
            raise RoundFailedError(LogCode.ROUND_DONE)
        return visit.counts

    def _tell(self, counts: Counts) -> None:
        self.logger.info(LogCode.ROUND_DONE, extra={"counts": asdict(counts)})
        for name, value in (
            ("FilesFetched", counts.taken),
            ("FilesSent", counts.sent),
            ("DropserverFailures", counts.failed),
        ):
            self.metrics.add_metric(name, MetricUnit.Count, value)


@dataclass(frozen=True, slots=True)
class _Visit:
    round: Round
    time_left: TimeLeft
    counts: Counts = field(default_factory=Counts)

    def take_in(self, server: Server) -> None:
        try:
            files, growing = self.round.taking.find(server)
        except ConnectionLostError:
            raise
        except DropserverError as error:
            # A folder that is missing there keeps nobody from its files here.
            self._failed(LogCode.FILE_NOT_FETCHED, error)
            return
        self.counts.waiting += growing
        for file in files:
            if not self._has_time():
                self.counts.waiting += 1
                continue
            name = shown_name(file.name, year=file.modified.year)
            self._each(LogCode.FILE_NOT_FETCHED, partial(self._take, server, file), file=name)

    def send(self, server: Server) -> None:
        for party, parcels in groupby(self.round.sending.outbox.waiting(), key=lambda parcel: parcel.party):
            goes_on = True
            for parcel in parcels:
                if not goes_on or not self._has_time():
                    self.counts.waiting += 1
                    continue
                # What comes after a file that failed waits with it: the order of the names is kept.
                goes_on = self._each(LogCode.FILE_NOT_SENT, partial(self._send, server, parcel), party=party)

    def _take(self, server: Server, file: RemoteFile) -> None:
        match self.round.taking.take(server, file):
            case Fate.TAKEN:
                self.counts.taken += 1
                self.round.logger.info(LogCode.FILE_FETCHED, extra={"size": file.size})
            case Fate.TAKEN_BEFORE:
                self.counts.taken_before += 1
            case Fate.LEFT:
                self.counts.waiting += 1

    def _send(self, server: Server, parcel: Parcel) -> None:
        try:
            self.round.sending.send(server, parcel)
        except ObjectMissingError:
            return  # a rival was here first
        self.counts.sent += 1
        self.round.logger.info(LogCode.FILE_SENT, extra={"party": parcel.party})

    def _has_time(self) -> bool:
        return self.time_left() >= TIME_FOR_A_FILE

    def _each(self, code: LogCode, step: Callable[[], None], **about: str) -> bool:
        """Do one file's work, and tell whether it went well; only a lost connection ends the round."""
        try:
            step()
        except ConnectionLostError:
            raise
        except _OURS as error:
            self._failed(code, error, **about)
        except Exception as error:  # noqa: BLE001 - whatever it is, its message may hold a value
            self.counts.failed += 1
            self.round.logger.error(LogCode.DROPSERVER_FAILED, extra={**where_it_failed(error), **about})
        else:
            return True
        return False

    def _failed(self, code: LogCode, error: Exception, **about: str) -> None:
        self.counts.failed += 1
        self.round.logger.error(code, extra={"reason": str(error), **about})
