"""How the exchange is doing, and what needs a person: what `jbplus status` shows (Article 5)."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from pydantic import JsonValue, ValidationError

from jbplus.aws.folders import INCOMING
from jbplus.aws.objects import Objects
from jbplus.errors import UnavailableError
from jbplus.intake.bucket import S3Bucket
from jbplus.intake.incoming import IncomingFile, is_stray
from jbplus.intake.ledger import Ledger, Unfinished
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.intake.standing import Progress, read_standing
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.report import Gap, shown_name
from jbplus.mutation_file.unpacking import ENDINGS
from jbplus.protocol.calendar import Clock
from jbplus.suspensions.service import SuspensionStore
from jbplus.suspensions.table import DynamoSuspensions
from jbplus_cli.files.reports import LONGEST_SILENCE, Reports, Written
from jbplus_cli.operating.alarms import AlarmsState
from jbplus_cli.operating.dropserver import DropserverState
from jbplus_cli.operating.failure_queue import Backlog, FailureQueue
from jbplus_cli.operating.notices import NoticesState
from jbplus_cli.operating.suspended import SuspendedState
from jbplus_cli.quarantine.kept import Listing, Summary
from jbplus_cli.quarantine.quarantine import Quarantine
from jbplus_cli.screen.looks import counted, span
from jbplus_cli.stack.aws import aws_errors
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MOST_NAMED: Final = 10
_MOST_GAPS_NAMED: Final = 5
_MOST_REFUSED_NAMED: Final = 5
# Lambda begins a file within minutes, and of a large one tells its progress.
_LONGEST_WAIT: Final = timedelta(hours=1)
_LONGEST_WORK: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that the intake is not done with.

    Attributes:
        name: as it may be shown.
        since: when it came.
        progress: how far the applying of its records is; None before the file was read.
    """

    name: str
    since: datetime
    progress: Progress | None

    def is_stuck(self, now: datetime) -> bool:
        """Whether it should have been done, or at least begun, long ago."""
        return now - self.since > (_LONGEST_WAIT if self.progress is None else _LONGEST_WORK)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The files under `inkomend/`.

    Attributes:
        count: how many.
        strays: how many of them nobody takes in, because of their names.
        oldest: those that wait longest, the oldest first; at most ten.
    """

    count: int
    strays: int
    oldest: tuple[WaitingFile, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the exchange at one moment.

    Attributes:
        at: the moment.
        files: the last files that were done with, the newest first.
        last_good: when the last file was taken in, wholly or in part; None before the first.
        gaps: the volgnummers that are missing.
        unfinished: the volgnummers that are claimed and not done with.
        waiting: the files that are not done.
        quarantine: what was refused, and neither released nor discarded.
        refused: what is known of the newest of it.
        suspended: who is suspended.
        failures: the events that failed for good.
        notices: what is not told to recipients yet.
        dropserver: how the last visit to the dropserver went.
        alarms: which alarms ring.
        succession_gaps: the volgnummers of succession files that are missing.
    """

    at: datetime
    files: tuple[Written, ...]
    last_good: datetime | None
    gaps: tuple[Gap, ...]
    unfinished: tuple[Unfinished, ...]
    waiting: Waiting
    quarantine: Listing
    refused: tuple[Summary, ...]
    suspended: SuspendedState
    failures: Backlog
    notices: NoticesState
    dropserver: DropserverState
    alarms: AlarmsState
    succession_gaps: tuple[Gap, ...] = ()

    @property
    def silence(self) -> timedelta | None:
        """How long ago the last good file came."""
        return None if self.last_good is None else self.at - self.last_good

    @property
    def is_silent(self) -> bool:
        """Whether a good file should have come by now."""
        return self.silence is None or self.silence > LONGEST_SILENCE

    @property
    def missing(self) -> str:
        """The missing files in words; empty when there are none."""
        named = [gap.words for gap in self.gaps]
        more = len(named) - _MOST_GAPS_NAMED
        return ", ".join(named[:_MOST_GAPS_NAMED]) + (f" and {more} more" if more > 0 else "")

    def concerns(self) -> list[str]:
        """Say what needs a person; empty when all is well."""
        return list(self._concerns())

    def _concerns(self) -> Iterator[str]:
        if self.silence is None:
            yield "No file was taken in yet."
        elif self.is_silent:
            yield f"The last good file was {span(self.silence)} ago: ask WEWIS whether it sent one."
        if self.gaps:
            yield f"Files are missing: {self.missing}. Ask WEWIS to send them."
        if self.succession_gaps:
            words = ", ".join(gap.words for gap in self.succession_gaps[:_MOST_GAPS_NAMED])
            yield f"Succession files are missing: {words}. Ask WEWIS to send them."
        yield from self._concerns_of_files()
        if self.quarantine.count:
            words = counted(self.quarantine.count, "refused file or part is", "refused files or parts are")
            yield f"{words} in quarantine: release or discard each (jbplus quarantine --help)."
        failed = self.failures.waiting + self.failures.in_hand
        if failed:
            yield f"{counted(failed, 'event')} failed for good: look with jbplus replay --dry-run."

        if self.notices.is_stuck(self.at):
            yield f"{counted(self.notices.untold, 'file is', 'files are')} applied but not told: read the notices' log."
        yield from self.dropserver.concerns(self.at)
        yield from self.alarms.concerns()

    def _concerns_of_files(self) -> Iterator[str]:
        overdue = [str(file.volgnummer) for file in self.unfinished if self.at - file.since > _LONGEST_WORK]
        if overdue:
            yield (
                f"Claimed over six hours ago and not done with: {', '.join(overdue)}. Read the log; when the "
                "file is gone, ask WEWIS to send the very same file again."
            )
        if self.waiting.strays:
            yield (
                f"{counted(self.waiting.strays, 'object')} in {INCOMING} will not be taken in: "
                f"a name ends in {' or '.join(ENDINGS)}."
            )
        stuck = sum(file.is_stuck(self.at) for file in self.waiting.oldest)
        if stuck:
            yield f"{counted(stuck, 'file waits', 'files wait')} in {INCOMING} for too long: read the log."

    def wire(self) -> dict[str, JsonValue]:
        """Give the state ready for JSON."""
        return {
            "at": self.at.isoformat(),
            "needsPerson": list(self.concerns()),
            "lastGoodFile": None if self.last_good is None else self.last_good.isoformat(),
            "missing": [{"van": gap.van, "tot": gap.tot} for gap in self.gaps],
            "unfinished": [
                {"volgnummer": file.volgnummer, "since": file.since.isoformat()} for file in self.unfinished
            ],
            "files": [_file_wire(file) for file in self.files],
            "waiting": {
                "count": self.waiting.count,
                "strays": self.waiting.strays,
                "oldest": [_waiting_wire(file) for file in self.waiting.oldest],
            },
            "quarantine": {
                "files": self.quarantine.files,
                "parts": self.quarantine.parts,
                "items": [summary.wire() for summary in self.refused],
            },
            "suspensions": self.suspended.wire(),
            "failureQueue": {"waiting": self.failures.waiting, "inHand": self.failures.in_hand},
            "notices": self.notices.wire(),
            "dropserver": self.dropserver.wire(self.at),
            "alarms": self.alarms.wire(),
        }


