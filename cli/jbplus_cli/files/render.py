"""Files and their reports for people: rich tables.

Whatever comes from elsewhere is put in a Text: as a plain string its brackets would be taken for markup.
"""

from collections.abc import Iterable
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from jbplus.mutation_file.report import Report, ReportedError, Status, usual_stem
from jbplus_cli.screen import looks
from jbplus_cli.screen.looks import BAD, DOUBTFUL, GOOD

STATUS_STYLES: Final[dict[str, str]] = {
    Status.PROCESSED: GOOD,
    Status.ALREADY_PROCESSED: GOOD,
    Status.PARTLY_PROCESSED: DOUBTFUL,
    Status.REFUSED: BAD,
}

MOST_ERRORS_SHOWN = 50
"""How many bad records the report's table lists; the rest is counted (`--json` has them all)."""


def report(answer: Report) -> RenderableType:
    """Show the report of a file."""
    parts: list[RenderableType] = [summary(answer)]
    if answer.fouten:
        parts.append(_errors(answer.fouten[:MOST_ERRORS_SHOWN]))
    unseen = len(answer.fouten) - MOST_ERRORS_SHOWN
    if unseen > 0:
        parts.append(Text(f"… and {unseen} more in the report; --json shows them all.", "dim"))
    if answer.fouten_afgekapt:
        parts.append(Text("The report itself lists only the first errors.", "dim"))
    return Group(*parts)


def file_name(name: str) -> str:
    """Shorten a file's usual name to what tells it apart from others."""
    stem = usual_stem(name)
    return name if stem is None else f"…{stem.rpartition('_')[2]}"


def summary(answer: Report) -> RenderableType:
    """Show the report of a file without its mistakes."""
    table = looks.fields()
    table.add_row("Status", Text(answer.status, STATUS_STYLES.get(answer.status, "bold")))
    table.add_row("File", Text(answer.bestand))
    if answer.volgnummer is not None:
        table.add_row("Volgnummer", str(answer.volgnummer))
    counts = answer.aantallen
    table.add_row(
        "Records",
        f"{counts.gelezen} read: {counts.toegepast} applied, {counts.verouderd} superseded, {counts.geweigerd} refused",
    )
    if answer.ontbrekende_volgnummers:
        table.add_row("Missing files", Text(", ".join(gap.words for gap in answer.ontbrekende_volgnummers), DOUBTFUL))
    table.add_row("SHA-256", Text(answer.sha256))
    return table


def _errors(errors: Iterable[ReportedError]) -> RenderableType:
    table = looks.table("What is wrong")
    table.add_column("Index", justify="right", no_wrap=True)
    table.add_column("Code", no_wrap=True)
    table.add_column("Pad", overflow="fold")
    table.add_column("Melding", overflow="fold")
    for error in errors:
        where = "" if error.index is None else str(error.index)
        table.add_row(where, Text(error.code), Text(error.pad), Text(error.melding))
    return table
