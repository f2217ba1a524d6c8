"""Each file that was claimed is done with, and each delivery has its report (Articles 5 and 7)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from jbplus.aws.folders import OUTGOING, PROGRESS, REPORTS, SENT
from jbplus.aws.objects import Objects
from jbplus.intake.ledger import Claimed, FileId
from jbplus.intake.standing import Concluded, Progress, Standing
from jbplus.protocol.calendar import Clock
from jbplus.protocol.parties import WEWIS
from jbplus_cli.checks.findings import Difference, Findings, Follow, Kind
from jbplus_cli.checks.kept_files import Incoming, KeptFile, read_report

# A day or two less than the lifecycle of the bucket: objects that belong together do not end at the same midnight.
_REPORTS_KEPT: Final = timedelta(days=363)
_OUTGOING_KEPT: Final = timedelta(days=28)
_LONGEST_WORK: Final = timedelta(hours=6)
_DIGITS: Final = 8
LEDGER: Final = "ledger"


class ClaimReader(Protocol):
    """Where files are claimed."""

    def claimed(self) -> list[Claimed]:
        """List all that was claimed, by referte or by volgnummer."""
        ...


class DeliveryReader(Protocol):
    """Where files are kept, and how far each delivery has come."""

    def processed(self) -> Iterator[tuple[str, KeptFile | None]]:
        """Give the files that were taken in; None for one that cannot be read."""
        ...

    def incoming(self) -> Iterator[Incoming]:
        """Give the files that the intake is not done with."""
        ...

    def standings(self) -> Iterator[tuple[str, datetime, Standing | None]]:
        """Give how far each delivery has come, by name, and since when; None where that cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen at one moment.

    Attributes:
        differences: what differs.
        under_way: what is being done.
        checked: how many files, reports and deliveries were looked at.
    """

    differences: list[Difference]
    under_way: list[str]
    checked: dict[str, int]


@dataclass(frozen=True, slots=True)
class DeliveriesCheck:
    """Compares claims, deliveries and reports.

    It looks twice: what is only under way has come further by then.

    Attributes:
        ledger: the claims.
        files: the files.
        objects: the bucket.
        clock: gives the present moment.
    """

    ledger: ClaimReader
    files: DeliveryReader
    objects: Objects
    clock: Clock

    def run(self, findings: Findings, follow: Follow) -> None:
        """Add the claims that are not done with, and the reports that are not there."""
        with follow.items("Reading the ledger and the reports", 2) as advance:
            first = self._look()
            advance(1)
            # A report that comes and goes between the two listings is seen by the second look.
            again = self._look() if first.differences else first
            advance(1)
        for difference in again.differences:
            if difference in first.differences:
                findings.add(difference)
        findings.under_way += again.under_way
        findings.checked.update(again.checked)

    def _look(self) -> _Seen:
        now = self.clock()
        # Each is listed before what follows from it: so nothing seems missing that only came later.
        deliveries = list(self.files.standings())
        claims = self.ledger.claimed()
        incoming = list(self.files.incoming())
        processed = [kept for _, kept in self.files.processed() if kept is not None]
        reports = dict(self.objects.dated_names(REPORTS))
        out = set(self.objects.names(f"{OUTGOING}{WEWIS.kbo}/"))
        out |= set(self.objects.names(f"{SENT}{WEWIS.kbo}/"))
        at_work = {each.kept.file_id for each in incoming if each.kept is not None}
        # A lost report is named by the delivery that had it, and by its claim only when that is gone too.
        told = _hashes({f"{each.verslag}.json" for _, _, each in deliveries if isinstance(each, Concluded)})
        differences = [
            *_of_claims(claims, at_work, _hashes(reports) | told, now),
            *_of_files(processed, claims),
            *_of_deliveries(deliveries, claims, {each.delivery for each in incoming}, reports, now),
            *self._of_reports(reports, out, now),
        ]
        checked = {"claims": len(claims), "reports": len(reports), "deliveries": len(deliveries)}
        return _Seen(differences, [each.words for each in incoming], checked)

    def _of_reports(self, reports: dict[str, float], out: Collection[str], now: datetime) -> Iterator[Difference]:
        for name, since in reports.items():
            if name not in out and now.timestamp() - since < _OUTGOING_KEPT.total_seconds():
                yield Difference(Kind.REPORT_NOT_OUT, f"{REPORTS}{name}")
            content = self.objects.find(f"{REPORTS}{name}")
            report = None if content is None else read_report(content)
            if content is not None and (report is None or not _named(name, report.sha256)):
                yield Difference(Kind.REPORT_UNREADABLE, f"{REPORTS}{name}")


def _of_claims(
    claims: Sequence[Claimed], at_work: Collection[FileId], reported: Collection[str], now: datetime
) -> Iterator[Difference]:
    for claim in claims:
        number, beginning = claim.file.volgnummer, claim.file.sha256[:_DIGITS]
        if not claim.is_whole:
            yield Difference(Kind.CLAIM_HALF, LEDGER, number)
        elif claim.status is None:
            if claim.file not in at_work or now - claim.since > _LONGEST_WORK:
                yield Difference(Kind.CLAIM_UNFINISHED, LEDGER, number)
        elif now - claim.since < _REPORTS_KEPT and beginning not in reported:
            yield Difference(Kind.REPORT_MISSING, LEDGER, number)


def _of_files(processed: Sequence[KeptFile], claims: Sequence[Claimed]) -> Iterator[Difference]:
    claimed = {claim.file for claim in claims}
    for kept in processed:
        if kept.file_id not in claimed:
            yield Difference(Kind.CLAIM_MISSING, kept.shown, kept.context.volgnummer)


def _of_deliveries(
    deliveries: Sequence[tuple[str, datetime, Standing | None]],
    claims: Sequence[Claimed],
    at_work: Collection[str],
    reports: Collection[str],
    now: datetime,
) -> Iterator[Difference]:
    claimed = {claim.file for claim in claims}
    reported = _hashes(reports)
    for name, since, standing in deliveries:
        if isinstance(standing, Concluded):
            if now - since < _REPORTS_KEPT and f"{standing.verslag}.json" not in reports:
                yield Difference(Kind.REPORT_MISSING, f"{REPORTS}{standing.verslag}.json")
        elif standing is None:
            yield Difference(Kind.DELIVERY_UNREADABLE, f"{PROGRESS}{name}")
        elif name in at_work:
            continue
        elif isinstance(standing, Progress):
            if standing.file_id not in claimed:
                yield Difference(Kind.DELIVERY_LOST, f"{PROGRESS}{name}", standing.context.volgnummer)
        elif standing.sha256[:_DIGITS] not in reported:
            yield Difference(Kind.DELIVERY_LOST, f"{PROGRESS}{name}")


def _hashes(reports: Collection[str]) -> set[str]:
    """Give the beginnings of the hashes in the names of reports."""
    return {part for name in reports for part in name.split(".") if len(part) == _DIGITS}


def _named(name: str, sha256: str) -> bool:
    return sha256[:_DIGITS] in name.split(".")
