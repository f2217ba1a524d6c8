"""The privacy log's table against what was sealed of it (Article 6)."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from jbplus.checkpoints.verify import Sealed, check_chain, digests, read_checkpoints
from jbplus.protocol.calendar import Clock
from jbplus_cli.checkpoints.comparing import Compared
from jbplus_cli.checkpoints.stack import SealedLog
from jbplus_cli.checks.findings import Difference, Findings, Follow, Kind


@dataclass(frozen=True, slots=True)
class LogCheck:
    """Compares table, segments and checkpoints; what other witnesses hold is for `jbplus checkpoints verify`.

    Attributes:
        log: the sealed log, and its table.
        clock: gives the present moment.
    """

    log: SealedLog
    clock: Clock

    def run(self, findings: Findings, follow: Follow) -> None:
        """Add what is not as it was sealed."""
        with TemporaryDirectory() as folder:
            points, segments = self.log.fetch(Path(folder), follow.items)
            chain, found = read_checkpoints(points)
            found += check_chain(chain, frozenset())
            sealed, compared = Sealed(), Compared()
            found += sealed.check(digests(segments), chain)
            if sealed.end:
                with follow.items("Reading the privacy log", None):
                    found += compared.table(self.log.items(), sealed, segments, self.clock())
                findings.checked["log records as sealed"] += compared.records
            else:
                findings.under_way.append("nothing of the privacy log is sealed yet")
        for each in found:
            findings.add(Difference(Kind.LOG_DIFFERS, f"privacy log, {each.where}", item=each.what))
