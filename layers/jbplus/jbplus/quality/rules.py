"""A report on the quality of the data (Article 7): what it is, and what the source is told of it."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from jbplus.doubts.rules import Doubt, ReportStatus
from jbplus.persons.pseudonym import Name
from jbplus.protocol.access import FindParty
from jbplus.protocol.calendar import anniversary, brussels_day, end_of_day
from jbplus.protocol.caller import Asker
from jbplus.protocol.parties import OPGROEIEN, PAYMENT_ACTORS, party_of

KEPT_YEARS = 5

_NAMESPACE = uuid.UUID("0d2cbd0f-5a0c-5e5b-8d6c-7a1f7f6c3b54")


class Flaw(StrEnum):
    """What is wrong with the data; values as on the wire (`aard`)."""

    WRONG = "foutief"
    INACCURATE = "onnauwkeurig"
    INCOMPLETE = "onvolledig"
    MISSING = "ontbrekend"
    OUTDATED = "verouderd"
    SUPERFLUOUS = "overtollig"


@dataclass(frozen=True, slots=True)
class Told:
    """What a recipient tells.

    Attributes:
        number: the INSZ of the person whose data they are.
        flaw: what is wrong.
        referte: which payment or recovery, when it is one; it may be unknown here.
        note: what else there is to say; never a person's number.
    """

    number: str
    flaw: Flaw
    referte: str | None = None
    note: str | None = None

    def id_for(self, reporter: str, subject: str, day: date) -> str:
        """Name the report: told again on the same day it is the same report, so that a retry makes no second one.

        Args:
            reporter: KBO number of the party that reports.
            subject: the pseudonym by which the reporter alone knows the person: the id is shown to it.
            day: the calendar day in Brussels.
        """
        content = [reporter, subject, self.flaw.value, self.referte, self.note, day.isoformat()]
        return str(uuid.uuid5(_NAMESPACE, json.dumps(content)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the source answers.

    Attributes:
        status: what it makes of the report.
        text: in words; never a person's number.
        moment: when.
    """

    status: ReportStatus
    text: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is kept: whose data it is about, it says by pseudonym; only the source is told the number.

    Attributes:
        id: its name, a UUID.
        reporter: KBO number of the party that reports.
        moment: when.
        flaw: what is wrong.
        referte: which payment or recovery, when it is one.
        note: what else there is to say.
        answer: the source's latest answer.
        subject: the oldest name of the person whose data they are; None of reports of before it was kept.
    """

    id: str
    reporter: str
    moment: datetime
    flaw: Flaw
    referte: str | None = None
    note: str | None = None
    answer: Answer | None = None
    subject: Name | None = None

    @property
    def status(self) -> ReportStatus:
        """How far it has come."""
        return ReportStatus.REPORTED if self.answer is None else self.answer.status

    @property
    def entry(self) -> str:
        """Its place in time: sorts as the reports came in."""
        return f"{self.moment.astimezone(UTC).isoformat(timespec='microseconds')}#{self.id}"

    @property
    def expires_at(self) -> int:
        """When it must be gone, in epoch seconds: five years after its day in Brussels."""
        return end_of_day(anniversary(brussels_day(self.moment), KEPT_YEARS))

    @property
    def doubt(self) -> Doubt:
        """The doubt that it casts on the person's data."""
        return Doubt(self.id, self.reporter, self.status, self.expires_at)

    def message(self, number: str) -> bytes:
        """Write what the source is told, with whom it is about: the one copy that has the INSZ, encrypted at rest."""
        content = {
            "id": self.id,
            "insz": number,
            "aard": self.flaw.value,
            "referte": self.referte,
            "toelichting": self.note,
            "melder": self.reporter,
            "moment": self.moment.astimezone(UTC).isoformat(),
        }
        return json.dumps({name: value for name, value in content.items() if value is not None}).encode()


def report_registrars(asker: Asker, today: date, find_party: FindParty = party_of) -> tuple[str, ...]:
    """List the parties, by KBO number, whose registration of a person allows a report (Article 7).

    A payment actor reports on its own persons; Opgroeien regie on those of any payment actor that takes part.
    """
    wanted = (party.kbo for party in PAYMENT_ACTORS) if asker.kbo == OPGROEIEN.kbo else (asker.kbo,)
    return tuple(kbo for kbo in wanted if (party := find_party(kbo)) is not None and party.takes_part(today))
