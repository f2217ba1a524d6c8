"""Running lives, each in a process of its own, and telling what came of them."""

import argparse
import gc
import hashlib
import os
import tempfile
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import Manager, get_context
from pathlib import Path
from queue import Queue
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.decade import START
from tests.decade.planting import Fault, faults, plant

PARENTIA = "0686764255"
_LONG = 1000
"""So many days are many: in such a life there is a stand every fourth night, for the sake of time."""
_MEMORY = "/dev/shm"  # noqa: S108 - where a disk need not be waited for, if there is such a place


def one(seed: int, persons: int, days: int, fault: Fault | None, days_lived: "Queue[int] | None" = None) -> Any:
    """Live one life in this process, which has read nothing of the product yet.

    Returns:
        How it ended: `Lived`, or the words of what differs.
    """
    os.environ["PARTY_ENDS"] = f"{PARENTIA}={START + timedelta(days=days * 7 // 10)}"
    if fault is not None:
        plant(fault)
    from tests.decade.life import DivergedError, Life  # noqa: PLC0415 - only now

    try:
        rotates = days * 6 // 10
        # Nearly all that is made stays: looking for garbage took 6 %.
        gc.set_threshold(100_000)
        with tempfile.TemporaryDirectory(prefix="decade-", dir=next(filter(os.path.isdir, [_MEMORY]), None)) as folder:
            life = Life(
                seed,
                persons,
                rotates,
                restores=[days // 3, rotates + 3],
                output=Path(folder),
                days_for_a_stand=1 if days < _LONG else 4,
            )
            return life.live(days, lambda _: None if days_lived is None else days_lived.put(1))
    except DivergedError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - told in words
        if fault is None:
            # As words: not every error finds its way out of a process.
            raise RuntimeError("".join(traceback.format_exception(error))) from None
        return f"it fails: {type(error).__name__}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; give 1 when what is so is not what must be so."""
    parser = argparse.ArgumentParser(prog="decade", description="Live through years.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=3650)
    parser.add_argument("--persons", type=int, default=2000)
    parser.add_argument("--worlds", type=int, default=2, help="among which the persons are divided, each on a core")
    parser.add_argument("--faults", nargs="?", const="", help="plant the faults whose names hold this, one at a time")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    if options.faults is not None:
        return _plant(options.faults, options.worlds, console)
    return _live(options, console)


def _live(options: argparse.Namespace, console: Console) -> int:
    worlds, context = options.worlds, get_context("spawn")
    with Manager() as manager, ProcessPoolExecutor(worlds, context) as pool, _progress(console) as progress:
        lived: Any = manager.Queue()
        lives = [
            pool.submit(one, options.seed * 100 + number, options.persons // worlds, options.days, None, lived)
            for number in range(worlds)
        ]
        task = progress.add_task("Days", total=worlds * options.days)
        tenths = 0.0
        wrong: list[str] = []
        while not all(life.done() for life in lives):
            ended = [life.result() for life in lives if life.done()]
            for words in (end for end in ended if isinstance(end, str) and end not in wrong):
                # At once: the other worlds may go on for long.
                console.print(f"Diverged on {words}", style="red")
                wrong.append(words)
            if not lived.empty():
                progress.advance(task, lived.get())
                tenths, before = 10 * progress.tasks[0].completed // (worlds * options.days), tenths
                if tenths > before and not console.is_terminal:
                    console.print(f"{10 * int(tenths)} %")
            else:
                context.Event().wait(0.1)
        ends = [life.result() for life in lives]
    for words in (end for end in ends if isinstance(end, str) and end not in wrong):
        console.print(f"Diverged on {words}", style="red")
        wrong.append(words)
    if wrong:
        return 1
    digest = hashlib.sha256("".join(end.digest for end in ends).encode()).hexdigest()
    totals = {name: sum(getattr(end, name) for end in ends) for name in ("files", "lookups", "notices")}
    console.print(
        f"{options.days} days of {options.persons} persons, seed {options.seed}: "
        + ", ".join(f"{count} {name}" for name, count in totals.items())
        + f".\nDigest {digest}"
    )
    return 0


def _plant(wanted: str, worlds: int, console: Console) -> int:
    missed = 0
    chosen = [fault for fault in faults() if wanted in fault.name]
    # A process of its own for each: it reads the product once.
    with ProcessPoolExecutor(worlds, get_context("spawn"), max_tasks_per_child=1) as pool:
        ends = pool.map(one, *zip(*((each.seed, each.persons, each.days, each) for each in chosen), strict=True))
        for fault, end in zip(chosen, ends, strict=True):
            found = isinstance(end, str)
            missed += not found
            words = end if found else f"not found in {fault.days} days"
            console.print(f"{fault.name} (seed {fault.seed}): {words}", style=None if found else "red", soft_wrap=True)
    return 1 if missed or not chosen else 0


def _progress(console: Console) -> Progress:
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*parts, console=console, disable=not console.is_terminal)
