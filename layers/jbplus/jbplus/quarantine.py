"""Quarantined records: how they are kept, and how they are handed in again (Article 7)."""

import json
import re
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from jbplus.applying import Merger, Rejected, sort_out
from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.document import RawRecord
from jbplus.mutation_file.records import Circumstances, Context
from jbplus.notices.applied import Announcement, AppliedStore, announced_name, fix
from jbplus.pseudonym import Pseudonyms
from jbplus.retry import TimeLeft, no_deadline


def to_lines(context: Context, rejected: Sequence[Rejected]) -> bytes:
    """Write rejected records as JSON lines: the file's context first, then each record with its finding."""
    lines: list[dict[str, Any]] = [{"context": context.model_dump(mode="json", by_alias=True)}]
    lines += [
        {"index": item.error.index, "code": item.error.code, "pad": item.error.pad, "record": item.value}
        for item in rejected
    ]
    return "".join(f"{_dump(line)}\n" for line in lines).encode()


def from_lines(content: bytes) -> tuple[Context, list[RawRecord]]:
    """Read rejected records back, each with the index that it had in its file."""
    first, *rest = (json.loads(line, parse_float=Decimal) for line in content.splitlines())
    # The envelope was validated when the file came in; in JSON its moment is a text again.
    return Context.model_validate(first["context"]), [_raw(line) for line in rest]


def _raw(line: dict[str, Any]) -> RawRecord:
    code = Code(line["code"])
    # What was wrong with its form does not show in the value that was kept: it stays refused.
    flaw = Finding(code, line["pad"]) if code in {Code.FIELD_REPEATED, Code.RECORD_TOO_LARGE} else None
    return RawRecord(line["index"], line["record"], flaw)


def _dump(line: dict[str, Any]) -> str:
    """Write a line with its decimal numbers as they were: a float would change them, a text would be another value."""
    mark = uuid.uuid4().hex

    def marked(value: object) -> str:
        if isinstance(value, Decimal):
            # Without a fraction it was written with an exponent, and stays so: without one it would be an integer.
            return mark + (str(value) if int(value.as_tuple().exponent) < 0 else f"{value:E}")
        raise TypeError(type(value).__name__)

    return re.sub(f'"{mark}([^"]*)"', r"\1", json.dumps(line, default=marked))


class QuarantineStore(Protocol):
    """Where quarantined records are kept, by name."""

    def read_quarantined(self, name: str) -> bytes:
        """Read rejected records.

        Raises:
            ObjectMissingError: there are none of this name.
        """
        ...

    def quarantine_records(self, name: str, content: bytes) -> None:
        """Put rejected records back."""
        ...

    def remove_quarantined(self, name: str) -> None:
        """Remove rejected records: they are taken in now."""
        ...


class ReleaseOrder(BaseModel):
    """Asks for one part of the quarantine to be handed in again.

    Attributes:
        name: the part's name, without folder and ending.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,128}$")]


class Released(BaseModel):
    """What became of quarantined records that were handed in again."""

    model_config = ConfigDict(frozen=True)

    toegepast: int
    verouderd: int
    geweigerd: int


@dataclass(frozen=True, slots=True)
class Release:
    """Hands quarantined records in again, after a mistake of ours was mended.

    They keep their original rank, so that whatever came later still wins, and their file stays claimed.
    """

    store: QuarantineStore
    applied: AppliedStore
    merger: Merger
    pseudonyms: Callable[[], Pseudonyms]
    test_numbers_allowed: bool

    def release(self, name: str, time_left: TimeLeft = no_deadline) -> Released:
        """Hand in the records of one part of the quarantine; those that are still bad stay.

        Args:
            name: the part's name, without folder and ending.
            time_left: gives the number of seconds in which another try may begin.

        Raises:
            ObjectMissingError: there is no such part.
            UnavailableError: a store is out of reach; releasing again is harmless.
        """
        context, records = from_lines(self.store.read_quarantined(name))
        good, rejected = sort_out(records, Circumstances(context.file_day, self.test_numbers_allowed))
        with ThreadPoolExecutor(1) as pool:
            merged = self.merger.merge(good, context, self.pseudonyms(), pool, time_left)
        rejected += merged.without_room
        # Named by the records that are handed in: trying again tells the same, what is released later is told then.
        released = announced_name(context.volgnummer, f"{name} {[item.index for item in good]}")
        fixed = fix(self.applied, released, 0, merged.applied, merged.superseded)
        if (announcement := Announcement.including(None, 0, fixed)) is not None:
            self.applied.announce(released, announcement)
        if rejected:
            self.store.quarantine_records(name, to_lines(context, rejected))
        else:
            self.store.remove_quarantined(name)
        return Released(
            toegepast=len(fixed.records),
            verouderd=fixed.superseded,
            geweigerd=len(rejected),
        )
