"""The operators' page says what the code and the template say."""

import re
from pathlib import Path

from jbplus.logs import LogCode
from jbplus_local import template

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_the_page_explains_each_log_code_once() -> None:
    explained = re.findall(r"^\| `([A-Z]+[0-9]{3})` \|", PAGE, re.MULTILINE)

    assert explained == [code.split()[0] for code in LogCode]


def test_the_page_explains_each_alarm() -> None:
    resources = template.read(ROOT / "template.yaml")["Resources"]
    alarms = {name for name, resource in resources.items() if resource["Type"] == "AWS::CloudWatch::Alarm"}
    explained = re.findall(r"^\| `(\S+Alarm)` \|", PAGE, re.MULTILINE)

    assert explained
    for alarm in alarms:
        assert any(re.fullmatch(name.replace("…", r"\w+"), alarm) for name in explained), alarm
    for name in explained:
        assert any(re.fullmatch(name.replace("…", r"\w+"), alarm) for alarm in alarms), name
