"""What the pages name is there: files, headings, rooms, commands, targets, versions."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
import typer.main
import yaml
from botocore import xform_name
from typer.core import TyperGroup

from jbplus_cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = {
    page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8")
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "recipient" / "README.md"])
}
TREES = (
    "layers",
    "openapi",
    "functions",
    "cli",
    "recipient",
    "local",
    "benchmarks",
    "tests",
    "docs",
    "events",
    "deploy",
)
MODULES = {"/" + path.relative_to(ROOT).as_posix() for tree in TREES for path in (ROOT / tree).rglob("*.py")}
COMMAND = typer.main.get_command(app)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
SESSION = botocore.session.Session()
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

each_page = pytest.mark.parametrize("name", PAGES)


def anchors(text: str) -> set[str]:
    """Give the anchors of a page's headings, as they are made on the web."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def code_of(text: str) -> Iterator[str]:
    """Give each line of code of a page, and each piece of code in its sentences."""
    for block in FENCE.findall(text):
        yield from block.splitlines()[1:-1]
    yield from re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


def rooms(tree: str) -> set[str]:
    return {path.parent.name for path in (ROOT / tree).glob("*/*.py")}


@each_page
def test_each_link_leads_to_a_file_and_a_heading(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[name]):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), target


def test_the_index_links_each_page() -> None:
    linked = set(re.findall(r"\]\(([^)#\s]+)\)", PAGES["docs/README.md"]))

    assert {page.name for page in (ROOT / "docs").glob("*.*")} - {"README.md"} <= linked


def test_the_list_of_decisions_links_each() -> None:
    linked = re.findall(r"^\| \[\d+\]\(([^)]+)\)", PAGES["docs/adr/README.md"], re.MULTILINE)

    assert linked == sorted(page.name for page in (ROOT / "docs" / "adr").glob("0*.md"))


@each_page
def test_each_module_that_is_named_is_there(name: str) -> None:
    named = set(re.findall(r"`([\w/]+\.py)`", PAGES[name]))

    missing = {module for module in named if not any(known.endswith(f"/{module}") for known in MODULES)}

    assert missing == set()


@each_page
def test_each_folder_that_is_named_is_there(name: str) -> None:
    named = set(re.findall(rf"`((?:{'|'.join(TREES)})/[\w/.]*)`", PAGES[name]))

    assert {path for path in named if not (ROOT / path).exists()} == set()


@each_page
def test_each_command_that_is_named_takes_what_it_is_given(name: str) -> None:
    for line in code_of(PAGES[name]):
        said = re.match(r"(?:\.venv/bin/)?jbplus (?!\W)(.+)", line)
        if said is None:
            continue
        words = shlex.split(said[1].split(" <")[0], comments=True)
        command = COMMAND
        while isinstance(command, TyperGroup) and words:
            found = command.commands.get(words.pop(0))
            assert found is not None, line
            command = found
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if re.match("-{1,2}[a-z]", word)} <= {*options, "--help"}, line


@each_page
def test_each_call_of_aws_that_is_named_takes_what_it_is_given(name: str) -> None:
    for line in code_of(PAGES[name]):
        words = shlex.split(line) if re.match(r"aws [a-z0-9]+ [a-z]", line) else []
        if words[1:3] == ["sso", "login"] or not words:
            continue
        service = SESSION.get_service_model(words[1].removesuffix("api"))
        operation = {xform_name(each, "-"): each for each in service.operation_names}[words[2]]
        shape = service.operation_model(operation).input_shape
        members = shape.members if shape else {}
        options = {f"--{xform_name(member, '-')}" for member in members}
        # The command line says no to what is a yes or no.
        options |= {f"--no-{xform_name(m, '-')}" for m, kind in members.items() if kind.type_name == "boolean"}
        assert {word for word in words[3:] if word.startswith("--")} <= options, line


@each_page
def test_each_make_target_that_is_named_is_there(name: str) -> None:
    named = {target for line in code_of(PAGES[name]) for target in re.findall(r"^make ([a-z-]+)", line)}

    assert named <= TARGETS


def test_the_library_s_page_imports_what_there_is() -> None:
    imports = re.findall(r"^(?:from jbplus\S* )?import .+$", PAGES["recipient/README.md"], re.MULTILINE)

    assert imports
    for line in imports:
        exec(line, {})  # noqa: S102  # the page's own line


def test_the_readme_lists_the_rooms_there_are() -> None:
    row = next(line for line in PAGES["README.md"].splitlines() if line.startswith("| `layers/jbplus/jbplus/`"))

    assert set(re.findall(r"`(\w+)/`", row)) == rooms("layers/jbplus/jbplus")


def test_the_functions_of_the_picture_are_there() -> None:
    picture = FENCE.findall(PAGES["README.md"])[0]
    shown = {label.lower().replace(" ", "_") for label in re.findall(r"\[([\w ]+)", picture)} - {"http_api"}

    assert shown
    assert shown <= rooms("functions")


def test_one_version_stands_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    public = yaml.safe_load((ROOT / "publiccode.yaml").read_text(encoding="utf-8"))
    newest = re.search(r"^## \[(\d[^\]]*)\] - (\S+)$", PAGES["CHANGELOG.md"], re.MULTILINE)

    assert newest is not None
    assert (public["softwareVersion"], public["releaseDate"]) == newest.groups()
    assert project["version"] == public["softwareVersion"]
    assert project["license"] == public["legal"]["license"] == "EUPL-1.2"


def test_ci_pins_what_it_uses_by_commit_and_runs_what_must_pass() -> None:
    (job,) = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"].values()

    for step in job["steps"]:
        assert re.search(r"@[0-9a-f]{40}$", step["uses"]) if "uses" in step else step["run"].endswith(" .ci/run")


def test_pre_commit_calls_make_and_fetches_nothing() -> None:
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]

    assert repo["repo"] == "local"
    assert [(hook["entry"], hook["language"]) for hook in repo["hooks"]] == [("make check", "system")]
