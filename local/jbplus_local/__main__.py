"""`make run`: the whole exchange on this machine, shown at work; it stays up until Ctrl-C."""

import sys
import time
from argparse import ArgumentParser
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Endpoints as TargetEndpoints
from jbplus_cli.stack.target import Target
from jbplus_local.errors import LocalStackError
from jbplus_local.sandbox.stories import ORDINARY
from jbplus_local.sandbox.world import Sandbox
from jbplus_local.signals import ending_in_order
from jbplus_local.stack import Endpoints, LocalStack, Ports, Settings
from jbplus_local.tour import Tour
from jbplus_recipient.errors import ExchangeError

_PROJECT = Path(__file__).parents[2]

# The API's address has a $, which a shell would replace: it stands in single quotes.
_GO_ON = """
[bold]The exchange is up.[/] Go on in another terminal, in this folder. README.md has a tour by role; or ask the API:

  curl '{api}/v1/verrichtingen/get' \\
    -H "Authorization: Bearer $(.venv/bin/jbplus token --party infino --scope jbplus:dossierbeheer)" \\
    -H 'x-correlation-id: first-try' -H 'X-Magda-Enduser-ID: me' -H 'Content-Type: application/json' \\
    -d '{{"insz": "{number}", "doel": "socialeToeslag"}}'

The API's page  {api}/v1/doc
Test persons    docs/sandbox.md
Tokens          {issuer}/token
FTPS            {dropserver}
AWS             {aws}   bucket {bucket}

Data are kept in .local/ for the next start; [bold]Ctrl-C[/] stops everything.
"""


def main() -> int:
    """Start the stack, show it at work, and wait for the end.

    Returns:
        The exit code: 0 after Ctrl-C, 1 when something did not work.
    """
    ports = _ports(sys.argv[1:])
    console = Console(highlight=False)
    world = Surroundings.real()
    began = time.monotonic()

    def tell(step: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:4.0f} s[/]  {step}…")

    try:
        with ending_in_order(), suppress(KeyboardInterrupt):
            console.print("Starting the local stack: one to two minutes the first time, half a minute later on.")
            with LocalStack(Settings.of_project(_PROJECT, ports), tell) as stack:
                tell("Showing a sample day")
                target = Target.local(TargetEndpoints(**asdict(stack.endpoints)))
                publishing = stack.outputs["StatisticsPublishingFunction"]
                folder = stack.settings.folder / "recipients"
                Tour(world, target, publishing, stack.dropserver.access, _PROJECT, folder, console).show()
                tell("Preparing the sandbox: test persons with a story each")
                Sandbox(stack).prepare()
                stack.publish()
                _say_how_to_go_on(console, stack.endpoints)
                try:
                    stack.wait()
                except LocalStackError as error:
                    # At once: what is left is cleared away afterwards, which may take long.
                    return _fail(error)
    except (LocalStackError, ExchangeError) as error:
        return _fail(error)
    return 0


def _fail(error: Exception) -> int:
    Console(stderr=True, highlight=False).print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
    return 1


def _ports(words: list[str]) -> Ports:
    parser = ArgumentParser(prog="make run RUN_ARGS=…", description=__doc__, allow_abbrev=False)
    for name, what in (("api", "the API and the emulator of AWS"), ("tokens", "tokens"), ("dropserver", "FTPS")):
        parser.add_argument(f"--{name}-port", type=_port, default=0, metavar="PORT", help=f"where {what} is; else any")
    said = parser.parse_args(words)
    return Ports(said.api_port, said.tokens_port, said.dropserver_port)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise ValueError
    return int(text)


def _say_how_to_go_on(console: Console, endpoints: Endpoints) -> None:
    shown = {name: escape(getattr(endpoints, name)) for name in ("api", "issuer", "aws", "bucket")}
    place = "none" if endpoints.dropserver is None else f"{endpoints.dropserver.host}:{endpoints.dropserver.port}"
    console.print(_GO_ON.format(number=ORDINARY, dropserver=place, **shown), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
