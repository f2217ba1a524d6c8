"""The report of a file, as operators read it (Article 7).

The names of the wire are the aliases. Unknown fields are kept, so that a newer stack's report can be shown
with an older command, and its JSON comes out as it came in.
"""

from typing import Annotated, Any

from pydantic import Field

from jbplus.mutation_file.report import Status
from jbplus_recipient.answers import Answer


class Counts(Answer):
    """The records of a file, counted."""

    read: Annotated[int, Field(alias="gelezen")]
    applied: Annotated[int, Field(alias="toegepast")]
    superseded: Annotated[int, Field(alias="verouderd")]
    refused: Annotated[int, Field(alias="geweigerd")]


class Gap(Answer):
    """Numbers of files that are missing, both ends included."""

    first: Annotated[int, Field(alias="van")]
    last: Annotated[int, Field(alias="tot")]

    @property
    def words(self) -> str:
        """The gap as people write it."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


class ReportedError(Answer):
    """One bad record, or what is wrong with the file as a whole (then without index)."""

    index: int | None = None
    referte: str | None = None
    code: str
    path: Annotated[str | None, Field(alias="pad")] = None
    message: Annotated[str | None, Field(alias="melding")] = None


class Report(Answer):
    """The report that answers a mutation file (Article 7).

    Attributes:
        file: the delivered file's name.
        context: the file's envelope, None when it could not be read.
        sha256: of the decompressed bytes.
        errors_cut: whether there were more errors than are listed.
    """

    status: str
    file: Annotated[str | None, Field(alias="bestand")] = None
    context: dict[str, Any] | None = None
    sha256: str
    counts: Annotated[Counts | None, Field(alias="aantallen")] = None
    gaps: Annotated[tuple[Gap, ...], Field(alias="ontbrekendeVolgnummers")] = ()
    errors: Annotated[tuple[ReportedError, ...], Field(alias="fouten")] = ()
    errors_cut: Annotated[bool, Field(alias="foutenAfgekapt")] = False

    @property
    def is_processed(self) -> bool:
        """Whether every record of the file is now in the state, by this delivery or an earlier one."""
        return self.status in {Status.PROCESSED, Status.ALREADY_PROCESSED}

    @property
    def volgnummer(self) -> int | None:
        """The file's number, None when its envelope could not be read."""
        number = None if self.context is None else self.context.get("volgnummer")
        return number if isinstance(number, int) else None
