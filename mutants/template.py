"""Mutants of the template as CloudFormation sees it: something gone, something else, the opposite, everything."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from mutants.mutant import Mutant

PATH = "template.yaml"

_Place = tuple[str | int, ...]
# Words for people, and what only the emulator and the build read.
_WORDS = {
    "Description",
    "AlarmDescription",
    "Metadata",
    "Tags",
    "S3Key",
    "S3Bucket",
    "ConstraintDescription",
    "PolicyName",
}
_OTHER_WORDS = {
    "Allow": "Deny",
    "Sum": "SampleCount",
    "Maximum": "Minimum",
    "Minimum": "Maximum",
    "Average": "Maximum",
    "GreaterThanThreshold": "LessThanThreshold",
    "GreaterThanOrEqualToThreshold": "LessThanThreshold",
    "LessThanThreshold": "GreaterThanThreshold",
    "breaching": "notBreaching",
    "notBreaching": "breaching",
    "missing": "ignore",
    "ignore": "missing",
}


def sample(expanded: str, source: str, chance: random.Random) -> Mutant | None:
    """Break the expanded template in one place; None when chance hit words for people.

    Args:
        expanded: the template after the SAM transform, as JSON.
        source: the template as written; a mutant's line is that of its resource there.
        chance: chooses.
    """
    document = json.loads(expanded)
    parts = [part for part in ("Parameters", "Conditions", "Resources") if part in document]
    places = [place for part in parts for place in _places(document[part], (part,)) if not _WORDS & set(place)]
    place = chance.choice(places)
    broken = copy.deepcopy(document)
    owner: Any = broken
    for step in place[:-1]:
        owner = owner[step]
    was = owner[place[-1]]
    ways = [None, *_others(str(place[-1]), was)]
    if place[0] == "Conditions" and len(place) == 2:  # noqa: PLR2004 - a condition as a whole
        ways = [{"Fn::Not": [was]}]
    becomes = chance.choice(ways)
    if becomes is None:
        del owner[place[-1]]
    else:
        owner[place[-1]] = becomes
    where = ".".join(str(step) for step in place)
    return Mutant(
        PATH,
        _line(str(place[1]), source),
        f"{where}: {_short(was)}",
        "" if becomes is None else _short(becomes),
        json.dumps(broken),
    )


def _places(node: object, so_far: _Place) -> Iterator[_Place]:
    steps = enumerate(node) if isinstance(node, list) else node.items() if isinstance(node, dict) else ()
    for step, value in steps:
        # A resource, or the type of one, is no place: without it nothing deploys, as CloudFormation itself says.
        if len(so_far) > 1 or so_far[0] == "Conditions":
            yield (*so_far, step)
        if step != "Type":
            yield from _places(value, (*so_far, step))


def _others(key: str, value: object) -> Iterator[object]:
    """Give what could stand instead of a value."""
    match value:
        case bool():
            yield not value
        case int() | float():
            yield value + 1
            yield value * 10
        case "true" | "false":
            yield "false" if value == "true" else "true"
        case str() if value in _OTHER_WORDS:
            yield _OTHER_WORDS[value]
        case str() if value.isdecimal():
            yield str(int(value) + 1)
        case str():
            yield ".*" if key == "AllowedPattern" else f"{value}x"
    if key == "Resource":
        yield "*"
    if key == "Action":
        yield "*"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:99]}…"  # noqa: PLR2004 - a line of a terminal


def _line(name: str, source: str) -> int:
    """Give the line where a resource or a parameter stands; one that SAM made stands where its name begins."""
    found = {
        line.strip().removesuffix(":"): number
        for number, line in enumerate(source.splitlines(), 1)
        if line.startswith("  ") and not line.startswith("   ") and line.endswith(":")
    }
    return max(((len(own), number) for own, number in found.items() if name.startswith(own)), default=(0, 1))[1]
