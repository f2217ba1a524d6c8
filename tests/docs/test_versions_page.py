"""The page of versions names those of the code."""

import re
import tomllib
from pathlib import Path
from typing import get_args, get_type_hints

from jbplus.mutation_file.records import Context
from jbplus.notices.notice import NoticeContext
from jbplus.source_stand.document import SourceStandContext
from jbplus.stand.document import StandContext
from jbplus_openapi.whole import whole

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|", PAGE, re.MULTILINE))


def test_the_apis_version_is_that_of_its_document_and_addresses() -> None:
    document = whole()

    assert ROWS["API"] == f"`/v1`, document {document['info']['version']}"
    assert {path.split("/")[1] for path in document["paths"]} == {"v1"}


def test_files_bear_the_version_that_is_taken() -> None:
    for row, model in (
        ("mutation file and its report", Context),
        ("notice", NoticeContext),
        ("stand", StandContext),
        ("stand of WEWIS", SourceStandContext),
    ):
        (version,) = get_args(get_type_hints(model)["versie"])
        assert ROWS[row].startswith(f"`versie` {version},")


def test_library_and_command_have_the_version_of_their_distributions() -> None:
    for folder in (ROOT, ROOT / "recipient"):
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert ROWS["library and command"] == project["version"]
