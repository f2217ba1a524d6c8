"""Loops of the template are written out as CloudFormation does it."""

import tomllib
from typing import Any

import pytest

from jbplus_local import template
from tests.template.conftest import ROOT


@pytest.mark.parametrize(
    ("resources", "written_out"),
    [
        pytest.param({"A": {"Type": "T"}}, {"A": {"Type": "T"}}, id="none"),
        pytest.param(
            {"Fn::ForEach::Each": ["Name", ["A", "B"], {"${Name}Logs": {"Type": "T"}, "${Name}Alarm": {"Type": "U"}}]},
            {"ALogs": {"Type": "T"}, "AAlarm": {"Type": "U"}, "BLogs": {"Type": "T"}, "BAlarm": {"Type": "U"}},
            id="two resources for each name",
        ),
        pytest.param(
            {"Fn::ForEach::Each": ["Name", ["A"], {"${Name}": {"Of": [{"Ref": {"Fn::Sub": "${Name}Function"}}, 1]}}]},
            {"A": {"Of": [{"Ref": "AFunction"}, 1]}},
            id="a reference",
        ),
        pytest.param(
            {"Fn::ForEach::Each": ["Name", ["A"], {"${Name}": {"Of": {"Fn::Sub": "${AWS::StackName}/${Name}/${B}"}}}]},
            {"A": {"Of": {"Fn::Sub": "${AWS::StackName}/A/${B}"}}},
            id="what is not the loop's own stays",
        ),
        pytest.param(
            {"Fn::ForEach::Each": ["Name", ["a_b", "c"], {"&{Name}Alarm": {"Of": {"Fn::Sub": "${Name}"}}}]},
            {"abAlarm": {"Of": "a_b"}, "cAlarm": {"Of": "c"}},
            id="a name with a sign that no id may have",
        ),
        pytest.param(
            {"Fn::ForEach::X": ["X", ["A", "B"], {"Fn::ForEach::Y": ["Y", ["1", "2"], {"${X}${Y}": {"Of": "${Y}"}}]}]},
            {"A1": {"Of": "1"}, "A2": {"Of": "2"}, "B1": {"Of": "1"}, "B2": {"Of": "2"}},
            id="a loop in a loop",
        ),
    ],
)
def test_a_loop_is_written_out(resources: dict[str, Any], written_out: dict[str, Any]) -> None:
    assert template.without_loops(resources) == written_out


def test_sam_is_told_to_write_out_loops_and_may_deploy_them() -> None:
    environments = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    del environments["version"]

    assert all(each["global"]["parameters"]["language_extensions"] is True for each in environments.values())
    capabilities = [each["deploy"]["parameters"]["capabilities"] for each in environments.values() if "deploy" in each]
    assert [each.split() for each in capabilities] == [["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]] * 3
