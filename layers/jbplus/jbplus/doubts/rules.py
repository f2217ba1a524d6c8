"""Whose data are in doubt (Article 7): how far each report on a person has come, and who is told of it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jbplus.persons import retention


class ReportStatus(StrEnum):
    """How far a report has come; values as on the wire (`status`)."""

    REPORTED = "gemeld"
    INVESTIGATED = "inOnderzoek"
    CORRECTED = "gecorrigeerd"
    UNFOUNDED = "ongegrond"


@dataclass(frozen=True, slots=True)
class Doubt:
    """How far one report on a person has come.

    Attributes:
        report: the report's id.
        reporter: KBO number of the party that reported.
        status: how far it has come.
        expires_at: when the report must be gone, in epoch seconds.
    """

    report: str
    reporter: str
    status: ReportStatus
    expires_at: int


def is_in_doubt(doubts: Iterable[Doubt], party: str, now: datetime) -> bool:
    """Tell whether a party hears that a person's data are in doubt (`inOnderzoek`, Article 7).

    Who reported does from its report on. Others do only from the source's own word on that it looks into it: before,
    they would learn that another party has a file on the person.

    Args:
        doubts: those of the person.
        party: KBO number of the party that asks.
        now: the present moment.
    """
    return any(
        not retention.is_expired(doubt.expires_at, now)
        and (
            doubt.status is ReportStatus.INVESTIGATED
            or (doubt.status is ReportStatus.REPORTED and doubt.reporter == party)
        )
        for doubt in doubts
    )


def with_doubt(doubts: Iterable[Doubt], new: Doubt, now: datetime) -> tuple[Doubt, ...]:
    """Put a doubt in the place of the one about the same report, and leave out what has expired."""
    kept = (each for each in doubts if each.report != new.report and not retention.is_expired(each.expires_at, now))
    return (*kept, new)


def encode(doubts: Sequence[Doubt]) -> str:
    """Write a person's doubts as compact JSON."""
    stored = [[each.report, each.reporter, each.status.value, each.expires_at] for each in doubts]
    return json.dumps(stored, separators=(",", ":"))


def decode(text: str) -> tuple[Doubt, ...]:
    """Read what `encode` wrote."""
    return tuple(
        Doubt(report, reporter, ReportStatus(status), expires_at)
        for report, reporter, status, expires_at in json.loads(text)
    )
