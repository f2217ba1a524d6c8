"""The command line: `python -m mutants [--minutes N] [--seed N] [PART ...]`.

The exit code is 1 when a mutant that is not known went unnoticed, and 2 when nothing could be said.
"""

import argparse
import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rich.console import Console

from jbplus_local.template import CodeLocation, code_folders, expand, read
from mutants import places, template
from mutants.known import Known
from mutants.mutant import Mutant
from mutants.trying import BrokenTestsError, Copy, Outcome

ROOT = Path(__file__).parents[1]
COPIES = ROOT / ".local" / "mutants"
KNOWN = Path(__file__).parent / "known.toml"


@dataclass
class Trial:
    """What came of the mutants so far; used by several threads.

    Attributes:
        mutants: those to come.
        until: when to stop, of the monotonic clock.
        console: says what happens.
        known: the mutants that change nothing.
    """

    mutants: Iterator[Mutant]
    until: float
    console: Console
    known: Known
    noticed: int = 0
    endless: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sound: set[str] = field(default_factory=set)

    def work(self, copy: Copy) -> None:
        """Try mutants on a copy until time is up or none is left."""
        while time.monotonic() < self.until:
            with self._lock:
                mutant = next(self.mutants, None)
            if mutant is None:
                return
            tests = [*places.likeliest(mutant.path, ROOT), *places.tests(mutant.path)]
            outcome = copy.try_out(mutant, tests, self.until)
            if outcome is Outcome.FAILED:
                self._see_that_it_passes(copy, copy.failed())
            self._count(mutant, outcome)

    def _see_that_it_passes(self, copy: Copy, test: str | None) -> None:
        """Run a test that failed on a mutant, once, on the code as it is: else it says nothing of the mutant."""
        if test is None or test in self._sound:
            return
        if copy.run([test], self.until) in {Outcome.FAILED, Outcome.ENDLESS}:
            raise BrokenTestsError(f"{test} fails on the code as it is; see {copy.output}")
        self._sound.add(test)

    def _count(self, mutant: Mutant, outcome: Outcome) -> None:
        with self._lock:
            self.noticed += outcome is Outcome.FAILED
            self.endless += outcome is Outcome.ENDLESS
            if outcome in {Outcome.FAILED, Outcome.ENDLESS}:
                self.console.print(".", end="")
            if outcome is Outcome.PASSED:
                self.survivors.append(mutant)
                self.console.print(
                    f"\n{mutant.told()}  [{self.known.why(mutant) or 'UNKNOWN'}]", markup=False, soft_wrap=True
                )


def _expanded() -> str:
    source = read(ROOT / template.PATH)
    code = {name: CodeLocation("artifacts", f"{name}.zip") for name in code_folders(source)}
    return json.dumps(expand(source, code, "eu-central-1"))


def main() -> int:
    """Try what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m mutants", description="Which breakages does no test notice?")
    parser.add_argument("--minutes", type=float, default=10, help="when to stop (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="another one breaks other places (default: 1)")
    parser.add_argument("--most", type=int, help="how many mutants at most (default: as many as there is time for)")
    parser.add_argument("--workers", type=int, default=2, help="how many at once (default: 2)")
    parser.add_argument(
        "part",
        nargs="*",
        help="names, or the beginnings of names, of files below the layer's package; template.yaml (default: all)",
    )
    arguments = parser.parse_args()
    until = time.monotonic() + 60 * arguments.minutes
    paths = [path for path in places.of_tree(ROOT) if places.is_of(path, arguments.part)]
    if not paths:
        parser.error(f"there is nothing called {', '.join(arguments.part)}")
    chance = random.Random(arguments.seed)  # noqa: S311 - a sample that can be had again
    mutants = islice(places.mutants(paths, ROOT, _expanded(), chance), arguments.most)
    console = Console()
    trial = Trial(mutants, until, console, Known(KNOWN))
    copies = [Copy.make(ROOT, COPIES / str(number)) for number in range(arguments.workers)]
    with ThreadPoolExecutor(len(copies)) as pool:
        for done in [pool.submit(trial.work, copy) for copy in copies]:
            try:
                done.result()
            except BrokenTestsError as error:
                trial.until = 0
                console.print(f"\n{error}", markup=False, soft_wrap=True)
                return 2
    return _close(trial)


def _close(trial: Trial) -> int:
    unknown = [mutant for mutant in trial.survivors if trial.known.why(mutant) is None]
    tried = trial.noticed + trial.endless + len(trial.survivors)
    trial.console.print(
        f"\n{tried} tried: {trial.noticed} noticed, {trial.endless} came to no end, "
        f"{len(trial.survivors) - len(unknown)} known, {len(unknown)} went unnoticed.",
        soft_wrap=True,
    )
    if not tried:
        trial.console.print("There was no time for any; give more MINUTES.")
        return 2
    return 1 if unknown else 0


if __name__ == "__main__":
    raise SystemExit(main())