@dataclass(frozen=True, slots=True)
class Watchtower:
    """Looks at everything that tells how a stack is doing.

    Attributes:
        s3: the S3 client.
        bucket: the bucket's name.
        ledger: the stack's ledger of files.
        failure_queue: its failure queue.
        quarantine: its quarantine.
        suspensions: its table of suspensions.
        alarms: reads which of its alarms ring.
        now: gives the present moment.
        advice: what the operator does when AWS gives no answer.
    """

    s3: "S3Client"
    bucket: str
    ledger: Ledger
    successions: Ledger
    failure_queue: FailureQueue
    quarantine: Quarantine
    suspensions: SuspensionStore
    alarms: Callable[[], AlarmsState]
    now: Clock
    advice: str

    @classmethod
    def of(cls, world: Surroundings, target: Target) -> Self:
        """Give the place from where a whole stack is seen.

        Raises:
            ExchangeError: the stack cannot be read.
        """
        resources = world.resources(target)
        aws = world.aws(target)

        def alarms() -> AlarmsState:
            if target.is_local:
                return AlarmsState.unwatched()
            return AlarmsState.of(aws.cloudwatch(), target.name, resources.alarm_topic, target.advice_when_unreachable)

        return cls(
            s3=aws.s3(),
            bucket=target.bucket,
            ledger=DynamoLedger(aws.dynamodb(), resources.ledger_table),
            successions=DynamoLedger(aws.dynamodb(), resources.ledger_table, Kind.SUCCESSIONS),
            failure_queue=FailureQueue.of(world, target, resources),
            quarantine=Quarantine.of(world, target),
            suspensions=DynamoSuspensions(aws.dynamodb(), resources.suspensions_table, world.sleep),
            alarms=alarms,
            now=world.now,
            advice=target.advice_when_unreachable,
        )

    def look(self, last: int) -> Overview:
        """Look at it all.

        Args:
            last: of how many files to read the report.

        Raises:
            ExchangeError: something is out of reach.
        """
        at = self.now()
        try:
            last_good, missing = self.ledger.last_finished(), self.ledger.series().gaps
            unfinished = (*self.ledger.unfinished(), *self.successions.unfinished())
            missing_successions = self.successions.series().gaps
            waiting = self._waiting()
            notices = NoticesState.of(Objects(self.s3, self.bucket))
            dropserver = DropserverState.of(self.s3, self.bucket)
            suspended = SuspendedState.of(self.suspensions)
        except UnavailableError as error:
            raise ExchangeError(f"Could not look at the stack: {error}. {self.advice}") from error
        quarantine = self.quarantine.newest(_MOST_REFUSED_NAMED)
        return Overview(
            at=at,
            files=tuple(Reports(self.s3, self.bucket, self.advice).newest(last)),
            last_good=last_good,
            gaps=missing,
            unfinished=unfinished,
            waiting=waiting,
            quarantine=quarantine,
            refused=tuple(self.quarantine.summary(item) for item in quarantine.newest),
            suspended=suspended,
            failures=self.failure_queue.backlog(),
            notices=notices,
            dropserver=dropserver,
            alarms=self.alarms(),
            succession_gaps=missing_successions,
        )

    def _waiting(self) -> Waiting:
        count = strays = 0

        def counting() -> Iterator[IncomingFile]:
            nonlocal count, strays
            for file in self._incoming():
                count += 1
                strays += is_stray(file.name)
                yield file

        with aws_errors(f"list {INCOMING}", self.advice):
            oldest = heapq.nsmallest(_MOST_NAMED, counting(), key=lambda file: file.received)
        return Waiting(count, strays, tuple(self._waiting_file(file) for file in oldest))

    def _incoming(self) -> Iterator[IncomingFile]:
        """List the files that are not done: each version is one, also when a newer one has the same name."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=INCOMING)
        for page in pages:
            for version in page.get("Versions", []):
                key = version["Key"]
                if key != INCOMING:
                    yield IncomingFile(key.removeprefix(INCOMING), key, version["VersionId"], version["LastModified"])

    def _waiting_file(self, file: IncomingFile) -> WaitingFile:
        kept = S3Bucket(self.s3, self.bucket).read_progress(file)
        try:
            standing = None if kept is None else read_standing(kept)
        except ValidationError as error:
            raise ExchangeError(
                "A file's progress is not as agreed. Does this jbplus belong to the stack's version?"
            ) from error
        progress = standing if isinstance(standing, Progress) else None
        return WaitingFile(shown_name(file.name, year=date.max.year), file.received, progress)


def _file_wire(file: Written) -> dict[str, JsonValue]:
    report = file.report
    return {
        "file": report.bestand,
        "volgnummer": report.volgnummer,
        "status": report.status,
        "aantallen": report.aantallen.wire(),
        "received": None if file.received is None else file.received.isoformat(),
        "seconds": None if file.duration is None else file.duration.total_seconds(),
    }


def _waiting_wire(file: WaitingFile) -> dict[str, JsonValue]:
    return {
        "name": file.name,
        "since": file.since.isoformat(),
        "progress": None
        if file.progress is None
        else {"position": file.progress.position, "count": file.progress.count},
    }
