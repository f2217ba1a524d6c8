"""How far a delivery has come: kept from the first decision on it until its report goes.

A delivery is one version of one object. What is decided of it first holds, whoever comes to it again: a retry after a
death, the same event once more, or a rival at the same moment.
"""

import json
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from jbplus.intake.applying import Rejected
from jbplus.intake.ledger import FileId
from jbplus.mutation_file.records import Context
from jbplus.mutation_file.report import MAX_ERRORS, Counts, ReportedError
from jbplus.notices.applied import Announcement, AppliedPiece, announced_name
from jbplus.wire import Wire


class _Kept(Wire):
    def to_json(self) -> bytes:
        """Write it down."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


class Refused(_Kept):
    """The file is refused.

    Attributes:
        sha256: of its decompressed bytes.
        context: its envelope, when that is as agreed.
        count: the number of its records, as far as it was read.
        error: why it is refused.
    """

    sha256: str
    context: Context | None = None
    count: int
    error: ReportedError


class Progress(_Kept):
    """The file is good; this is how far the applying of its records has come.

    Attributes:
        sha256: of the file's decompressed bytes.
        context: the file's envelope.
        count: the number of its records.
        position: how many records are done with.
        counts: what became of these.
        errors: what is wrong with the bad ones among these, at most `MAX_ERRORS`.
        announcement: the pieces that were fixed of these; None before the first.
    """

    sha256: str
    context: Context
    count: int
    position: int = 0
    counts: Counts = Counts()
    errors: Annotated[tuple[ReportedError, ...], Field(max_length=MAX_ERRORS)] = ()
    announcement: Announcement | None = None

    @property
    def file_id(self) -> FileId:
        """What makes the file the same file."""
        return FileId(self.context.referte.lower(), self.context.volgnummer, self.sha256)

    @property
    def announced_as(self) -> str:
        """The file's name among the announced ones."""
        return announced_name(self.context.volgnummer, self.sha256, self.context.kind)

    @property
    def is_complete(self) -> bool:
        """Whether every record is done with."""
        return self.position == self.count

    def after(self, read: int, applied: AppliedPiece, rejected: Sequence[Rejected]) -> "Progress":
        """Give the progress after the next records.

        Args:
            read: how many were read.
            applied: what became of the good ones.
            rejected: the bad ones.
        """
        counts = Counts(
            gelezen=self.counts.gelezen + read,
            toegepast=self.counts.toegepast + len(applied.records),
            verouderd=self.counts.verouderd + applied.superseded,
            geweigerd=self.counts.geweigerd + len(rejected),
        )
        errors = (*self.errors, *(item.error for item in rejected[: MAX_ERRORS - len(self.errors)]))
        announcement = Announcement.including(self.announcement, self.position, applied)
        return self.model_copy(
            update={
                "position": self.position + read,
                "counts": counts,
                "errors": errors,
                "announcement": announcement,
            }
        )

    def refused(self, error: ReportedError) -> Refused:
        """Refuse it after all: before anything of it was applied."""
        return Refused(sha256=self.sha256, context=self.context, count=self.count, error=error)


class Concluded(_Kept):
    """The delivery has its report, and all that comes after it; only the file itself may still stand there.

    Attributes:
        verslag: the report's name, without folder and ending.
    """

    verslag: str


Standing = Refused | Progress | Concluded


def read_standing(content: bytes) -> Standing:
    """Read what `to_json` wrote.

    Raises:
        pydantic.ValidationError: it does not fit.
    """
    keys = json.loads(content).keys()
    if "verslag" in keys:
        return Concluded.read(content)
    return Refused.read(content) if "error" in keys else Progress.read(content)
