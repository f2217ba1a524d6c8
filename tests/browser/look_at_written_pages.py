"""Looks at the pages that the command writes, in a real browser, and holds them against axe-core: `make browser`.

Each is tried in light and dark, as wide as a screen and as a telephone, and printed. The file's name keeps it out of
what pytest collects by itself.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from jbplus.consultation.wire import PersonAnswer
from jbplus.persons.state import PersonState
from jbplus.privacy_log.service import LogQuestion
from jbplus.privacy_log.wire import LogItem
from jbplus.protocol.parties import Party, party_of
from jbplus.registrations.wire import RegistrationAnswer
from jbplus_cli.overview.page import page
from jbplus_cli.overview.words import Language
from jbplus_cli.privacy_log.letter import Holdings, letter
from tests.cli.overview.sample import MARCH, figures
from tests.cli.privacy_log.test_privacylog import PERSON, item
from tests.support.known import entry

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / ".local" / "pages"
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)
WIDE, NARROW = 1280, 390
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    # Whatever a page asked of others would show as an error.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--allow-file-access-from-files",
    "--virtual-time-budget=20000",
    "--hide-scrollbars",
)
_DARK, _LIGHT = "--blink-settings=preferredColorScheme=0", "--blink-settings=preferredColorScheme=1"


def infino() -> Party:
    party = party_of("0685540471")
    assert party is not None
    return party


def answer() -> str:
    """Write a citizen's answer with everything in it."""
    items = [
        LogItem.model_validate(item(f"t{n}", doel=purpose)) for n, purpose in enumerate(("audit", "socialeToeslag"))
    ]
    state = PersonState({"JBP-2025-000123": entry(), "JBP-2025-000124": entry("-25.00", day=date(2025, 9, 1))})
    registration = RegistrationAnswer.model_validate(
        {"insz": PERSON, "periode": {"begin": "2026-01-01"}, "recht": "lopend"}
    )
    payments = PersonAnswer.of(PERSON, state, date(2030, 3, 3), is_in_doubt=True)
    return letter(Holdings(infino(), LogQuestion(PERSON), items, NOW, registration, payments))


PAGES: dict[str, Callable[[], str]] = {
    "overview-nl": lambda: page(figures(), MARCH, Language.DUTCH),
    "overview-en": lambda: page(figures(), MARCH, Language.ENGLISH),
    "answer": answer,
}
each_page = pytest.mark.parametrize("name", PAGES)
each_look = pytest.mark.parametrize("scheme", [_LIGHT, _DARK], ids=["light", "dark"])
each_width = pytest.mark.parametrize("width", [WIDE, NARROW])


def browse(address: str, profile: Path, *options: str) -> subprocess.CompletedProcess[str]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium is not None, "install chromium (Debian: apt-get install chromium)"
    words = [chromium, *_FLAGS, f"--user-data-dir={profile}", *options, address]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=120)


def framed(html: str, folder: Path, width: int) -> str:
    """Put a page in a frame of a width, and give its address: a window of chromium's has a least width."""
    (folder / "page.html").write_text(html, encoding="utf-8")
    frame = f'<body style="margin:0"><iframe src="page.html" style="border:0;width:{width}px;height:5000px"></iframe>'
    (folder / "frame.html").write_text(frame, encoding="utf-8")
    return (folder / "frame.html").as_uri()


def judged(html: str, folder: Path, width: int, *options: str) -> dict[str, Any]:
    """Have axe-core judge a page, and measure whether it is wider than its frame."""
    run = (
        "addEventListener('load', async () => {"
        "const found = await axe.run(document, {resultTypes: ['violations']});"
        "const said = document.createElement('pre'); said.id = 'judged';"
        "said.textContent = JSON.stringify({violations: found.violations.map(each => ({id: each.id, help: each.help,"
        "nodes: each.nodes.map(node => node.html.slice(0, 200))})), passes: found.passes.length,"
        "wide: document.documentElement.scrollWidth, room: innerWidth});"
        "parent.document.body.append(said)})"
    )
    with_axe = html.replace("</head>", f"<script>{AXE}</script><script>{run}</script></head>")
    dom = browse(framed(with_axe, folder, width), folder / "profile", "--dump-dom", *options).stdout
    said = re.search(r'<pre id="judged">(.*?)</pre>', dom, re.DOTALL)
    assert said is not None, "axe-core did not end"
    found: dict[str, Any] = json.loads(unescape(said[1]))
    return found


@each_page
@each_look
@each_width
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    name: str, scheme: str, width: int, tmp_path: Path
) -> None:
    found = judged(PAGES[name](), tmp_path, width, scheme)

    assert found["passes"]
    assert found["violations"] == []
    assert found["wide"] == found["room"] == width


def test_axe_finds_what_is_wrong(tmp_path: Path) -> None:
    spoiled = PAGES["overview-nl"]().replace("--soft: #555d66", "--soft: #d0d0d0").replace('<html lang="nl">', "<html>")

    found = judged(spoiled, tmp_path, WIDE, _LIGHT)

    assert {str(each["id"]) for each in found["violations"]} >= {"color-contrast", "html-has-lang"}


@each_page
def test_the_page_asks_nobody_for_anything(name: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGES[name](), encoding="utf-8")

    shown = browse((tmp_path / "page.html").as_uri(), tmp_path / "profile", "--dump-dom")

    assert [line for line in shown.stderr.splitlines() if "CONSOLE" in line] == []


@each_page
@each_look
@each_width
def test_screenshots_are_left_for_who_reviews(name: str, scheme: str, width: int, tmp_path: Path) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    shot = SHOTS / f"{name}-{width}-{'dark' if scheme == _DARK else 'light'}.png"
    shot.unlink(missing_ok=True)

    address = framed(PAGES[name](), tmp_path, width)
    browse(address, tmp_path / "profile", scheme, f"--screenshot={shot}", f"--window-size={max(width, 500)},3600")

    assert shot.stat().st_size > 20_000


@each_page
def test_it_prints(name: str, tmp_path: Path) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    printed = SHOTS / f"{name}.pdf"
    printed.unlink(missing_ok=True)
    (tmp_path / "page.html").write_text(PAGES[name](), encoding="utf-8")

    browse((tmp_path / "page.html").as_uri(), tmp_path / "profile", f"--print-to-pdf={printed}")

    assert printed.read_bytes().startswith(b"%PDF")
