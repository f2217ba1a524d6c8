"""The map of the protocol: every article and point is there, and every name on it is of something that exists."""

import ast
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from jbplus_cli.evidence.page import page, path_of
from jbplus_cli.evidence.protocol import Holder, Obligation, read
from tests.template.expanded import Expanded

ROOT = Path(__file__).parents[2]
PARTS = read()
OBLIGATIONS = [each for part in PARTS for each in part.obligations]
CODE = sorted({code for each in OBLIGATIONS for code in each.code})
TESTS = {test for each in OBLIGATIONS for test in each.tests}
# The points of the protocol, counted in its text; what one of them says may not be left out.
POINTS = {
    "Recitals": 7,
    "Article 1": 1,
    "Article 2": 14,
    "Article 3": 8,
    "Article 4": 7,
    "Article 5": 4,
    "Article 6": 20,
    "Article 7": 3,
    "Article 8": 2,
    "Article 9": 4,
    "Article 10": 5,
    "Article 11": 3,
    "Article 12": 4,
    "Annex": 1,
}


def test_the_page_is_made_from_the_list() -> None:
    written = (ROOT / "docs" / "protocol-map.md").read_text(encoding="utf-8")

    assert page(PARTS) == written, "make protocol-map writes it anew"


def test_every_article_and_every_point_is_there() -> None:
    assert {part.article: len(part.obligations) for part in PARTS} == POINTS
    for part in PARTS:
        points = [each.point for each in part.obligations]
        assert len(set(points)) == len(points), part.article


def test_every_article_that_the_code_names_is_one_of_them() -> None:
    assert {part.article.partition(" ")[2] for part in PARTS if part.article.startswith("Article")} == {
        str(number) for number in range(1, 13)
    }


@pytest.mark.parametrize("code", CODE)
def test_what_is_named_is_there(code: str, expanded: Expanded) -> None:
    path, _, name = code.partition("::")
    file = ROOT / path_of(code)
    assert file.is_file()
    if path == "template.yaml":
        assert name in {*expanded.resources, *expanded.parameters}
    elif name:
        assert name in names(file)


def names(file: Path) -> set[str]:
    """Give what a module defines at its outermost level."""
    found = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case _:
                pass
    return found


def test_every_test_that_is_named_is_one_that_runs(request: pytest.FixtureRequest) -> None:
    """In a run of all tests they are all at hand; in a run of this file the others are looked for."""
    missing = TESTS - functions(item.nodeid for item in request.session.items)
    if missing:
        files = sorted({f"tests/{test.partition('::')[0]}" for test in missing})
        command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider", *files]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
        missing -= functions(said.splitlines())
    assert missing == set()


def functions(nodes: Iterable[str]) -> set[str]:
    """Give the tests among pytest's names, without their parameters and below `tests/`."""
    return {node.partition("[")[0].removeprefix("tests/") for node in nodes if "::" in node}


@pytest.mark.parametrize(
    "changed",
    [
        {"code": ()},
        {"tests": ()},
        {"held": "party"},
        {"held": "both"},
        {"by": "WEWIS"},
        {"held": "party", "by": "WEWIS", "code": (), "tests": ("a",)},
    ],
)
def test_an_obligation_without_what_shows_it_is_none(changed: dict[str, object]) -> None:
    good = {"point": "1", "says": "a", "held": "system", "how": "b", "code": ("a",), "tests": ("a",)}
    assert Obligation.model_validate(good).held is Holder.SYSTEM

    with pytest.raises(ValueError, match="1: "):
        Obligation.model_validate(good | changed)
