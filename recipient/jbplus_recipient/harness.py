"""`python -m jbplus_recipient.harness`: proves that another client compares itself with its stand as this one does.

With a command it runs that, asks it questions over its standard input and judges its answers; it ends with 0 when all
are right. Without, it answers such questions itself. Both are lines of JSON, an answer for each question, in order:

    {"ask": "stand", "pairs": [[handle, versie], …]}                 {"bereiken": {range: [count, fingerprint]}}
    {"ask": "differing", "pairs": […], "bereiken": {range: […]}}     {"bereiken": [range, …]}
    {"ask": "compare", "pairs": […], "bereiken": [range, …],         {"outdated": [handle, …],
     "items": [{"handle", "versie"}, …]}                              "notHere": [handle, …], "onlyHere": [handle, …]}

`pairs` are what the client has; in `differing` the ranges are those of a stand, in `compare` those that were opened,
and `items` what opening them gave. Lists of an answer are sorted.
"""

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jbplus.stand.rules import Pair, Range, differing, parted, range_of, ranges_of

_CASES: Final = 24
_SEED: Final = 20250304
_PATIENCE: Final = 60

Said = Mapping[str, Any]


def answer(question: Said) -> dict[str, Any]:
    """Answer a question."""
    pairs = [Pair(*each) for each in question["pairs"]]
    match question["ask"]:
        case "stand":
            return {"bereiken": {n: [each.count, each.fingerprint] for n, each in sorted(ranges_of(pairs).items())}}
        case "differing":
            stand = {name: Range(count, int(mark, 16)) for name, (count, mark) in question["bereiken"].items()}
            return {"bereiken": differing(ranges_of(pairs), stand)}
        case _:
            there = {item["handle"]: item["versie"] for item in question["items"]}
            found = parted(dict(pairs), there, question["bereiken"])
            return {"outdated": found.outdated, "notHere": found.not_here, "onlyHere": found.only_here}


def questions(seed: int = _SEED) -> Iterator[Said]:
    """Make questions: of nobody, of many in one range, of sums that run over, and of everything that may differ."""
    chance = random.Random(seed)  # noqa: S311 - cases, no secrets
    for case in range(_CASES):
        here = _pairs(chance, case * case)
        there = _altered(chance, here)
        yield {"ask": "stand", "pairs": here}
        stand = answer({"ask": "stand", "pairs": there})["bereiken"]
        asked = {"ask": "differing", "pairs": here, "bereiken": stand}
        yield asked
        ranges = answer(asked)["bereiken"][:64]
        items = [{"handle": handle, "versie": version} for handle, version in there if range_of(handle) in ranges]
        yield {"ask": "compare", "pairs": here, "bereiken": ranges, "items": items}


def _pairs(chance: random.Random, count: int) -> list[tuple[str, str]]:
    ranges = [f"{chance.getrandbits(12):03x}" for _ in range(9)]
    return [
        (f"{chance.choice(ranges)}{chance.getrandbits(116):029x}", f"{chance.getrandbits(128):032x}")
        for _ in range(count)
    ]


def _altered(chance: random.Random, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    kept = [pair for pair in pairs if chance.random() > 0.01]  # noqa: PLR2004 - one in a hundred
    kept = [(handle, version if chance.random() > 0.01 else version[::-1]) for handle, version in kept]  # noqa: PLR2004
    kept += _pairs(chance, chance.randrange(3))
    chance.shuffle(kept)
    return kept


def judge(command: Sequence[str], seed: int = _SEED) -> str | None:
    """Run a client and judge it; say what is wrong first, None when nothing is.

    Args:
        command: the program and its arguments.
        seed: of the questions.
    """
    asked = list(questions(seed))
    lines = "".join(f"{json.dumps(each)}\n" for each in asked)
    try:
        done = subprocess.run(  # noqa: S603 - the client that is to be judged
            command, input=lines, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        return f"It cannot be run to its end ({type(error).__name__})."
    if done.returncode:
        return f"It ended with {done.returncode}: {done.stderr.strip()[-200:]}"
    given = done.stdout.splitlines()
    if len(given) != len(asked):
        return f"It gave {len(given)} answers to {len(asked)} questions."
    for place, (question, line) in enumerate(zip(asked, given, strict=True), 1):
        expected = answer(question)
        if _read(line) != expected:
            return f"Answer {place}, to {json.dumps(question)[:400]}: expected {json.dumps(expected)[:400]}"
    return None


def _read(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def main(command: Sequence[str]) -> int:
    """Judge a command, or answer questions where none is given."""
    if not command:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        return 0
    wrong = judge(command)
    sys.stdout.write(f"{wrong or 'All answers are right: it compares as the exchange does.'}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
