"""`make reliability`: tries every fault and a load, and writes docs/reliability.md with what was seen."""

import sys
import tempfile
from pathlib import Path
from typing import Final

from jbplus_local.emulator import Emulator
from tests.reliability import faults, load, page
from tests.reliability.faults import CASES, Seen
from tests.reliability.load import Course, Size
from tests.reliability.stage import BASE, stage
from tests.support.people import person_number

ROOT: Final = Path(__file__).parents[2]
PERSONS: Final = 200
SIZE: Final = Size(files=5, lookers=3, every=7)
_SOON_OVER: Final = 95.0
"""Seconds of an invocation that ask for no more patience than it takes to apply a small file."""


def main() -> int:
    """Write the page.

    Returns:
        The exit code: 1 when something was answered wrongly or without its record, and the page stays as it was.
    """
    with tempfile.TemporaryDirectory() as folder:
        emulator = Emulator(ROOT / ".venv-emulator" / "bin" / "python", Path(folder) / "emulator")
        emulator.start()
        try:
            seen = _faults(emulator, Path(folder))
            went, unlogged = _load(emulator, Path(folder))
        finally:
            emulator.stop()
    for mistake in (*went.wrong, *(f"no record of {trace}" for trace in unlogged)):
        sys.stderr.write(f"{mistake}\n")
    if went.wrong or unlogged:
        return 1
    written = page.page(seen, page.figures(went, len(unlogged), SIZE, PERSONS))
    (ROOT / "docs" / "reliability.md").write_text(written, encoding="utf-8")
    sys.stdout.write(written)
    return 0


def _persons(count: int) -> tuple[str, ...]:
    return tuple(person_number(serial) for serial in range(1, count + 1))


def _faults(emulator: Emulator, folder: Path) -> list[Seen]:
    seen = []
    with stage(emulator.aws, folder, _persons(3)) as small:
        with small.environment("intake") as intake:
            assert small.take_in(intake, small.drop(1))
        for number, case in enumerate(CASES, 2):
            # Environments that are new: they have neither connections nor keys yet.
            with small.environment("consultation") as consultation:
                lookups = faults.lookups_during(case, small, consultation, BASE + number - 1)
            with small.environment("intake", _SOON_OVER) as intake:
                seen.append(Seen(lookups, faults.files_during(case, small, intake, number)))
            sys.stderr.write(f"{case.name}: {seen[-1].lookups.name}, {seen[-1].files.name}\n")
        assert small.unlogged() == []
    return seen


def _load(emulator: Emulator, folder: Path) -> tuple[Course, list[str]]:
    with stage(emulator.aws, folder, _persons(PERSONS)) as large:
        return load.course(large, SIZE), large.unlogged()


if __name__ == "__main__":
    sys.exit(main())
