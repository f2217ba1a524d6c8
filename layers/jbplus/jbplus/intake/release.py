"""Handing quarantined records in again (Article 7)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from jbplus.errors import UnavailableError
from jbplus.intake.applying import Applier, Merger, sort_out
from jbplus.intake.linking import Linker
from jbplus.intake.quarantine import from_lines, to_lines
from jbplus.intake.wire import Released
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import Circumstances
from jbplus.notices.applied import Announcement, AppliedStore, announced_name, fix
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.retry import TimeLeft, no_deadline


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


@dataclass(frozen=True, slots=True)
class Release:
    """Hands quarantined records in again, after a mistake of ours was mended.

    They keep their original rank, so that whatever came later still wins, and their file stays claimed.

    Attributes:
        store: where they are kept.
        applied: where applied records are fixed, to be told.
        merger: applies mutations.
        pseudonyms: gives what makes the persons' keys.
        test_numbers_allowed: whether INSZ test numbers are taken.
        linker: applies successions; None where they are not allowed.
    """

    store: QuarantineStore
    applied: AppliedStore
    merger: Merger
    pseudonyms: Callable[[], Pseudonyms]
    test_numbers_allowed: bool
    linker: Linker | None = None

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
        kind = context.kind
        applier: Applier | None = self.merger if kind is Kind.MUTATIONS else self.linker
        if applier is None:
            raise UnavailableError("successions are not allowed")
        good, rejected = sort_out(records, Circumstances(context.file_day, self.test_numbers_allowed), kind)
        with ThreadPoolExecutor(1) as pool:
            merged = applier.merge(good, context, self.pseudonyms(), pool, time_left)
        without_room = {item.error.index for item in merged.without_room}
        rejected = sorted([*rejected, *merged.without_room], key=lambda item: item.error.index or 0)
        # Named by the records that are taken in: trying again tells the same, what is released later is told then.
        taken_in = [item.place for item in good if item.place not in without_room]
        released = announced_name(context.volgnummer, f"{name} {taken_in}", kind)
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
