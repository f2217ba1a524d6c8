"""The page is what `make reliability` writes, but for the figures of the day it was run."""

import re
from pathlib import Path

from tests.reliability import page
from tests.reliability.faults import CASES, Seen

WRITTEN = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_the_page_is_the_command_s_and_says_of_each_fault_what_the_tests_find() -> None:
    _, load = WRITTEN.split("## Under load")
    figures = dict(re.findall(r"^\| ([a-z][^|]*) \| ([^|]+) \|$", load, re.MULTILINE))

    assert page.page([Seen(case.lookups, case.files) for case in CASES], figures) == WRITTEN
    assert figures["wrong answers"] == figures["answers without a record"] == "0"
    assert int(figures["lookups answered"].replace(",", "")) > 0
