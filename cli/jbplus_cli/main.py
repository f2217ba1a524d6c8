"""The operator's command: which commands there are. Each room has its own."""

from importlib.metadata import version
from typing import Annotated

import typer

from jbplus_cli.access.commands import access
from jbplus_cli.checkpoints.commands import app as checkpoints
from jbplus_cli.checks.commands import fsck
from jbplus_cli.evidence.commands import evidence
from jbplus_cli.files.commands import send
from jbplus_cli.keys.commands import rekey, stand_key
from jbplus_cli.logs.commands import logs
from jbplus_cli.lookups.commands import lookup, register
from jbplus_cli.operating.commands import replay, retention, status, visit
from jbplus_cli.overview.commands import overview
from jbplus_cli.privacy_log.commands import privacylog
from jbplus_cli.quality.commands import app as quality
from jbplus_cli.quarantine.commands import app as quarantine
from jbplus_cli.recipient.commands import app as recipient
from jbplus_cli.registrations.commands import allow
from jbplus_cli.restoring.commands import restore
from jbplus_cli.samples.commands import make_file
from jbplus_cli.source.commands import app as source
from jbplus_cli.stack.commands import token
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.statistics.commands import statistics
from jbplus_cli.suspensions.commands import lift, suspend, suspensions

# The local variables of a crash may hold person numbers.
app = typer.Typer(no_args_is_help=True, pretty_exceptions_show_locals=False)
app.command()(status)
app.command()(overview)
app.command()(replay)
app.command()(logs)
app.command()(suspensions)
app.command()(suspend)
app.command()(lift)
app.command()(privacylog)
app.command()(access)
app.command()(evidence)
app.command()(statistics)
app.command()(visit)
app.command()(send)
app.command()(register)
app.command()(lookup)
app.command()(token)
app.command()(allow)
app.command()(rekey)
app.command()(stand_key)
app.command()(fsck)
app.command()(restore)
app.command("make-file")(make_file)
app.add_typer(quarantine, name="quarantine")
app.add_typer(quality, name="quality")
app.add_typer(checkpoints, name="checkpoints")
app.add_typer(recipient, name="recipient")
app.add_typer(source, name="source")
app.add_typer(retention, name="retention")


def _say_version(asked: bool) -> None:  # noqa: FBT001 - an option's callback
    if asked:
        typer.echo(f"jbplus {version('jbplus')}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    *,
    _: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Operate jbplus, the exchange of jobbonus plus payments.

    Talks to the local stack (make run) unless a stack on AWS is named with --stack.
    Ends with 0 when all that was asked was done, 1 when it was not or only in part, 2 when it was asked wrongly.
    """
    ctx.obj = ctx.obj or Surroundings.real()
