"""`jbplus send`: delivers a mutation file, and waits for its report."""

from pathlib import Path
from typing import Annotated

import typer

from jbplus_cli.files import render
from jbplus_cli.files.delivery import Deliveries
from jbplus_cli.screen.options import Json, Stack, Timeout
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of


def send(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The mutation file, .json or .json.gz.")],
    timeout: Timeout = 900,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Put a mutation file straight into the bucket, as an operator; wait for its report and show it.

    WEWIS's own way, over the dropserver, is: jbplus source send.
    Ends with 0 when the whole file is processed, now or by an earlier delivery.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        deliveries = Deliveries.of(world, world.target(stack))
        sent = deliveries.deliver(file, screen.bytes_done)
        with screen.waiting("Waiting for the report"):
            report = deliveries.wait(sent, timeout)
        screen.result(
            {"key": sent.key, "reportKey": sent.report_key, "report": report.wire()},
            render.report(report),
        )
        if not report.is_processed:
            screen.mark_failed()
