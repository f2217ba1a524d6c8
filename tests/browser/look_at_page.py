"""Looks at the API's page in a real browser: `make browser`. Without chromium it fails; `make test` leaves it out.

The file's name keeps it out of what pytest collects by itself.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jbplus_local.stack import LocalStack
from tests.e2e.conftest import ROOT, settings_in

SCREENSHOTS = ROOT / ".local"
ONE_CALL = "#/Verrichtingen/getVerrichtingen"
DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--no-proxy-server",
    # Only this computer has a name: whatever the page asked of others would show as an error below.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--virtual-time-budget=20000",
    "--hide-scrollbars",
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with LocalStack(settings_in(tmp_path_factory.mktemp("stack"))) as stack:
        yield f"{stack.endpoints.api}/v1/doc"


def browse(page: str, profile: Path, *options: str) -> subprocess.CompletedProcess[str]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium is not None, "install chromium (Debian: apt-get install chromium)"
    words = [chromium, *_FLAGS, f"--user-data-dir={profile}", *options, page]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=120)


def test_the_page_shows_every_operation_without_a_complaint(page: str, tmp_path: Path) -> None:
    shown = browse(page, tmp_path, "--dump-dom")

    ids = {operation["operationId"] for methods in DOCUMENT["paths"].values() for operation in methods.values()}
    assert ids == set(re.findall(r'id="operations-[A-Z]\w*-([a-z]\w*)"', shown.stdout))
    assert DOCUMENT["info"]["title"] in shown.stdout
    assert [line for line in shown.stderr.splitlines() if "CONSOLE" in line] == []


def test_the_page_asks_for_no_token(page: str, tmp_path: Path) -> None:
    shown = browse(page, tmp_path, "--dump-dom")

    assert "opblock" in shown.stdout
    assert "try-out__btn" not in shown.stdout


def test_a_call_has_samples_with_the_address_of_the_api(page: str, tmp_path: Path) -> None:
    shown = browse(page + ONE_CALL, tmp_path, "--dump-dom")

    assert f"curl --request POST '{page.removesuffix('/doc')}/verrichtingen/get'" in shown.stdout
    assert "requests.post(" in shown.stdout
    assert "exchange.example/v1" not in shown.stdout
    assert [line for line in shown.stderr.splitlines() if "CONSOLE" in line] == []


def test_of_a_refusal_the_problem_is_shown_before_what_api_gateway_says(page: str, tmp_path: Path) -> None:
    shown = browse(page + ONE_CALL, tmp_path, "--dump-dom")

    # One example of each status is shown until another is chosen.
    for kind in ("badRequest", "missingScope", "payloadTooLarge", "internalServerError", "serviceUnavailable"):
        assert f"urn:problem-type:belgif:{kind}" in shown.stdout
    assert "Request Entity Too Large" not in shown.stdout


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("part", "height"), [("whole", 2600), ("call", 7600)])
def test_a_screenshot_is_left_for_who_reviews(page: str, tmp_path: Path, width: int, part: str, height: int) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    path = SCREENSHOTS / f"api-page-{part}-{width}.png"
    path.unlink(missing_ok=True)

    address = page if part == "whole" else page + ONE_CALL
    browse(address, tmp_path, f"--window-size={width},{height}", f"--screenshot={path}")

    assert path.stat().st_size > 50_000
