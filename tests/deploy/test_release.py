"""What makes another release of what is deployed."""

import re
from pathlib import Path

import pytest
from deploy.environments import DeployError
from deploy.release import OF_NO_VERSION, release

from jbplus_local import template
from tests.template.expanded import Expanded, references

PATTERN = template.read(Path(__file__).parents[2] / "template.yaml")["Parameters"]["Release"]["AllowedPattern"]


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "IntakeFunction").mkdir()
    (tmp_path / "IntakeFunction" / "app.py").write_text("x = 1\n")
    (tmp_path / "template.yaml").write_text("Resources: {}\n")
    return tmp_path


def test_the_same_build_with_the_same_parameters_is_the_same_release(build: Path) -> None:
    first = release(build, {"A": "1", "B": "2"})

    assert re.fullmatch(PATTERN, first)
    assert release(build, {"B": "2", "A": "1"}) == first


def test_code_its_name_the_template_and_each_parameter_make_another(build: Path) -> None:
    seen = [release(build, {"A": "1"}), release(build, {"A": "2"}), release(build, {})]
    (build / "template.yaml").write_text("Resources: {B: {}}\n")
    seen.append(release(build, {}))
    (build / "IntakeFunction" / "app.py").write_text("x = 2\n")
    seen.append(release(build, {}))
    (build / "IntakeFunction" / "app.py").rename(build / "IntakeFunction" / "ap.py")
    seen.append(release(build, {}))

    assert len(set(seen)) == len(seen)


def test_stopping_the_intake_is_no_release_since_no_version_holds_it(build: Path, expanded: Expanded) -> None:
    assert release(build, {"IntakeConcurrency": "0"}) == release(build, {"IntakeConcurrency": "4"})
    for function in expanded.of_type("AWS::Lambda::Function").values():
        of_versions = {k: v for k, v in function["Properties"].items() if k != "ReservedConcurrentExecutions"}
        assert not OF_NO_VERSION & set(references(of_versions))
    assert set(expanded.parameters) >= OF_NO_VERSION


def test_what_was_not_built_is_not_deployed(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="make sam"):
        release(tmp_path, {})
