"""The state of the exchange for its operators: status and failure queue, as rich tables.

Whatever comes from elsewhere is put in a Text: as a plain string its brackets would be taken for markup.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from jbplus.mutation_file.report import Counts
from jbplus.persons.recomputing import Step
from jbplus_cli.files.render import STATUS_STYLES, file_name
from jbplus_cli.files.reports import Written
from jbplus_cli.operating.failed_events import FailedFile, Failure
from jbplus_cli.operating.overview import Overview, Waiting, WaitingFile
from jbplus_cli.screen import looks
from jbplus_cli.screen.looks import BAD, DOUBTFUL, GOOD, counted, moment, span

SHORT_ID = 8
"""So much of a message's identifier tells it apart from the others."""


def overview(state: Overview) -> RenderableType:
    """Show how the exchange is doing: first what needs a person, then everything else."""
    parts: list[RenderableType] = [_verdict(state), _state(state)]
    if state.files:
        parts.append(_files(state.files))
    if state.waiting.count:
        parts.append(_waiting(state.waiting, state.at))
    return Group(*parts)


def failures(shown: Sequence[tuple[Failure, bool]], *, dry_run: bool) -> RenderableType:
    """Show messages of the failure queue.

    Args:
        shown: each message, and whether it was delivered again.
        dry_run: whether nothing was to be delivered.
    """
    if not shown:
        return Text("No failed event waits.", GOOD)
    table = looks.table("Failed events")
    table.add_column("ID", no_wrap=True)
    table.add_column("File", overflow="fold")
    table.add_column("Failed", no_wrap=True)
    table.add_column("Tried", justify="right")
    table.add_column("Error", overflow="fold")
    if not dry_run:
        table.add_column("Replayed")
    for failure, done in shown:
        row = [
            Text(failure.id[:SHORT_ID]),
            Text("\n".join(_failed_file(file) for file in failure.files)),
            Text(moment(failure.failed)),
            Text("" if failure.tried is None else str(failure.tried)),
            Text(failure.error),
        ]
        table.add_row(*row, *([] if dry_run else [Text("yes", GOOD) if done else Text("no", DOUBTFUL)]))
    return table


def recomputed(step: Step) -> RenderableType:
    """Show what came of having a changed retention term reach what is stored."""
    words = f"All {step.seen} persons have ends of {step.years} years; {step.changed} were written anew."
    return Text(words, GOOD)


def _verdict(state: Overview) -> Text:
    concerns = state.concerns()
    at = f" ({moment(state.at)})"
    if not concerns:
        return Text.assemble(("All is well.", GOOD), (at, "dim"))
    # What it says to type stays on one line.
    said = Text(no_wrap=True, overflow="ignore")
    said.append(f"{counted(len(concerns), 'thing needs', 'things need')} a person:", BAD).append(at, "dim")
    for concern in concerns:
        said.append(f"\n  {concern}")
    return said


def _state(state: Overview) -> RenderableType:
    table = looks.fields()
    good = "none yet" if state.silence is None else f"{span(state.silence)} ago"
    table.add_row("Last good file", Text(good, BAD if state.is_silent else GOOD))
    table.add_row("Missing files", Text(state.missing or "none", DOUBTFUL if state.gaps else ""))
    unfinished = ", ".join(f"{file.volgnummer} ({span(state.at - file.since)})" for file in state.unfinished)
    table.add_row("Not done with", Text(unfinished or "none", DOUBTFUL if unfinished else ""))
    table.add_row("Waiting", f"{counted(state.waiting.count, 'file')}")
    table.add_row("Quarantine", Text(_quarantined(state), DOUBTFUL if state.quarantine.count else ""))
    table.add_row("Suspended", Text(state.suspended.words(state.at), DOUBTFUL if state.suspended.suspensions else ""))
    failed = state.failures.waiting + state.failures.in_hand
    stuck = state.notices.is_stuck(state.at)
    table.add_row("Notices", Text(state.notices.words, BAD if stuck else DOUBTFUL if state.notices.held else ""))
    troubled = any(state.dropserver.concerns(state.at))
    table.add_row("Dropserver", Text(state.dropserver.words(state.at), BAD if troubled else ""))
    table.add_row("Failure queue", Text(counted(failed, "event"), BAD if failed else ""))
    table.add_row("Alarms", Text(state.alarms.words(state.at), BAD if state.alarms.ringing else ""))
    return table


def _quarantined(state: Overview) -> str:
    held = state.quarantine
    lines = [f"{counted(held.files, 'file')}, {counted(held.parts, 'part')} with records"]
    for item in state.refused:
        records = "" if item.records is None else counted(item.records, "record")
        words = f"{records} of {item.file}" if records and item.file else records or item.file or ""
        lines.append(f"{item.kept.name}: {words}{', ' if words else ''}{span(state.at - item.kept.since)} ago")
    unnamed = held.count - len(state.refused)
    return "\n".join([*lines, *([f"… and {unnamed} older"] if unnamed else [])])


def _files(files: Iterable[Written]) -> RenderableType:
    table = looks.table("Last files")
    table.add_column("File", overflow="fold")
    table.add_column("Nr", justify="right", no_wrap=True)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Records", overflow="fold")
    table.add_column("Received", no_wrap=True)
    table.add_column("Took", no_wrap=True)
    for file in files:
        report = file.report
        table.add_row(
            Text(file_name(report.bestand)),
            Text("" if report.volgnummer is None else str(report.volgnummer)),
            Text(report.status, STATUS_STYLES.get(report.status, "bold")),
            Text(_counts(report.aantallen)),
            Text(moment(file.received)),
            Text(span(file.duration)),
        )
    return table


def _counts(counts: Counts) -> str:
    became = ((counts.toegepast, "applied"), (counts.verouderd, "superseded"), (counts.geweigerd, "refused"))
    words = ", ".join(f"{number} {what}" for number, what in became if number)
    return f"{counts.gelezen}: {words}" if words else str(counts.gelezen)


def _waiting(waiting: Waiting, now: datetime) -> RenderableType:
    table = looks.table("Waiting files, the oldest first")
    table.add_column("File", overflow="fold")
    table.add_column("Age", no_wrap=True)
    table.add_column("Progress", no_wrap=True)
    for file in waiting.oldest:
        style = BAD if file.is_stuck(now) else ""
        table.add_row(Text(file_name(file.name)), Text(span(now - file.since), style), Text(_progress(file)))
    unnamed = waiting.count - len(waiting.oldest)
    return Group(table, *([Text(f"… and {unnamed} more.", "dim")] if unnamed else []))


def _progress(file: WaitingFile) -> str:
    return "" if file.progress is None else f"{file.progress.position} of {file.progress.count} records"


def _failed_file(file: FailedFile) -> str:
    about = ", ".join(
        part for part in (moment(file.arrived), f"version {file.version}" if file.version else "") if part
    )
    return f"{file_name(file.name)} ({about})" if about else file_name(file.name)
