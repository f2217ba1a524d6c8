"""From applied records to the queues of the recipients that registered their persons (Articles 2 and 6)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from jbplus.errors import ConflictError, ObjectMissingError, ThrottledError, UnavailableError
from jbplus.mutation_file.kinds import Kind
from jbplus.notices.applied import PIECE, Announcement, AppliedPiece, AppliedRecord, volgnummer_of
from jbplus.notices.audience import Audience, Hearers
from jbplus.notices.notice import Notification, SuccessionNotification
from jbplus.notices.queue import Part, Queues
from jbplus.retry import Sleep, attempts

PART = 10 * PIECE
"""The records of a file that one notice can tell of, at most; a larger file gives notices in parts."""
_MOST_ATTEMPTS = 12
# What a part takes at most when every store is slow: so much must be left to begin one.
TIME_FOR_A_PART = 120.0


class AnnouncedFiles(Protocol):
    """Where announced files are found, and their applied records."""

    def announced(self) -> list[str]:
        """List the announced files, in the order in which they were announced."""
        ...

    def announcement(self, file: str) -> Announcement:
        """Read what there is to tell of a file.

        Raises:
            ObjectMissingError: it is not announced (any more).
        """
        ...

    def forget(self, file: str) -> None:
        """Take a file's pieces and then its announcement away: all of it was told. Once more is fine."""
        ...

    def pieces(self, file: str) -> list[int]:
        """List the pieces of a file by the index of their first record, ascending."""
        ...

    def read_piece(self, file: str, first: int) -> bytes:
        """Read a piece.

        Raises:
            ObjectMissingError: it is not there (any more).
        """
        ...


class WaitingContents(Protocol):
    """Where the notifications of waiting parts are kept, encrypted at rest, for as long as they wait."""

    def keep_waiting(self, recipient: str, part: Part, content: bytes) -> None:
        """Keep the notifications of a part for a recipient, unless they are there: the first ones hold."""
        ...

    def read_waiting(self, recipient: str, part: Part) -> bytes | None:
        """Read them; None when they are not there (any more)."""
        ...

    def remove_waiting(self, recipient: str, part: Part) -> None:
        """Remove them; fine when they are gone."""
        ...


class LostPiecesError(Exception):
    """Applied records of an announced file are gone before all of it was told."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Puts what was applied of announced files in the queues.

    A part stands once in each queue, whatever dies, comes twice or comes at once; a file goes on where it stopped.
    """

    files: AnnouncedFiles
    audience: Audience
    queues: Queues
    contents: WaitingContents
    sleep: Sleep

    def tell(self, file: str, time_left: Callable[[], float]) -> bool:
        """Put the parts of a file in the queues of those that registered its persons.

        Args:
            file: the file's name among the announced ones.
            time_left: gives the number of seconds that this invocation may still run.

        Returns:
            Whether all of it was told; telling it again goes on from there.

        Raises:
            UnavailableError: a store is out of reach; telling it again is harmless.
            LostPiecesError: applied records of it are gone before all of it was told; nothing more is told of it.
        """
        try:
            announcement = self.files.announcement(file)
        except ObjectMissingError:
            return True  # a rival told it in the meantime, and forgot it
        parts = announcement.last // PART + 1
        found = self.files.pieces(file)
        # Asked after the pieces were listed: a rival forgets them only when every part is told.
        next_part = self.queues.next_part(file)
        if next_part < parts and len(found) < announcement.pieces:
            raise LostPiecesError
        for number, pieces in groupby(found, key=lambda first: first // PART):
            if number < next_part:
                continue
            if time_left() < TIME_FOR_A_PART:
                return False
            try:
                self._tell_part(Part(file, number), list(pieces))
            except ObjectMissingError:
                if self.queues.next_part(file) <= number:
                    raise
                continue  # a rival told it in the meantime, and forgot it
            self.queues.told(file, number)
        self.files.forget(file)
        return True

    def _tell_part(self, part: Part, pieces: Sequence[int]) -> None:
        by_recipient: dict[str, list[Notification]] = {}
        volgnummer = volgnummer_of(part.file)
        for first in pieces:
            records = AppliedPiece.from_json(self.files.read_piece(part.file, first)).records
            audience = self.audience.of(
                {number for record in records for number in (record.insz, record.new) if number}
            )
            for record in records:
                for recipient, notification in notifications(record, volgnummer, audience):
                    by_recipient.setdefault(recipient, []).append(notification)
        for recipient, told in sorted(by_recipient.items()):
            self._append(recipient, part, told)

    def _append(self, recipient: str, part: Part, notifications: Sequence[Notification]) -> None:
        for _ in attempts(_MOST_ATTEMPTS, self.sleep):
            if self.queues.is_known(recipient, part):
                return
            self.contents.keep_waiting(recipient, part, to_lines(notifications))
            try:
                self.queues.append(recipient, part)
            except (ConflictError, ThrottledError):
                # A rival put the part in, and it may be delivered by now: then its contents go again.
                if self.queues.is_known(recipient, part) and not self.queues.is_waiting(recipient, part):
                    self.contents.remove_waiting(recipient, part)
                continue
            return
        raise UnavailableError("notices: throttled, or others kept writing the same queue")


def notifications(
    record: AppliedRecord, volgnummer: int, audience: Mapping[str, Hearers]
) -> Iterator[tuple[str, Notification]]:
    """Say an applied record to each who may hear of it, by KBO number.

    Of a succession the new number is told to who registered the old one, and to nobody else; the others hear of the
    number that they registered, or of one that is now the same person.
    """
    if record.new is None:
        told = Notification.model_construct(
            referte=record.referte, type=record.type, insz=record.insz, volgnummer=volgnummer
        )
        for recipient in audience[record.insz].all:
            yield recipient, told
        return
    said = {"referte": record.referte, "type": record.type, "volgnummer": volgnummer}
    old, new = audience[record.insz], audience[record.new]
    for recipient in old.all | new.all:
        if recipient in old.own:
            numbers = {"insz": record.insz, "nieuw": record.new}
        else:
            numbers = {"insz": record.new if recipient in new.all else record.insz}
        yield recipient, SuccessionNotification.model_validate(said | numbers)


def may_hear(recipient: str, told: Notification, audience: Mapping[str, Hearers]) -> bool:
    """Tell whether a recipient may still hear what was to be told; of a new number only who registered one of both."""
    if len(told.numbers) == 1:
        return recipient in audience[told.insz].all
    return any(recipient in audience[number].own for number in told.numbers)


def to_lines(notifications: Sequence[Notification]) -> bytes:
    """Write notifications as JSON lines."""
    return b"".join(each.model_dump_json(exclude_none=True).encode() + b"\n" for each in notifications)


def from_lines(content: bytes, kind: Kind) -> list[Notification]:
    """Read notifications of a kind of file back."""
    form = SuccessionNotification if kind is Kind.SUCCESSIONS else Notification
    return [form.model_validate_json(line) for line in content.splitlines()]
