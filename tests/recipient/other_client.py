"""A client of stands as a party might write it from the page alone: no code of ours, and faults on demand."""

import hashlib
import json
import sys

FAULT = sys.argv[1] if len(sys.argv) > 1 else ""


def number(handle: str, version: str) -> int:
    separator = "" if FAULT == "no colon" else ":"
    digest = hashlib.sha256((handle + separator + version).encode("ascii")).digest()
    if FAULT == "last bytes":
        return int.from_bytes(digest[16:], "big")
    return int.from_bytes(digest[:16], "little" if FAULT == "low byte first" else "big")


def stand(pairs: list[list[str]]) -> dict[str, list[object]]:
    said: dict[str, list[object]] = {}
    for name in sorted({handle[:3] for handle, _ in pairs}):
        numbers = [number(*pair) for pair in pairs if pair[0][:3] == name]
        total = sum(numbers) if FAULT == "no modulo" else sum(numbers) % 2**128
        if FAULT == "exclusive or":
            total = 0
            for each in numbers:
                total ^= each
        said[name] = [len(numbers), format(total, "x" if FAULT == "no zeros" else "032x")]
    return said


def answer(asked: dict) -> object:  # type: ignore[type-arg]
    here = stand(asked["pairs"])
    if asked["ask"] == "stand":
        return {"bereiken": here}
    if asked["ask"] == "differing":
        there = asked["bereiken"]
        names = set(here) | (set() if FAULT == "forgets ranges that it has not" else set(there))
        return {"bereiken": sorted(name for name in names if here.get(name) != there.get(name))}
    mine = {h: v for h, v in asked["pairs"] if FAULT == "all ranges" or h[:3] in asked["bereiken"]}
    theirs = {item["handle"]: item["versie"] for item in asked["items"]}
    return {
        "outdated": sorted(h for h in mine if h in theirs and mine[h] != theirs[h]),
        "notHere": sorted(h for h in theirs if h not in mine),
        "onlyHere": sorted(h for h in mine if h not in theirs),
    }


if FAULT == "dies":
    sys.exit("I am broken")
if FAULT != "says nothing":
    for line in sys.stdin:
        print("?" if FAULT == "no JSON" else json.dumps(answer(json.loads(line))))  # noqa: T201 - it answers so
