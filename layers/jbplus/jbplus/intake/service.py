"""The intake of a mutation file: read whole, claim, apply, report, announce, put away (Articles 5 to 7).

Every step may be repeated, by a retry, a redelivered event or a rival at the same moment: merging is idempotent,
our own objects have names that follow from the file's content, and a report is written once. So a file whose
intake died anywhere is simply taken in again, from the last progress that was kept.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from jbplus.errors import ConflictError, UnavailableError
from jbplus.intake.applying import Merger, Progress, sort_out
from jbplus.intake.incoming import Bucket, IncomingFile
from jbplus.intake.ledger import Claim, FileId, Ledger, gaps, jumps_too_far
from jbplus.intake.quarantine import to_lines
from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.reader import Inspection, Limits, inspect, read_records
from jbplus.mutation_file.records import Circumstances
from jbplus.mutation_file.report import Counts, Report, ReportedError, Status, own_name, shown_name
from jbplus.notices.applied import PIECE, AppliedStore, fix
from jbplus.persons.merging import PersonStore
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, TimeLeft, attempts, chunks

# A chunk that meets throttling everywhere takes half a minute: so much must be left to begin one.
_TIME_FOR_A_CHUNK = 90.0
_MOST_CLAIMS = 6

_REFUSAL_OF_CLAIM = {
    Claim.REFERTE_IN_USE: Finding(Code.REFERTE_IN_USE, "/context/referte"),
    Claim.VOLGNUMMER_IN_USE: Finding(Code.VOLGNUMMER_IN_USE, "/context/volgnummer"),
}


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """What the deployment decides.

    Attributes:
        retention_years: the retention term.
        test_numbers_allowed: whether INSZ test numbers are taken.
        limits: the largest file that is taken.
        workers: how many batches of persons are written at the same time.
        chunk: how many records are sorted out, merged and fixed together; for one file always as many.
        chunks_between_progress: how much may have to be done again after a crash.
    """

    retention_years: int
    test_numbers_allowed: bool
    limits: Limits = field(default_factory=Limits)
    workers: int = 8
    chunk: int = PIECE
    chunks_between_progress: int = 50


def _no_deadline() -> float:
    return float("inf")


class FileChangedError(Exception):
    """The file holds fewer records than when it was inspected."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes in mutation files."""

    bucket: Bucket
    applied: AppliedStore
    persons: PersonStore
    ledger: Ledger
    pseudonyms: Callable[[], Pseudonyms]
    rules: IntakeRules
    clock: Clock
    sleep: Sleep

    def take_in(self, file: IncomingFile, time_left: TimeLeft = _no_deadline) -> Report | None:
        """Take in one file; every file ends in one report.

        Args:
            file: the file; always the same version of the object.
            time_left: how long this invocation may still run.

        Returns:
            The report; or None when the time ran out: taking the file in again goes on from there.

        Raises:
            UnavailableError: a store is throttled or out of reach; taking the file in again goes on from there.
        """
        kept = self.bucket.read_progress(file)
        progress = self._begin(file) if kept is None else Progress.model_validate_json(kept)
        if isinstance(progress, Report):
            return progress
        progress = self._apply(file, progress, time_left, resumed=kept is not None)
        if not progress.is_complete:
            return None
        return self._finish(file, progress)

    def _begin(self, file: IncomingFile) -> Progress | Report:
        """Read the file whole and claim it; a file that is refused or done already is reported at once."""
        inspection = inspect(
            self.bucket.blocks(file), gzipped=file.gzipped, received=file.received, limits=self.rules.limits
        )
        context = inspection.context
        if context is None or inspection.refusal is not None:
            return self._refuse(file, inspection, inspection.refusal or Finding(Code.CONTEXT_INVALID))
        if jumps_too_far(context.volgnummer, self.ledger.volgnummers()):
            return self._refuse(file, inspection, Finding(Code.VOLGNUMMER_TOO_HIGH, "/context/volgnummer"))
        progress = Progress(sha256=inspection.sha256, context=context, count=inspection.count)
        claim = self._claim(progress.file_id)
        if claim in _REFUSAL_OF_CLAIM:
            return self._refuse(file, inspection, _REFUSAL_OF_CLAIM[claim])
        if claim is Claim.FINISHED:
            return self._repeat(file, inspection)
        return progress

    def _claim(self, file: FileId) -> Claim:
        for _ in attempts(_MOST_CLAIMS, self.sleep):
            try:
                return self.ledger.claim(file)
            except ConflictError:
                continue
        raise UnavailableError("ledger: rivals kept claiming the same numbers")

    def _refuse(self, file: IncomingFile, inspection: Inspection, finding: Finding) -> Report:
        self.bucket.quarantine_file(file, own_name(file.name, inspection.sha256))
        counts = Counts(gelezen=inspection.count, geweigerd=inspection.count)
        report = self._report(file, inspection, Status.REFUSED, counts, (ReportedError.of(finding),))
        self.bucket.remove(file)
        return report

    def _repeat(self, file: IncomingFile, inspection: Inspection) -> Report:
        report = self._report(file, inspection, Status.ALREADY_PROCESSED, Counts(gelezen=inspection.count))
        self.bucket.put_away(file, own_name(file.name, inspection.sha256))
        return report

    def _apply(self, file: IncomingFile, progress: Progress, time_left: TimeLeft, *, resumed: bool) -> Progress:
        """Apply the records that are left, as far as the time goes; an invocation that resumes always gets further."""
        name = own_name(file.name, progress.sha256)
        context = progress.context
        circumstances = Circumstances(context.file_day, self.rules.test_numbers_allowed)
        merger = Merger(self.persons, self.rules.retention_years, self.clock, self.sleep)
        records = islice(read_records(self.bucket.blocks(file), gzipped=file.gzipped), progress.position, None)
        with ThreadPoolExecutor(self.rules.workers) as pool:
            for number, chunk in enumerate(chunks(records, self.rules.chunk), start=1):
                if time_left() < _TIME_FOR_A_CHUNK and not (resumed and number == 1):
                    self.bucket.write_progress(file, progress.to_json())
                    break
                good, rejected = sort_out(chunk, circumstances)
                merged = merger.merge(good, context, self.pseudonyms(), pool)
                rejected = sorted([*rejected, *merged.without_room], key=lambda item: item.error.index or 0)
                if rejected:
                    self.bucket.quarantine_records(f"{name}.{chunk[0].index:08d}", to_lines(context, rejected))
                fixed = fix(self.applied, progress.announced_as, chunk[0].index, merged.applied, merged.superseded)
                progress = progress.after(len(chunk), fixed, rejected)
                if number % self.rules.chunks_between_progress == 0:
                    self.bucket.write_progress(file, progress.to_json())
            else:
                if not progress.is_complete:
                    # Else the same end would be met again and again.
                    raise FileChangedError
        return progress

    def _finish(self, file: IncomingFile, progress: Progress) -> Report:
        status = Status.PARTLY_PROCESSED if progress.counts.geweigerd else Status.PROCESSED
        report = self._report(file, progress, status, progress.counts, progress.errors)
        if progress.counts.toegepast or progress.counts.verouderd:
            self.applied.announce(progress.announced_as)
        # Only after its report and its announcement: a file that is finished is never told of again.
        self.ledger.finish(progress.file_id, status, self.clock())
        self.bucket.put_away(file, own_name(file.name, progress.sha256))
        return report

    def _report(
        self,
        file: IncomingFile,
        read: Inspection | Progress,
        status: Status,
        counts: Counts,
        errors: tuple[ReportedError, ...] = (),
    ) -> Report:
        report = Report(
            status=status,
            bestand=shown_name(file.name, year=file.received.year),
            context=read.context,
            sha256=read.sha256,
            aantallen=counts,
            ontbrekende_volgnummers=gaps(self.ledger.volgnummers()),
            fouten=errors,
            fouten_afgekapt=status is Status.PARTLY_PROCESSED and counts.geweigerd > len(errors),
        )
        self.bucket.publish_report(
            own_name(file.name, read.sha256), report.to_json(), file, replaces_refusal=status is not Status.REFUSED
        )
        return report
