"""The files that were taken in since a moment: they are kept for 90 days, and taken in again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jbplus.aws.folders import PROCESSED
from jbplus.intake.ledger import FileId
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.mutation_file.report import Status
from jbplus_cli.checks.kept_files import KeptFile, KeptFiles
from jbplus_cli.files.delivery import Deliveries
from jbplus_cli.restoring.restoration import Progress
from jbplus_cli.restoring.tables import EARLIER

_HASH: Final = len(".00000000")


@dataclass(frozen=True, slots=True)
class Since:
    """What came since a moment.

    Attributes:
        volgnummers: of the files that were claimed.
        lost: of those among them that are kept nowhere.
    """

    volgnummers: tuple[int, ...]
    lost: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FilesSince:
    """Finds them, and sends them.

    Attributes:
        files: the files that are kept.
        ledger: the files that were claimed.
        deliveries: hands files in again.
        timeout: seconds to wait for each report.
        progress: shows how far it is.
    """

    files: KeptFiles
    ledger: DynamoLedger
    deliveries: Deliveries
    timeout: float
    progress: Progress

    def since(self, moment: datetime) -> Since:
        """Find what came since a moment, before anything is set back."""
        claimed = [claim.file for claim in self.ledger.claimed() if claim.since >= moment - EARLIER]
        kept = {each.kept.file_id for each in self.files.incoming() if each.kept is not None}
        kept |= {each.file_id for each in self._processed()}
        lost = sorted({file.volgnummer for file in claimed if file not in kept})
        return Since(tuple(sorted({file.volgnummer for file in claimed})), tuple(lost))

    def run(self) -> Sequence[int]:
        """Send what the ledger does not have as done with through the intake, and wait for the reports.

        Returns:
            The volgnummers of those that the intake refused.

        Raises:
            ExchangeError: no report came in time, or the bucket is out of reach.
        """
        files = self._undone({claim.file for claim in self.ledger.claimed() if claim.status is not None})
        refused = []
        with self.progress("Taking in again what came since", len(files)) as advance:
            for kept in files:
                own_name = kept.file.name.removesuffix(kept.file.ending)
                name = own_name[:-_HASH] + kept.file.ending
                sent = self.deliveries.deliver_again(f"{PROCESSED}{kept.file.name}", name, own_name)
                if self.deliveries.wait(sent, self.timeout).status == Status.REFUSED:
                    refused.append(kept.context.volgnummer)
                advance(1)
        return refused

    def _undone(self, done: Collection[FileId]) -> list[KeptFile]:
        """Give the files in the order of their series, so that none lies too far ahead of those before."""
        undone = {kept.file_id: kept for kept in self._processed() if kept.file_id not in done}
        return sorted(undone.values(), key=lambda kept: (kept.context.kind, kept.context.volgnummer))

    def _processed(self) -> list[KeptFile]:
        return [kept for _, kept in self.files.processed() if kept is not None]
