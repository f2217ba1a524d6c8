"""The page on comparing names each kind of difference, in the words of the command."""

import re
from pathlib import Path

from jbplus_cli.checks.findings import Kind

PAGE = (Path(__file__).parents[2] / "docs" / "comparing.md").read_text(encoding="utf-8")


def test_each_kind_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| .+ \|$", PAGE.partition("## What differs")[2], re.MULTILINE)

    assert rows == [(kind.wire, kind.words) for kind in Kind]


def test_each_check_has_its_row() -> None:
    stack = (Path(__file__).parents[2] / "cli" / "jbplus_cli" / "checks" / "stack.py").read_text(encoding="utf-8")
    made = re.findall(r'^ +"(\w+)": \w+Check\(', stack, re.MULTILINE)

    assert re.findall(r"^\| `(\w+)` \| ", PAGE.partition("## What differs")[0], re.MULTILINE) == made
