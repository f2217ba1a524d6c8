"""The report that answers a mutation file (Article 7): what became of it, record by record where it is bad."""

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from jbplus.mutation_file.codes import MESSAGES, Code, Finding
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import Context
from jbplus.protocol.identifiers import holds_number
from jbplus.wire import Unknown, Wire

MAX_ERRORS = 10_000
OTHER_NAME = "bestand"

_USUAL_NAME = re.compile(rf"(({'|'.join(re.escape(kind.prefix) for kind in Kind)})[0-9]{{17}})\.json(\.gz)?", re.ASCII)


class Status(StrEnum):
    """What became of a file; values as on the wire."""

    PROCESSED = "verwerkt"
    PARTLY_PROCESSED = "gedeeltelijkVerwerkt"
    ALREADY_PROCESSED = "reedsVerwerkt"
    REFUSED = "geweigerd"


class Counts(Wire):
    """How many records were read, applied, superseded (`verouderd`) and refused."""

    gelezen: int = 0
    toegepast: int = 0
    verouderd: int = 0
    geweigerd: int = 0


class Gap(Wire):
    """Sequence numbers that are missing, both ends included."""

    van: int
    tot: int

    @property
    def words(self) -> str:
        """The gap as people write it."""
        return str(self.van) if self.van == self.tot else f"{self.van} to {self.tot}"


class ReportedError(Wire):
    """What is wrong with a record, or with the file when it has no index. It never holds an INSZ or a value."""

    index: int | None = None
    referte: str | None = None
    code: Annotated[Code | Unknown[str], Field(union_mode="left_to_right")]
    pad: str
    melding: str

    @classmethod
    def of(cls, finding: Finding, *, index: int | None = None, referte: str | None = None) -> "ReportedError":
        """Say a finding in the words of the report."""
        return cls(index=index, referte=referte, code=finding.code, pad=finding.path, melding=MESSAGES[finding.code])


class Report(Wire):
    """The answer to one mutation file."""

    status: Annotated[Status | Unknown[str], Field(union_mode="left_to_right")]
    bestand: str
    context: Annotated[Context | Unknown[dict[str, Any]] | None, Field(union_mode="left_to_right")] = None
    sha256: str
    aantallen: Counts
    ontbrekende_volgnummers: tuple[Gap, ...] = ()
    fouten: tuple[ReportedError, ...] = ()
    fouten_afgekapt: bool = False

    @property
    def is_processed(self) -> bool:
        """Whether every record of the file is now in the state, by this delivery or an earlier one."""
        return self.status in {Status.PROCESSED, Status.ALREADY_PROCESSED}

    @property
    def volgnummer(self) -> int | None:
        """The file's number; None when its envelope could not be read."""
        match self.context:
            case Context(volgnummer=number) | {"volgnummer": int(number)}:
                return number
            case _:
                return None

    def to_json(self) -> bytes:
        """Write the report as on the wire: what is not known is left out, never null."""
        return self.model_dump_json(by_alias=True, exclude_none=True, indent=2).encode()


def usual_stem(name: str) -> str | None:
    """Give the stem of a file's usual name, or None when it has another name."""
    match = _USUAL_NAME.fullmatch(name)
    return match.group(1) if match else None


def shown_name(name: str, *, year: int) -> str:
    """Give a file's name as it may be shown: as it came, unless a person's number hides in it."""
    return OTHER_NAME if usual_stem(name) is None and holds_number(name, year=year) else name


def own_name(name: str, sha256: str) -> str:
    """Name our own objects about a file: from its usual name and its content, never from a record."""
    return f"{usual_stem(name) or OTHER_NAME}.{sha256[:8]}"
