"""A month with a bit of everything, for tests and for looking at the page."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from jbplus.mutation_file.report import Counts, Gap, Report, Status
from jbplus.protocol.parties import PAYMENT_ACTORS
from jbplus.protocol.purposes import MATRIX, Purpose
from jbplus.statistics.wire import StatisticsAnswer
from jbplus_cli.files.reports import Written
from jbplus_cli.overview.figures import (
    Figures,
    OpenReport,
    PartyLookups,
    PartyNotices,
    PartySuspension,
    QualityReportsOfMonth,
    Unread,
    told,
)
from jbplus_cli.overview.files import FilesOfDays
from jbplus_cli.overview.month import Month

MARCH = Month.read("2026-03")
NOW = datetime(2026, 3, 27, 15, 0, tzinfo=UTC)


def report(came: datetime, number: int | None, status: Status = Status.PROCESSED, **more: object) -> Written:
    """Make a report of a file that came at a moment."""
    context = None if number is None else {"volgnummer": number}
    counts = Counts(gelezen=230, toegepast=220, geweigerd=10 if status is Status.PARTLY_PROCESSED else 0)
    said = {"aantallen": counts, **more}
    written = Report.read(
        Report(status=status, bestand="a.json", sha256=uuid.uuid4().hex * 2, **said)
        .model_copy(update={"context": context})
        .to_json()
    )
    return Written(1, written, came, came + timedelta(minutes=1))


def march() -> Iterator[Written]:
    """Give the reports of a month: one file late, one missing, one in part, one refused, one sent again."""
    number = 40
    for day in range(1, 27):
        came = datetime(2026, 3, day, 17, 30, tzinfo=UTC)
        number += 1
        match day:
            case 8:
                number -= 1
                continue
            case 9:
                yield report(came + timedelta(hours=3), number)
            case 12:
                yield report(came, number, Status.PARTLY_PROCESSED)
            case 16:
                number += 2
                yield report(came, number, ontbrekende_volgnummers=(Gap(van=number - 2, tot=number - 1),))
            case 19:
                number -= 1
                yield report(came, None, Status.REFUSED)
            case 22:
                yield report(came, number)
                yield report(came + timedelta(hours=1), number, Status.ALREADY_PROCESSED)
            case _:
                yield report(came, number)


def published() -> StatisticsAnswer:
    """Give statistics of two fiscal years, some cells withheld."""
    return StatisticsAnswer.model_validate({"items": [_year(2024, 310), _year(2025, 120)]})


def _year(year: int, first: int) -> dict[str, object]:
    months = [f"{year + 1}-{number:02}" for number in range(1, 13) if year < 2025 or number < 3]
    cells = [_cells(first + 35 * place) for place in range(len(months))]
    total = {
        "cijfers": {"personen": 4480, "betalingen": 4500, "betaald": "2700000.00"},
        "weggelatenCellen": 1,
        "cellenZonderTerugvorderingen": 3,
    }
    return {
        "fiscaalJaar": year,
        "maanden": [
            {"maand": month, "gepubliceerdOp": "2026-03-10", "bedragtypes": cell, "totaal": total}
            for month, cell in zip(months, cells, strict=True)
        ],
        "cumulatief": {"bedragtypes": [{"bedragtype": number, **total} for number in ("1", "2")], "totaal": total},
    }


def _cells(count: int) -> list[dict[str, object]]:
    paid = {"personen": count, "betalingen": count, "betaald": f"{count * 600}.00"}
    second = {"personen": count // 2, "betalingen": count // 2, "betaald": f"{count * 300}.00"}
    recovered = {"terugvorderingen": 5, "netto": f"{count * 300 - 3000}.00"}
    return [
        {"bedragtype": "1", "cijfers": paid},
        {"bedragtype": "2", "cijfers": second | recovered} if count % 10 else {"bedragtype": "2"},
    ]


def figures(**more: object) -> Figures:
    """Give the figures of that month."""
    days = FilesOfDays(report(datetime(2026, 2, 28, 17, 30, tzinfo=UTC), 40))
    for written in march():
        days.add(written)
    names = {party.kbo: party.name for party in (*PAYMENT_ACTORS,)} | {"0886886638": "Opgroeien regie"}
    rows = [(names[kbo], purpose) for kbo in names for purpose, rule in MATRIX.items() if kbo in rule.parties]
    read: dict[str, object] = {
        "stack": "jbplus",
        "month": str(MARCH),
        "at": NOW,
        "files": days.of(MARCH, [Gap(van=54, tot=55)], NOW),
        "notices": tuple(
            PartyNotices(party=party.name, notices=24 - place, notifications=told(4120 // (place + 1)))
            for place, party in enumerate(PAYMENT_ACTORS)
        ),
        "lookups": tuple(
            PartyLookups(
                party=name,
                purpose=purpose.value,
                answered=told(3 if purpose in {Purpose.AUDIT, Purpose.COMPLAINTS} else 5230 // (place + 1)),
                refused=told(place * 4),
            )
            for place, (name, purpose) in enumerate(rows)
        ),
        "suspensions": (
            PartySuspension(
                party="My Family",
                streams=("mutaties", "consultatie"),
                purposes=("socialeToeslag",),
                reason="Toegang gedeeld met een derde <zonder protocol>",
                begin=datetime(2026, 3, 5, 9, tzinfo=UTC),
                lifted=datetime(2026, 3, 9, 9, tzinfo=UTC),
            ),
            PartySuspension(
                party="VUTG",
                streams=("consultatie",),
                purposes=(),
                reason="Onderzoek loopt",
                begin=datetime(2026, 3, 20, 9, tzinfo=UTC),
                lifted=None,
            ),
        ),
        "quality": QualityReportsOfMonth(
            open=(
                OpenReport(
                    party="Infino Vlaanderen",
                    flaw="onnauwkeurig",
                    status="inOnderzoek",
                    since=datetime(2026, 2, 2, 9, tzinfo=UTC),
                    age_days=53,
                ),
                OpenReport(
                    party="Parentia Vlaanderen",
                    flaw="ontbrekend",
                    status="gemeld",
                    since=datetime(2026, 3, 24, 9, tzinfo=UTC),
                    age_days=3,
                ),
            ),
            made=4,
        ),
        "statistics": published(),
        "unread": (Unread(part="notices", why="Too many lines: counted until 2026-03-26."),),
    }
    return Figures.model_validate(read | more)
