"""The environments of samconfig.toml, as they are and as they are read."""

import re
from pathlib import Path

import pytest
from deploy import environments
from deploy.environments import DeployError

from jbplus_local import template

ROOT = Path(__file__).parents[2]
SAMCONFIG = ROOT / "samconfig.toml"
NAMES = ("dev", "acceptance", "production")
PARAMETERS = template.read(ROOT / "template.yaml")["Parameters"]


def test_production_takes_no_test_numbers_and_is_protected() -> None:
    production = environments.read(SAMCONFIG, "production", [])

    assert production.parameters["TestNumbersAllowed"] == "false"
    assert production.parameters["DeletionProtection"] == "true"
    assert production.parameters.get("LogLevel", "INFO") == "INFO"


def test_nobody_but_production_is_given_production_s_stack() -> None:
    stacks = {name: environments.read(SAMCONFIG, name, []).stack for name in NAMES}

    assert len(set(stacks.values())) == len(NAMES)
    assert all(re.fullmatch("[a-z][a-z-]{0,25}", stack) for stack in stacks.values())


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_the_template_s_and_take_these_values(name: str) -> None:
    for parameter, value in environments.read(SAMCONFIG, name, []).parameters.items():
        rules = PARAMETERS[parameter]
        assert value in rules.get("AllowedValues", [value])
        assert re.fullmatch(rules.get("AllowedPattern", ".*"), value)
        assert rules["Type"] != "Number" or int(value) >= rules["MinValue"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_asks_so_that_ci_can_deploy(name: str) -> None:
    text = SAMCONFIG.read_text(encoding="utf-8")
    section = text.partition(f"[{name}.deploy.parameters]")[2].partition("\n[")[0]

    assert "confirm_changeset = false" in section
    assert "fail_on_empty_changeset = false" in section
    assert 'region = "' in section


def test_what_is_said_outdoes_the_file() -> None:
    production = environments.read(SAMCONFIG, "production", ["Issuer=https://i.example/?a=b", "IntakeConcurrency=-1"])

    assert production.issuer == "https://i.example/?a=b"
    assert production.parameters["IntakeConcurrency"] == "-1"
    assert production.reserved == 0


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("prod", [], "no environment prod. There are: dev, acceptance, production."),
        ("default", [], "no environment default"),
        ("dev", ["Issuer"], "NAME=VALUE"),
        ("dev", ["=a"], "NAME=VALUE"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, more: list[str], said: str) -> None:
    with pytest.raises(DeployError, match=re.escape(said)):
        environments.read(SAMCONFIG, name, more)


def test_an_issuer_must_be_said() -> None:
    with pytest.raises(DeployError, match="Which issuer"):
        _ = environments.read(SAMCONFIG, "dev", []).issuer
