"""The commands with which operators watch the exchange, deliver failed events again, and visit the dropserver."""

from collections.abc import Callable
from typing import Annotated, Final

import typer
from rich.text import Text

from jbplus_cli.operating import render
from jbplus_cli.operating.clockwork import Clockwork
from jbplus_cli.operating.failed_events import Failure
from jbplus_cli.operating.failure_queue import MOST_AT_ONCE, FailureQueue
from jbplus_cli.operating.overview import Overview, Watchtower
from jbplus_cli.operating.recomputing import RecomputingFunction
from jbplus_cli.screen import looks
from jbplus_cli.screen.looks import counted
from jbplus_cli.screen.options import Json, Stack
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_recipient.errors import ExchangeError

_REFRESH_SECONDS: Final = 5.0


def status(
    ctx: typer.Context,
    *,
    seconds: Annotated[
        float | None,
        typer.Argument(min=1, metavar="SECONDS", help="Between two refreshes; with --watch, 5 by default."),
    ] = None,
    last: Annotated[int, typer.Option(min=0, max=100, metavar="N", help="How many of the last files to show.")] = 10,
    watch: Annotated[bool, typer.Option("--watch", help="Refresh until Ctrl-C.")] = False,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Show on one screen whether all is well: the last files, what is missing, refused, waiting or failed.

    Ends with 0 when all is well, 1 when something needs a person; it says what.
    """
    if seconds is not None and not watch:
        raise typer.BadParameter("it belongs to --watch", param_hint="SECONDS")
    if watch and as_json:
        raise typer.BadParameter("a screen that refreshes is not for programs: leave out --json", param_hint="--watch")
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        tower = Watchtower.of(world, world.target(stack))
        if not watch:
            with screen.waiting("Looking"):
                state = tower.look(last)
            screen.result(state.wire(), render.overview(state))
            _judge(state, screen)
            return
        seen = _follow(tower, last, screen, lambda: world.sleep(seconds or _REFRESH_SECONDS))
        _judge(seen, screen)


def _follow(tower: Watchtower, last: int, screen: Screen, pause: Callable[[], None]) -> Overview | None:
    """Look again and again until Ctrl-C; a stack that is out of reach for a while does not end it."""
    seen: Overview | None = None
    with screen.refreshing() as show:
        try:
            while True:
                try:
                    seen = tower.look(last)
                    show(render.overview(seen))
                except ExchangeError as error:
                    show(looks.failure(str(error)))
                pause()
        except KeyboardInterrupt:
            return seen


def _judge(state: Overview | None, screen: Screen) -> None:
    if state is None or state.concerns():
        screen.mark_failed()


def replay(
    ctx: typer.Context,
    *,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Which events, by the beginning of their ID; without: all."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="All events; the same as naming none.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what waits.")] = False,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Deliver the events of files again that failed three times, after the cause was mended.

    Events that came while the intake was stopped (IntakeConcurrency=0) wait there too, untried.
    An event leaves the failure queue only once it was delivered. Replaying twice does no harm.
    Ends with 0 when all that was asked for was delivered, or shown.
    """
    wanted = _wanted(ids, all_=all_)
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        target = world.target(stack)
        queue = FailureQueue.of(world, target, world.resources(target))
        shown: list[tuple[Failure, bool]] = []

        def deal(failure: Failure) -> bool:
            if wanted and not any(failure.id.startswith(beginning) for beginning in wanted):
                return False
            done = not dry_run and failure.event is not None
            if done:
                queue.replay(failure)
            shown.append((failure, done))
            return done

        try:
            with screen.waiting("Going through the failure queue"):
                complete = queue.walk(deal)
        finally:
            screen.result(
                {"items": [failure.wire() | {"replayed": done} for failure, done in shown]},
                render.failures(shown, dry_run=dry_run),
            )
        _complain(screen, wanted, shown, complete=complete, dry_run=dry_run)


def _wanted(ids: list[str] | None, *, all_: bool) -> tuple[str, ...]:
    if ids and all_:
        raise typer.BadParameter("name events or take all, not both", param_hint="--all")
    if any(len(beginning) < render.SHORT_ID for beginning in ids or []):
        raise typer.BadParameter(f"give at least the first {render.SHORT_ID} characters", param_hint="ID")
    return tuple(ids or ())


def _complain(
    screen: Screen, wanted: tuple[str, ...], shown: list[tuple[Failure, bool]], *, complete: bool, dry_run: bool
) -> None:
    """Say what was asked for and not done."""
    absent = [beginning for beginning in wanted if not any(failure.id.startswith(beginning) for failure, _ in shown)]
    if absent:
        screen.fall_short(
            f"Not in the failure queue: {', '.join(absent)}. Replayed already, or held by another command."
        )
    if not dry_run and any(not done for _, done in shown):
        screen.fall_short("What cannot be replayed stays in the failure queue.")
    if not complete:
        screen.fall_short(f"More than {MOST_AT_ONCE} events wait: run the command again for the others.")


def visit(ctx: typer.Context, *, stack: Stack = None, as_json: Json = False) -> None:
    """Visit the dropserver now: take what came, make notices of what was taken in before, send what goes out.

    The clock does the same every few minutes. What this visit takes is taken in while you wait; visit again for
    its report and its notices.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        clockwork = Clockwork.of(world, world.target(stack))
        with screen.waiting("Visiting the dropserver"):
            visited = clockwork.visit()
            clockwork.tell()
            visited += clockwork.visit()
        words = f"Taken: {counted(visited.taken, 'file')}. Sent: {counted(visited.sent, 'file')}."
        if visited.waiting:
            words += f" Left for the next visit: {counted(visited.waiting, 'file')}."
        screen.result(visited.wire(), Text(words))


retention = typer.Typer(no_args_is_help=True, help="The retention term, and what is stored (Article 3b).")


@retention.command()
def recompute(ctx: typer.Context, *, stack: Stack = None, as_json: Json = False) -> None:
    """Have a changed RetentionYears reach every person that is stored; run it after the stack was deployed with it.

    A shorter term ends for good what it says has ended. It may be stopped, and goes on when it is run again; once
    more changes nothing.
    Ends with 0 when every person was looked at.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        function = RecomputingFunction.of(world, world.target(stack))
        with screen.refreshing_status("Recomputing") as tell:
            for step in function.steps():
                tell(f"Recomputing for {step.years} years: {step.seen} persons seen, {step.changed} written anew")
        screen.result(step.wire(), render.recomputed(step))
