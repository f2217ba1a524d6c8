"""The commands of the breach page run as they stand: pasted one after the other, each ends well."""

import re
import shlex
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import api, clients, local, world
from tests.cli.privacy_log.test_privacylog import PERSON, item
from tests.cli.world import World

__all__ = ["api", "clients", "local", "world"]

PAGE = (Path(__file__).parents[2] / "docs" / "breach.md").read_text(encoding="utf-8")
ID = "0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11"
SUSPENSION = {
    "id": ID,
    "partij": "0685540471",
    "stromen": ["mutaties"],
    "reden": "data leaked",
    "vanaf": "2026-03-05T09:00:00Z",
}
ANSWERS: dict[str, list[object]] = {
    "privacylog": [{"items": [item()]}],
    "access": [{"insz": PERSON}, {"items": [item()]}],
    "suspend": [SUSPENSION],
    "suspensions": [{"items": [SUSPENSION]}],
    "lift": [SUSPENSION],
}


def lines() -> Iterator[str]:
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()


def commands() -> Iterator[list[str]]:
    """Give the words of each command as a shell would, with the variables that stand before it."""
    # Its name is what `jbplus suspensions` says.
    variables = {"SUSPENSION": ID}
    for line in lines():
        words = [string.Template(word).substitute(variables) for word in shlex.split(line)]
        if words[0] == "jbplus":
            yield words[1:]
        else:
            variables |= dict(word.split("=", 1) for word in words)


def test_the_page_has_commands_for_each_step() -> None:
    assert {words[0] for words in commands()} == set(ANSWERS)


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_each_command_runs(local: World, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stdin = None
    if "<" in words:
        assert words[-2:] == ["<", "number.txt"]
        words, stdin = words[:-2], f"{PERSON}\n"
    local.api.says_first.extend((200, {}, said) for said in ANSWERS[words[0]])  # type: ignore[misc]

    result = local.run(*words, stdin=stdin)

    assert result.exit_code == 0, result.stderr
    assert not local.api.says_first
    written = {word for word in words if word.endswith((".csv", ".html"))}
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == written
