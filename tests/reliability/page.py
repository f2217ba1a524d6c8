"""The page that `make reliability` writes."""

import os
import platform
from collections.abc import Sequence
from typing import Final

from tests.reliability.faults import CASES, Seen
from tests.reliability.load import Course, Size

_FAULTS: Final = """\
# Reliability

What goes wrong around the exchange, what that does to callers and to files, and how it holds when lookups, files and faults come together. `make reliability` writes this page anew: it runs the consultation and the intake as Lambda does, each environment a process of its own, on the emulator of AWS, with something in between that throttles, fails, cuts, keeps silent or finds the clock wrong. `make test` tries the same in small.

Three things hold whatever happens: no wrong answer, no answer without its record in the privacy log, and no file lost or taken in twice. The command writes nothing when one of them does not.

## What each fault does

| what goes wrong | to lookups | to files |
|---|---|---|
"""
_LOAD: Final = """
The other calls of the API answer as lookups do: all that is out of reach is a 503 with `Retry-After`, and a call that was told so may be repeated as it was. A record without an answer may stay in the privacy log, never the reverse. A file's event is delivered three times by AWS, then it waits in the failure queue ([runbook](runbooks/failure-queue.md)); its object stays under `inkomend/` all the time. A clock that is wrong answers nothing: AWS refuses what is signed at another time than its own, give or take some minutes.

## Under load

Files come in one after the other, each with a change for every person, while lookers look the same persons up without a pause. Now and then a request to the tables is throttled, fails or is cut, some of them after it was carried out. Each answer is compared with what it may be: the amount of a file that was coming in, or of the last one that was in for certain when the lookup began.

| | |
|---|---|
"""
_REMARK: Final = """
The emulator answers a request in tens of milliseconds and shares the machine with all the rest: these times say that nothing stands still, not how fast AWS is. [What it costs](performance.md) has figures that compare.
"""


def fault_rows(seen: Sequence[Seen]) -> list[str]:
    """Give the rows of the first table."""
    return [f"| {case.name} | {each.lookups} | {each.files} |" for case, each in zip(CASES, seen, strict=True)]


def figures(went: Course, unlogged: int, size: Size, persons: int) -> dict[str, str]:
    """Give the second table, by its first column."""
    return {
        "machine": f"{os.cpu_count()} processors, Python {platform.python_version()}",
        "what was done": f"{size.files} files of {persons} persons, {size.lookers} lookers, a fault in each "
        f"{size.every}th request to the tables",
        "files taken in, each once": f"{size.files} of {size.files}, after {went.deliveries} deliveries, in "
        f"{went.seconds:.0f} s",
        "lookups answered": f"{len(went.answered):,}",
        "lookups told to try again (503)": f"{len(went.unavailable):,}",
        "wrong answers": str(len(went.wrong)),
        "answers without a record": str(unlogged),
        "half of the answers took at most": f"{went.milliseconds(50):.0f} ms",
        "ninety-five of a hundred took at most": f"{went.milliseconds(95):.0f} ms",
    }


def page(seen: Sequence[Seen], figures_: dict[str, str]) -> str:
    """Write the page."""
    rows = [f"| {name} | {figure} |" for name, figure in figures_.items()]
    return f"{_FAULTS}{_lines(fault_rows(seen))}{_LOAD}{_lines(rows)}{_REMARK}"


def _lines(rows: Sequence[str]) -> str:
    return "".join(f"{row}\n" for row in rows)
