"""The sandbox: each of its stories ends as its page says, and the page's own commands work."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jbplus_local.outage import outage
from jbplus_local.sandbox.__main__ import written
from jbplus_local.sandbox.stories import ORDINARY, STORIES
from jbplus_local.sandbox.world import Sandbox
from jbplus_local.stack import LocalStack
from tests.e2e.conftest import ROOT, settings_in

PAGE = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox of a stack of its own: the sample day's numbers are taken elsewhere."""
    with LocalStack(settings_in(tmp_path_factory.mktemp("sandbox"))) as stack:
        yield Sandbox(stack)


@pytest.fixture(scope="module")
def page(sandbox: Sandbox) -> str:
    return written(sandbox.stack)


def test_the_page_says_what_a_stack_answers(page: str) -> None:
    assert page == PAGE, "write it anew: make sandbox"


def test_each_story_ends_as_it_is_meant_to_at_a_second_start_too(page: str, sandbox: Sandbox) -> None:
    sandbox.prepare()

    assert page
    assert [(story.title, answer.status) for story, answer in sandbox.answers()] == [
        (story.title, story.status) for story in STORIES
    ]


def test_an_outage_that_was_killed_ends_with_the_next_start(page: str, sandbox: Sandbox) -> None:
    assert page
    killed = outage(sandbox.stack.aws, sandbox.stack.endpoints.stack)
    killed.__enter__()  # and nothing after it: that is what killing is
    ordinary = next(story for story in STORIES if story.body.get("insz") == ORDINARY)
    assert sandbox.ask(ordinary).status == 503

    sandbox.prepare()

    assert sandbox.ask(ordinary).status == 200


def test_the_pages_commands_work(page: str, sandbox: Sandbox, tmp_path: Path) -> None:
    assert page
    (commands,) = re.findall(r"```sh\n(API=.*?)```", PAGE, re.DOTALL)
    _, _, after_the_addresses = commands.partition("\n\n")
    addresses = {"API": sandbox.stack.endpoints.api, "TOKENS": sandbox.stack.endpoints.issuer}
    bash = shutil.which("bash")
    assert bash is not None

    ran = subprocess.run(
        [bash, "-euo", "pipefail", "-c", after_the_addresses],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, **addresses},
        timeout=60,
    )

    assert '"verrichtingbedrag": "600.00"' in ran.stdout.replace('":"', '": "')
