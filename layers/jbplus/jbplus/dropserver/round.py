"""One round at the dropserver: files are sent, files are taken in, and operators see what became of them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from jbplus.dropserver.budget import Budget, TimeIsUpError
from jbplus.dropserver.sending import Parcel, Sending
from jbplus.dropserver.taking import Fate, Taking
from jbplus.dropserver.visits import LastVisit, Sighting, sightings
from jbplus.errors import ConflictError, ObjectMissingError, UnavailableError
from jbplus.ftps.server import ConnectionLostError, DropserverError, RemoteFile, Server
from jbplus.logs import LogCode, where_it_failed
from jbplus.mutation_file.report import shown_name
from jbplus.retry import TimeLeft

TIME_FOR_A_FILE = 90.0
"""Seconds that must be left to begin a file; a large one goes on in the next visit."""

FILE_SECONDS = 300.0
"""How long one file may take, unless it is said otherwise."""

_MOST_TOLD = 10
_OURS = (DropserverError, UnavailableError, ConflictError)


class RoundFailedError(Exception):
    """Something did not work in this round. The message says what, with log codes; it holds no values."""


@dataclass(slots=True)
class Counts:
    """What became of the files of a round.

    Attributes:
        taken: came from the server into the bucket.
        taken_before: were taken before, when the server did not let them go.
        waiting: were left for the next round: not whole yet, no time for them, of a name that is not as agreed, or
            held back.
        sent: went from the bucket to a party.
        failed: what did not work, the connection itself included.
    """

    taken: int = 0
    taken_before: int = 0
    waiting: int = 0
    sent: int = 0
    failed: int = 0


def _unknown() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Round:
    """Goes to the dropserver and back.

    Attributes:
        connect: connects to the server, for as long as it is needed.
        taking: takes files in.
        sending: sends files.
        logger: takes a line for each file, and one for the round.
        metrics: counts files, and what failed.
        file_seconds: how long one file may take.
        own_certificate: tells when our certificate ends, where that is known.
    """

    connect: Callable[[], AbstractContextManager[Server]]
    taking: Taking
    sending: Sending
    logger: Logger
    metrics: Metrics
    file_seconds: float = FILE_SECONDS
    own_certificate: Callable[[], datetime | None] = _unknown

    def run(self, time_left: TimeLeft) -> Counts:
        """Send what waits, and take in what can be taken; what fails does not keep the rest.

        Args:
            time_left: gives the number of seconds that this invocation may still run.

        Raises:
            RoundFailedError: something did not work. It is tried again in the next round.
        """
        visit = _Visit(self, time_left, _Line(self.connect))
        visit.run(visit.go)
        visit.run(visit.remember)
        visit.tell()
        if visit.reasons:
            raise RoundFailedError("; ".join(visit.reasons[:_MOST_TOLD]))
        return visit.counts


class _Line:
    """A connection that is made when it is needed, and anew after it was lost."""

    def __init__(self, connect: Callable[[], AbstractContextManager[Server]]) -> None:
        self._connect = connect
        self._open = ExitStack()
        self._server: Server | None = None

    def server(self) -> Server:
        if self._server is None:
            self._server = self._open.enter_context(self._connect())
        return self._server

    def hang_up(self) -> None:
        self._server = None
        self._open.close()


@dataclass(slots=True)
class _Visit:
    round: Round
    time_left: TimeLeft
    line: _Line
    counts: Counts = field(default_factory=Counts)
    reasons: list[str] = field(default_factory=list)
    last: LastVisit | None = None
    seen: dict[RemoteFile, Sighting] = field(default_factory=dict)
    """What stands on the server, as far as this visit knows."""

    def run(self, part: Callable[[], None]) -> None:
        """Do a part of the visit, and tell what ended it."""
        try:
            part()
        except _OURS as error:
            self._failed(LogCode.DROPSERVER_LOST, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, its message may hold a value
            self._failed_unexpectedly(error)

    def go(self) -> None:
        self.last = self.round.taking.memory.recall() or LastVisit(at=self.round.taking.now())
        self.seen = {RemoteFile(seen.name, seen.size, seen.modified): seen for seen in self.last.seen}
        try:
            self._send()
            self._take_in()
        finally:
            self.line.hang_up()

    def remember(self) -> None:
        if self.last is None:
            return  # nothing is put in the place of what could not be read
        now = self.round.taking.now()
        with suppress(UnavailableError):  # told when we connected
            self.last = self.last.model_copy(update={"own_certificate": self.round.own_certificate()})
        seen = tuple(self.seen.values())
        self.last = self.last.model_copy(update={"at": now, "reasons": tuple(self.reasons), "seen": seen})
        self.round.taking.memory.remember(self.last)

    def tell(self) -> None:
        now, logger, metrics = self.round.taking.now(), self.round.logger, self.round.metrics
        long = [seen for seen in self.seen.values() if seen.waits_long(now)]
        for seen in long[:_MOST_TOLD]:
            name = shown_name(seen.name, year=now.year)
            logger.warning(LogCode.FILE_WAITS, extra={"file": name, "since": seen.first.isoformat()})
        logger.info(LogCode.ROUND_DONE, extra={"counts": asdict(self.counts)})
        for name, value in (
            ("FilesFetched", self.counts.taken),
            ("FilesSent", self.counts.sent),
            ("FilesWaitingLong", len(long)),
            ("DropserverFailures", self.counts.failed),
        ):
            metrics.add_metric(name, MetricUnit.Count, value)
        for name, ends in self._certificates():
            metrics.add_metric(name, MetricUnit.Count, (ends - now).days)

    def _certificates(self) -> Iterator[tuple[str, datetime]]:
        if self.last and self.last.own_certificate:
            yield "OwnCertificateDays", self.last.own_certificate
        if self.last and self.last.server_certificate:
            yield "ServerCertificateDays", self.last.server_certificate

    def _send(self) -> None:
        for party, parcels in groupby(self.round.sending.outbox.waiting(), key=lambda parcel: parcel.party):
            try:
                is_held = self.round.sending.holding.of(party)
            except UnavailableError as error:
                self._failed(LogCode.FILE_NOT_SENT, error, party=party)
                self.counts.waiting += len(list(parcels))
                continue
            goes_on = True
            for parcel in parcels:
                if is_held(parcel.name) or not goes_on or not self._has_time():
                    self.counts.waiting += 1
                    continue
                # What comes after a file that failed waits with it: the order of the names is kept.
                goes_on = self._each(LogCode.FILE_NOT_SENT, partial(self._send_one, parcel), party=party)

    def _take_in(self) -> None:
        ready: list[RemoteFile] = []
        if not self._each(LogCode.FILE_NOT_FETCHED, partial(self._find, ready)):
            return  # a folder that is missing there keeps nobody from its files here
        # The small ones first, and last of all what failed in the last visit: nothing keeps the rest.
        ready.sort(key=lambda file: (self.seen[file].failed, file.size or 0, file.name))
        for file in ready:
            if not self._has_time():
                self.counts.waiting += 1
                continue
            name = shown_name(file.name, year=self.round.taking.now().year)
            failed = not self._each(LogCode.FILE_NOT_FETCHED, partial(self._take_one, file), file=name)
            if file in self.seen:
                self.seen[file] = self.seen[file].model_copy(update={"failed": failed})

    def _find(self, ready: list[RemoteFile], server: Server) -> None:
        found = self.round.taking.find(server)
        ready += found.ready
        self.counts.waiting += len(found.left)
        before = self.last.seen if self.last else ()
        self.seen = sightings([*found.ready, *found.left], before, self.round.taking.now())

    def _take_one(self, file: RemoteFile, server: Server) -> None:
        seen = self.seen[file]
        try:
            outcome = self.round.taking.take(server, file, seen, self._budget())
        except TimeIsUpError:
            self.line.hang_up()  # as after any transfer that was broken off
            self.counts.waiting += 1
            return
        match outcome.fate:
            case Fate.TAKEN:
                self.counts.taken += 1
                self.round.logger.info(LogCode.FILE_FETCHED, extra={"size": file.size})
            case Fate.TAKEN_BEFORE:
                self.counts.taken_before += 1
            case Fate.LEFT if not outcome.gone:
                self.counts.waiting += 1
        if outcome.gone:
            del self.seen[file]
        elif outcome.refusal:
            self.seen[file] = seen.model_copy(update={"taken": outcome.sha256})
            name = shown_name(file.name, year=self.round.taking.now().year)
            self._failed(LogCode.FILE_NOT_REMOVED, outcome.refusal, file=name)

    def _send_one(self, parcel: Parcel, server: Server) -> None:
        try:
            self.round.sending.send(server, parcel, self._budget())
        except ObjectMissingError:
            return  # a rival was here first
        self.counts.sent += 1
        self.round.logger.info(LogCode.FILE_SENT, extra={"party": parcel.party})

    def _budget(self) -> Budget:
        return Budget.of(self.time_left, self.round.file_seconds)

    def _has_time(self) -> bool:
        return self.time_left() >= TIME_FOR_A_FILE

    def _each(self, code: LogCode, step: Callable[[Server], None], **about: str) -> bool:
        """Do one file's work, and tell whether it went well; only a connection that cannot be made ends the round."""
        server = self.line.server()
        if self.last and server.expires:
            self.last = self.last.model_copy(update={"server_certificate": server.expires})
        try:
            step(server)
        except ConnectionLostError as error:
            self.line.hang_up()
            self._failed(code, error, **about)
        except _OURS as error:
            self._failed(code, error, **about)
        except Exception as error:  # noqa: BLE001 - whatever it is, its message may hold a value
            self._failed_unexpectedly(error, **about)
        else:
            return True
        return False

    def _failed(self, code: LogCode, error: Exception, **about: str) -> None:
        self._note(code, str(error))
        self.round.logger.error(code, extra={"reason": str(error), **about})

    def _failed_unexpectedly(self, error: Exception, **about: str) -> None:
        self._note(LogCode.DROPSERVER_FAILED, type(error).__name__)
        self.round.logger.error(LogCode.DROPSERVER_FAILED, extra={**where_it_failed(error), **about})

    def _note(self, code: LogCode, reason: str) -> None:
        self.counts.failed += 1
        self.reasons.append(f"{code.number} {reason}")
