"""What WEWIS is shown: files that were made, what is wrong with a table of payments, and reports.

Whatever comes from elsewhere is put in a Text: as a plain string its brackets would be taken for markup.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.text import Text

from jbplus.mutation_file.report import Report, ReportedError
from jbplus.source_stand.document import SourceStandContext
from jbplus_cli.files.render import summary
from jbplus_cli.screen import looks
from jbplus_cli.screen.screen import Screen
from jbplus_cli.source.comparing import Difference, Kind
from jbplus_cli.source.payments import PaymentsError, Wrong
from jbplus_cli.source.series import MadeOf, Waiting

MOST_SHOWN: Final = 50
"""How many of a list people are shown; programs get all."""

_TITLES: Final = {
    Kind.MISSING: "Missing at the exchange",
    Kind.SUPERFLUOUS: "Superfluous at the exchange",
    Kind.DIFFERENT: "Different at the exchange",
}


def made_wire(one: Waiting) -> dict[str, JsonValue]:
    """Say a mutation file for programs."""
    return {
        "file": one.path.name,
        "volgnummer": one.last.volgnummer,
        "referte": one.last.referte,
        "records": one.records,
    }


def made(one: Waiting) -> RenderableType:
    """Show a mutation file that was made."""
    shown = looks.fields()
    shown.add_row("File", Text(str(one.path)))
    shown.add_row("Volgnummer", str(one.last.volgnummer))
    shown.add_row("Records", str(one.records))
    return shown


def wrong_wire(wrong: Wrong) -> dict[str, JsonValue]:
    """Say a mistake in a table of payments for programs."""
    said: dict[str, JsonValue] = {"line": wrong.line, "message": wrong.message}
    more = {"column": wrong.column, "code": wrong.code, "hint": wrong.hint}
    return said | {name: value for name, value in more.items() if value is not None}


def wrongs(found: Sequence[Wrong]) -> RenderableType:
    """Show what is wrong with a table of payments."""
    table = looks.table(f"What is wrong ({len(found)})")
    table.add_column("Line", justify="right", no_wrap=True)
    for heading in ("Column", "Code"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Message", overflow="fold")
    for wrong in found[:MOST_SHOWN]:
        words = wrong.message if wrong.hint is None else f"{wrong.message}\n{wrong.hint}"
        table.add_row(str(wrong.line), wrong.column or "", wrong.code or "", Text(words))
    return Group(table, *_unseen(len(found)))


@contextmanager
def wrongs_shown(screen: Screen) -> Iterator[None]:
    """Show what is wrong with a table that is read here, before the error goes on."""
    try:
        yield
    except PaymentsError as error:
        screen.result({"wrong": [wrong_wire(wrong) for wrong in error.wrongs]}, wrongs(error.wrongs))
        raise


def difference_wire(one: Difference) -> dict[str, JsonValue]:
    """Say a difference for programs."""
    said: dict[str, JsonValue] = {"kind": one.kind, "referte": one.referte}
    if one.line is not None:
        said["line"] = one.line
    if one.rank is not None:
        said |= {"volgnummer": one.rank.volgnummer, "index": one.rank.position}
    return said


def compared_wire(stand: SourceStandContext, found: Mapping[Kind | None, int]) -> dict[str, JsonValue]:
    """Say how books and stand compare, for programs; the differences stand beside it."""
    counts: dict[str, JsonValue] = {kind: found.get(kind, 0) for kind in Kind}
    stand_wire: dict[str, JsonValue] = {"dag": stand.dag.isoformat(), "aantal": stand.aantal}
    if stand.volgnummer is not None:
        stand_wire["volgnummer"] = stand.volgnummer
    return {"stand": stand_wire, "same": found.get(None, 0), **counts}


def compared(
    stand: SourceStandContext, found: Mapping[Kind | None, int], differences: Sequence[Difference]
) -> RenderableType:
    """Show how books and stand compare.

    Args:
        stand: the envelope of the stand.
        found: how many there are of each kind; of None, how many are the same.
        differences: the first ones.
    """
    shown = looks.fields()
    shown.add_row("Stand of", str(stand.dag))
    shown.add_row("Newest volgnummer in it", str(stand.volgnummer or "none"))
    shown.add_row("The same", f"{found.get(None, 0):,}")
    for kind, title in _TITLES.items():
        shown.add_row(title, f"{found.get(kind, 0):,}")
    if not differences:
        return Group(shown, Text("The exchange is in step with the books.", looks.GOOD))
    table = looks.table("What differs")
    for heading in ("What", "Referte"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Line", "Volgnummer", "Index"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in differences:
        rank = ("", "") if one.rank is None else (str(one.rank.volgnummer), str(one.rank.position))
        table.add_row(one.kind, Text(one.referte), "" if one.line is None else str(one.line), *rank)
    return Group(shown, table, *_unseen(sum(found.values()) - found.get(None, 0)))


def mistakes(found: Sequence[ReportedError]) -> RenderableType:
    """Show what is wrong with a mutation file."""
    table = looks.table(f"What is wrong ({len(found)})")
    table.add_column("Index", justify="right", no_wrap=True)
    table.add_column("Code", no_wrap=True)
    table.add_column("Pad", no_wrap=True)
    table.add_column("Melding", overflow="fold")
    for one in found[:MOST_SHOWN]:
        table.add_row("" if one.index is None else str(one.index), Text(one.code), Text(one.pad), Text(one.melding))
    return Group(table, *_unseen(len(found)))


def report_wire(report: Report, made_of: MadeOf | None) -> dict[str, JsonValue]:
    """Say a report for programs, with the line of the CSV for each of its mistakes where that is known."""
    lines: list[JsonValue] = [_line(error, made_of) for error in report.fouten]
    said: dict[str, JsonValue] = {"report": report.wire()}
    return said if made_of is None else said | {"csv": made_of.csv, "lines": lines}


def report(report: Report, made_of: MadeOf | None) -> RenderableType:
    """Show a report; each mistake by its line of the CSV, where that is known, and its referte."""
    parts = [summary(report)]
    if report.fouten:
        table = looks.table("What is wrong" if made_of is None else f"What is wrong in {made_of.csv}")
        table.add_column("Index" if made_of is None else "Line", justify="right", no_wrap=True)
        for heading in ("Referte", "Code"):
            table.add_column(heading, no_wrap=True)
        table.add_column("Melding", overflow="fold")
        for error in report.fouten[:MOST_SHOWN]:
            where = error.index if made_of is None else _line(error, made_of)
            where_said = "" if where is None else str(where)
            table.add_row(where_said, Text(error.referte or ""), Text(error.code), Text(error.melding))
        parts += [table, *_unseen(len(report.fouten))]
    return Group(*parts, Text())


def _line(error: ReportedError, made_of: MadeOf | None) -> int | None:
    if made_of is None or error.index is None or not 0 <= error.index < len(made_of.lines):
        return None
    return made_of.lines[error.index]


def _unseen(count: int) -> list[Text]:
    unseen = count - MOST_SHOWN
    return [Text(f"… and {unseen} more; --json shows them all.", "dim")] if unseen > 0 else []
