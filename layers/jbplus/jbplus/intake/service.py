"""The intake of a file of WEWIS: read whole, claim, apply, report, announce, put away (Articles 5 to 7).

Every step may be repeated, by a retry, a redelivered event or a rival at the same moment: merging is idempotent,
our own objects have names that follow from the file's content, and a delivery has one report. So a file whose
intake died anywhere is simply taken in again, from the last progress that was kept.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from jbplus.errors import UnavailableError
from jbplus.intake.applying import Applier, Merger, sort_out
from jbplus.intake.incoming import Bucket, IncomingFile, Published
from jbplus.intake.ledger import Claim, Ledger
from jbplus.intake.linking import Linker
from jbplus.intake.quarantine import to_lines
from jbplus.intake.standing import Concluded, Progress, Refused, read_standing
from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.document import RawRecord
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.reader import Limits, inspect, read_records
from jbplus.mutation_file.records import Circumstances, Context
from jbplus.mutation_file.report import Counts, Gap, Report, ReportedError, Status, own_name, shown_name
from jbplus.notices.applied import PIECE, AppliedStore, fix
from jbplus.persons.merging import PersonStore
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, TimeLeft, chunks, no_deadline, patiently

# Where every call is throttled, a batch of persons takes half a minute before it is given up, and each of the workers
# may meet two batches of a chunk: so much must be left to begin one. A chunk that an invocation resumes with begins
# whatever is left; its last tries end while there is time for one more call of every client, and to tell.
_TIME_FOR_A_CHUNK = 90.0
_TIME_TO_TELL = 30.0
# Of the ledger: files that come all at once, as after an outage, claim one after another, in some seconds.
_MOST_TRIES = 12

_T = TypeVar("_T")

_REFUSAL_OF_CLAIM = {
    Claim.REFERTE_IN_USE: ReportedError.of(Finding(Code.REFERTE_IN_USE, "/context/referte")),
    Claim.VOLGNUMMER_IN_USE: ReportedError.of(Finding(Code.VOLGNUMMER_IN_USE, "/context/volgnummer")),
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


class FileChangedError(Exception):
    """The file holds fewer records than when it was inspected."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes in the files of WEWIS.

    Attributes:
        bucket: where files come in.
        applied: where applied records are fixed, to be told.
        persons: where states and links are kept.
        ledger: where mutation files are claimed.
        pseudonyms: gives what makes the persons' keys.
        rules: what the deployment decides.
        clock: gives the present moment.
        sleep: pauses for a number of seconds.
        successions: where succession files are claimed, in their own series; None where they are not allowed.
    """

    bucket: Bucket
    applied: AppliedStore
    persons: PersonStore
    ledger: Ledger
    pseudonyms: Callable[[], Pseudonyms]
    rules: IntakeRules
    clock: Clock
    sleep: Sleep
    successions: Ledger | None = None

    def take_in(self, file: IncomingFile, time_left: TimeLeft = no_deadline) -> Report | None:
        """Take in one file; every delivery ends in one report.

        Args:
            file: the file; always the same version of the object.
            time_left: how long this invocation may still run.

        Returns:
            The report; or None when the time ran out: taking the file in again goes on from there.

        Raises:
            UnavailableError: a store is throttled or out of reach; taking the file in again goes on from there.
        """
        kept = self.bucket.read_progress(file)
        standing = read_standing(self._decide(file) if kept is None else kept)
        if isinstance(standing, Concluded):
            return self._conclude(file, self.bucket.publish_again(standing.verslag))
        if isinstance(standing, Refused):
            return self._refuse(file, standing)
        ledger = self._ledger(standing.context.kind)
        claim = self._asked(lambda: ledger.claim(standing.file_id, self.clock()))
        if claim in _REFUSAL_OF_CLAIM:
            return self._refuse(file, standing.refused(_REFUSAL_OF_CLAIM[claim]))
        if claim is Claim.FINISHED:
            return self._repeat(file, standing)
        progress = self._apply(file, standing, time_left, resumed=kept is not None)
        return self._finish(file, progress) if progress.is_complete else None

    def was_concluded(self, file: IncomingFile) -> bool:
        """Tell whether a file that is gone has its report; then the report's copy is put out once more.

        Args:
            file: the file; nothing of it but its key and its version counts.
        """
        kept = self.bucket.read_progress(file)
        standing = None if kept is None else read_standing(kept)
        if not isinstance(standing, Concluded):
            return False
        self.bucket.publish_again(standing.verslag)
        return True

    def _decide(self, file: IncomingFile) -> bytes:
        """Read the file whole, and keep whether it is refused; what was decided first holds."""
        return self.bucket.begin_progress(file, self._judge(file).to_json())

    def _judge(self, file: IncomingFile) -> Refused | Progress:
        inspection = inspect(self.bucket.blocks(file), received=file.received, limits=self.rules.limits)
        context, refusal = inspection.context, inspection.refusal
        if context is not None and refusal is None:
            refusal = self._refusal(context)
            if refusal is None:
                return Progress(sha256=inspection.sha256, context=context, count=inspection.count)
        error = ReportedError.of(refusal or Finding(Code.CONTEXT_INVALID))
        return Refused(sha256=inspection.sha256, context=context, count=inspection.count, error=error)

    def _refusal(self, context: Context) -> Finding | None:
        """Tell why a file of good form is refused before it is claimed."""
        if context.kind is Kind.SUCCESSIONS and self.successions is None:
            return Finding(Code.SUCCESSION_NOT_ALLOWED, "/context/naam")
        if self._asked(self._ledger(context.kind).series).jumps_too_far(context.volgnummer):
            return Finding(Code.VOLGNUMMER_TOO_HIGH, "/context/volgnummer")
        return None

    def _ledger(self, kind: Kind) -> Ledger:
        """Give the ledger of a kind's own series.

        Raises:
            UnavailableError: successions were allowed when this file was judged, and are not any more.
        """
        if kind is Kind.MUTATIONS:
            return self.ledger
        if self.successions is None:
            raise UnavailableError("successions are not allowed any more")
        return self.successions

    def _applier(self, kind: Kind) -> Applier:
        make = Linker if kind is Kind.SUCCESSIONS else Merger
        return make(self.persons, self.rules.retention_years, self.clock, self.sleep)

    def _asked(self, call: Callable[[], _T]) -> _T:
        """Ask the ledger, patiently."""
        return patiently(call, _MOST_TRIES, self.sleep, what="ledger")

    def _refuse(self, file: IncomingFile, refused: Refused) -> Report:
        self.bucket.quarantine_file(file, own_name(file.name, refused.sha256))
        counts = Counts(gelezen=refused.count, geweigerd=refused.count)
        return self._conclude(file, self._report(file, refused, Status.REFUSED, counts, (refused.error,)))

    def _repeat(self, file: IncomingFile, progress: Progress) -> Report:
        counts = Counts(gelezen=progress.count)
        return self._conclude(file, self._report(file, progress, Status.ALREADY_PROCESSED, counts))

    def _apply(self, file: IncomingFile, progress: Progress, time_left: TimeLeft, *, resumed: bool) -> Progress:
        """Apply the records that are left, as far as the time goes; an invocation that resumes always gets further."""
        applier = self._applier(progress.context.kind)
        records = read_records(self.bucket.blocks(file), progress.position)

        def until_telling() -> float:
            return time_left() - _TIME_TO_TELL

        with ThreadPoolExecutor(self.rules.workers) as pool:
            for number, chunk in enumerate(chunks(records, self.rules.chunk), start=1):
                if time_left() < _TIME_FOR_A_CHUNK and not (resumed and number == 1):
                    self.bucket.write_progress(file, progress.to_json())
                    break
                progress = self._apply_chunk(chunk, file, progress, applier, pool, time_left=until_telling)
                chunk.clear()  # Before the next one is read: else there are two in the memory, 1 MiB.
                if number % self.rules.chunks_between_progress == 0:
                    self.bucket.write_progress(file, progress.to_json())
            else:
                if not progress.is_complete:
                    # Else the same end would be met again and again.
                    raise FileChangedError
        return progress

    def _apply_chunk(
        self,
        chunk: Sequence[RawRecord],
        file: IncomingFile,
        progress: Progress,
        applier: Applier,
        pool: ThreadPoolExecutor,
        *,
        time_left: TimeLeft,
    ) -> Progress:
        context, place = progress.context, chunk[0].place
        circumstances = Circumstances(context.file_day, self.rules.test_numbers_allowed)
        good, rejected = sort_out(chunk, circumstances, context.kind)
        merged = applier.merge(good, context, self.pseudonyms(), pool, time_left)
        rejected = sorted([*rejected, *merged.without_room], key=lambda item: item.error.index or 0)
        if rejected:
            name = f"{own_name(file.name, progress.sha256)}.{place:08d}"
            self.bucket.quarantine_records(name, to_lines(context, rejected))
        fixed = fix(self.applied, progress.announced_as, place, merged.applied, merged.superseded)
        return progress.after(len(chunk), fixed, rejected)

    def _finish(self, file: IncomingFile, progress: Progress) -> Report:
        status = Status.PARTLY_PROCESSED if progress.counts.geweigerd else Status.PROCESSED
        published = self._report(file, progress, status, progress.counts, progress.errors)
        if progress.announcement is not None:
            self.applied.announce(progress.announced_as, progress.announcement)
        # Only after its report and its announcement: a file that is finished is never told of again.
        ledger = self._ledger(progress.context.kind)
        self._asked(lambda: ledger.finish(progress.file_id, status, self.clock()))
        return self._conclude(file, published)

    def _report(
        self,
        file: IncomingFile,
        read: Refused | Progress,
        status: Status,
        counts: Counts,
        errors: tuple[ReportedError, ...] = (),
    ) -> Published:
        report = Report(
            status=status,
            bestand=shown_name(file.name, year=file.received.year),
            context=read.context,
            sha256=read.sha256,
            aantallen=counts,
            ontbrekende_volgnummers=self._gaps(read.context),
            fouten=errors,
            fouten_afgekapt=status is Status.PARTLY_PROCESSED and counts.geweigerd > len(errors),
        )
        return self.bucket.publish_report(own_name(file.name, read.sha256), report.to_json(), file)

    def _gaps(self, context: Context | None) -> tuple[Gap, ...]:
        """Tell what is missing of the file's own series; what has no envelope is taken for a mutation file."""
        kind = Kind.MUTATIONS if context is None else context.kind
        if kind is Kind.SUCCESSIONS and self.successions is None:
            return ()
        return self._asked(self._ledger(kind).series).gaps

    def _conclude(self, file: IncomingFile, published: Published) -> Report:
        """Take the file out of `inkomend/`; that its report stands is kept first."""
        self.bucket.write_progress(file, Concluded(verslag=published.name).to_json())
        report = Report.model_validate_json(published.content)
        if report.status is Status.REFUSED:
            self.bucket.remove(file)
        else:
            self.bucket.put_away(file, own_name(file.name, report.sha256))
        return report
