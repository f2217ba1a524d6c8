"""The command with which operators have all that is kept compared with what it was made of."""

from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.text import Text

from jbplus.errors import UnavailableError
from jbplus_cli.checks.findings import Findings, Follow
from jbplus_cli.checks.stack import StackChecks
from jbplus_cli.screen import looks
from jbplus_cli.screen.looks import counted
from jbplus_cli.screen.options import Json, Stack
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_recipient.errors import ExchangeError


def fsck(
    ctx: typer.Context,
    *,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="CHECK", help="deliveries, records, persons, registrations, log, notices."),
    ] = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Compare what is kept with what it was made of, and say what differs: no person's number, no amount.

    Each record of the kept files must be in the state of its person, or outranked there; each end must follow from its
    state, each notice from its decision; each claim must be done with, each delivery have its report; the privacy log
    must be what was sealed of it.
    It reads only, beside ordinary traffic, and may be broken off and run again.
    Ends with 0 when all agree, 1 when something differs.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        findings = Findings()
        begun = world.clock()
        name = "stack"
        try:
            checks = StackChecks.of(world, world.target(stack))
            if unknown := set(only or ()) - set(checks.checks):
                raise typer.BadParameter(f"no such check: {', '.join(sorted(unknown))}", param_hint="--only")
            for name, check in checks.checks.items():
                if not only or name in only:
                    check.run(findings, _following(screen))
            checks.demand_unchanged()
        except UnavailableError as error:
            raise ExchangeError(f"Could not compare all: {error}. Run jbplus fsck again.") from error
        except (ValueError, KeyError) as error:
            # Its words may hold what was read.
            raise ExchangeError(
                f"Could not compare all: something is not as agreed, met by the check of the {name}. "
                "Does this jbplus belong to the stack's version? Compare the others with --only."
            ) from error
        seconds = round(world.clock() - begun, 1)
        document: dict[str, JsonValue] = findings.wire() | {"seconds": seconds}
        screen.result(document, _shown(findings, seconds))
        if not findings.agree:
            screen.mark_failed()


def _following(screen: Screen) -> Follow:
    return Follow(screen.bytes_done, screen.records_done)


def _shown(findings: Findings, seconds: float) -> RenderableType:
    lines: list[RenderableType] = []
    if findings.named:
        table = looks.table("What differs")
        for column in ("kind", "where", "which", "in words"):
            table.add_column(column)
        for each in findings.named:
            which = each.item or ("" if each.number is None else str(each.number))
            table.add_row(each.kind.wire, Text(each.where), which, each.kind.words)
        lines.append(table)
    unnamed = sum(findings.kinds.values()) - len(findings.named)
    if unnamed:
        counts = ", ".join(f"{kind.wire}: {count}" for kind, count in findings.kinds.items())
        lines.append(Text(f"{unnamed} more differ. In all, {counts}."))
    lines += [Text(f"Under way: {words}.") for words in findings.under_way]
    if findings.unjudged:
        words = counted(findings.unjudged, "record is of a person who is", "records are of persons who are")
        lines.append(Text(f"{words} gone, and whose data may have ended: that cannot be told from the kept files."))
    looked = ", ".join(f"{count} {what}" for what, count in findings.checked.items())
    verdict = Text("All agree.", looks.GOOD) if findings.agree else Text("Something differs.", looks.BAD)
    lines.append(Text.assemble(verdict, f" Looked at {looked or 'nothing'}, in {seconds} s."))
    return Group(*lines)
