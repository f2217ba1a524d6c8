"""Each alarm names its runbook, and each runbook says what it must; commands are checked as those of all pages."""

import re
from pathlib import Path

import pytest

from jbplus.logs import LogCode
from jbplus_cli.logs.reading import FunctionName
from jbplus_local import template
from jbplus_local.template import CodeLocation
from tests.template.expanded import Expanded

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "runbooks"
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(FOLDER.glob("*.md"))}
ROWS = re.findall(r"^\| `(\S+Alarm)` \| .+ \| \[[\w-]+\]\(([\w-]+\.md)\) \|$", PAGES["README.md"], re.MULTILINE)
OTHERS = {"README.md", "reading-logs.md", "rotation.md", "restore.md", "party-end.md", "upgrading.md"}
"""Runbooks of what no alarm asks for."""


def described() -> dict[str, str]:
    """Give the description of each alarm, as it is mailed."""
    source = template.read(ROOT / "template.yaml")
    code = {name: CodeLocation("artifacts", f"{name}.zip") for name in template.code_folders(source)}
    alarms = Expanded(template.expand(source, code, "eu-central-1")).of_type("AWS::CloudWatch::Alarm")
    return {name: str(alarm["Properties"]["AlarmDescription"]) for name, alarm in alarms.items()}


DESCRIBED = described()


def page_of(alarm: str) -> str:
    """Give the page of the first row that fits: rows of one alarm stand before those of many."""
    return next(str(page) for name, page in ROWS if re.fullmatch(name.replace("…", r"\w+"), alarm))


@pytest.mark.parametrize("alarm", DESCRIBED)
def test_each_alarm_names_its_runbook(alarm: str) -> None:
    assert DESCRIBED[alarm].endswith(f". Runbook docs/runbooks/{page_of(alarm)}")


def test_each_row_is_of_an_alarm_and_each_page_is_linked() -> None:
    for name, page in ROWS:
        assert any(re.fullmatch(name.replace("…", r"\w+"), alarm) for alarm in DESCRIBED), name
        assert f"`{name}`" in PAGES[page].partition("## Meaning")[0]
    assert {page for _, page in ROWS} == set(PAGES) - OTHERS
    for page in OTHERS - {"README.md"}:
        assert f"]({page})" in PAGES["README.md"]


@pytest.mark.parametrize("page", sorted(set(PAGES) - OTHERS))
def test_each_runbook_says_meaning_first_look_commands_and_end(page: str) -> None:
    assert re.findall(r"^## (.+)$", PAGES[page], re.MULTILINE) == ["Meaning", "First look", "Commands", "End"]
    commands = PAGES[page].partition("## Commands")[2].partition("## End")[0]
    assert re.search(r"^jbplus ", commands, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_each_function_whose_log_is_read_is_there_and_each_code_too(page: str) -> None:
    for function, code in re.findall(r"jbplus logs (\S+)(?:.*--code (\S+))?", PAGES[page]):
        assert function in set(FunctionName), function
        assert code in {"", *(each.number for each in LogCode)}, code
