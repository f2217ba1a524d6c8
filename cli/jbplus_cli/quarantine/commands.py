"""The commands with which operators see what was refused, and hand it in again."""

import heapq
import json
from typing import Annotated, Final

import typer
from pydantic import JsonValue

from jbplus.mutation_file.report import Report
from jbplus_cli.files import render as files_render
from jbplus_cli.quarantine import render
from jbplus_cli.quarantine.discarding import MOST_BYTES, Evidence, as_metadata
from jbplus_cli.quarantine.kept import Part, WholeFile, kind, shown
from jbplus_cli.quarantine.quarantine import Quarantine
from jbplus_cli.quarantine.release import ReleaseFunction
from jbplus_cli.screen.options import Json, Stack, Timeout, beginning, read_note
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import Surroundings, surroundings_of
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

_MOST_COMPLETED: Final = 100


def _names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Give the names in quarantine that begin so; none when the stack cannot be asked."""
    # While a shell completes, the command itself has not run.
    world = ctx.obj if isinstance(ctx.obj, Surroundings) else Surroundings.real()
    try:
        listing = Quarantine.of(world, world.target(ctx.params.get("stack"))).newest(_MOST_COMPLETED)
    except ExchangeError:
        return []
    return beginning(incomplete, [item.name for item in listing.newest])


app = typer.Typer(no_args_is_help=True, pretty_exceptions_show_locals=False)

_REVEALED = "what follows holds personal data. Keep it from others, and do not store it."


def _reason(text: str) -> str:
    reason = read_note(text)
    if len(as_metadata(reason)) > MOST_BYTES:
        raise typer.BadParameter("say it shorter, or with fewer letters that are not of A to Z")
    return reason


@app.callback()
def main() -> None:
    """See what was refused, and hand it in again after a fix, or discard it."""


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    last: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="How many to name, the newest first.")] = 20,
    discarded: Annotated[
        bool, typer.Option("--discarded", help="List what was discarded instead, with the reasons.")
    ] = False,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """List the refused files, and the parts with refused records of files that were taken in without them."""
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        if discarded:
            found = heapq.nlargest(last, Evidence.of(world, world.target(stack)).all(), key=lambda each: each.moment)
            screen.result({"items": [each.wire() for each in found]}, render.discarded(found))
            return
        quarantine = Quarantine.of(world, world.target(stack))
        now = world.now()
        with screen.waiting("Reading the quarantine"):
            listing = quarantine.newest(last)
            shown = [quarantine.summary(item) for item in listing.newest]
        screen.result(
            {"files": listing.files, "parts": listing.parts, "items": [summary.wire() for summary in shown]},
            render.summaries(shown, listing.count - len(shown), now),
        )


@app.command()
def show(
    ctx: typer.Context,
    *,
    name: Annotated[
        str, typer.Argument(metavar="NAME", autocompletion=_names, help="As jbplus quarantine list names it.")
    ],
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Print the records themselves: person numbers and amounts.")
    ] = False,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Show what is wrong with a refused file, or with each record of a part; no person number, no amount."""
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        quarantine = Quarantine.of(world, world.target(stack))
        item = quarantine.find(name)
        if isinstance(item, WholeFile) and reveal:
            _reveal_file(quarantine, item, screen, as_json=as_json)
        elif isinstance(item, WholeFile):
            _show_file(quarantine.report(item), item, screen)
        elif reveal:
            _reveal_part(quarantine, item, screen)
        else:
            _show_part(quarantine, item, screen)


@app.command()
def discard(
    ctx: typer.Context,
    *,
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="As jbplus quarantine list names them.")],
    reason: Annotated[
        str, typer.Option(parser=_reason, metavar="TEXT", help="Why it is not handed in again. No person number.")
    ],
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Take refused files and records out of quarantine for good: dealt with in another way, or never to be applied.

    They are kept as evidence, with the reason, for as long as what is in quarantine; status no longer names them.
    Ends with 0 when all were discarded.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        target = world.target(stack)
        quarantine, evidence = Quarantine.of(world, target), Evidence.of(world, target)
        for name in names:
            try:
                evidence.discard(quarantine.find(name), reason)
            except ExchangeError as error:
                # What is wrong with one says nothing about the next.
                screen.item({"name": name, "error": str(error)}, render.not_done(name, "discarded", str(error)))
                screen.mark_failed()
            else:
                screen.item({"name": name, "discarded": True}, render.out_of_quarantine(name))


@app.command()
def release(
    ctx: typer.Context,
    *,
    names: Annotated[
        list[str], typer.Argument(metavar="NAME", autocompletion=_names, help="As jbplus quarantine list names them.")
    ],
    timeout: Timeout = 900,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Hand refused files and records in again after a fix, and show what became of them.

    They keep their rank: what came later still wins. Releasing twice does no harm.
    What is refused again stays in quarantine. Ends with 0 when nothing was.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        target = world.target(stack)
        quarantine = Quarantine.of(world, target)
        for name in names:
            try:
                _release(world, target, quarantine, screen, name=name, timeout=timeout)
            except ExchangeError as error:
                # What is wrong with one says nothing about the next.
                screen.item({"name": name, "error": str(error)}, render.not_done(name, "released", str(error)))
                screen.mark_failed()


def _release(
    world: Surroundings, target: Target, quarantine: Quarantine, screen: Screen, *, name: str, timeout: float
) -> None:
    with screen.waiting(f"Releasing {name}"):
        item = quarantine.find(name)
        released = (
            quarantine.release(item, timeout)
            if isinstance(item, WholeFile)
            else ReleaseFunction.of(world, target).release(item)
        )
    screen.item({"name": name, **released.wire()}, render.released(name, released))
    if not released.is_complete:
        screen.mark_failed()


def _show_file(report: Report | None, file: WholeFile, screen: Screen) -> None:
    if report is None:
        raise ExchangeError(f"The report of {file.name} is gone: reports are kept for a year.")
    screen.result({"name": file.name, "kind": kind(file), "report": report.wire()}, files_render.report(report))


def _show_part(quarantine: Quarantine, part: Part, screen: Screen) -> None:
    context = quarantine.context(part)
    findings = [shown(record, context.file_day.year) for record in quarantine.records(part)]
    screen.result(
        {"name": part.name, "kind": kind(part), "volgnummer": context.volgnummer, "findings": list(findings)},
        render.part(part, context, findings),
    )


def _reveal_file(quarantine: Quarantine, file: WholeFile, screen: Screen, *, as_json: bool) -> None:
    if as_json:
        raise ExchangeError("A whole file is printed as it came, which may not be JSON: leave out --json.")
    screen.warn(_REVEALED)
    for piece in quarantine.content(file):
        typer.echo(piece, nl=False)


def _reveal_part(quarantine: Quarantine, part: Part, screen: Screen) -> None:
    screen.warn(_REVEALED)
    for record in quarantine.records(part):
        said: dict[str, JsonValue] = record.wire()
        screen.entry(said, json.dumps(said))
