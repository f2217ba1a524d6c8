"""What each recipient must have been told, and what it took from its folder."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from jbplus.notices.notice import AnyNotice, SuccessionNotice
from jbplus.protocol.parties import PAYMENT_ACTORS, Party
from tests.decade.oracle import AnyRecord, Oracle, Record, takes_part


class DivergedError(AssertionError):
    """The product and the oracle do not agree. It names the day and what differs."""


def check(is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as an assertion
    """Make sure that something is so.

    Raises:
        DivergedError: it is not.
    """
    if not is_so:
        raise DivergedError(otherwise)


class Told(NamedTuple):
    """A notification; `new` is said of a succession alone, and only to who registered the old number."""

    volgnummer: int
    referte: str
    type: str
    insz: str
    new: str | None
    is_of_succession: bool = False


@dataclass
class Reader:
    """What one recipient must have been told, and when it last was in step.

    Attributes:
        must: what it must be told.
        queued: what waits while it is suspended.
        numbers: of its last notices, of mutations and of successions.
        in_step: the last midnight at which all had reached it.
    """

    must: Counter[Told] = field(default_factory=Counter)
    queued: Counter[Told] = field(default_factory=Counter)
    numbers: list[int] = field(default_factory=lambda: [0, 0])
    in_step: float = 0

    def lift(self, party: Party, oracle: Oracle, today: date) -> None:
        """Its suspension ends: it is told what it may still hear, of whom it still registers."""
        for told, count in self.queued.items():
            one_of = [told.insz] if told.new is None else [told.insz, told.new]
            is_heard = (
                any(oracle.registers(party.kbo, number, today) for number in one_of)
                if told.new is not None
                else oracle.is_active(party.kbo, told.insz, today)
            )
            if is_heard:
                self.must[told] += count
        self.queued.clear()

    def take(self, notice: AnyNotice, party: Party) -> None:
        """Take a notice that must be."""
        kind = isinstance(notice, SuccessionNotice)
        check(notice.context.volgnummer == self.numbers[kind] + 1, f"{party.key}'s notices are not in their order")
        self.numbers[kind] += 1
        for each in notice.notificaties:
            told = Told(
                each.volgnummer, each.referte, each.type, each.insz, getattr(each, "nieuw", None), is_of_succession=kind
            )
            check(self.must[told] > 0, f"{party.key} was told what it may not know, or twice")
            self.must[told] -= 1
            if not self.must[told]:
                del self.must[told]


def expect(
    readers: dict[str, Reader],
    oracle: Oracle,
    volgnummer: int,
    applied: Sequence[AnyRecord],
    today: date,
    *,
    held: Collection[Party],
) -> None:
    """Say who must be told of a file, once all files of the visit are in; who is held back, later."""
    for party in PAYMENT_ACTORS:
        for record in applied if takes_part(party.ends, today) else ():
            told = _told(oracle, party, volgnummer, record, today)
            if told is not None:
                reader = readers[party.kbo]
                (reader.queued if party in held else reader.must)[told] += 1


def _told(oracle: Oracle, party: Party, volgnummer: int, record: AnyRecord, today: date) -> Told | None:
    """Say what a party must be told of a record.

    Of a succession, who registered the old number hears both; others hear of the side on which they registered.
    """
    old = oracle.is_active(party.kbo, record.insz, today)
    if isinstance(record, Record):
        return Told(volgnummer, record.referte, record.type, record.insz, None) if old else None
    if oracle.registers(party.kbo, record.insz, today):
        return Told(volgnummer, record.referte, record.type, record.insz, record.new, is_of_succession=True)
    if oracle.is_active(party.kbo, record.new, today):
        return Told(volgnummer, record.referte, record.type, record.new, None, is_of_succession=True)
    return Told(volgnummer, record.referte, record.type, record.insz, None, is_of_succession=True) if old else None
