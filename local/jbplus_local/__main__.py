"""`make run`: the whole exchange on this machine, shown at work; it stays up until Ctrl-C."""

import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Endpoints as TargetEndpoints
from jbplus_cli.stack.target import Target
from jbplus_local.errors import LocalStackError
from jbplus_local.signals import ending_in_order
from jbplus_local.stack import Endpoints, LocalStack, Settings
from jbplus_local.tour import ORDINARY, Tour
from jbplus_recipient.errors import ExchangeError

_PROJECT = Path(__file__).parents[2]

_GO_ON = """
[bold]The exchange is up.[/] Go on in another terminal, in this folder:
  .venv/bin/jbplus lookup {number} --party infino --doel socialeToeslag
  .venv/bin/jbplus source make events/payments.csv --state .local/wewis --first-volgnummer 2 --allow-test-numbers
  .venv/bin/jbplus source send --state .local/wewis
  .venv/bin/jbplus visit
  .venv/bin/jbplus recipient sync --party infino --state .local/recipients/infino
  .venv/bin/jbplus --help
API     {api}
Tokens  {issuer}/token
AWS     {aws}   bucket {bucket}
FTPS    {dropserver}
Data are kept in .local/ for the next start; [bold]Ctrl-C[/] stops everything.
"""


def main() -> int:
    """Start the stack, show it at work, and wait for the end.

    Returns:
        The exit code: 0 after Ctrl-C, 1 when something did not work.
    """
    console = Console(highlight=False)
    world = Surroundings.real()
    try:
        with ending_in_order(), suppress(KeyboardInterrupt):
            console.print("Starting the local stack (the first time takes a minute)…")
            with LocalStack(Settings.of_project(_PROJECT)) as stack:
                target = Target.local(TargetEndpoints(**asdict(stack.endpoints)))
                Tour(
                    world, target, stack.dropserver.access, _PROJECT, stack.settings.folder / "recipients", console
                ).show()
                stack.publish()
                _say_how_to_go_on(console, stack.endpoints)
                signal.pause()
    except (LocalStackError, ExchangeError) as error:
        Console(stderr=True, highlight=False).print(f"[red]{escape(str(error))}[/]")
        return 1
    return 0


def _say_how_to_go_on(console: Console, endpoints: Endpoints) -> None:
    shown = {name: escape(getattr(endpoints, name)) for name in ("api", "issuer", "aws", "bucket")}
    place = "none" if endpoints.dropserver is None else f"{endpoints.dropserver.host}:{endpoints.dropserver.port}"
    console.print(_GO_ON.format(number=ORDINARY, dropserver=place, **shown), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
