"""The docs function carries all that its page names, and little else."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jbplus.api.site import Site

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "functions" / "docs"
FROM_SWAGGER_UI = {"swagger-ui.css", "swagger-ui-bundle.js", "licence.txt"}
MODULES = "import sys, jbplus.api.site; print([name for name in sys.modules if name.split('.')[0] in {names}])"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    subprocess.run([sys.executable, str(SOURCE / "build.py"), "package", str(folder)], check=True)
    return folder


def names(folder: Path) -> set[str]:
    return {path.name.removesuffix(".gz") for path in (folder / "site").iterdir()}


def test_every_file_that_the_page_names_is_served(built: Path) -> None:
    """Swagger UI's own files come from its package; the end-to-end tests fetch them."""
    page = gzip.decompress((built / "site" / "index.html.gz").read_bytes()).decode()
    named = set(re.findall(r'(?:src|href)="([^"]+)"', page))

    assert named
    site = Site(built / "site")
    for address in named:
        folder, _, name = address.rpartition("/")
        assert folder == "doc", "only files of our own, below the page's own address"
        if name not in FROM_SWAGGER_UI:
            route = "GET /v1/doc/openapi.json" if name == "openapi.json" else "GET /v1/doc/{file}"
            assert site.answer({"routeKey": route, "pathParameters": {"file": name}})["statusCode"] == 200, name


def test_nothing_is_packed_that_the_page_does_not_use(built: Path) -> None:
    assert names(built) == {"index.html", "openapi.json", "page.css", "page.js", "icon.svg"}


def test_the_document_is_packed_as_committed(built: Path) -> None:
    packed = gzip.decompress((built / "site" / "openapi.json.gz").read_bytes())

    assert packed == (ROOT / "docs" / "openapi.json").read_bytes()
    assert json.loads(packed)["openapi"].startswith("3.1")


def test_the_same_content_is_packed_the_same_way(built: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SOURCE / "build.py"), "package", str(tmp_path)], check=True)

    for path in (built / "site").iterdir():
        assert (tmp_path / "site" / path.name).read_bytes() == path.read_bytes()


def test_the_function_starts_without_heavy_libraries() -> None:
    heavy = {"pydantic", "boto3", "botocore", "aws_lambda_powertools"}
    words = [sys.executable, "-c", MODULES.replace("{names}", repr(heavy))]
    done = subprocess.run(words, check=True, capture_output=True, text=True)

    assert done.stdout.strip() == "[]"
