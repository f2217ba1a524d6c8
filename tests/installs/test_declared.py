"""What the two distributions declare is what their code imports: no more, no less."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
RECIPIENT = ROOT / "recipient"
ALL_OF_IT = ("layers/jbplus/jbplus", "openapi/jbplus_openapi", "recipient/jbplus_recipient", "cli/jbplus_cli")
COME_WITH = {"pydantic-core": "pydantic", "botocore": "boto3"}
# Time zones are data, which nobody imports.
OF_THE_RUNTIME = {"snapshot_restore_py"}
"""What Lambda's own Python brings."""
NEVER_IMPORTED = {"tzdata"}


def project(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def declared(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(one).name) for one in requirements}


def imports(node: ast.AST) -> Iterator[str]:
    """Give the first names of what is imported when the code runs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from (name.name.partition(".")[0] for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield (child.module or "").partition(".")[0]
        yield from imports(child)


@cache
def distribution_of(name: str) -> str:
    (found,) = {canonicalize_name(one) for one in packages_distributions()[name]}
    return COME_WITH.get(found, found)


def needed(*folders: Path) -> set[str]:
    found = {
        name
        for folder in folders
        for path in folder.rglob("*.py")
        for name in imports(ast.parse(path.read_text(encoding="utf-8")))
    }
    ours = {name for name in found if name.startswith("jbplus")}
    return {distribution_of(name) for name in found - ours - sys.stdlib_module_names - OF_THE_RUNTIME}


def test_the_product_declares_what_it_imports() -> None:
    said = declared(project(ROOT)["project"]["dependencies"])

    assert needed(*(ROOT / folder for folder in ALL_OF_IT)) == said - NEVER_IMPORTED


IMPORTS_ALL = """
import pkgutil, sys, jbplus_recipient, jbplus.ftps.client
for module in pkgutil.iter_modules(jbplus_recipient.__path__, "jbplus_recipient."):
    __import__(module.name)
print(*(name for name in sys.modules if name.startswith("jbplus")))
"""


def modules_of_the_library() -> set[str]:
    """Give the modules of ours that are there once the library and its example's parts are imported."""
    return set(subprocess.check_output([sys.executable, "-c", IMPORTS_ALL], text=True).split())


def path_of(module: str) -> Path:
    base = RECIPIENT if module.startswith("jbplus_recipient") else ROOT / "layers/jbplus"
    path = base.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_the_library_takes_along_what_it_imports_and_declares_the_rest() -> None:
    modules, library = modules_of_the_library(), project(RECIPIENT)
    packages = {name if path_of(name).name == "__init__.py" else name.rpartition(".")[0] for name in modules}

    assert sorted(packages) == library["tool"]["setuptools"]["packages"]
    names = {name for module in modules for name in imports(ast.parse(path_of(module).read_text(encoding="utf-8")))}
    imported = {name for name in names if name not in sys.stdlib_module_names and not name.startswith("jbplus")}
    assert {distribution_of(name) for name in imported} == (
        declared(library["project"]["dependencies"]) - NEVER_IMPORTED
    )


def test_both_ask_for_the_same_versions() -> None:
    whole, library = project(ROOT)["project"], project(RECIPIENT)["project"]

    assert set(library["dependencies"]) <= set(whole["dependencies"])
    assert (library["version"], library["requires-python"]) == (whole["version"], whole["requires-python"])


@pytest.mark.parametrize("code", ["import a.b", "from a.b import c", "def f():\n    import a"])
def test_imports_are_found(code: str) -> None:
    assert list(imports(ast.parse(code))) == ["a"]


def test_what_only_a_checker_imports_is_not_needed() -> None:
    assert list(imports(ast.parse("if TYPE_CHECKING:\n    import a"))) == []
