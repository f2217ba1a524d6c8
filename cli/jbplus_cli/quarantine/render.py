"""The quarantine for people: what was refused, and what became of it.

Whatever comes from elsewhere is put in a Text: as a plain string its brackets would be taken for markup.
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.text import Text

from jbplus.intake.wire import Released
from jbplus.mutation_file.records import Context
from jbplus_cli.files.render import MOST_ERRORS_SHOWN, report
from jbplus_cli.quarantine.kept import Discarded, FileReleased, Part, Summary
from jbplus_cli.screen import looks
from jbplus_cli.screen.looks import BAD, GOOD, counted, moment, span


def summaries(shown: Sequence[Summary], unnamed: int, now: datetime) -> RenderableType:
    """Show what is in quarantine; each name on a line of its own, whole, so that it can be copied.

    Args:
        shown: what is named.
        unnamed: how much older there is.
        now: the present moment.
    """
    if not shown:
        return Text("Nothing is in quarantine.", GOOD)
    lines: list[RenderableType] = []
    for item in shown:
        about = [_what(item), f"{span(now - item.kept.since)} ago"]
        if item.taken_in is not None:
            about.append(f"taken in since: {item.taken_in}")
        words = Text(", ".join(about)).append(": " if item.codes else "").append(", ".join(item.codes), "yellow")
        lines += [_name(item.kept.name), _below(words)]
    if unnamed:
        lines.append(Text(f"… and {unnamed} older; name more with --last.", "dim"))
    return Group(*lines)


def _name(name: str) -> Text:
    """Show a name on a line of its own, whole, so that it can be copied."""
    return Text(name, "bold", no_wrap=True, overflow="ignore")


def _below(words: Text) -> RenderableType:
    """Show what goes with the line above."""
    below = looks.fields()
    below.add_row("  ", words)
    return below


def _what(item: Summary) -> str:
    """Say what it is in names that people know."""
    whose = "a file whose report is gone" if item.file is None else item.file
    records = "" if item.records is None else counted(item.records, "record")
    if isinstance(item.kept, Part):
        return f"{records} of {whose}"
    return f"all of {whose}" + (f" ({records})" if records else "")


def part(item: Part, context: Context, records: Sequence[dict[str, JsonValue]]) -> RenderableType:
    """Show what is wrong with the records of a part.

    Args:
        item: the part.
        context: the envelope of its file.
        records: what may be shown of each record.
    """
    about = looks.fields()
    about.add_row("Part", Text(item.name))
    about.add_row("Volgnummer", str(context.volgnummer))
    about.add_row("Records", str(len(records)))
    table = looks.table("What is wrong")
    table.add_column("Index", justify="right", no_wrap=True)
    table.add_column("Code", no_wrap=True)
    table.add_column("Pad", overflow="fold")
    table.add_column("Referte", overflow="fold")
    for record in records[:MOST_ERRORS_SHOWN]:
        table.add_row(*(Text(str(record.get(name, ""))) for name in ("index", "code", "pad", "referte")))
    unseen = len(records) - MOST_ERRORS_SHOWN
    more = [Text(f"… and {unseen} more; --json shows them all.", "dim")] if unseen > 0 else []
    return Group(about, table, *more)


def released(name: str, outcome: FileReleased | Released) -> RenderableType:
    """Show what became of something that was handed in again."""
    title = Text(name, "bold")
    if isinstance(outcome, Released):
        words = Text(f": {outcome.toegepast} applied, {outcome.verouderd} superseded, ")
        words.append(f"{outcome.geweigerd} refused", BAD if outcome.geweigerd else "")
        words.append("; what was refused stays in quarantine." if outcome.geweigerd else "; out of quarantine.")
        return title.append_text(words)
    words = (
        Text("It was taken in, and is out of quarantine.", GOOD)
        if outcome.taken_in
        else Text("It was refused again, and stays in quarantine.", BAD)
    )
    return Group(title, report(outcome.report), words)


def not_done(name: str, doing: str, words: str) -> Text:
    """Show why something was not handed in again, or not discarded."""
    return Text.assemble((name, "bold"), ": ", (f"not {doing}. ", BAD), words)


def out_of_quarantine(name: str) -> Text:
    """Show that something was discarded."""
    return Text.assemble((name, "bold"), ": ", ("discarded", GOOD), "; it is kept as evidence.")


def discarded(items: Sequence[Discarded]) -> RenderableType:
    """Show what was discarded, and why."""
    if not items:
        return Text("Nothing was discarded.", GOOD)
    lines: list[RenderableType] = []
    for item in items:
        words = Text(f"discarded {moment(item.moment)}: ").append(item.reason, "yellow")
        lines += [_name(item.name), _below(words)]
    return Group(*lines)
