"""The layer carries bytecode that stays valid whatever date its sources get in a zip."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LAYER = Path(__file__).parents[2] / "layers" / "jbplus"
UNCHECKED_HASH = 1  # PEP 552: the bytecode is valid whatever its source says
YEAR_1980 = 315532800


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as the layer has it, built by this interpreter and dated as SAM dates it."""
    folder = tmp_path_factory.mktemp("layer")
    subprocess.run([sys.executable, str(LAYER / "build.py"), "package", str(folder)], check=True)
    for path in folder.rglob("*"):
        os.utime(path, (YEAR_1980, YEAR_1980))
    return folder / "python"


def test_every_module_has_bytecode_that_needs_no_check(built: Path) -> None:
    modules = list(built.rglob("*.py"))
    assert len(modules) == len(list((LAYER / "jbplus").rglob("*.py")))
    for module in modules:
        bytecode = module.parent / "__pycache__" / f"{module.stem}.{sys.implementation.cache_tag}.pyc"
        assert int.from_bytes(bytecode.read_bytes()[4:8], "little") == UNCHECKED_HASH


def test_nothing_is_compiled_at_import(built: Path) -> None:
    for module in built.rglob("*.py"):
        module.write_text("raise SystemExit('compiled from source')\n", encoding="utf-8")
    words = [sys.executable, "-c", "import jbplus.aws.keys; print(jbplus.aws.keys.__file__)"]
    environment = {"PYTHONPATH": str(built)}
    done = subprocess.run(words, env=environment, check=False, capture_output=True, text=True)
    assert done.stdout.strip() == str(built / "jbplus" / "aws" / "keys.py"), done.stderr


def test_no_bytecode_of_another_build_is_taken_along(built: Path) -> None:
    assert {path.name.split(".")[1] for path in built.rglob("*.pyc")} == {sys.implementation.cache_tag}


def test_a_module_that_does_not_compile_stops_the_build(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "jbplus").mkdir(parents=True)
    (source / "build.py").write_bytes((LAYER / "build.py").read_bytes())
    (source / "jbplus" / "broken.py").write_text("def", encoding="utf-8")
    words = [sys.executable, str(source / "build.py"), "package", str(tmp_path / "target")]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "does not compile" in done.stderr
