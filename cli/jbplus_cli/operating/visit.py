"""`jbplus visit`: what the clock does every few minutes, now."""

import typer
from rich.text import Text

from jbplus_cli.screen.looks import counted
from jbplus_cli.screen.options import Json, Stack
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of


def visit(ctx: typer.Context, *, stack: Stack = None, as_json: Json = False) -> None:
    """Visit the dropserver now: take what came, make notices of what was taken in before, send what goes out.

    The clock does the same every few minutes. What this visit takes is taken in while you wait; visit again for
    its report and its notices.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        clockwork = world.clockwork(world.target(stack))
        with screen.waiting("Visiting the dropserver"):
            visited = clockwork.visit()
            clockwork.tell()
            visited += clockwork.visit()
        words = f"Taken: {counted(visited.taken, 'file')}. Sent: {counted(visited.sent, 'file')}."
        if visited.waiting:
            words += f" Left for the next visit: {counted(visited.waiting, 'file')}."
        screen.result(visited.wire(), Text(words))
