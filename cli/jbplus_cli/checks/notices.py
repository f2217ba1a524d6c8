"""Each notice is the one that was decided, with numbers that have no gap (Article 6)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from pydantic import ValidationError

from jbplus.aws.folders import ANNOUNCED, OUTGOING, SENT, WAITING
from jbplus.aws.objects import Objects
from jbplus.errors import ObjectMissingError
from jbplus.mutation_file.kinds import Kind as FileKind
from jbplus.notices.applied import Announcement, kind_of, volgnummer_of
from jbplus.notices.bucket import S3Announced
from jbplus.notices.notice import AnyNotice, Notice, SuccessionNotice, compose, file_name
from jbplus.notices.queue import Given, Queued, Waiting
from jbplus.notices.telling import PART
from jbplus.protocol.calendar import Clock
from jbplus_cli.checks.findings import Difference, Findings, Follow, Kind

# Less than the lifecycle of the bucket, which counts whole days.
_KEPT: Final = timedelta(days=29)
# What is put under `wachtend/` stands in a queue a moment later.
_SETTLED: Final = timedelta(hours=6)


class QueueReader(Protocol):
    """Where the queues are kept."""

    def given(self, recipient: str, kind: FileKind) -> Given:
        """Tell what was given out to a recipient of files of a kind: each has its own series."""
        ...

    def history(self, recipient: str) -> Iterator[Queued]:
        """Give all parts that ever stood in a recipient's queue."""
        ...

    def waiting(self, recipient: str) -> Iterator[Waiting]:
        """Give all that stands in a recipient's queue."""
        ...

    def next_part(self, file: str) -> int:
        """Tell which part of a file is to be told next."""
        ...


@dataclass(frozen=True, slots=True)
class NoticesCheck:
    """Makes each decided notice anew, and compares.

    Attributes:
        queues: the queues, with all that was decided.
        objects: the bucket.
        recipients: who may have notices, by KBO number.
        clock: gives the present moment.
    """

    queues: QueueReader
    objects: Objects
    recipients: Sequence[str]
    clock: Clock

    def run(self, findings: Findings, follow: Follow) -> None:
        """Add the notices and numbers that are not as decided."""
        with follow.items("Reading notices", len(self.recipients)) as advance:
            for recipient in self.recipients:
                # What was decided is read before what follows from it: the queue, and then what is put out.
                before = {kind: self.queues.given(recipient, kind).number for kind in FileKind}
                parts = list(self.queues.history(recipient))
                waiting = list(self.queues.waiting(recipient))
                for kind in FileKind:
                    of_kind = [part for part in parts if kind_of(part.part.file) is kind]
                    given = self.queues.given(recipient, kind).number
                    for difference in _of_numbers(_notices_of(recipient, kind), of_kind, before[kind], given):
                        findings.add(difference)
                self._notices(recipient, parts, waiting, findings)
                self._waiting(recipient, waiting, findings)
                advance(1)
        self._applied(findings)

    def _notices(self, recipient: str, parts: Iterable[Queued], waiting: Sequence[Waiting], findings: Findings) -> None:
        open_ = {each.position: each for each in waiting}
        for part in parts:
            if part.number is None or part.moment is None:
                continue
            findings.checked["notices"] += 1
            kind = kind_of(part.part.file)
            where = _notices_of(recipient, kind)
            being = open_.get(part.position)
            if being is not None:
                age = self.clock() - part.moment
                if age > _SETTLED:
                    findings.add(Difference(Kind.NOTICE_MISSING, where, part.number))
                else:
                    findings.under_way.append(f"notice {part.number} of {recipient} is being put out")
            elif self.clock() - part.moment < _KEPT:
                content = self._put_out(recipient, file_name(part.moment, kind))
                if content is None:
                    findings.add(Difference(Kind.NOTICE_MISSING, where, part.number))
                elif not is_as_decided(content, recipient, part):
                    findings.add(Difference(Kind.NOTICE_DIFFERS, where, part.number))

    def _put_out(self, recipient: str, name: str) -> bytes | None:
        # It is marked as sent before it is taken out: in this order it is seen at one of the two places.
        content = self.objects.find(f"{OUTGOING}{recipient}/{name}")
        return self.objects.find(f"{SENT}{recipient}/{name}") if content is None else content

    def _waiting(self, recipient: str, waiting: Sequence[Waiting], findings: Findings) -> None:
        folder = f"{WAITING}{recipient}/"
        there = dict(self.objects.dated_names(folder))
        queued = {f"{each.part.name}.ndjson" for each in waiting}
        lost = [each for each in waiting if each.decision is None and f"{each.part.name}.ndjson" not in there]
        if lost:
            # It may have been decided and carried out just now.
            open_ = {each.part for each in self.queues.waiting(recipient) if each.decision is None}
            for each in lost:
                if each.part in open_:
                    findings.add(Difference(Kind.WAITING_LOST, f"{folder}{each.part.name}.ndjson"))
        for name, since in there.items():
            if name not in queued and self.clock().timestamp() - since > _SETTLED.total_seconds():
                findings.add(Difference(Kind.WAITING_STRAY, f"{folder}{name}"))

    def _applied(self, findings: Findings) -> None:
        """Look for applied records that are gone, though their file is not told to its end."""
        files = S3Announced(self.objects)
        for file in files.announced():
            try:
                announcement: Announcement = files.announcement(file)
            except ObjectMissingError:
                continue  # told meanwhile
            found = len(files.pieces(file))
            if found < announcement.pieces and self.queues.next_part(file) <= announcement.last // PART:
                findings.add(Difference(Kind.APPLIED_LOST, f"{ANNOUNCED}{file}.json", volgnummer_of(file)))


def is_as_decided(content: bytes, recipient: str, part: Queued) -> bool:
    """Tell whether a notice is the one that was decided: made anew, all but whom it tells of is the same.

    Args:
        content: the notice as it was put out.
        recipient: KBO number.
        part: what was decided.
    """
    if part.number is None or part.moment is None:
        return False
    kind = kind_of(part.part.file)
    try:
        notice = _FORMS[kind].model_validate_json(content)
    except ValidationError:
        return False
    told = notice.notificaties
    is_of_file = all(each.volgnummer == volgnummer_of(part.part.file) for each in told)
    return is_of_file and bool(told) and compose(recipient, part.number, part.moment, told, kind) == notice


_FORMS: Final[Mapping[FileKind, type[AnyNotice]]] = {FileKind.MUTATIONS: Notice, FileKind.SUCCESSIONS: SuccessionNotice}


def _of_numbers(where: str, parts: Sequence[Queued], before: int, given: int) -> Iterator[Difference]:
    numbers = Counter(part.number for part in parts if part.number is not None)
    for number in range(1, before + 1):
        if number not in numbers:
            yield Difference(Kind.NUMBER_MISSING, where, number)
    for number, times in numbers.items():
        if times > 1:
            yield Difference(Kind.NUMBER_TWICE, where, number)
        if number > given:
            yield Difference(Kind.NUMBER_BEYOND, where, number)


def _notices_of(recipient: str, kind: FileKind) -> str:
    return f"{'succession ' if kind is FileKind.SUCCESSIONS else ''}notices of {recipient}"
