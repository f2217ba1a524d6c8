"""`jbplus` itself: its version, and what a shell completes."""

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jbplus_cli.main import app
from jbplus_cli.stack.surroundings import Surroundings
from tests.cli.world import World, with_part

ROOT = Path(__file__).parents[2]


def completed(words: str, surroundings: Surroundings | None = None) -> list[str]:
    """Complete the last word as bash asks for it."""
    asked = {"_JBPLUS_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    return CliRunner(env=asked).invoke(app, [], prog_name="jbplus", obj=surroundings).stdout.split()


def test_the_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert CliRunner().invoke(app, ["--version"]).stdout == f"jbplus {project['version']}\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("jbplus lookup --party in", ["infino"]),
        ("jbplus lookup --doel so", ["socialeToeslag"]),
        ("jbplus recipient sync --doel se", ["selectieveParticipatietoeslag"]),
        ("jbplus token --scope jbplus:s", ["jbplus:statistiek"]),
        ("jbplus recipient add --recht ge", ["geschorst"]),
    ],
)
def test_a_shell_completes_what_there_is_to_choose_from(words: str, expected: list[str]) -> None:
    assert completed(words) == expected


def test_a_shell_completes_the_names_in_quarantine(here: World) -> None:
    name = with_part(here)

    assert completed(f"jbplus quarantine show {name[:10]}", here.surroundings) == [name]
    assert completed("jbplus quarantine release nothing", here.surroundings) == []
