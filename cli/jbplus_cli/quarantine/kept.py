"""What is kept in quarantine, by name and by record, and how much of it may be shown."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from jbplus.aws.folders import QUARANTINE
from jbplus.intake.wire import BadRecord
from jbplus.mutation_file.records import valid_referte
from jbplus.mutation_file.report import OTHER_NAME, Report, Status, usual_stem

# Only what we named ourselves: `own_name`, then the ending of a whole file, or the first record of a part.
_OURS: Final = re.compile(
    r"(?P<own>(?P<stem>[^/]+)\.[0-9a-f]{8})((?P<file>\.json(\.gz)?)|(?P<part>\.[0-9]{8,})\.ndjson)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A file that was refused as a whole.

    Attributes:
        name: its key without the folder.
        own_name: the name that we give the file, and its report.
        file_name: the name under which it is handed in again.
        since: when it came.
    """

    name: str
    own_name: str
    file_name: str
    since: datetime

    @property
    def key(self) -> str:
        """Its key in the bucket."""
        return QUARANTINE + self.name


@dataclass(frozen=True, slots=True)
class Part:
    """Some records of a file that was taken in without them.

    Attributes:
        name: its key without the folder.
        own_name: the name that we give its file, and its report.
        release_name: how the release function calls it.
        since: when it came.
    """

    name: str
    own_name: str
    release_name: str
    since: datetime

    @property
    def key(self) -> str:
        """Its key in the bucket."""
        return QUARANTINE + self.name


Kept = WholeFile | Part


def kept(name: str, since: datetime) -> Kept | None:
    """Read a name in quarantine, or None when it is none of ours.

    Args:
        name: the key without the folder.
        since: when it came.
    """
    match = _OURS.fullmatch(name)
    if match is None or (match["stem"] != OTHER_NAME and usual_stem(f"{match['stem']}.json") is None):
        return None
    if match["part"]:
        return Part(name, match["own"], match["own"] + match["part"], since)
    return WholeFile(name, match["own"], match["stem"] + match["file"], since)


def shown(line: BadRecord, year: int) -> dict[str, JsonValue]:
    """Give what anyone may see of a bad record: no person's number, no amount.

    Args:
        line: the record.
        year: the year of its file.
    """
    referte = valid_referte(line.record, year)
    said: dict[str, JsonValue] = {"index": line.index, "code": line.code, "pad": line.pad}
    return said if referte is None else said | {"referte": referte}


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of something in quarantine without showing a record.

    Attributes:
        kept: what it is about.
        records: how many records; None when that is not known.
        codes: what is wrong with them, each code once.
        file: what its sender called the file, as its report tells; None when the report is gone.
        taken_in: the status under which a file that was refused first was taken in since, or None.
    """

    kept: Kept
    records: int | None
    codes: tuple[str, ...]
    file: str | None = None
    taken_in: str | None = None

    def wire(self) -> dict[str, JsonValue]:
        """Give the summary ready for JSON."""
        said: dict[str, JsonValue] = {
            "name": self.kept.name,
            "kind": kind(self.kept),
            "since": self.kept.since.isoformat(),
            "records": self.records,
            "codes": list(self.codes),
        }
        more: dict[str, JsonValue] = {"file": self.file, "takenIn": self.taken_in}
        return said | {name: value for name, value in more.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in quarantine.

    Attributes:
        newest: what came last, the newest first.
        files: how many whole files there are.
        parts: how many parts with records.
    """

    newest: tuple[Kept, ...]
    files: int
    parts: int

    @property
    def count(self) -> int:
        """How many of both."""
        return self.files + self.parts


@dataclass(frozen=True, slots=True)
class Discarded:
    """What was taken out of quarantine for good, and is kept as evidence as long as what is in quarantine.

    Attributes:
        name: its name in quarantine.
        moment: when it was discarded.
        came: when it had come into quarantine.
        reason: why, in the operator's words; empty where it is not told.
    """

    name: str
    moment: datetime
    came: str
    reason: str

    def wire(self) -> dict[str, JsonValue]:
        """Give it ready for JSON."""
        return {"name": self.name, "discarded": self.moment.isoformat(), "since": self.came, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class FileReleased:
    """What became of a whole file that was handed in again.

    Attributes:
        report: its report.
    """

    report: Report

    @property
    def taken_in(self) -> bool:
        """Whether the file was taken in, wholly or in part, now or before."""
        return self.report.status != Status.REFUSED

    @property
    def is_complete(self) -> bool:
        """Whether nothing was refused."""
        return self.report.is_processed

    def wire(self) -> dict[str, JsonValue]:
        """Give the outcome ready for JSON."""
        return {"takenIn": self.taken_in, "report": self.report.wire()}


def kind(item: Kept) -> str:
    """Say what something in quarantine is."""
    return "file" if isinstance(item, WholeFile) else "part"
