"""Reads the figures of a month; what cannot be read is said, and the rest is told all the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final, TypeVar

from jbplus.doubts.rules import ReportStatus
from jbplus.errors import UnavailableError
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import OPGROEIEN, RECIPIENTS, party_of
from jbplus.suspensions.table import DynamoSuspensions
from jbplus_cli.files.reports import Reports
from jbplus_cli.overview.counting import LogsOfMonth
from jbplus_cli.overview.figures import (
    Figures,
    FilesOfMonth,
    OpenReport,
    PartySuspension,
    QualityReportsOfMonth,
    Unread,
)
from jbplus_cli.overview.files import FilesOfDays, is_good
from jbplus_cli.overview.month import Month
from jbplus_cli.quality.commands import reports
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_cli.statistics.commands import published
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.exchange import Exchange

MOST_REPORTS: Final = 1_000
_Part = TypeVar("_Part")


@dataclass(slots=True)
class Reader:
    """Reads the figures of a month of one stack.

    Attributes:
        world: what is outside the command.
        target: the stack.
        exchange: its API.
        month: the month.
        now: the present moment.
        unread: what could not be read.
    """

    world: Surroundings
    target: Target
    exchange: Exchange
    month: Month
    now: datetime
    unread: list[Unread] = field(default_factory=list)

    def read(self) -> Figures:
        """Read all parts.

        Raises:
            ExchangeError: the stack itself cannot be read.
        """
        logs = LogsOfMonth(self.world.aws(self.target).logs(), self.target, self.month, self.now, unread=self.unread)
        return Figures(
            stack=self.target.name,
            month=str(self.month),
            at=self.now,
            files=self._part("files", self._files),
            notices=self._part("notices", logs.notices),
            lookups=self._part("lookups", logs.lookups),
            suspensions=self._part("suspensions", self._suspensions),
            quality=self._part("quality", self._quality),
            statistics=self._part("statistics", lambda: published(self.exchange)),
            unread=tuple(self.unread),
        )

    def _part(self, name: str, read: Callable[[], _Part]) -> _Part | None:
        try:
            return read()
        except ExchangeError as error:
            why = str(error)
        except UnavailableError as error:
            why = f"Out of reach: {error}. {self.target.advice_when_unreachable}"
        self.unread.append(Unread(part=name, why=why))
        return None

    def _files(self) -> FilesOfMonth:
        aws, resources = self.world.aws(self.target), self.world.resources(self.target)
        found = Reports(aws.s3(), self.target.bucket, self.target.advice_when_unreachable)
        days = FilesOfDays(next(filter(is_good, found.before(self.month.begin)), None))
        for written in found.between(self.month.begin, self.month.end):
            days.add(written)
        missing = DynamoLedger(aws.dynamodb(), resources.ledger_table).series().gaps
        return days.of(self.month, missing, self.now)

    def _suspensions(self) -> tuple[PartySuspension, ...]:
        resources = self.world.resources(self.target)
        table = DynamoSuspensions(self.world.aws(self.target).dynamodb(), resources.suspensions_table, self.world.sleep)
        stored = table.read([party.kbo for party in RECIPIENTS])
        worked = (
            each
            for party in stored.values()
            for each in party.suspensions
            if each.begin < self.month.end and (each.lifted is None or each.lifted >= self.month.begin)
        )
        return tuple(
            PartySuspension(
                party=_name(each.party),
                streams=tuple(each.streams),
                purposes=tuple(each.purposes),
                reason=each.reason,
                begin=each.begin,
                lifted=each.lifted,
            )
            for each in sorted(worked, key=lambda each: (each.begin, each.id))
        )

    def _quality(self) -> QualityReportsOfMonth:
        # Opgroeien regie sees the reports of all parties, as it sees the statistics: one token is enough.
        found = list(islice(reports(self.exchange, OPGROEIEN), MOST_REPORTS + 1))
        if len(found) > MOST_REPORTS:
            found.pop()
            why = f"Only the newest {MOST_REPORTS} reports were looked at, from {brussels_day(found[-1].moment)} on."
            self.unread.append(Unread(part="quality", why=why))
        return QualityReportsOfMonth(
            open=tuple(
                OpenReport(
                    party=_name(item.melder),
                    flaw=item.aard,
                    status=item.status,
                    since=item.moment,
                    age_days=(self.now - item.moment).days,
                )
                for item in reversed(found)
                if item.status in {ReportStatus.REPORTED, ReportStatus.INVESTIGATED}
            ),
            made=sum(self.month.begin <= item.moment < self.month.end for item in found),
        )


def _name(kbo: str) -> str:
    party = party_of(kbo)
    return kbo if party is None else party.name
