import json
import os
from pathlib import Path

import pytest

from jbplus_local import template
from jbplus_local.template import CodeLocation
from tests.template.expanded import Expanded

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def expanded() -> Expanded:
    """The template as CloudFormation sees it after the SAM transform, or a broken one that `make mutants` made."""
    if altered := os.environ.get("EXPANDED_TEMPLATE"):
        return Expanded(json.loads(Path(altered).read_text(encoding="utf-8")))
    source = template.read(ROOT / "template.yaml")
    code = {name: CodeLocation("artifacts", f"{name}.zip") for name in template.code_folders(source)}
    return Expanded(template.expand(source, code, "eu-central-1"))
