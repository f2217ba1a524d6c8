"""`make invoke FUNCTION=… EVENT=…`: a function in a container, as `sam local invoke` runs it, against `make run`."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jbplus_local import template
from jbplus_local.aws import REGION
from jbplus_local.containers import gateway, reachable
from jbplus_local.errors import LocalStackError
from jbplus_local.stack import ENDPOINTS, FUNCTIONS

_PROJECT: Final = Path(__file__).parents[2]
_SAM: Final = _PROJECT / ".venv-sam" / "bin" / "sam"


def main() -> int:
    """Run a function once; give the exit code of `sam local invoke`, or 1 when it could not be run."""
    parser = argparse.ArgumentParser(prog="make invoke")
    parser.add_argument("function", help="its logical id in template.yaml")
    parser.add_argument("event", nargs="?", type=Path, help="a file with the event; without: its sample in events/")
    parser.add_argument("--sam", action="append", default=[], metavar="OPTION", help="an option of sam local invoke")
    said = parser.parse_args()
    try:
        event = said.event or sample_event(_PROJECT, said.function)
        port = port_of(_PROJECT / ".local")
        with reachable(gateway(), port) as how:
            words = ["local", "invoke", said.function, "--event", str(event), *how, *said.sam]
            done = subprocess.run([str(_SAM), *words], cwd=_PROJECT, env=_environment(), check=False)  # noqa: S603 - our own words
    except LocalStackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return done.returncode


def sample_event(project: Path, function: str) -> Path:
    """Give the sample event of a function: it bears the name of the function's folder.

    Raises:
        LocalStackError: there is no such function.
    """
    folders = template.code_folders(template.read(project / "template.yaml"))
    functions = {name: folder for name, folder in folders.items() if name.endswith("Function")}
    if function not in functions:
        raise LocalStackError(
            f"There is no {function or 'function without a name'}. There are: {', '.join(functions)}."
        )
    return project / "events" / f"{Path(functions[function]).name}.json"


def port_of(folder: Path) -> int:
    """Give the emulator's port.

    Raises:
        LocalStackError: no local stack runs.
    """
    try:
        url: str = json.loads((folder / ENDPOINTS).read_text(encoding="utf-8"))["aws"]
    except FileNotFoundError:
        raise LocalStackError("No local stack is running here. Start it in another terminal, with: make run") from None
    if not (folder / FUNCTIONS).is_file():
        raise LocalStackError(f"{folder / FUNCTIONS} is missing: stop the local stack, and start it with: make run")
    port = urlsplit(url).port
    if port is None:
        raise LocalStackError("The local stack has no port: stop it, and start it with: make run")
    return port


def _environment() -> dict[str, str]:
    # The emulator's well-known user; a profile of the user's is never handed to a container.
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return mine | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
    }


if __name__ == "__main__":
    sys.exit(main())
