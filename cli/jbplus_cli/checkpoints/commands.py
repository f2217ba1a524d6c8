"""`jbplus checkpoints`: auditors verify the sealed privacy log, and its table against it (Article 6)."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from jbplus.checkpoints.verify import (
    Checkpoint,
    Finding,
    Sealed,
    check_chain,
    compare,
    digests,
    read_checkpoints,
)
from jbplus.errors import UnavailableError
from jbplus_cli.checkpoints.comparing import Compared
from jbplus_cli.checkpoints.stack import SealedLog
from jbplus_cli.screen import looks
from jbplus_cli.screen.options import Json, Stack
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of
from jbplus_recipient.errors import ExchangeError

app = typer.Typer(no_args_is_help=True, help="Verify the privacy log: its table, its segments and its checkpoints.")

Others = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FOLDER…", exists=True, file_okay=False, help="Checkpoints of other witnesses.", show_default=False
    ),
]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="FINGERPRINT", help="A published key; without, any first key is taken."),
]


@app.command()
def verify(
    ctx: typer.Context,
    *,
    others: Others = None,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", file_okay=False, help="Where what is fetched is kept.")
    ],
    key: Keys = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Compare the log's table, its segments and its checkpoints, and those of other witnesses.

    What is in the folder already is not fetched again. The segments hold pseudonyms: keep the folder as you keep files.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        try:
            log = SealedLog.of(world, world.target(stack))
            points, segments = log.fetch(folder, screen.records_done)
            findings = judge([points, *(others or [])], key or [])
            chain, _ = read_checkpoints(points)
            sealed, compared = Sealed(), Compared()
            with screen.waiting("Reading the segments"):
                findings += sealed.check(digests(segments), chain)
            if not sealed.end:
                raise ExchangeError("Nothing was sealed yet: the function of the checkpoints runs every hour.")
            with screen.waiting("Reading the table"):
                findings += compared.table(log.items(), sealed, segments, world.now())
        except UnavailableError as error:
            raise ExchangeError(f"{error}. Run it again: what was fetched is kept.") from error
        words = f"{looks.counted(compared.records, 'record')} of the table as sealed, the last at {sealed.end}"
        besides = {
            "sealed": len(sealed.contents),
            "asSealed": compared.records,
            "waiting": compared.waiting,
            "older": compared.older,
        }
        screen.result({**besides}, Text(f"{words}; {compared.waiting} are too new, {compared.older} too old for it."))
        tell(findings, screen)


def judge(folders: Sequence[Path], keys: Iterable[str]) -> list[Finding]:
    """Check what witnesses hold, and compare it."""
    findings: list[Finding] = []
    witnesses: dict[str, Mapping[int, Checkpoint]] = {}
    for folder in folders:
        chain, wrong = read_checkpoints(folder)
        witnesses[str(folder)] = chain
        findings += [*wrong, *check_chain(chain, frozenset(keys))]
        if not chain:
            findings.append(Finding(str(folder), "holds no checkpoint"))
    return [*findings, *compare(witnesses)]


def tell(findings: Sequence[Finding], screen: Screen) -> None:
    """Tell what does not agree; the command fails then."""
    for finding in findings:
        screen.fall_short(finding.line)
    if not findings:
        screen.result({}, Text("All agrees."))
