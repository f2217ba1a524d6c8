"""What is imported into a stack that is made again."""

import json
from pathlib import Path

from deploy.retained import retained

from jbplus_local import template
from tests.template.expanded import references
from tests.template.test_template_storage import KEPT

ROOT = Path(__file__).parents[2]
DOCUMENT = template.read(ROOT / "template.yaml")


def test_all_that_is_kept_is_imported_and_stands_by_itself() -> None:
    document = retained(DOCUMENT)

    assert set(document["Resources"]) == set(KEPT)
    named = {name for name in references(document["Resources"]) if not name.startswith("AWS::")}
    assert named <= {*document["Resources"], *document["Parameters"]}


def test_it_fits_in_a_request_and_needs_no_transform() -> None:
    text = json.dumps(retained(DOCUMENT), indent=1)

    assert len(text.encode()) < 51_200
    assert "AWS::Serverless" not in text
    assert "Fn::ForEach" not in text
    assert "Fn::If" not in text
