"""Kills WEWIS's commands at every change that they make on a disk, for `test_cli_source_deaths`.

A program of its own, so that it can be forked: `python -m tests.cli.source.deaths FOLDER`.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.cli.source.world import Source
from tests.support.people import person_number

DAYS = [[f"JBP-{day}-{place},{person_number(place + 1)},2024,1,{day}.00,2025-03-03" for place in range(3)]
        for day in (1, 2)]  # fmt: skip
COMMANDS = ("make 0", "send", "make 1", "send")


def changes_seen(folder: Path, change: Callable[[], None]) -> None:
    """Have a function called before each change that this process makes in a folder."""

    def hook(event: str, args: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
        if (writes or event in {"os.rename", "os.remove", "os.mkdir"}) and str(folder) in str(args[0]):
            change()

    sys.addaudithook(hook)


def run(source: Source, command: str) -> None:
    if command == "send":
        done = source.run("send")
        assert done.exit_code == 0, done.output
        return
    day = int(command.removeprefix("make "))
    done = source.make(source.root / f"{day}.csv")
    assert done.exit_code == 0 or "was made of this CSV" in done.output, done.output


def live(source: Source, journal: Path, *, dies_at: int | None) -> int:
    """Run the commands that the journal does not have, in a process of its own; give its exit status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = [dies_at or 0]

    def change() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    opened = os.open(journal, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    done = len(os.read(opened, 100))
    changes_seen(source.root, change)
    try:
        for command in COMMANDS[done:]:
            run(source, command)
            os.write(opened, b".")
    except BaseException as error:  # noqa: BLE001 - a fork must not come back
        sys.stderr.write(f"{error!r}\n")
        os._exit(1)
    os._exit(0)


def main(folder: Path) -> None:
    """Write what became of each death as one JSON document."""
    found = []
    for dies_at in range(1, 200):
        root = folder / str(dies_at)
        root.mkdir()
        source = Source(root)
        for day, rows in enumerate(DAYS):
            source.csv(*rows, name=f"{day}.csv")
        status = live(source, folder / f"{dies_at}.journal", dies_at=dies_at)
        again = live(source, folder / f"{dies_at}.journal", dies_at=None)
        found.append(
            {
                "killed": status == -signal.SIGKILL,
                "again": again,
                "numbers": [file["context"]["volgnummer"] for file in source.arrived().values()],
                "refertes": [[one["referte"] for one in file["mutaties"]] for file in source.arrived().values()],
                "outbox": [path.name for path in source.made() if not path.name.endswith(".part")],
                "state": json.loads((source.state / "state.json").read_bytes())["volgnummer"],
            }
        )
        if status == 0:
            break
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
