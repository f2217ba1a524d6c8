"""`python -m jbplus_openapi.stand_vectors FILE`: write pairs and what a stand says of them, for who writes a client."""

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jbplus.stand.document import Stand
from jbplus.stand.rules import Pair, number_of, parted, ranges_of

_PARTY: Final = "0685540471"
_MOMENT: Final = datetime(2025, 3, 4, 1, 30, tzinfo=UTC)
_SIZES: Final = {"nothing": 0, "one": 1, "two in one range": 2, "many": 200}


def vectors() -> str:
    """Give the vectors as they are committed."""
    cases = [{"name": name, **_case(_pairs(name, size))} for name, size in _SIZES.items()]
    return json.dumps({"cases": cases, "compared": [_compared()]}, indent=1) + "\n"


def _compared() -> dict[str, object]:
    """Give what a client has and what opening two ranges gave, as the harness asks it."""
    same, other, here, elsewhere, there = (
        Pair(f"{name}{_digits(what)[3:]}", _digits(f"{what} versie"))
        for what, name in (("same", "0f3"), ("other", "0f3"), ("here", "a1c"), ("elsewhere", "b2d"), ("there", "a1c"))
    )
    ranges = ["0f3", "a1c"]
    mine, theirs = [same, other, here, elsewhere], [same, Pair(other.handle, _digits("another answer")), there]
    found = parted(dict(mine), dict(theirs), ranges)
    items = [{"handle": pair.handle, "versie": pair.version} for pair in theirs]
    return {
        "question": {"ask": "compare", "pairs": [list(pair) for pair in mine], "bereiken": ranges, "items": items},
        "answer": {"outdated": found.outdated, "notHere": found.not_here, "onlyHere": found.only_here},
    }


def _case(pairs: list[Pair]) -> dict[str, object]:
    return {
        "pairs": [
            {"handle": pair.handle, "versie": pair.version, "number": f"{number_of(pair):032x}"} for pair in pairs
        ],
        "stand": json.loads(Stand.of(_PARTY, _MOMENT, ranges_of(pairs)).to_json()),
    }


def _pairs(name: str, size: int) -> list[Pair]:
    pairs = [Pair(_digits(f"{name} handle {n}"), _digits(f"{name} versie {n}")) for n in range(size)]
    if name == "two in one range":
        return [Pair(f"0f3{pair.handle[3:]}", pair.version) for pair in pairs]
    return pairs


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(vectors(), encoding="utf-8")
