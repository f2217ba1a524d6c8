"""The operator's command, run in this process."""

import sys
from collections.abc import Iterable
from functools import cache

from typer._click import Command
from typer.main import get_command
from typer.testing import CliRunner, Result

from jbplus_cli.main import app
from jbplus_cli.stack.surroundings import Surroundings


def run(words: Iterable[object], world: Surroundings, stdin: str | None = None, **env: str) -> Result:
    """Run `jbplus` as who types it would; a crash is raised, not told as an exit code.

    Args:
        words: what is typed after `jbplus`.
        world: what is around the command.
        stdin: what is typed later.
        env: variables of the environment.
    """
    runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", **env})
    code: int | str | None = 0
    with runner.isolation(input=stdin) as (out, err, both):
        try:
            _command().main(args=[str(word) for word in words], prog_name="jbplus", obj=world)
        except SystemExit as ended:
            code = ended.code
        sys.stdout.flush()
        sys.stderr.flush()
        said = (out.getvalue(), err.getvalue(), both.getvalue())
    assert isinstance(code, int), code
    return Result(runner, *said, return_value=None, exit_code=code, exception=None)


@cache
def _command() -> Command:
    """All commands, made once: that takes longer than most of them."""
    return get_command(app)
